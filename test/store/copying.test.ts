/** Copies of a database that is in use (issue Operators, 3; found H8). */
import { spawn } from 'node:child_process';
import { chmodSync, existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import path from 'node:path';
import Sqlite from 'better-sqlite3';
import { StoreFailed } from '../../src/store/failures';
import type { SqliteStore } from '../../src/store/sqlite/sqlite-store';
import { asRoom } from '../support/jids';
import { batch, create, message } from './batches';
import { CHILD_ROOMS } from './committing-child';
import { TempDatabase } from './temp';

const ROOM = 'a@r';
const PER_BATCH = 50;
const WORDS = `<body>${'words and words '.repeat(40)}</body>`;
let database: TempDatabase;
beforeEach(() => {
  database = new TempDatabase();
});
afterEach(() => database.dispose());

const into = (): string => path.join(database.folder, 'copy.db');

/** Commits small batches behind so many messages until told to stop; says how many there are then. */
function load(store: SqliteStore, from: number): { stop: () => Promise<number> } {
  let going = true;
  const done = (async () => {
    let messages = from;
    for (let number = (await store.lastBatch()) + 1; going; number++) {
      const rows = Array.from({ length: PER_BATCH }, (_, i) => message(messages + i + 1, { payload: WORDS }));
      await store.commit(batch(number, { room: ROOM, changes: messages === 0 ? [create(ROOM)] : [], messages: rows }));
      messages += PER_BATCH;
    }
    return messages;
  })();
  return {
    stop: () => {
      going = false;
      return done;
    },
  };
}

async function filled(store: SqliteStore, batches: number): Promise<void> {
  for (let number = 1; number <= batches; number++) {
    const first = (number - 1) * 500 + 1;
    const rows = Array.from({ length: 500 }, (_, i) => message(first + i, { payload: WORDS }));
    await store.commit(batch(number, { room: ROOM, changes: number === 1 ? [create(ROOM)] : [], messages: rows }));
  }
}

test('a copy has everything that was committed before it, opens by itself, and is for its owner alone', async () => {
  const store = await database.open();
  await filled(store, 2);
  const copied = await store.copyTo(into());
  expect(copied).toEqual({ rooms: 1, messages: 1_000, bytes: statSync(into()).size });
  expect(statSync(into()).mode & 0o777).toBe(0o600);
  expect(readdirSync(database.folder).filter((name) => name.startsWith('copy'))).toEqual(['copy.db']);
  // found H8: where nothing can be written beside it.
  chmodSync(into(), 0o400);
  const db = new Sqlite(into(), { readonly: true });
  expect(db.pragma('journal_mode', { simple: true })).toBe('delete');
  expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
  expect(db.prepare('SELECT count(*) FROM message').pluck().get()).toBe(1_000);
  db.close();
  expect(readdirSync(database.folder).filter((name) => name.startsWith('copy'))).toEqual(['copy.db']);
});

test('found H8: a copy under full load ends, is of one moment, and commits go on meanwhile', async () => {
  const store = await database.open({ durability: 'normal' });
  await filled(store, 60);
  const running = load(store, 30_000);
  let longest = 0;
  const looking = setInterval(() => (longest = Math.max(longest, statSync(`${database.file}-wal`).size)), 10);
  const copied = await store.copyTo(into());
  clearInterval(looking);
  const messages = await running.stop();
  expect(copied.messages).toBeGreaterThanOrEqual(30_000);
  expect((copied.messages - 30_000) % PER_BATCH).toBe(0);
  // Longer than the log gets otherwise: nobody waited for whoever copies in order to fold it.
  expect(longest).toBeGreaterThan(14e6);
  // The log is short again when the copy is done.
  await load(store, messages).stop();
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(statSync(`${database.file}-wal`).size).toBeLessThanOrEqual(2 ** 24);
}, 60_000);

test('a copy that is given up leaves nothing, and closing the store gives up what is under way', async () => {
  const store = await database.open();
  await filled(store, 40);
  const ending = new AbortController();
  const given = store.copyTo(into(), { signal: ending.signal });
  setTimeout(() => ending.abort(), 30);
  await expect(given).rejects.toThrow(StoreFailed);
  expect(readdirSync(database.folder).filter((name) => name.startsWith('copy'))).toEqual([]);
  const late = store.copyTo(into());
  const refused = expect(late).rejects.toThrow(/given up/);
  await store.close();
  await refused;
  expect(readdirSync(database.folder).filter((name) => name.startsWith('copy'))).toEqual([]);
});

test('what is there is not overwritten, what an earlier try left is, and a folder that cannot be written is told', async () => {
  const store = await database.open();
  await filled(store, 1);
  writeFileSync(into(), 'mine');
  await expect(store.copyTo(into())).rejects.toThrow(/is there already/);
  expect(statSync(into()).size).toBe(4);
  const other = path.join(database.folder, 'other.db');
  writeFileSync(`${other}.partial`, 'half of it');
  await store.copyTo(other);
  expect(existsSync(`${other}.partial`)).toBe(false);
  await expect(store.copyTo('/proc/parlour/copy.db')).rejects.toThrow(/could not be made.*backups\.folder/);
});

test('a database that is not sound makes no backup', async () => {
  const store = await database.open();
  await filled(store, 1);
  await store.close();
  const db = new Sqlite(database.file);
  db.unsafeMode();
  db.pragma('writable_schema = ON');
  db.exec("UPDATE sqlite_master SET rootpage = (SELECT rootpage FROM sqlite_master WHERE name = 'feature') WHERE name = 'stay'");
  db.close();
  const again = await database.open();
  await expect(again.copyTo(into())).rejects.toThrow(/is not sound.*Keep the last good backup/);
  expect(existsSync(into())).toBe(false);
});

test('after kill -9 of the service the copy ends too, and the next start is not kept waiting', async () => {
  const child = spawn(process.execPath, [path.join(__dirname, 'committing-child.js'), database.file, into()], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  await new Promise((resolve) => setTimeout(resolve, 150));
  child.kill('SIGKILL');
  await once(child, 'close');
  const store = await database.open();
  expect((await store.claim(asRoom(CHILD_ROOMS[0]))).rows).not.toBeNull();
  await store.copyTo(path.join(database.folder, 'next.db'));
});
