/** What is remembered belongs to an object that is seen to own it: nothing hangs on another object by a table aside (issue The house, "What must be shown"). */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { packageRoot } from './support/package-root';

/** Tables that forget by themselves and hold no state of a room, each with why it is there. */
const ALLOWED: Readonly<Record<string, string>> = {
  'api/server.ts': "marks connections of Node's, which have no place for it",
  'cli/asks.ts': "notes of commands of commander's, which have no place for it",
  'link/wires.ts': 'a cache whose values follow from its keys',
  'room/contract/options.ts': 'a cache whose values follow from its keys',
  'service/multicast/parts.ts': 'a cache whose values follow from its keys',
};

test('No weak table but those that are listed', () => {
  const folder = path.join(packageRoot(), 'src');
  const files = (readdirSync(folder, { recursive: true }) as string[]).filter((file) => file.endsWith('.ts'));
  const found = files.filter((file) =>
    /\bWeak(Map|Set|Ref)\b|\bFinalizationRegistry\b/.test(readFileSync(path.join(folder, file), 'utf8')),
  );
  expect(found.map((file) => file.split(path.sep).join('/')).sort()).toEqual(Object.keys(ALLOWED));
});
