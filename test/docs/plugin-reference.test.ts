/** The reference in docs/plugins.md says what the types say (issue "The house", 5). */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { packageRoot } from '../support/package-root';

const page = readFileSync(path.join(packageRoot(), 'docs/plugins.md'), 'utf8');

test('the reference is made of the types of today: run `node scripts/plugin-reference.mjs --write`', () => {
  const made = spawnSync(process.execPath, [path.join(packageRoot(), 'scripts/plugin-reference.mjs')], { encoding: 'utf8' });
  expect(made.stderr).toBe('');
  expect(made.stdout === page).toBe(true);
});

test('it has every name that `parlour/plugin` and `parlour/plugin/test` export, with what each is', () => {
  const read = (file: string): string => readFileSync(path.join(packageRoot(), file), 'utf8');
  const files = [...read('src/plugin.ts').matchAll(/from '\.\/(plugins\/[^']+)'/g)].map(([, file]) => `src/${file}.ts`);
  const names = files.flatMap((file) =>
    [...read(file).matchAll(/^export (?:interface|type|const|function) (\w+)/gm)].map(([, name]) => name),
  );
  const ofTests = /export type \{ ([^}]*) \}/.exec(read('src/plugin-test.ts'))?.[1]?.split(', ') ?? [];
  expect(names.length).toBeGreaterThan(50);
  expect(ofTests.length).toBeGreaterThan(1);
  // `isPlugin` is for the loader.
  const missing = [...names, ...ofTests].filter(
    (name) => name !== 'isPlugin' && !new RegExp(`^#### \`${name}(\\(\\))?\`$`, 'm').test(page),
  );
  expect(missing).toEqual([]);
});
