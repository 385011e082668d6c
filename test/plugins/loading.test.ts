/** How plug-ins are found, read and refused, by `parlour check`, since Node itself loads them: modules of both kinds, in a folder that knows nothing of Parlour. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { packageRoot } from '../support/package-root';

const CLI = path.resolve(__dirname, '../../src/cli.js');
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'parlour-plugins-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function check(plugins: unknown, command = 'check'): { code: number | null; told: string } {
  const file = path.join(folder, 'component.json');
  writeFileSync(file, JSON.stringify({ server: { secret: 's', port: 1 }, component: { domain: 'rooms.localhost' }, plugins }));
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, command, '--config', file], {
    encoding: 'utf8',
    timeout: 30_000,
    cwd: tmpdir(),
  });
  return { code: status, told: stdout + stderr };
}

function write(name: string, text: string): string {
  const file = path.join(folder, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
  return name;
}

const esm = (body: string): string => `import { definePlugin, z } from 'parlour/plugin';\nexport default definePlugin(${body});\n`;
const CONFIG = 'config: z.strictObject({ url: z.url({ error: "a URL" }) })';

test('an ES module, a CommonJS module, one of a package, and the same one twice under two names', () => {
  const mjs = write('a/first.mjs', esm(`{ name: 'first', apiVersion: 1, ${CONFIG}, setup: () => ({ disco: ['urn:first'] }) }`));
  const cjs = write(
    'b/second.cjs',
    `const { definePlugin } = require('parlour/plugin');\nmodule.exports = definePlugin({ name: 'second', apiVersion: 1, setup: () => ({}) });\n`,
  );
  write('node_modules/third/package.json', '{ "name": "third", "main": "index.js" }');
  write(
    'node_modules/third/index.js',
    `exports.default = require('parlour/plugin').definePlugin({ name: 'third', apiVersion: 1, setup: () => ({}) });\n`,
  );
  const { told } = check([
    { module: mjs, config: { url: 'https://example.com/' } },
    { module: path.join(folder, cjs) },
    { module: 'third' },
    { module: `./${mjs}`, name: 'first-again', config: { url: 'https://example.com/2' } },
  ]);
  expect(told).toContain('Plug-ins that were loaded: first, second, third, first-again. None was started.');
});

test.each([
  ['there is no such file', 'none.mjs', undefined, /plugins\[0\]\.module: found "none\.mjs", but there is no .*\/none\.mjs; name a file/],
  [
    'there is no such package',
    'nothing',
    undefined,
    /plugins\[0\]\.module: found "nothing", but there is no a package|plugins\[0\]\.module: found "nothing", but there is no package "nothing"/,
  ],
  [
    'it is no plug-in',
    'x.mjs',
    'export default { name: "x" };',
    /x\.mjs is no plug-in; its default export must be what definePlugin returns/,
  ],
  ['it does not compile', 'x.mjs', 'export default {{;', /x\.mjs cannot be loaded: /],
  ['it throws', 'x.mjs', 'throw new Error("no disk");', /x\.mjs cannot be loaded: no disk\./],
  [
    'it is of another version',
    'x.mjs',
    esm(`{ name: 'x', apiVersion: 2, setup: () => ({}) }`),
    /was written for version 2 of the plug-in interface; this Parlour has version 1/,
  ],
  [
    'its name is none',
    'x.mjs',
    esm(`{ name: 'X Y', apiVersion: 1, setup: () => ({}) }`),
    /plugins\[0\]\.name: found "X Y"; allowed: a lower-case letter/,
  ],
  [
    'its configuration is wrong',
    'x.mjs',
    esm(`{ name: 'x', apiVersion: 1, ${CONFIG}, setup: () => ({}) }`),
    /plugins\[0\]\.config\.url: a URL\./,
  ],
  [
    'it has a hook that is none',
    'x.mjs',
    esm(`{ name: 'x', apiVersion: 1, setup: () => ({ onEnter() {} }) }`),
    /plugins\[0\]: "x" returned "onEnter" from setup, which is no hook; allowed: checkEntry, /,
  ],
  [
    'a hook is no function',
    'x.mjs',
    esm(`{ name: 'x', apiVersion: 1, setup: () => ({ entered: 1 }) }`),
    /returned "entered" from setup, which is no function/,
  ],
  [
    'a check does not say what happens when it fails',
    'x.mjs',
    esm(`{ name: 'x', apiVersion: 1, setup: () => ({ checkMessage: { check() {} } }) }`),
    /"checkMessage" from setup, which is no object with a function "check" and "failing"/,
  ],
  [
    'setup throws',
    'x.mjs',
    esm(`{ name: 'x', apiVersion: 1, setup() { throw new Error('I want more'); } }`),
    /plugins\[0\]: "x" cannot be set up: I want more\./,
  ],
  [
    'setup is asynchronous',
    'x.mjs',
    esm(`{ name: 'x', apiVersion: 1, async setup() { return {}; } }`),
    /"x" has an asynchronous setup; do what takes time in start/,
  ],
  [
    'its rows are not declared',
    'x.mjs',
    esm(`{ name: 'x', apiVersion: 1, setup: () => ({ rows: { most: 3 } }) }`),
    /"x" declares "rows" without all of says, key, value, most and until/,
  ],
  [
    'its rows have a lifetime that is none',
    'x.mjs',
    esm(
      `{ name: 'x', apiVersion: 1, setup: () => ({ rows: { says: 'x', key: ['plain'], value: 'plain', most: 3, until: { ms: 1, since: 'value' } } }) }`,
    ),
    /"x" declares "rows" without all of says, key, value, most and until/,
  ],
  [
    'it wants a field that the room has',
    'x.mjs',
    esm(
      `{ name: 'x', apiVersion: 1, setup: () => ({ fields: { 'muc#roomconfig_whois': { type: 'boolean', label: 'x', initial: true } } }) }`,
    ),
    /The form field "muc#roomconfig_whois" belongs to "whois", so "plug-in x" cannot have it too/,
  ],
  [
    'it wants a request that the room answers',
    'x.mjs',
    esm(`{ name: 'x', apiVersion: 1, setup: () => ({ iq: { 'query http://jabber.org/protocol/muc#admin': { get() {} } } }) }`),
    /The request "query http.*#admin" belongs to the room itself/,
  ],
  [
    'it wants a command that the room has',
    'x.mjs',
    esm(
      `{ name: 'x', apiVersion: 1, setup: () => ({ commands: [{ node: 'urn:parlour:audit', title: 'x', for: 'owners', fields: () => [], run: () => '' }] }) }`,
    ),
    /The ad-hoc command "urn:parlour:audit" belongs to "room-commands"/,
  ],
  [
    'it wants a place that is none',
    'x.mjs',
    esm(`{ name: 'x', apiVersion: 1, setup: () => ({ checkEntry: { after: 'passport', check() {} } }) }`),
    /wants its place after "passport", which checks nothing there\. Name one of: banned, members-only, password, max-users/,
  ],
] as const)('is refused with a sentence and code 2: %s', (_, name, text, sentence) => {
  if (text !== undefined) write(name, text);
  const { code, told } = check([{ module: name }]);
  expect(told).toMatch(sentence);
  expect(code).toBe(2);
});

test('is refused by `run` too, before the database is opened', () => {
  const { code, told } = check([{ module: 'none.mjs' }], 'run');
  expect(code).toBe(2);
  expect(told).toContain('plugins[0].module');
  expect(existsSync(path.join(folder, 'parlour.db'))).toBe(false);
});

test('two plug-ins of one name, or with the same field, are refused', () => {
  const a = write(
    'a.mjs',
    esm(`{ name: 'x', apiVersion: 1, setup: () => ({ fields: { 'x#f': { type: 'boolean', label: 'x', initial: true } } }) }`),
  );
  expect(check([{ module: a }, { module: a }]).told).toContain('plugins[1].name: there is a plug-in "x" already');
  expect(check([{ module: a }, { module: a, name: 'y' }]).told).toContain(
    'The form field "x#f" belongs to "plug-in x", so "plug-in y" cannot have it too',
  );
});

test('room defaults may name a field of a plug-in', () => {
  const module = write(
    'a.mjs',
    esm(`{ name: 'x', apiVersion: 1, setup: () => ({ fields: { 'x#f': { type: 'boolean', label: 'x', initial: true } } }) }`),
  );
  const file = path.join(folder, 'component.json');
  writeFileSync(
    file,
    JSON.stringify({
      server: { secret: 's', port: 1 },
      component: { domain: 'rooms.localhost' },
      plugins: [{ module }],
      roomDefaults: { 'x#f': false },
    }),
  );
  const { stdout, stderr } = spawnSync(process.execPath, [CLI, 'check', '--config', file], { encoding: 'utf8' });
  expect(stdout + stderr).toContain('Plug-ins that were loaded: x.');
});

test('the first plug-in of docs/plugins.md loads as it stands there, with the configuration beside it', () => {
  const page = readFileSync(path.join(packageRoot(), 'docs/plugins.md'), 'utf8');
  const [, module = ''] = /^```js\n(.*?)^```/ms.exec(page) ?? [];
  const [, plugins = ''] = /^```json\n"plugins": (.*?)^```/ms.exec(page) ?? [];
  write('quiet.mjs', module);
  const { told } = check(JSON.parse(plugins));
  expect(told).toContain('Plug-ins that were loaded: quiet. None was started.');
  expect(page).toContain('`Plug-ins that were loaded: quiet. None was started.`');
});
