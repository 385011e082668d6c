/** Copies of a database that is in use (issue Operators, 3; found H8). */
import childProcess, { spawn } from 'node:child_process';
import { chmodSync, existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import path from 'node:path';
import Sqlite from 'better-sqlite3';
import { StoreFailed } from '../../src/store/failures';
import { LogKeeper } from '../../src/store/sqlite/files/log-keeper';
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
function load(store: SqliteStore, from: number): { stop: () => Promise<number>; answered: () => number } {
  let going = true;
  let answered = 0;
  const done = (async () => {
    let messages = from;
    for (let number = (await store.lastBatch()) + 1; going; number++) {
      const rows = Array.from({ length: PER_BATCH }, (_, i) => message(messages + i + 1, { payload: WORDS }));
      await store.commit(batch(number, { room: ROOM, changes: messages === 0 ? [create(ROOM)] : [], messages: rows }));
      messages += PER_BATCH;
      answered += 1;
    }
    return messages;
  })();
  return {
    answered: () => answered,
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

const logOf = (): number => statSync(`${database.file}-wal`).size;

/** Resolves when the copy has begun: an old state of the database is read for it then. */
async function begun(): Promise<void> {
  while ((statSync(`${into()}.partial`, { throwIfNoEntry: false })?.size ?? 0) === 0)
    await new Promise((resolve) => setTimeout(resolve, 1));
}

test('found H8: a copy under full load ends, is of one moment, and commits go on meanwhile', async () => {
  const store = await database.open({ durability: 'normal' });
  await filled(store, 60);
  const forked = jest.spyOn(childProcess, 'fork');
  const running = load(store, 30_000);
  const copying = store.copyTo(into());
  await begun();
  // Held in the middle: what is answered from now on is answered while the copy is made, however fast it or the machine is.
  const copier = forked.mock.results[0]?.value as childProcess.ChildProcess;
  expect(copier.kill('SIGSTOP')).toBe(true);
  const before = running.answered();
  // Longer than the log gets otherwise; that may be so already. If commits did not go on, this would not end.
  while (logOf() <= 14e6 || running.answered() === before) await new Promise((resolve) => setTimeout(resolve, 10));
  expect(existsSync(into())).toBe(false);
  copier.kill('SIGCONT');
  const copied = await copying;
  const messages = await running.stop();
  expect(copied.messages).toBeGreaterThanOrEqual(30_000);
  expect((copied.messages - 30_000) % PER_BATCH).toBe(0);
  // The log is short again when the copy is done: some commit folds it.
  for (let from = messages; logOf() > 2 ** 24;) from = await load(store, from).stop();
  forked.mockRestore();
}, 60_000);

test('found H8: while a copy is made, folding the log waits for no reader', () => {
  const writing = new Sqlite(database.file);
  writing.exec('PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; CREATE TABLE words (word)');
  const reading = new Sqlite(database.file, { readonly: true });
  reading.exec('BEGIN; SELECT count(*) FROM words');
  writing.exec(
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4000) INSERT INTO words SELECT printf('%.4000c', 'x') FROM n",
  );
  const said = jest.spyOn(writing, 'pragma');
  const waits = (copying: boolean): unknown[] => {
    const keeper = new LogKeeper(writing, database.file, 5_000);
    keeper.copying = copying;
    said.mockClear();
    keeper.look();
    return said.mock.calls.map(([pragma]) => pragma).filter((pragma) => pragma.startsWith('busy_timeout'));
  };
  expect(waits(true)).toEqual(['busy_timeout = 0', 'busy_timeout = 5000']);
  expect(waits(false)).toEqual(['busy_timeout = 1000', 'busy_timeout = 5000']);
  reading.close();
  writing.close();
});

test('a copy that is given up leaves nothing, and closing the store gives up what is under way', async () => {
  const store = await database.open();
  await filled(store, 40);
  const ending = new AbortController();
  const given = store.copyTo(into(), { signal: ending.signal });
  const refusedFirst = expect(given).rejects.toThrow(StoreFailed);
  await begun();
  ending.abort();
  await refusedFirst;
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
