/** The lint rule on the order of folders does refuse what docs/architecture.md forbids, and takes what it allows. */
import { spawnSync } from 'node:child_process';
import { packageRoot } from './support/package-root';

const FORBIDDEN = [
  ['src/xmpp/jid.ts', '../room/contract/rows'],
  ['src/room/governing/roles.ts', '../../service/budget/limits'],
  ['src/room/governing/roles.ts', '../../features/index'],
  ['src/features/changing-subject.ts', '../store/store'],
  ['src/service/pipeline/batch.ts', '../../store/sqlite/index'],
  ['src/service/pipeline/batch.ts', '../../link/supervisor'],
  ['src/service/pipeline/batch.ts', '../../config'],
  ['src/service/pipeline/batch.ts', '../../admin/commands'],
  ['src/admin/commands.ts', '../link/link'],
  ['src/admin/commands.ts', '../store/sqlite/index'],
  ['src/link/link.ts', '../room/contract/rows'],
  ['src/store/store.ts', '../service/budget/limits'],
  ['src/features/changing-subject.ts', '../plugins/api'],
  ['src/plugins/feature.ts', '../service/clock'],
  ['src/api/route.ts', '../link/link'],
  ['src/api/route.ts', '../store/sqlite/index'],
  ['src/api/route.ts', '../config'],
  ['src/admin/commands.ts', '../api/route'],
  ['src/metrics/listener.ts', '../api/server'],
  ['src/http/listening.ts', '../service/clock'],
] as const;

const ALLOWED = [
  ['src/room/governing/roles.ts', '../../xmpp/jid'],
  ['src/features/changing-subject.ts', '../room/governing/roles'],
  ['src/service/pipeline/batch.ts', '../../store/store'],
  ['src/service/pipeline/batch.ts', '../../link/link'],
  ['src/admin/commands.ts', '../service/clock'],
  ['src/admin/commands.ts', '../store/store'],
  ['src/plugins/feature.ts', '../room/state'],
  ['src/main.ts', './store/sqlite/index'],
  ['src/api/route.ts', '../admin/erasures'],
  ['src/api/route.ts', '../store/tokens'],
  ['src/metrics/listener.ts', '../http/listening'],
] as const;

/**
 * Lints one import in each file with the project's own configuration, without the rules that need types (they take seconds
 * a file), and prints how often the rule on folders complained. In a process of its own: jest cannot load ESLint's configuration.
 */
const LINT = `
const { ESLint } = require('eslint');
const { configs } = require('typescript-eslint');
(async () => {
  const eslint = new ESLint({ overrideConfig: [{ files: ['**/*.ts'], ...configs.disableTypeChecked }] });
  const counts = [];
  for (const [filePath, imported] of JSON.parse(process.argv[1])) {
    const [{ messages }] = await eslint.lintText("import '" + imported + "';\\n", { filePath });
    const fatal = messages.find((message) => message.fatal);
    if (fatal) throw new Error(fatal.message);
    counts.push(messages.filter(({ ruleId }) => ruleId === 'boundaries/element-types').length);
  }
  console.log(JSON.stringify(counts));
})();
`;

let counts: number[] = [];
beforeAll(() => {
  const { stdout, stderr } = spawnSync(process.execPath, ['-e', LINT, JSON.stringify([...FORBIDDEN, ...ALLOWED])], {
    cwd: packageRoot(),
    encoding: 'utf8',
  });
  if (stdout === '') throw new Error(stderr);
  counts = JSON.parse(stdout) as number[];
}, 120_000);

test.each(FORBIDDEN.map(([file, imported], index) => ({ file, imported, index })))('$file must not import $imported', ({ index }) => {
  expect(counts[index]).toBe(1);
});

test.each(ALLOWED.map(([file, imported], index) => ({ file, imported, index: FORBIDDEN.length + index })))(
  '$file may import $imported',
  ({ index }) => {
    expect(counts[index]).toBe(0);
  },
);
