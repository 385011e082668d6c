/** The `parlour` command as an operator meets it: what it prints, where, and its exit codes. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Sqlite from 'better-sqlite3';
import { check } from '../../src/check';
import { configJsonSchema, loadConfig } from '../../src/config';
import { openSqliteStore } from '../../src/store/sqlite';
import { freePort } from '../support/free-port';
import { packageRoot } from '../support/package-root';

const CLI = path.resolve(__dirname, '../../src/cli.js');
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'parlour-cli-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function parlour(...words: string[]): { code: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, ...words], { encoding: 'utf8', timeout: 30_000, cwd: folder });
  return { code: status, out: stdout, err: stderr };
}

function configured(change: object): string {
  const file = path.join(folder, 'component.json');
  writeFileSync(file, JSON.stringify({ server: { secret: 's', port: 1 }, component: { domain: 'rooms.localhost' }, ...change }));
  return file;
}

const FIVE = {
  server: { port: 'x', secret: 's' },
  component: { domain: '' },
  log: { level: 'loud' },
  service: { createRooms: 'all' },
  colour: 1,
};

describe.each(['run', 'check'])('parlour %s', (command) => {
  test('tells five mistakes in five lines and ends with 2', () => {
    const { code, out, err } = parlour(command, '--config', configured(FIVE));
    expect(code).toBe(2);
    expect(out).toBe('');
    const lines = err.trim().split('\n').slice(1);
    expect(lines.map((line) => line.split(':')[0])).toEqual(
      expect.arrayContaining(['server.port', 'component.domain', 'log.level', 'service.createRooms', 'colour']),
    );
    expect(lines).toHaveLength(5);
  });

  test('tells where a file is not JSON', () => {
    const file = path.join(folder, 'bad.json');
    writeFileSync(file, '{\n  "server": {,\n}');
    const { code, err } = parlour(command, '--config', file);
    expect(code).toBe(2);
    expect(err).toContain('line 2, column 14');
  });

  test('names the whole path of a file that is not there', () => {
    const { code, err } = parlour(command, '-c', 'mine.json');
    expect(code).toBe(2);
    expect(err).toContain(`${path.join(realpathSync(folder), 'mine.json')} cannot be read: there is no such file`);
  });

  test('says that a folder is no database', () => {
    const { code, err } = parlour(command, '--config', configured({ database: { path: '.' } }));
    // A start that would fail again is not to be tried again (RestartPreventExitStatus).
    expect(code).toBe(command === 'run' ? 2 : 1);
    expect(err).toMatch(/is a folder. Name a file/);
  });

  test('refuses room defaults that no room can have', () => {
    const { code, err } = parlour(command, '--config', configured({ roomDefaults: { 'muc#roomconfig_color': 'red' } }));
    expect(code).toBe(2);
    expect(err).toContain('roomDefaults["muc#roomconfig_color"]');
  });

  test("refuses another program's database", () => {
    const db = new Sqlite(path.join(folder, 'parlour.db'));
    db.exec('CREATE TABLE recipes (name TEXT); PRAGMA application_id = 42');
    db.close();
    const { code, err } = parlour(command, '--config', configured({}));
    expect(code).toBe(command === 'run' ? 2 : 1);
    expect(err).toMatch(/parlour\.db/);
    expect(err.trim().split('\n')).toHaveLength(1);
  });
});

describe.each(['run', 'check'])('parlour %s', (command) => {
  test.each([
    ['built for another Node', 'ERR_DLOPEN_FAILED', 'was compiled against a different Node.js version'],
    ['of another machine', 'ERR_DLOPEN_FAILED', 'invalid ELF header'],
    ['not there', 'MODULE_NOT_FOUND', 'Could not locate the bindings file. Tried:\n → a\n → b'],
  ])('found H12: a native module that is %s is told as such', (_what, code, message) => {
    const broken = path.join(folder, 'broken.cjs');
    writeFileSync(
      broken,
      `process.dlopen = () => { throw Object.assign(new Error(${JSON.stringify(message)}), { code: ${JSON.stringify(code)} }); };`,
    );
    const { status, stderr } = spawnSync(process.execPath, ['--require', broken, CLI, command, '--config', configured({})], {
      encoding: 'utf8',
      timeout: 30_000,
      cwd: folder,
    });
    const lines = stderr.trim().split('\n');
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('native module');
    expect(lines[0]).toContain(process.version);
    expect(lines[0]).not.toContain('database "');
    expect(status).toBe(2);
  });
});

describe('parlour check', () => {
  test('found G4: --integrity reads the whole database, but not the files of a running Parlour', async () => {
    const file = path.join(folder, 'parlour.db');
    const store = openSqliteStore({ path: file });
    await store.open();
    try {
      const { code, err } = parlour('check', '--integrity', '--config', configured({}));
      expect(err).toMatch(/were not read.*parlour backup/);
      expect(code).toBe(1);
    } finally {
      await store.close();
    }
    const db = new Sqlite(file);
    db.unsafeMode();
    db.pragma('writable_schema = ON');
    db.exec("UPDATE sqlite_master SET rootpage = (SELECT rootpage FROM sqlite_master WHERE name = 'room') WHERE name = 'counters'");
    db.close();
    const { code, err } = parlour('check', '--integrity', '--config', configured({}));
    expect(code).toBe(1);
    expect(err).toMatch(/restore a backup/);
  });

  test('says what to change when nothing listens where the server should be', async () => {
    const port = await freePort();
    const { code, err } = parlour('check', '--config', configured({ server: { secret: 's', port } }));
    expect(code).toBe(1);
    expect(err).toContain(`127.0.0.1:${port}`);
    expect(err).toMatch(/nothing listens there/i);
    expect(err).toMatch(/server\.port/);
  });

  test('tries neither link nor database while a running Parlour holds the database', async () => {
    const store = openSqliteStore({ path: path.join(folder, 'parlour.db') });
    await store.open();
    try {
      const { code, out } = parlour('check', '--config', configured({}));
      expect(code).toBe(0);
      expect(out).toMatch(/running Parlour holds the database/);
    } finally {
      await store.close();
    }
  });

  test('makes no database: its files would be those of whoever ran it', async () => {
    const change = { server: { secret: 's', port: await freePort() } };
    const { err } = parlour('check', '--integrity', '--config', configured(change));
    expect(err).toMatch(/There is no database .* yet\. The first start makes it/);
    expect(err).not.toMatch(/was read/);
    expect(readdirSync(folder)).toEqual(['component.json']);
    const elsewhere = parlour('check', '--config', configured({ ...change, database: { path: 'none/parlour.db' } }));
    expect(elsewhere.code).toBe(1);
    expect(elsewhere.err).toMatch(/cannot be made: its folder is not there/);
  });

  test.each([
    ['result', '', false],
    ['error', 'service-unavailable', false],
    ['error', 'remote-server-not-found', true],
    ['error', 'not-allowed', true],
    ['error', 'remote-server-timeout', true],
  ])('found by a new user: asks the domain of the users, and warns of a wrong one (%s %s)', async (type, condition, warns) => {
    const header = `<stream:stream xmlns='jabber:component:accept' xmlns:stream='http://etherx.jabber.org/streams' id='1' from='rooms.localhost'>`;
    const server = createServer((socket) => {
      socket.setEncoding('utf8').on('data', (text: string) => {
        if (text.includes('<stream:stream')) socket.write(header);
        if (text.includes('<handshake>')) socket.write('<handshake/>');
        const error = `<error type='cancel'><${condition} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>`;
        // What the component sends to its own domain comes back.
        for (const [message] of text.matchAll(/<message[^>]*>.*?<\/message>/g)) socket.write(message);
        for (const [, from, id] of text.matchAll(/<iq from="([^"]*)"[^>]* id="([^"]*)"/g))
          socket.write(`<iq type='${type}' id='${id}' from='example.net' to='${from}'>${type === 'error' ? error : ''}</iq>`);
      });
      socket.on('error', () => undefined);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const { port } = server.address() as AddressInfo;
      const { ok, sentences } = await check(loadConfig(configured({ server: { secret: 's', port, domain: 'example.net' } })));
      expect(ok).toBe(true);
      expect(sentences.join('\n')).toContain('takes us as rooms.localhost');
      expect(sentences.some((sentence) => sentence.startsWith('Warning: server.domain is "example.net"'))).toBe(warns);
      if (warns) expect(sentences.at(-2)).toContain(condition);
      expect(sentences.at(-1)).toMatch(/^Not tried: /);
    } finally {
      await new Promise((resolve) => server.close(resolve));
    }
  });

  test('says what to do about another connection of this domain', async () => {
    const header = `<stream:stream xmlns='jabber:component:accept' xmlns:stream='http://etherx.jabber.org/streams' id='1' from='rooms.localhost'>`;
    const conflict = `<stream:error><conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></stream:stream>`;
    const server = createServer((socket) => socket.once('data', () => socket.end(header + conflict)).on('error', () => undefined));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const { port } = server.address() as AddressInfo;
      const { ok, sentences } = await check(loadConfig(configured({ server: { secret: 's', port } })));
      expect(ok).toBe(false);
      expect(sentences.at(-1)).toMatch(/^The server says that rooms\.localhost is connected already: stop the other process/);
    } finally {
      await new Promise((resolve) => server.close(resolve));
    }
  });

  test('leaves no database behind when the configuration is wrong', () => {
    parlour('check', '--config', configured(FIVE));
    expect(existsSync(path.join(folder, 'parlour.db'))).toBe(false);
  });
});

test('parlour schema prints the JSON Schema', () => {
  const { code, out } = parlour('schema');
  expect(code).toBe(0);
  expect(JSON.parse(out)).toEqual(JSON.parse(JSON.stringify(configJsonSchema())));
});

test.each(['version', '--version'])('parlour %s prints the version of package.json', (word) => {
  const { version } = JSON.parse(readFileSync(path.join(packageRoot(), 'package.json'), 'utf8')) as { version: string };
  expect(parlour(word).out).toBe(`${version}\n`);
});

test.each([
  ['an unknown command', ['dance'], /dance/],
  ['a command without its configuration', ['run'], /--config/],
  ['an option without its value', ['check', '--config'], /--config/],
  ['an unknown option', ['check', '--config', 'x.json', '--colour'], /--colour/],
  ['both kinds of check at once', ['check', '--config', 'x.json', '--integrity', '--migration'], /cannot be used with/],
  ['one word too many', ['version', 'please'], /too many/],
  ['nothing', [], /Usage/],
])('%s is refused with code 2: restarting does not mend it', (_what, words, sentence) => {
  const { code, out, err } = parlour(...words);
  expect(err).toMatch(sentence);
  expect(out).toBe('');
  expect(code).toBe(2);
});

test.each([['--help'], ['run', '--help']])('%s %s prints the usage and ends with 0', (...words) => {
  const { code, out } = parlour(...words.filter((word) => word !== undefined));
  expect(out).toMatch(/Usage/);
  expect(code).toBe(0);
});
