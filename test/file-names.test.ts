/** One name for one thing: no file of a feature is called like one of the room. What a feature adds to a rule of the room has a name of its own. */
import { readdirSync } from 'node:fs';
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
