/** Files and names in the pages for those who carry on are there (issue "The house", 8). */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { packageRoot } from '../support/package-root';

const PAGES = [
  'docs/follow-a-message.md',
  'docs/where-is.md',
  'docs/add-a-room-option.md',
  'docs/add-a-command.md',
  'docs/write-a-store.md',
  'src/README.md',
];
/** Names of what has no file in which to look: npm scripts, keys of the configuration, XML. */
const OTHERWISE = /^(npm run \w+|<\w+\/>|roomDefaults)$/;

const read = (file: string): string => readFileSync(path.join(packageRoot(), file), 'utf8');
const isPath = (text: string): boolean => /^[\w./*-]*(\/|\.(ts|md|mjs|sql))$/.test(text) && /[/.]/.test(text);
/** All text of a file, or of what lies in a folder. */
function textOf(where: string): string {
  const at = path.join(packageRoot(), where);
  if (!statSync(at).isDirectory()) return read(where);
  const files = (readdirSync(at, { recursive: true }) as string[]).filter((file) => file.endsWith('.ts'));
  return files.map((file) => read(path.join(where, file))).join('\n');
}
let everything: string | undefined;

/** What stands in backquotes in the prose of a page, part by part: a row of a table, an item of a list, a paragraph. */
function parts(page: string): string[][] {
  const prose = read(page).replace(/^```.*?^```$/gms, '');
  const split = prose.split(/\n(?=\||\d+\. | *- |#|\n)/);
  return split.map((part) => [...part.matchAll(/`([^`]+)`/g)].map(([, text]) => text ?? '')).filter((part) => part.length > 0);
}

/** What a part names and what is not there. `isNew`: files and names that the page itself brings. */
function missing(part: readonly string[], isNew: (text: string) => boolean): string[] {
  const rooted = part.filter(isPath).map((file) => (existsSync(path.join(packageRoot(), file)) ? file : path.join('src', file)));
  const lost = rooted.filter((file) => !file.includes('*') && !existsSync(path.join(packageRoot(), file)));
  const files = rooted.filter((file) => !lost.includes(file) && /\.ts$|\/$/.test(file));
  const names = part.filter((text) => !isPath(text) && !OTHERWISE.test(text) && !isNew(text));
  const text = files.length > 0 ? files.map(textOf).join('\n') : (everything ??= textOf('src') + textOf('test'));
  const unknown = names.filter((name) => !name.split('.').every((word) => new RegExp(`\\b${word.replace(/\W/g, '\\$&')}\\b`).test(text)));
  return [...lost.filter((file) => !isNew(file)), ...unknown];
}

test.each(PAGES)('%s: every file and name is there', (page) => {
  const code = [...read(page).matchAll(/^```.*?^```$/gms)].map(([block]) => block).join('\n');
  const found = parts(page);
  expect(found.length).toBeGreaterThan(0);
  expect(found.flatMap((part) => missing(part, (text) => code.includes(text)))).toEqual([]);
});

test.each(PAGES)('%s: what it links to is there', (page) => {
  const links = [...read(page).matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, link]) => path.join(path.dirname(page), link ?? ''));
  expect(links.filter((link) => !existsSync(path.join(packageRoot(), link)))).toEqual([]);
});

test('A file that is not there, and a name that is in no file of its row, are found', () => {
  const none = (): boolean => false;
  expect(missing(['src/room/nowhere.ts'], none)).toEqual([path.join('src', 'src/room/nowhere.ts')]);
  expect(missing(['tidyNick', 'src/xmpp/jid.ts'], none)).toEqual(['tidyNick']);
  expect(missing(['tidyNick', 'src/xmpp/nick.ts'], none)).toEqual([]);
});

test('Fifteen questions', () => {
  expect(read('docs/where-is.md').match(/^\d+\. \*\*/gm)).toHaveLength(15);
});

test('A folder of src has a README, or that of a folder above it tells of it', () => {
  const folders = (readdirSync(path.join(packageRoot(), 'src'), { recursive: true }) as string[])
    .map((name) => path.join('src', name))
    .filter((name) => statSync(path.join(packageRoot(), name)).isDirectory());
  const readme = (folder: string): string =>
    existsSync(path.join(packageRoot(), folder, 'README.md')) ? read(path.join(folder, 'README.md')) : '';
  const readmesAbove = (folder: string): string =>
    folder === 'src' ? '' : readme(path.dirname(folder)) + readmesAbove(path.dirname(folder));
  expect(folders.filter((folder) => readme(folder) === '' && !readmesAbove(folder).includes(path.basename(folder) + '/'))).toEqual([]);
});
