/** The manual lists the events of the log, and the program uses each of them. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { LOG_EVENTS } from '../src/log';
import { isAtStart } from '../src/reload';
import { packageRoot } from './support/package-root';

const root = packageRoot();
const EVENTS = Object.keys(LOG_EVENTS);
const sources = readdirSync(path.join(root, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts') && name !== 'log.ts')
  .map((name) => readFileSync(path.join(root, 'src', name), 'utf8'))
  .join('\n');
const manual = readFileSync(path.join(root, 'docs/troubleshooting.md'), 'utf8');

test('docs/troubleshooting.md has each event once, with what it means, in order, and what to do where something has to be done', () => {
  const [todo = '', news = ''] = manual.split(/^## Events .*$/m).slice(1);
  const rows = (part: string): string[][] =>
    [...part.matchAll(/^\| `[a-z-]+\.[a-z-]+` \|.*\|$/gm)].map(([row]) =>
      row.split(' | ').map((cell) => cell.replace(/^\| | \|$/g, '').trim()),
    );
  const [mending, told] = [rows(todo), rows(news)];
  const listed = [...mending, ...told].map(([event, meaning]) => [event?.replaceAll('`', ''), meaning]);
  const byName = ([a = '']: readonly (string | undefined)[], [b = '']: readonly (string | undefined)[]): number => (a < b ? -1 : 1);
  expect(listed.sort(byName)).toEqual(Object.entries(LOG_EVENTS).sort(byName));
  for (const table of [mending, told]) expect(table).toEqual([...table].sort(byName));
  expect(mending.filter((cells) => cells.length !== 3 || cells[2] === '')).toEqual([]);
  expect(told.filter((cells) => cells.length !== 2)).toEqual([]);
});

test('a remedy that needs a restart says so: whoever changes such a key and reloads has mended nothing', () => {
  const rows = [...manual.matchAll(/^\| `([a-z-]+\.[a-z-]+)` \| .* \| (.*) \|$/gm)];
  const keys = rows.map(([, event, remedy = '']) => ({
    event,
    remedy,
    keys: [...remedy.matchAll(/`([\w.]+)`/g)].map(([, key = '']) => key),
  }));
  const atStart = keys.filter((row) => row.keys.some(isAtStart));
  expect(atStart.length).toBeGreaterThan(3);
  expect(atStart.filter(({ remedy }) => !/restart/.test(remedy))).toEqual([]);
});

test.each(EVENTS)('%s is logged somewhere', (event) => {
  expect(sources).toContain(`'${event}'`);
  expect(event).toMatch(/^[a-z]+(-[a-z]+)*\.[a-z]+(-[a-z]+)*$/);
});
