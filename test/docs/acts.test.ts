/** The table of acts and faces has every route and every command, each cell is played by a test, and the pages are what the program is (issue "Operators", 1). */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ROUTES } from '../../src/api/routes';
import { createFeatures } from '../../src/features';
import { packageRoot } from '../support/package-root';
import { BARD, COMMANDS, hall } from '../admin/hall';
import { EXAMPLES } from '../cli/examples';
import { LIMITS } from '../room/limits';
import { settle } from '../service/fake-clock';
import { DOMAIN } from '../service/rig';
import { ACTS } from './acts';
import { configurationPage } from './configuration';
import { actsPage, allCommands, commandsPage } from './pages';

const read = (file: string): string => readFileSync(path.join(packageRoot(), file), 'utf8');
const cells = <T extends object>(cell: readonly T[] | { readonly because: string } | readonly string[]): readonly string[] =>
  'because' in cell ? [] : (cell as readonly string[]);

test.each([
  ['docs/commands.md', commandsPage],
  ['docs/acts.md', actsPage],
  ['docs/configuration.md', configurationPage],
])('%s is what the program is (node dist/test/docs/write.js)', (file, page) => {
  expect(read(file)).toBe(page());
});

test('every route stands in the table, and no other', () => {
  const routes = ROUTES.map(({ method, path: at }) => `${method} ${at}`);
  expect([...new Set(ACTS.flatMap(({ http }) => cells(http)))].sort()).toEqual([...routes].sort());
});

test('every command that asks stands in the table with a route of its act, and is played', () => {
  const commands = allCommands().filter(({ routes }) => routes !== undefined);
  expect([...new Set(ACTS.flatMap(({ commandLine }) => cells(commandLine)))].sort()).toEqual(commands.map(({ name }) => name).sort());
  for (const { act, http, commandLine } of ACTS)
    for (const name of cells(commandLine)) {
      expect(EXAMPLES[name]?.length).toBeGreaterThan(0);
      const uses = commands.find((command) => command.name === name)?.routes ?? [];
      expect({ act, name, asks: cells(http).some((route) => uses.includes(route)) }).toEqual({ act, name, asks: true });
    }
});

test('every ad-hoc command stands in the table, at the service and at rooms, with a test', async () => {
  const at = (where: 'service' | 'room'): string[] => ACTS.flatMap(({ adHoc }) => ('because' in adHoc ? [] : (adHoc[where] ?? []))).sort();
  const h = await hall();
  h.feed(
    `<iq from="${BARD}" to="${DOMAIN}" type="get" id="l"><query xmlns="http://jabber.org/protocol/disco#items" node="${COMMANDS}"/></iq>`,
  );
  await settle();
  const listed = [...(h.link.xml[0] ?? '').matchAll(/<item jid="rooms.x.lit" node="([^"]*)"/g)].map(([, node]) => node);
  expect(listed.sort()).toEqual(at('service'));
  const manual = /^## Commands for administrators$[^]*?^## /m.exec(read('docs/operating.md'))?.[0].toLowerCase() ?? '';
  const names = [...(h.link.xml[0] ?? '').matchAll(/<item jid="rooms.x.lit" node="[^"]*" name="([^"]*)"/g)].map(([, name = '']) => name);
  expect(names).toHaveLength(listed.length);
  expect(names.filter((name) => !manual.includes(`**${name.replace(/ to everybody in rooms$/, '').toLowerCase()}`))).toEqual([]);
  const nodes = createFeatures(LIMITS).all.flatMap((feature) => (feature.adHoc ?? []).map(({ node }) => node));
  expect([...new Set(nodes)].sort()).toEqual(at('room'));
  for (const { adHoc } of ACTS) {
    if ('because' in adHoc) continue;
    const [file, title] = adHoc.test;
    expect({ file, has: read(file).includes(`'${title}'`) }).toEqual({ file, has: true });
  }
});
