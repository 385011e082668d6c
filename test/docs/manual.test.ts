/** What the manual names is there, and all pages are found from its first one (issue "Operators", 7). That all there is is named: acts.test.ts, log.test.ts, metrics.test.ts. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { createProgram } from '../../src/cli/program';
import { ownTerminal } from '../../src/cli/terminal';
import { createFeatures } from '../../src/features';
import { LOG_EVENTS } from '../../src/log';
import { METRICS } from '../../src/metrics/metrics';
import { isAtStart } from '../../src/reload';
import { SPANS } from '../../src/traces';
import { LIMITS } from '../room/limits';
import { packageRoot } from '../support/package-root';
import { ACTS } from './acts';
import { configKeys } from './configuration';

const read = (file: string): string => readFileSync(path.join(packageRoot(), file), 'utf8');
const PAGES = readdirSync(path.join(packageRoot(), 'docs')).filter((file) => file.endsWith('.md'));
/** Those for people who run it; the others name code. */
const MANUAL = [
  'README.md',
  'acts.md',
  'api.md',
  'backups.md',
  'capacity.md',
  'commands.md',
  'configuration.md',
  'extensions.md',
  'install.md',
  'monitoring.md',
  'operating.md',
  'security.md',
  'troubleshooting.md',
  'upgrade.md',
];

/** What stands in backquotes, and each line of a block of code. */
function codeOf(text: string): string[] {
  const blocks = [...text.matchAll(/^```.*\n([^]*?)^```$/gm)].flatMap(([, block = '']) => block.split('\n'));
  const indented = [...text.matchAll(/^ {4}(\S.*)$/gm)].map(([, line = '']) => line);
  const quoted = [...text.replace(/^```[^]*?^```$/gm, '').matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code);
  return [...blocks, ...indented, ...quoted].map((code) => code.trim());
}

const keys = new Set(
  configKeys().flatMap(({ path: key }) => {
    const names = key.replace('[]', '').split('.');
    return names.map((_, i) => names.slice(0, i + 1).join('.'));
  }),
);
const groups = new Set([...keys].map((key) => key.split('.')[0] as string));
const eventGroups = new Set(Object.keys(LOG_EVENTS).map((event) => event.split('.')[0] as string));

/** Keys and events that there are not: `limits.nosuch`, `store.nosuch`. */
function unknownNames(text: string): string[] {
  const dotted = codeOf(text).filter(
    (code) => /^[a-zA-Z-]+(\.[a-zA-Z-]+)+$/.test(code) && !/\.(ts|js|md|db|sock|json|yml|secret|service|com)$/.test(code),
  );
  const ours = dotted.filter((name) => groups.has(name.split('.')[0] as string) || eventGroups.has(name.split('.')[0] as string));
  const spans = new Set(Object.entries(SPANS).flatMap(([name, attributes]) => [name, ...attributes]));
  return ours.filter((name) => !keys.has(name) && !spans.has(name) && !Object.hasOwn(LOG_EVENTS, name));
}

/** Metrics that there are not. */
function unknownMetrics(text: string): string[] {
  const names = new Set(
    METRICS.flatMap(({ name, type }) => (type === 'histogram' ? [name, `${name}_bucket`, `${name}_sum`, `${name}_count`] : [name])),
  );
  return [...text.matchAll(/\bparlour_[a-z]\w*/g)].map(([name]) => name).filter((name) => !names.has(name));
}

/** Command lines with a command, or an option, that there is not. */
function unknownCommands(text: string): string[] {
  const lines = codeOf(text).flatMap((code) =>
    [...code.matchAll(/(?:^|[|&;] ?)(?:parlour|node dist\/src\/cli\.js) ([a-z-].*)$/g)].map(
      ([, words = '']) => words.split(/ [>|#&] ?/)[0] as string,
    ),
  );
  return lines.filter((line) => {
    let command = createProgram(ownTerminal());
    const words = line.trim().split(/\s+/);
    while (command.commands.length > 0 && words.length > 0) {
      const next = command.commands.find((one) => one.name() === words[0] || one.aliases().includes(words[0] as string));
      if (!next) return !(command.parent && words[0] === '…');
      command = next;
      words.shift();
    }
    const options = words.filter((word) => /^--[a-z]/.test(word)).map((word) => word.replace(/=.*/, ''));
    return options.some((option) => option !== '--help' && !command.options.some(({ long }) => long === option));
  });
}

test.each(MANUAL)('docs/%s names commands, keys, metrics and events that there are', (page) => {
  const text = read(`docs/${page}`);
  expect({ names: unknownNames(text), metrics: unknownMetrics(text), commands: unknownCommands(text) }).toEqual({
    names: [],
    metrics: [],
    commands: [],
  });
});

test('A key, an event, a metric, a command and an option that there are not are found', () => {
  expect(unknownNames('`limits.nosuch` `limits.history` `store.nosuch` `store.failed` `api.md`')).toEqual([
    'limits.nosuch',
    'store.nosuch',
  ]);
  expect(unknownMetrics('`parlour_nosuch_total`, `parlour_rooms`')).toEqual(['parlour_nosuch_total']);
  expect(
    unknownCommands(
      '`parlour nosuch`, `parlour room show x`, `parlour room nosuch`, `parlour status --nosuch`\n\n    parlour stop --final\n',
    ),
  ).toEqual(['nosuch', 'room nosuch', 'status --nosuch']);
});

test('docs/operating.md says of every key whether it is taken while Parlour runs', () => {
  const lineOf = (begin: string): string =>
    read('docs/operating.md')
      .split(/\n(?=- |\n)/)
      .find((part) => part.trim().startsWith(begin)) ?? '';
  const namesIn = (text: string): string[] => [...text.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);
  const isNamed = (names: readonly string[], key: string): boolean => names.some((name) => key === name || key.startsWith(`${name}.`));
  const [atOnce, atStart] = [namesIn(lineOf('- Taken at once')), namesIn(lineOf('- Only at a restart'))];
  const values = configKeys().map(({ path: key }) => key.replace('[]', ''));
  const all = values.filter((key) => !values.some((other) => other.startsWith(`${key}.`)) && key !== '$schema');
  const said = all.map((key) => ({ key, atStart: isNamed(atStart, key), named: isNamed([...atStart, ...atOnce], key) }));
  expect(said).toEqual(all.map((key) => ({ key, atStart: isAtStart(key), named: true })));
});

/** As GitHub makes them of headings. */
const anchorsOf = (text: string): string[] =>
  [...text.matchAll(/^#+ (.*)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );

test.each(['README.md', 'CONTRIBUTING.md', ...PAGES.map((page) => `docs/${page}`)])('%s: what it links to is there', (page) => {
  const links = [...read(page).matchAll(/\]\((?!https?:|mailto:)([^)#\s]*)(?:#([^)]*))?\)/g)];
  const lost = links.filter(([, file = '', anchor]) => {
    const target = file === '' ? page : path.join(path.dirname(page), file);
    if (!existsSync(path.join(packageRoot(), target))) return true;
    return anchor !== undefined && !anchorsOf(read(target)).includes(anchor);
  });
  expect(lost.map(([link]) => link)).toEqual([]);
});

test('docs/README.md leads to every page, and README.md to it', () => {
  const linked = new Set([...read('docs/README.md').matchAll(/\]\(([\w-]+\.md)\)/g)].map(([, page]) => page));
  expect(PAGES.filter((page) => page !== 'README.md' && !linked.has(page))).toEqual([]);
  expect(read('README.md')).toContain('](docs/README.md)');
});

test('docs/monitoring.md has exactly the alerts of contrib/prometheus, with their severity and summary, and where to look', () => {
  const alerts = [...read('contrib/prometheus/alerts.yml').matchAll(/- alert: (\w+)\n[^]*?severity: (\w+)\n[^]*?summary: '([^']*)'/g)];
  const rows = [...read('docs/monitoring.md').matchAll(/^\| `(Parlour\w+)` \| (\w+) \| ([^|]*) \| [^|]+ \|$/gm)];
  expect(alerts.length).toBeGreaterThan(10);
  expect(rows.map(([, ...cells]) => cells)).toEqual(alerts.map(([, ...cells]) => cells));
});

test('docs/extensions.md has every option and every command of our own, and names no other', () => {
  const text = read('docs/extensions.md');
  const options = createFeatures(LIMITS).all.flatMap((feature) =>
    ((feature.options ?? []) as readonly { readonly var: string }[]).map((option) => option.var),
  );
  const nodes = ACTS.flatMap(({ adHoc }) => ('because' in adHoc ? [] : [...(adHoc.service ?? []), ...(adHoc.room ?? [])]));
  const ours = [...options, ...nodes].filter((name) => /^\{?urn:parlour:/.test(name));
  expect(ours).toEqual(expect.arrayContaining(['{urn:parlour:room}newcomerminutes', 'urn:parlour:mute']));
  expect(ours.filter((name) => !text.includes(`\`${name}\``))).toEqual([]);
  const sources = (readdirSync(path.join(packageRoot(), 'src'), { recursive: true }) as string[]).filter((file) => file.endsWith('.ts'));
  const all = sources.map((file) => read(path.join('src', file))).join('\n');
  const named = [...text.matchAll(/`(\{urn:parlour:[a-z]+\}[a-z]+|urn:parlour:[a-z0-9:-]+)`/g)].map(([, name = '']) => name);
  expect(named.filter((name) => !all.includes(name))).toEqual([]);
});
