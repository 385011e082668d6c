/** The manual lists the events of the log, and the program uses each of them. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { LOG_EVENTS } from '../src/log';
import { packageRoot } from './support/package-root';

const root = packageRoot();
const EVENTS = Object.keys(LOG_EVENTS);
const sources = readdirSync(path.join(root, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts') && name !== 'log.ts')
  .map((name) => readFileSync(path.join(root, 'src', name), 'utf8'))
  .join('\n');
const manual = readFileSync(path.join(root, 'docs/operating.md'), 'utf8');

test('the table in docs/operating.md has exactly these events with what they mean, in order', () => {
  const [, table = ''] = /^The events:\n([^]*?)^Lines about rooms/m.exec(manual) ?? [];
  const listed = [...table.matchAll(/^\| `([a-z-]+\.[a-z-]+)` +\|([^|]*)\|$/gm)].map(([, event, meaning = '']) => [event, meaning.trim()]);
  expect(listed).toEqual(Object.entries(LOG_EVENTS).sort(([a], [b]) => (a < b ? -1 : 1)));
});

test.each(EVENTS)('%s is logged somewhere', (event) => {
  expect(sources).toContain(`'${event}'`);
  expect(event).toMatch(/^[a-z]+(-[a-z]+)*\.[a-z]+(-[a-z]+)*$/);
});
