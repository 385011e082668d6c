/** What the store refuses to open, and what it finds when it opens. */
import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import Sqlite from 'better-sqlite3';
import { StoreRefused } from '../../src/store/failures';
import { isHeld, openSqliteStore } from '../../src/store/sqlite';
import { applyMigration, loadMigrations } from '../../src/store/sqlite/files/migrations';
import { batch, create } from './batches';
import { withSmallDisk, canMount } from './small-disk';
import { TempDatabase } from './temp';

describe('opening a database', () => {
  let database: TempDatabase;
  beforeEach(() => (database = new TempDatabase()));
  afterEach(() => database.dispose());

  const refusal = async (file = database.file, busyTimeout = 100): Promise<StoreRefused> => {
    const store = openSqliteStore({ path: file, busyTimeout });
    const error: unknown = await store.open().then(
      () => store.close().then(() => new Error('it was opened')),
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(StoreRefused);
    return error as StoreRefused;
  };
  const raw = <T>(work: (db: Sqlite.Database) => T, file = database.file): T => {
    const db = new Sqlite(file);
    try {
      return work(db);
    } finally {
      db.close();
    }
  };

  test('a new file gets the layout, all migrations with their record, and is for its owner only', async () => {
    await (await database.open({ now: () => 4711 })).close();
    raw((db) => {
      expect(db.pragma('application_id', { simple: true })).toBe(0x50726c72);
      expect(db.pragma('auto_vacuum', { simple: true })).toBe(2);
      expect(db.pragma('page_size', { simple: true })).toBe(4096);
      expect(db.pragma('journal_mode', { simple: true })).toBe('wal');
      const known = loadMigrations();
      expect(db.prepare('SELECT number, name, checksum, applied_at FROM migration ORDER BY number').all()).toEqual(
        known.map(({ number, name, checksum }) => ({ number, name, checksum, applied_at: 4711 })),
      );
    });
    expect(statSync(database.file).mode & 0o777).toBe(0o600);
  });

  test('an existing database is opened again, and nothing is applied twice', async () => {
    const first = await database.open();
    await first.commit(batch(1, { room: 'a@r', changes: [create('a@r')] }));
    await first.close();
    const events: string[] = [];
    const again = await database.open({ log: { info: (_, event) => events.push(event), warn: (_, event) => events.push(event) } });
    expect((await again.counts()).rooms).toBe(1);
    expect(events).toEqual([]);
    // Closed properly, the log is folded into the database.
    await again.close();
    expect(existsSync(`${database.file}-wal`)).toBe(false);
  });

  test('a start that was cut off between two migrations goes on where it was', async () => {
    raw((db) => {
      db.pragma('page_size = 4096');
      applyMigration(db, loadMigrations()[0] as ReturnType<typeof loadMigrations>[number], 1);
    });
    expect((await (await database.open()).counts()).rooms).toBe(0);
  });

  test('rooms of a database from before the list was counted are counted', async () => {
    const known = loadMigrations();
    raw((db) => {
      db.pragma('page_size = 4096');
      for (const migration of known.slice(0, 2)) applyMigration(db, migration, 1);
      const add = db.prepare(
        "INSERT INTO room (jid, state, options, name, listed, secret, creator, created_at, archive_from) VALUES (?, ?, '{}', '', ?, '', '', 0, 0)",
      );
      add.run('a@r', 'open', 1);
      add.run('b@r', 'open', 0);
      add.run('c@r', 'locked', 1);
      add.run('d@r', 'open', 1);
    });
    expect(await (await database.open()).listRooms({ max: 1 })).toEqual({ rooms: [{ jid: 'a@r', name: '' }], count: 2, index: 0 });
  });

  test('rooms of a database from before it was kept when they were used get the time of their latest message or entry, indexed or not', async () => {
    const known = loadMigrations();
    raw((db) => {
      db.pragma('page_size = 4096');
      for (const migration of known.filter(({ number }) => number < 33)) applyMigration(db, migration, 1);
      const message = db.prepare(
        "INSERT INTO message (id, room, seq, rev, stamp, stanza_id, in_history, payload) VALUES (?, ?, ?, 1, ?, ?, 1, '<body/>')",
      );
      const inIndex = db.prepare('INSERT INTO message_time (room, stamp, seq, id) VALUES (?, ?, ?, ?)');
      ['a', 'b', 'c', 'd'].forEach((name, i) => {
        db.prepare(
          "INSERT INTO room (id, jid, state, options, name, listed, secret, creator, created_at, archive_from) VALUES (?, ?, 'open', '{}', '', 1, '', '', 5, 0)",
        ).run(i + 1, `${name}@r`);
        // Its time has gone on since: an operator changed something.
        db.prepare('INSERT INTO counters (room, rev, delivered_rev, seq, stamp) VALUES (?, 1, 1, 2, 900)').run(i + 1);
      });
      for (const [id, room, seq, stamp] of [
        [1, 1, 1, 100],
        [2, 2, 1, 110],
        [3, 3, 1, 120],
      ] as const) {
        message.run(id, room, seq, stamp, `id-${id}`);
        inIndex.run(room, stamp, seq, id);
      }
      db.exec("UPDATE filled SET up_to = 3, ahead = 3 WHERE name = 'time'");
      message.run(4, 2, 2, 130, 'id-4');
      db.exec(
        "INSERT INTO session (room, jid, occupant_id, presence, priority, entering, joined_at) VALUES (3, 'x@y/z', 'o', '', 0, 0, 140)",
      );
    });
    const { rooms } = await (await database.open()).findRooms({ after: '', limit: 9 });
    expect(rooms.map(({ jid, latest }) => [jid, latest])).toEqual([
      ['a@r', 100],
      ['b@r', 130],
      ['c@r', 140],
      ['d@r', 5],
    ]);
  });

  test('a migration that fails leaves nothing of itself', () => {
    raw((db) => {
      const [first] = loadMigrations();
      const broken = {
        number: 1,
        name: '0001-x.sql',
        checksum: '',
        sql: 'CREATE TABLE one (a); CREATE TABLE one (b);',
        inTransaction: true,
      };
      expect(() => applyMigration(db, { ...(first as typeof broken), ...broken }, 1)).toThrow('already exists');
      expect(db.prepare('SELECT count(*) FROM sqlite_master').pluck().get()).toBe(0);
      expect(db.pragma('application_id', { simple: true })).toBe(0);
    });
  });

  test("another program's database is refused and not touched", async () => {
    raw((db) => db.exec('CREATE TABLE theirs (a); INSERT INTO theirs VALUES (1)'));
    const before = readFileSync(database.file);
    expect(await refusal()).toMatchObject({ reason: 'not-ours', message: expect.stringContaining('another program') as string });
    expect(readFileSync(database.file).equals(before)).toBe(true);
    raw((db) => db.pragma('application_id = 77'));
    expect((await refusal()).reason).toBe('not-ours');
  });

  test('a file that is no database is refused and not touched', async () => {
    const text = 'secret: not a database\n'.repeat(100);
    writeFileSync(database.file, text);
    expect(await refusal()).toMatchObject({ reason: 'not-ours', message: expect.stringContaining('not an SQLite database') as string });
    expect(readFileSync(database.file, 'utf8')).toBe(text);
  });

  test('a database of a newer version is refused', async () => {
    await (await database.open()).close();
    raw((db) => db.exec("INSERT INTO migration VALUES (99, '0099-tomorrow.sql', 'x', 1)"));
    expect(await refusal()).toMatchObject({ reason: 'newer', message: expect.stringContaining('0099-tomorrow.sql') as string });
  });

  test('a database of another build is refused', async () => {
    await (await database.open()).close();
    raw((db) => db.exec("UPDATE migration SET checksum = 'x' WHERE number = 2"));
    expect(await refusal()).toMatchObject({ reason: 'newer', message: expect.stringContaining('different build') as string });
  });

  test('a corrupt database is refused', async () => {
    const store = await database.open();
    await store.commit(batch(1, { room: 'a@r', changes: [create('a@r')] }));
    await store.close();
    const page = raw((db) => db.prepare("SELECT rootpage FROM sqlite_master WHERE name = 'progress'").pluck().get() as number);
    const bytes = readFileSync(database.file);
    bytes.fill(0xa5, (page - 1) * 4096, page * 4096);
    writeFileSync(database.file, bytes);
    expect(await refusal()).toMatchObject({ reason: 'unreadable', message: expect.stringContaining('check --integrity') as string });
  });

  test('a folder that is not there, a folder in place of a file, a file in place of a folder', async () => {
    expect(await refusal(path.join(database.folder, 'no', 'p.db'))).toMatchObject({
      reason: 'unreadable',
      message: expect.stringMatching(/folder ".*no" does not exist/) as string,
    });
    mkdirSync(path.join(database.folder, 'd'));
    expect((await refusal(path.join(database.folder, 'd'))).message).toContain('is a folder');
    writeFileSync(path.join(database.folder, 'f'), '');
    expect((await refusal(path.join(database.folder, 'f', 'p.db'))).reason).toBe('unreadable');
  });

  test('a database that another program has locked is refused', async () => {
    await (await database.open()).close();
    const shell = new Sqlite(database.file);
    shell.pragma('locking_mode = EXCLUSIVE');
    shell.exec('BEGIN IMMEDIATE; UPDATE progress SET batch = batch');
    expect(await refusal()).toMatchObject({ reason: 'in-use', message: expect.stringContaining('locked') as string });
    shell.close();
    await (await database.open()).close();
  });

  test('a second store on the same database is refused, by whatever name, until the first is closed', async () => {
    const first = await database.open();
    const link = path.join(database.folder, 'link.db');
    symlinkSync(database.file, link);
    expect(await refusal()).toMatchObject({ reason: 'in-use', message: expect.stringContaining('Another Parlour') as string });
    expect((await refusal(link)).reason).toBe('in-use');
    await first.commit(batch(1, { room: 'a@r', changes: [create('a@r')] }));
    await first.close();
    await (await database.open()).close();
  });

  test('isHeld tells whether a running Parlour has it, and disturbs nothing', async () => {
    expect(isHeld(database.file)).toBe(false);
    expect(isHeld(path.join(database.folder, 'no', 'p.db'))).toBe(false);
    const store = await database.open();
    expect(isHeld(database.file)).toBe(true);
    expect((await refusal()).reason).toBe('in-use');
    expect(isHeld(database.file)).toBe(true);
    await store.close();
    expect(isHeld(database.file)).toBe(false);
  });

  test('a store that was refused has let everything go', async () => {
    raw((db) => db.exec('CREATE TABLE theirs (a)'));
    await refusal();
    expect(isHeld(database.file)).toBe(false);
  });

  // Root writes to any file, and only root can mount: each user shows it in a way that is possible.
  test('what may not be written is refused', async () => {
    await (await database.open()).close();
    if (process.getuid?.() !== 0) {
      chmodSync(database.file, 0o400);
      expect(await refusal()).toMatchObject({ reason: 'unreadable', message: expect.stringContaining('writable') as string });
    } else if (canMount()) {
      await withSmallDisk(async (disk) => {
        const file = path.join(disk.folder, 'parlour.db');
        copyFileSync(database.file, file);
        disk.remount('ro');
        expect(await refusal(file)).toMatchObject({ reason: 'unreadable', message: expect.stringContaining('read-only') as string });
      });
    } else {
      // Root in a container that may not mount: a folder under /proc takes no files from anybody.
      expect((await refusal('/proc/self/parlour.db')).reason).toBe('unreadable');
    }
  });
});
