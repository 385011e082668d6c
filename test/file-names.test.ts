/** One name for one thing: no file of a feature is called like one of the room. What a feature adds to a rule of the room has a name of its own. */
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { packageRoot } from './support/package-root';

const SRC = path.join(packageRoot(), 'src');
const namesIn = (folder: string): readonly string[] =>
  readdirSync(path.join(SRC, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => path.basename(file));

test('no file of a feature is called like one of the room', () => {
  const room = new Set(namesIn('room'));
  expect(room.size).toBeGreaterThan(50);
  expect(namesIn('features').filter((name) => name !== 'index.ts' && room.has(name))).toEqual([]);
});

test('no file has over 400 lines but tables of words, and every file begins with a sentence that says what it is', () => {
  const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts'))
    .map((file) => file.split(path.sep).join('/'));
  expect(files.length).toBeGreaterThan(400);
  const texts = files.map((file) => ({ file, text: readFileSync(path.join(SRC, file), 'utf8') }));
  const long = texts.filter(({ file, text }) => !file.startsWith('words/') && text.trimEnd().split('\n').length > 400);
  expect(long.map(({ file }) => file)).toEqual([]);
  const heading = (text: string): string => text.slice(0, text.indexOf('*/')).trimEnd();
  const headless = texts.filter(({ text }) => !/^(?:#!.*\n)?\/\*\*\s/.test(text) || !heading(text).endsWith('.'));
  expect(headless.map(({ file }) => file)).toEqual([]);
});

test('each README of a folder names every file in it: a newcomer finds what is there without opening it', () => {
  const folders = readdirSync(SRC, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.name === 'README.md' && entry.parentPath !== SRC)
    .map((entry) => entry.parentPath);
  expect(folders.length).toBeGreaterThan(25);
  const missing = folders.flatMap((folder) => {
    const text = readFileSync(path.join(folder, 'README.md'), 'utf8');
    const files = readdirSync(folder).filter((file) => file.endsWith('.ts') && !text.includes(file));
    return files.map((file) => path.relative(SRC, path.join(folder, file)));
  });
  expect(missing).toEqual([]);
});
