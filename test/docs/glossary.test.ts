/** Words that docs/glossary.md does not use are in no identifier, comment or page (issue "The house", 7). */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { packageRoot } from '../support/package-root';

const root = packageRoot();
const glossary = readFileSync(path.join(root, 'docs/glossary.md'), 'utf8');

/** The first column of the table of words that are not used. */
function unusedWords(): string[] {
  const [, table = ''] = glossary.split('## Words that are not used');
  const cells = table
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => line.split('|')[1] ?? '');
  return cells.flatMap((cell) => [...cell.matchAll(/`(\w+)`/g)].map(([, word]) => word ?? ''));
}

/** Sources and pages; not the words of other languages, in which one of these may mean something else. */
function texts(): { file: string; text: string }[] {
  const below = (folder: string): string[] =>
    (readdirSync(path.join(root, folder), { recursive: true }) as string[]).map((file) => path.join(folder, file));
  const files = ['README.md', 'CONTRIBUTING.md', ...below('src'), ...below('docs')].filter(
    (file) => /\.(ts|md)$/.test(file) && !/words\/(de|es|fr)\.ts$/.test(file) && file !== path.join('docs', 'glossary.md'),
  );
  return files.map((file) => ({ file, text: readFileSync(path.join(root, file), 'utf8') }));
}

/** Every word of a text: names as they stand, and the words that they are made of, in lower case. */
function wordsOf(text: string): Set<string> {
  const names = new Set(text.match(/\w+/g) ?? []);
  const parts = [...names].flatMap((name) =>
    name
      .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
      .toLowerCase()
      .split('_'),
  );
  return new Set([...names, ...parts]);
}

test('a word is found by itself and as a part of a name', () => {
  const words = wordsOf('const zombieOf = RoomCommand;');
  expect([words.has('zombie'), words.has('RoomCommand'), words.has('zomb')]).toEqual([true, true, false]);
});

test('no identifier, comment or page has a word that the glossary does not use', () => {
  const unused = unusedWords();
  expect(unused.length).toBeGreaterThan(10);
  const all = texts();
  expect(all.length).toBeGreaterThan(500);
  const found = all.flatMap(({ file, text }) => {
    const words = wordsOf(text);
    return unused.filter((word) => words.has(word)).map((word) => `${file}: ${word}`);
  });
  expect(found).toEqual([]);
});

test('no word is explained twice', () => {
  const [explained = ''] = glossary.split('## Words that are not used');
  const cells = [...explained.matchAll(/^\|([^|]+)\|/gm)].map(([, cell]) => (cell ?? '').trim());
  const rows = cells.filter((word) => word !== 'word' && !word.startsWith('-'));
  expect(rows.length).toBeGreaterThan(35);
  expect(rows.filter((word, i) => rows.indexOf(word) !== i)).toEqual([]);
});
