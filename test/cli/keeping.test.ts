/** Commands for the database and the configuration, while no Parlour runs (issue Operators, 3 and 4; found H7). */
import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import path from 'node:path';
import { becomeOwner, NotOwner, type Identity } from '../../src/as-owner';
import { check } from '../../src/check';
import { Ended } from '../../src/cli/ending';
import { checked, type Checking } from '../../src/cli/here';
import { alone } from '../../src/cli/file-lock';
import { replace } from '../../src/cli/replacing';
import { loadConfig } from '../../src/config';
import { openSqliteStore } from '../../src/store/sqlite';
import type { RoomRows } from '../../src/room/contract/rows';
import { batch, create, message } from '../store/batches';
import { asStanzaId } from '../support/ids';
import { asRoom } from '../support/jids';
import { freePort } from '../support/free-port';
import { packageRoot } from '../support/package-root';
import { speak, type Said, type Speaking } from './speaking';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'parlour-keeping-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const say = (words: readonly string[], how: Speaking = {}): Promise<Said> => speak(words, { folder, ...how });

/** `parlour check`: what it prints, or ends with. */
const looked = (config: string, how: Omit<Checking, 'config'> = {}): Promise<{ code: number; text: string }> =>
  checked({ config, ...how }, { folder }).then(
    (text) => ({ code: 0, text }),
    (error: Error) => ({ code: error instanceof Ended ? error.code : 70, text: error.message }),
  );
const there = (): string[] => readdirSync(folder).sort();
const database = (): string => path.join(folder, 'parlour.db');

function configured(change: object = {}): string {
  const file = path.join(folder, 'component.json');
  writeFileSync(file, JSON.stringify({ server: { secret: 's', port: 1 }, component: { domain: 'rooms.localhost' }, ...change }));
  return file;
}

/** A database with a room that has so many messages, at this domain. */
async function made(messages: number, domain = 'rooms.localhost'): Promise<void> {
  const store = openSqliteStore({ path: database() });
  await store.open();
  const number = (await store.lastBatch()) + 1;
  const room = `a@${domain}`;
  const before = (await store.hasRoom(asRoom(room))) ? (await store.messages(asRoom(room), { limit: 1_000 })).length : 0;
  const rows = Array.from({ length: messages - before }, (_, i) => message(before + i + 1));
  await store.commit(batch(number, { room, changes: before === 0 ? [create(room)] : [], messages: rows }));
  await store.close();
}

describe('parlour restore', () => {
  async function withBackup(): Promise<string> {
    await made(3);
    const store = openSqliteStore({ path: database() });
    await store.open();
    mkdirSync(path.join(folder, 'backups'));
    await store.copyTo(path.join(folder, 'backups', 'mine.db'));
    await store.close();
    await made(5);
    return configured();
  }

  test('asks, restores, and tells where the replaced database is; a name alone means the folder of backups', async () => {
    const config = await withBackup();
    expect(await say(['restore', 'mine.db', '--config', config])).toMatchObject({ code: 4, out: '' });
    expect(await say(['restore', 'mine.db', '--config', config], { typed: ['no'] })).toMatchObject({ code: 4 });
    const { code, out } = await say(['restore', 'mine.db', '--config', config], { typed: ['yes'] });
    expect(code).toBe(0);
    expect(out).toMatch(/^Restored from .*backups\/mine\.db: 1 room, 3 messages, the latest of 1970-01-01/);
    expect(out).toMatch(/is .*parlour\.db-replaced-\d{8}T\d{6}Z now\. Delete it when all is well/);
    expect(out).toMatch(/Start Parlour now\.$/m);
    expect(out).not.toContain('erase-again');
  });

  test('is refused while Parlour runs, and for what is no backup', async () => {
    const config = await withBackup();
    const store = openSqliteStore({ path: database() });
    await store.open();
    expect(await say(['restore', 'mine.db', '--config', config, '--yes'])).toMatchObject({
      code: 1,
      err: expect.stringContaining('Another Parlour is running') as string,
    });
    await store.close();
    expect(await say(['restore', 'component.json', '--config', config, '--yes'])).toMatchObject({
      code: 1,
      err: expect.stringContaining('is damaged, or no backup') as string,
    });
    expect(await say(['restore', 'none.db', '--config', config, '--yes'])).toMatchObject({
      code: 1,
      err: expect.stringContaining('There is no file') as string,
    });
    expect(there().filter((name) => /replaced|restoring/.test(name))).toEqual([]);
  });

  test('names what was erased since, and the command that does it again, which does', async () => {
    const config = await withBackup();
    const store = openSqliteStore({ path: database() });
    await store.open();
    const [first] = await store.messages(asRoom('a@rooms.localhost'), { limit: 10 });
    const counters = { rev: 5, deliveredRev: 5, seq: 5, stamp: 10_005 };
    const retraction = { table: 'retraction' as const, id: asStanzaId(first?.id ?? ''), payload: '<gone/>', person: 'kept' as const };
    await store.commit(batch((await store.lastBatch()) + 1, { room: 'a@rooms.localhost', counters, changes: [retraction] }));
    await store.close();
    const { out } = await say(['restore', 'mine.db', '--config', config, '--yes']);
    expect(out).toMatch(/there again:\n {2}1 message taken back, in a@rooms\.localhost\n/);
    const words = /: (parlour erase-again (\S+) --config (\S+))$/m.exec(out);
    const replaced = words?.[2] ?? '';
    expect(await say(['erase-again', replaced, '--config', words?.[3] ?? '', '--yes'])).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^Erased again:\n {2}1 message taken back/) as string,
    });
    expect((await say(['erase-again', replaced, '--config', config, '--yes'])).out).toMatch(/nothing that would have to be erased/);
    expect(await say(['erase-again', 'none.db', '--config', config, '--yes'])).toMatchObject({
      code: 1,
      err: expect.stringContaining('There is no database') as string,
    });
  });
});

describe('parlour erase-again', () => {
  /** Restored, in the place of one that had destroyed a room; the name of that one. */
  async function restored(): Promise<{ config: string; replaced: string }> {
    await made(3);
    const store = openSqliteStore({ path: database() });
    await store.open();
    await store.copyTo(path.join(folder, 'mine.db'));
    const rows = await store.rowsOf(asRoom('a@rooms.localhost'));
    const counters = { rev: 9, deliveredRev: 9, seq: 3, stamp: 10_005 };
    const room = { ...(rows as RoomRows).room, state: 'destroyed' as const, archiveFrom: 3 };
    await store.commit(
      batch((await store.lastBatch()) + 1, { room: 'a@rooms.localhost', counters, changes: [{ table: 'room', row: room }] }),
    );
    await store.close();
    const config = configured();
    const { out } = await say(['restore', 'mine.db', '--config', config, '--yes']);
    return { config, replaced: /parlour erase-again (\S+)/.exec(out)?.[1] ?? 'none' };
  }

  test('names the rooms that it will destroy, and asks their number back: --yes is not enough', async () => {
    const { config, replaced } = await restored();
    const asked = await say(['erase-again', replaced, '--config', config, '--yes']);
    expect(asked).toMatchObject({ code: 4, out: '' });
    expect(asked.err).toMatch(
      /1 room destroyed or erased: a@rooms\.localhost\n.*with all that was said there since.*--number 1\. Nothing was done/,
    );
    expect(await say(['erase-again', replaced, '--config', config], { typed: ['yes'] })).toMatchObject({ code: 4 });
    expect(await say(['erase-again', replaced, '--config', config, '--number', '2'])).toMatchObject({ code: 4 });
    const { code, out } = await say(['erase-again', replaced, '--config', config], { typed: ['1'] });
    expect(out).toMatch(/^Erased again:\n {2}1 room destroyed or erased: a@rooms\.localhost/);
    expect(code).toBe(0);
    expect((await say(['erase-again', replaced, '--config', config])).out).toMatch(/nothing that would have to be erased/);
  }, 20_000);

  test('refuses a database in which nothing was restored, with what to do', async () => {
    await made(3);
    copyFileSync(database(), path.join(folder, 'copy.db'));
    expect(await say(['erase-again', 'copy.db', '--config', configured(), '--yes'])).toMatchObject({
      code: 1,
      err: expect.stringMatching(/Nothing was erased: .*restore the backup with this one/) as string,
    });
  });
});

describe('parlour change-domain', () => {
  test('a start says what to do, and the command does it', async () => {
    await made(2, 'old.example');
    const config = configured();
    const { ok, sentences } = await check(loadConfig(config)).catch((error: Error) => ({ ok: false, sentences: [error.message] }));
    expect(ok).toBe(false);
    expect(sentences.join()).toMatch(/are at old\.example.*parlour change-domain old\.example/);
    expect(await say(['change-domain', 'elsewhere.example', '--config', config, '--yes'])).toMatchObject({
      code: 1,
      err: expect.stringContaining('No room in') as string,
    });
    expect(await say(['change-domain', 'a@old.example', '--config', config, '--yes'])).toMatchObject({ code: 2 });
    expect(await say(['change-domain', 'OLD.example', '--config', config, '--yes'])).toMatchObject({
      code: 0,
      out: expect.stringContaining('1 room moved from old.example to rooms.localhost') as string,
    });
    const store = openSqliteStore({ path: database(), domain: loadConfig(config).component.domain });
    await store.open();
    expect(await store.messages(asRoom('a@rooms.localhost'), { limit: 10 })).toHaveLength(2);
    await store.close();
  });
});

describe('found H7: the owner of the files', () => {
  const as = (uid: number): Identity & { became: number[] } => {
    const became: number[] = [];
    return { uid, became, become: (...ids) => void became.push(...ids) };
  };

  test('root becomes whoever owns the database, or its folder if there is none; others are refused', async () => {
    await made(1);
    const own = statSync(database()).uid;
    const root = as(0);
    expect(becomeOwner(database(), { ...root, uid: own })).toBeUndefined();
    chownSync(database(), own, statSync(database()).gid);
    // A file whose owner this user is not, whoever runs the test.
    const theirs = as(own === 0 ? 4_711 : own + 1);
    expect(() => becomeOwner(database(), theirs)).toThrow(NotOwner);
    expect(() => becomeOwner(database(), theirs)).toThrow(/belongs to the user .*sudo -u/);
    expect(() => becomeOwner(path.join(folder, 'none.db'), theirs)).toThrow(new RegExp(`"${folder}" belongs`));
    expect(theirs.became).toEqual([]);
  });

  test('check leaves nothing beside a database that it reads, after a kill neither', async () => {
    await made(2);
    rmSync(`${database()}-lock`);
    const config = configured({ server: { secret: 's', port: await freePort() } });
    for (const how of [{}, { integrity: true }, { migration: true }, { integrity: true, copy: 'parlour.db' }]) {
      const bytes = readFileSync(database());
      await looked(config, how);
      expect(there()).toEqual(['component.json', 'parlour.db']);
      expect(readFileSync(database()).equals(bytes)).toBe(true);
    }
    expect(await looked(config, { copy: 'parlour.db' })).toMatchObject({ code: 0, text: expect.stringContaining('can be used') as string });
    expect(await looked(config, { copy: 'none.db' })).toMatchObject({ code: 1 });
  });

  test('check and check --migration do not touch what a running Parlour has', async () => {
    const store = openSqliteStore({ path: database() });
    await store.open();
    const config = configured();
    expect(await looked(config, { migration: true })).toMatchObject({ code: 1, text: expect.stringContaining('parlour backup') as string });
    expect(await looked(config, { integrity: true })).toMatchObject({ code: 1, text: expect.stringContaining('were not read') as string });
    await store.close();
  });
});

describe('parlour init', () => {
  test('asks, writes a configuration that holds and a secret for its owner, and prints what the servers need', async () => {
    const { code, out } = await say(['init', '--admin', 'ada@example.org'], { typed: ['example.org', '', ''] });
    expect(code).toBe(0);
    expect(there()).toEqual(['component.json', 'parlour.secret']);
    expect(statSync(path.join(folder, 'parlour.secret')).mode & 0o777).toBe(0o600);
    const secret = readFileSync(path.join(folder, 'parlour.secret'), 'utf8').trim();
    const config = loadConfig(path.join(folder, 'component.json'));
    expect(config).toMatchObject({
      server: { domain: 'example.org', secret, host: '127.0.0.1', port: 5347 },
      component: { domain: 'rooms.example.org' },
      service: { admins: ['ada@example.org'] },
    });
    expect(out).toContain(`Component "rooms.example.org"\n    component_secret = "${secret}"`);
    expect(out).toContain('Restart Prosody then: a reload does not add a component.');
    expect(out).toContain(`      "rooms.example.org":\n        password: "${secret}"`);
    const before = readFileSync(path.join(folder, 'component.json'));
    expect(await say(['init', '--users', 'x.org', '--domain', 'r.x.org'])).toMatchObject({
      code: 1,
      err: expect.stringContaining('is there already') as string,
    });
    expect(readFileSync(path.join(folder, 'component.json')).equals(before)).toBe(true);
  });

  test.each([
    ['at the first question', [null]],
    ['at the last question', ['example.org', '', null]],
  ])('fault 12: whoever gives up %s agrees to nothing', async (_, typed) => {
    expect(await say(['init'], { typed })).toMatchObject({
      code: 4,
      out: '',
      err: expect.stringMatching(/Nothing was done\.\n$/) as string,
    });
    expect(there()).toEqual([]);
  });

  test('asks for all that may be otherwise; who is nobody at a terminal is told the flags, and nothing is written', async () => {
    const nobody = await say(['init']);
    expect(nobody).toMatchObject({ code: 2, out: '' });
    expect(nobody.err).toMatch(/^Nobody is here to be asked\. Say --users DOMAIN.*--domain, --database, --host, --port, --admin, --server/);
    expect(there()).toEqual([]);
    const typed = ['', 'x.org', '', '', 'xmpp.x.org', '5348', 'ada@x.org, ben@x.org', 'Prosody'];
    const { code, out, err } = await say(['init'], { typed });
    expect(err).toMatch(/users.*users.*rooms.*database.*server is.*port.*administrator.*prosody or ejabberd/s);
    expect(code).toBe(0);
    expect(out).not.toContain('ejabberd');
    expect(loadConfig(path.join(folder, 'component.json'))).toMatchObject({
      server: { host: 'xmpp.x.org', port: 5348 },
      service: { admins: ['ada@x.org', 'ben@x.org'] },
    });
  });

  test('a file that cannot be written leaves no secret behind, which would be in the way of the next try', async () => {
    const said = await say(['init', '--users', 'x.org', '--config', `${'x'.repeat(300)}.json`]);
    expect(said).toMatchObject({ code: 1, err: expect.stringMatching(/cannot be written: .*Nothing was done\.$/m) as string });
    expect(there()).toEqual([]);
  });

  test('a folder that is not there is a mistake of the command line, as with other commands', async () => {
    const said = await say(['init', '--users', 'x.org', '--config', 'none/component.json']);
    expect(said).toMatchObject({ code: 2, err: expect.stringMatching(/The folder .*none is not there\. Make it first\./) as string });
  });

  test('flags say it all; what cannot be is refused, and nothing is written', async () => {
    const flags = ['init', '--users', 'x.org', '--database', 'db/parlour.db', '--port', '5348', '--server', 'ejabberd'];
    expect(await say([...flags, '--domain', 'x.org'])).toMatchObject({ code: 2, err: expect.stringContaining('server.domain') as string });
    expect(there()).toEqual([]);
    const { out } = await say([...flags, '--domain', 'r.x.org']);
    expect(out).toContain('- port: 5348');
    expect(out).not.toContain('Prosody');
    expect(existsSync(path.join(folder, 'db'))).toBe(false);
  });
});

describe('parlour config', () => {
  const COMMENTED = `{
  // The server.
  "server": { "secret": "s", "port": 1 },
  "component": { "domain": "rooms.localhost" }, /* ours */
  "limits": {
    "nick": 70 // long ones
  }
}
`;
  const file = (): string => path.join(folder, 'component.json');

  test('plug-ins that cannot be loaded are refused, and the file is as it was; another domain is told what it takes', async () => {
    writeFileSync(file(), COMMENTED);
    // In a process of its own: what finds the modules of plug-ins stays registered.
    const cli = path.join(packageRoot(), 'dist/src/cli.js');
    const words = [cli, 'config', 'set', 'plugins', '[{"module":"./nope.js"}]', '--config', file()];
    const said = spawnSync(process.execPath, words, { encoding: 'utf8' });
    expect(said).toMatchObject({ status: 2, stdout: '' });
    expect(said.stderr).toMatch(/plugins\[0\]\.module: found "\.\/nope\.js", but there is no/);
    expect(readFileSync(file(), 'utf8')).toBe(COMMENTED);
    const moved = await say(['config', 'set', 'component.domain', 'chat.localhost', '--config', file()]);
    expect(moved.out).toMatch(/stop Parlour, say "parlour change-domain" with the former domain, and start it then\./);
  });

  test('show has the defaults that stand beside the database', async () => {
    writeFileSync(file(), COMMENTED);
    expect((await say(['config', 'show', 'api.socket', '--config', file()])).out).toBe('"parlour.sock"\n');
    expect((await say(['config', 'show', 'backups.folder', '--config', file()])).out).toBe('"backups"\n');
  });

  test('set keeps comments and the old file, which has the same rights', async () => {
    writeFileSync(file(), COMMENTED, { mode: 0o640 });
    const { code, out } = await say(['config', 'set', 'limits.history', '50', '--config', file()]);
    expect(out).toMatch(/Changed limits\.history.*holds from the next start/s);
    expect(code).toBe(0);
    const text = readFileSync(file(), 'utf8');
    expect(text).toContain('// The server.');
    expect(text).toContain('/* ours */');
    expect(text).toContain('// long ones');
    expect(loadConfig(file()).limits).toMatchObject({ nick: 70, history: 50 });
    expect(readFileSync(`${file()}.old`, 'utf8')).toBe(COMMENTED);
    expect(statSync(file()).mode & 0o777).toBe(0o640);
    expect(there()).toEqual(['component.json', 'component.json.old']);
    expect((await say(['config', 'unset', 'limits.history', '--config', file()])).code).toBe(0);
    expect(loadConfig(file()).limits.history).toBe(200);
    expect((await say(['config', 'set', 'service.admins', '["ada@x.lit"]', '--config', file()])).code).toBe(0);
    expect((await say(['config', 'set', 'service.name', 'Rooms of ours', '--config', file()])).code).toBe(0);
    expect(loadConfig(file()).service).toMatchObject({ admins: ['ada@x.lit'], name: 'Rooms of ours' });
    expect((await say(['config', 'set', 'service.name', 'Rooms of ours', '--config', file()])).out).toMatch(/Nothing was changed/);
  });

  test.each([
    ['a value that is not allowed', ['limits.history', 'many'], /limits\.history/],
    ['a key that there is not', ['limits.colour', '1'], /limits\.colour: unknown key/],
    ['a default that no room can have', ['roomDefaults.muc#roomconfig_color', 'red'], /roomDefaults/],
    ['a key of what has none', ['limits.nick.more', '1'], /can have no key|limits\.nick/],
  ])('%s changes nothing', async (_, words, sentence) => {
    writeFileSync(file(), COMMENTED);
    const { code, err } = await say(['config', 'set', ...words, '--config', file()]);
    expect(err).toMatch(sentence);
    expect(code).toBe(2);
    expect(readFileSync(file(), 'utf8')).toBe(COMMENTED);
    expect(there()).toEqual(['component.json']);
  });

  test.each([0o640, 0o664, 0o600])('fault 7: the mode %o stays, whatever the umask is', async (mode) => {
    writeFileSync(file(), COMMENTED);
    chmodSync(file(), mode);
    const umask = process.umask(0o077);
    try {
      expect((await say(['config', 'set', 'limits.history', '50', '--config', file()])).code).toBe(0);
    } finally {
      process.umask(umask);
    }
    for (const one of [file(), `${file()}.old`]) expect(statSync(one).mode & 0o7777).toBe(mode);
  });

  test('fault 7: owner and group are given to the new file and to the former one, by whoever changes it', () => {
    writeFileSync(file(), COMMENTED);
    const { uid, gid } = statSync(file());
    const given: number[][] = [];
    expect(replace(file(), '{}', { before: COMMENTED, chown: (_, ...ids) => void given.push(ids) })).toBe(`${file()}.old`);
    expect(given).toEqual([
      [uid, gid],
      [uid, gid],
    ]);
    expect(readFileSync(file(), 'utf8')).toBe('{}');
  });

  test('fault 7: a file that cannot keep them is not changed', () => {
    writeFileSync(file(), COMMENTED);
    const refused = (): void => {
      throw new Error('EPERM');
    };
    expect(() => replace(file(), '{}', { before: COMMENTED, chown: refused })).toThrow(
      /owner and group \(\d+:\d+\).*as its owner or as root\. Nothing was changed\.$/,
    );
    expect(readFileSync(file(), 'utf8')).toBe(COMMENTED);
    expect(there()).toEqual(['component.json']);
  });

  test('what an editor saved meanwhile is not written over', () => {
    writeFileSync(file(), COMMENTED.replace('70', '71'));
    expect(() => replace(file(), '{}', { before: COMMENTED })).toThrow(/somebody else has changed it meanwhile.*Nothing was changed\.$/);
    expect(readFileSync(file(), 'utf8')).toContain('71');
    expect(there()).toEqual(['component.json']);
  });

  test('several that change the file at once all change it', async () => {
    writeFileSync(file(), COMMENTED);
    const cli = path.join(packageRoot(), 'dist/src/cli.js');
    const keys = ['history', 'subject', 'name', 'description'];
    const codes = keys.map(
      (key) =>
        new Promise((resolve) => {
          spawn(process.execPath, [cli, 'config', 'set', `limits.${key}`, '77', '--config', file()]).on('exit', resolve);
        }),
    );
    expect(await Promise.all(codes)).toEqual([0, 0, 0, 0]);
    expect(loadConfig(file()).limits).toMatchObject({ nick: 70, history: 77, subject: 77, name: 77, description: 77 });
    expect(there()).toEqual(['component.json', 'component.json.old']);
  });

  test('who changes it too long for another is told of, a lock of a process that is no more counts no more', async () => {
    writeFileSync(file(), COMMENTED);
    const lock = `${file()}.lock`;
    writeFileSync(lock, `${process.pid} ${hostname()}\n`);
    const never = jest.fn<Promise<void>, []>();
    await expect(alone(file(), never, 60)).rejects.toThrow(
      /Somebody else is changing .*\.lock is there.*remove that file\. Nothing was changed\.$/,
    );
    for (const text of ['', `1234567 another.${hostname()}\n`]) {
      writeFileSync(lock, text);
      await expect(alone(file(), never, 60)).rejects.toThrow('Somebody else');
    }
    expect(never).not.toHaveBeenCalled();
    const { pid } = spawnSync(process.execPath, ['-e', '0']);
    writeFileSync(lock, `${pid} ${hostname()}\n`);
    expect(await say(['config', 'set', 'limits.history', '50', '--config', file()])).toMatchObject({ code: 0 });
    expect(there()).toEqual(['component.json', 'component.json.old']);
    await expect(alone(file(), () => Promise.reject(new Error('in vain')))).rejects.toThrow('in vain');
    expect(existsSync(lock)).toBe(false);
  });

  test('fault 8: a comment that would be lost is told, and nothing changes', async () => {
    const text = COMMENTED.replace('"nick": 70 //', '"nick": 70, /* as agreed */ "history": 50 //');
    writeFileSync(file(), text);
    const said = await say(['config', 'unset', 'limits.nick', '--config', file()]);
    expect(said).toMatchObject({
      code: 1,
      err: expect.stringMatching(/A comment in .* at limits\.nick .* Edit the file by hand/) as string,
    });
    expect(readFileSync(file(), 'utf8')).toBe(text);
  });

  describe('fault 11: a secret that the service alone sees', () => {
    const withSecret = (how: object): void =>
      writeFileSync(file(), JSON.stringify({ server: { ...how, port: 1 }, component: { domain: 'rooms.localhost' } }));
    const change = (...words: string[]): Promise<Said> => say(['config', ...words, '--config', file()]);

    test('in its environment: other keys can be changed, and the name of the variable too', async () => {
      withSecret({ secretEnv: 'OF_THE_SERVICE' });
      expect((await change('set', 'limits.history', '50')).code).toBe(0);
      expect((await change('unset', 'limits.history')).code).toBe(0);
      expect((await change('set', 'server.secretEnv', 'OTHER')).code).toBe(0);
      expect((await change('set', 'server.secretEnv', 'x'.repeat(256))).code).toBe(2);
      expect((await change('set', 'limits.history', 'many')).err).toMatch(/limits\.history/);
      expect(readFileSync(file(), 'utf8')).toContain('"secretEnv":"OTHER"');
    });

    test('in a file that this user may not read', async () => {
      const secret = path.join(folder, 'secret');
      writeFileSync(secret, 's\n');
      withSecret({ secretFile: secret });
      chmodSync(secret, 0);
      const isRoot = process.geteuid?.() === 0;
      // Root reads every file: as root this is tried as nobody.
      if (isRoot) for (const one of [folder, file()]) chownSync(one, 65_534, process.getegid?.() ?? 0);
      try {
        if (isRoot) process.seteuid?.(65_534);
        expect(await change('set', 'limits.history', '50')).toMatchObject({ code: 0, err: '' });
        expect((await change('set', 'server.secretFile', 'none')).err).toMatch(/which is not there/);
      } finally {
        if (isRoot) process.seteuid?.(0);
      }
    });

    test('none, or two, are a mistake as before', async () => {
      withSecret({ secretEnv: 'OF_THE_SERVICE' });
      expect((await change('set', 'server.secret', 's')).err).toMatch(/exactly one of/);
      expect((await change('unset', 'server.secretEnv')).err).toMatch(/none of them/);
    });
  });

  test('show has the defaults and not the secret', async () => {
    writeFileSync(file(), COMMENTED);
    const all = await say(['config', 'show', '--config', file()]);
    expect(all.out).toContain('"nick": 70');
    expect(all.out).toContain('"secret": "is set"');
    expect(await say(['config', 'show', 'limits.history', '--config', file()])).toMatchObject({ code: 0, out: '200\n' });
    expect(await say(['config', 'show', 'limits.colour', '--config', file()])).toMatchObject({ code: 1 });
    writeFileSync(file(), '{ "limits": { "nick": "x" } }');
    expect(await say(['config', 'show', '--config', file()])).toMatchObject({ code: 2 });
  });
});
