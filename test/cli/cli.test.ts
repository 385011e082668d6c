/** The `parlour` command as an operator meets it: what it prints, where, and its exit codes. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Sqlite from 'better-sqlite3';
import { configJsonSchema } from '../../src/config';
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
    expect(code).toBe(1);
    expect(err).toMatch(/parlour\.db/);
    expect(err.trim().split('\n')).toHaveLength(1);
  });
});

describe('parlour check', () => {
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

test('an unknown command is refused with the commands there are', () => {
  const { code, err } = parlour('dance');
  expect(code).not.toBe(0);
  expect(err).toMatch(/dance/);
});
