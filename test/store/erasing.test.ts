/** Messages of rooms that are gone: erased in the background, and really gone from the files. */
import { existsSync, readFileSync } from 'node:fs';
import Sqlite from 'better-sqlite3';
import type { Store } from '../../src/store/store';
import { beginWriting, Claims } from '../../src/store/sqlite/writing/claims';
import { Committer } from '../../src/store/sqlite/writing/committer';
import { openForWriting } from '../../src/store/sqlite/files/connection';
import { Eraser } from '../../src/store/sqlite/removing/eraser';
import { Fillers } from '../../src/store/sqlite/writing/fillers';
import { batch, create, message } from './batches';
import { TempDatabase } from './temp';
import { asRoom } from '../support/jids';

const A = asRoom('a@rooms.example.org');
const B = asRoom('b@rooms.example.org');
const WORD = 'xyzzy-a-word-that-must-go';

/** Waits until the store holds this many messages. */
async function until(store: Store, messages: number): Promise<void> {
  for (let tries = 0; (await store.counts()).messages !== messages; tries++) {
    if (tries > 200) throw new Error(`still ${(await store.counts()).messages} messages`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

describe('messages of a room that is gone', () => {
  let database: TempDatabase;
  beforeEach(() => (database = new TempDatabase()));
  afterEach(() => database.dispose());

  const written = (count: number) => Array.from({ length: count }, (_, i) => message(i + 1, { payload: `<body>${WORD}</body>` }));

  test('are erased after the room was removed, other rooms keep theirs, and the words leave the files', async () => {
    const store = await database.open();
    await store.commit(
      batch(1, { room: A, changes: [create(A)], messages: written(510) }, { room: B, changes: [create(B)], messages: [message(1)] }),
    );
    await store.commit(
      batch(2, {
        room: A,
        counters: { rev: 511, deliveredRev: 511, seq: 510 },
        changes: [{ table: 'clear' }, create(A, { state: 'destroyed', archiveFrom: 510 })],
      }),
    );
    expect((await store.claim(A)).rows).toBeNull();
    await until(store, 1);
    expect(await store.messages(B, { limit: 9 })).toHaveLength(1);
    await store.close();
    expect(existsSync(`${database.file}-wal`)).toBe(false);
    expect(readFileSync(database.file).includes(WORD)).toBe(false);
    const db = new Sqlite(database.file, { readonly: true });
    expect(db.prepare('SELECT count(*) FROM message').pluck().get()).toBe(1);
    for (const table of ['message_time', 'message_occupant']) expect(db.prepare(`SELECT count(*) FROM ${table}`).pluck().get()).toBe(1);
    expect(db.prepare('SELECT count(*) FROM erasure').pluck().get()).toBe(0);
    expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
    db.close();
  });

  test('are erased up to where the new room of that name begins, and not beyond', async () => {
    const store = await database.open();
    await store.commit(batch(1, { room: A, changes: [create(A)], messages: written(450) }));
    await store.commit(
      batch(2, { room: A, changes: [{ table: 'clear' }, create(A, { archiveFrom: 450 })], messages: [message(451), message(452)] }),
    );
    await until(store, 2);
    expect((await store.messages(A, { limit: 9 })).map(({ seq }) => seq)).toEqual([451, 452]);
  });

  test('go on being erased after a restart', async () => {
    const first = await database.open();
    await first.commit(batch(1, { room: A, changes: [create(A)], messages: written(600) }));
    await first.commit(batch(2, { room: A, changes: [{ table: 'clear' }, create(A, { state: 'destroyed', archiveFrom: 600 })] }));
    await first.close();
    const second = await database.open();
    await until(second, 0);
  });

  test('wait until they are indexed, and the ids of those that were erased are not given again', async () => {
    const store = await database.open({ ready: true, fillBounds: { time: 1_000, occupant: 1_000, leastHelp: 1 } });
    await store.commit(batch(1, { room: A, changes: [create(A)], messages: written(30) }));
    await store.commit(batch(2, { room: A, changes: [{ table: 'clear' }, create(A, { state: 'destroyed', archiveFrom: 30 })] }));
    expect((await store.counts()).messages).toBe(30);
    await until(store, 0);
    await store.commit(batch(3, { room: B, changes: [create(B)], messages: [message(1)] }));
    expect(await store.messages(B, { limit: 9 })).toHaveLength(1);
    await store.close();
    const again = await database.open();
    await again.commit(batch(4, { room: B, messages: [message(2)] }));
    expect((await again.messages(B, { limit: 9 })).map(({ seq }) => seq)).toEqual([1, 2]);
    await again.close();
    const db = new Sqlite(database.file, { readonly: true });
    expect(db.prepare('SELECT id FROM message ORDER BY id').pluck().all()).toEqual([31, 32]);
    db.close();
  });

  test('wait until they are indexed also where the new room of that name speaks already', () => {
    const { db } = openForWriting({ path: database.file, durability: 'normal', busyTimeout: 100 }, 1, []);
    const fillers = new Fillers(db, { time: 1, occupant: 1_000, leastHelp: 1_000 });
    const committer = new Committer(db, database.file, fillers, new Claims(db, beginWriting(db, null, 1), null));
    const eraser = new Eraser(db);
    committer.commit(batch(1, { room: A, changes: [create(A)], messages: written(20) }));
    committer.commit(batch(2, { room: A, changes: [{ table: 'clear' }, create(A, { archiveFrom: 20 })], messages: [message(21)] }));
    for (const number of [3, 4, 5]) committer.commit(batch(number, { room: B, changes: [create(B)], messages: [message(number)] }));
    const indexed = db.prepare('SELECT count(*) FROM message_time').pluck();
    const messages = db.prepare('SELECT count(*) FROM message').pluck();
    expect(indexed.get()).toBeGreaterThan(20);
    eraser.step();
    expect(messages.get()).toBe(24);
    while (db.transaction(() => fillers.step(100))());
    while (eraser.step());
    expect(messages.get()).toBe(4);
    db.close();
  });

  test('do not collide with those of a new room that counts from the beginning', async () => {
    const store = await database.open();
    await store.commit(batch(1, { room: A, changes: [create(A)], messages: written(300) }));
    await store.commit(
      batch(2, { room: A, counters: { rev: 1, deliveredRev: 1, seq: 300 }, changes: [create(A, { state: 'destroyed' })] }),
    );
    expect(await store.commit(batch(3, { room: A, changes: [create(A)], messages: [message(1), message(2)] }))).toEqual([]);
    await until(store, 2);
    expect((await store.messages(A, { limit: 9 })).map(({ seq }) => seq)).toEqual([1, 2]);
  });
});

test('commits survive power loss: FULL holds on a fresh file, after writing, and on every later open', async () => {
  const database = new TempDatabase();
  const options = { path: database.file, busyTimeout: 100 } as const;
  for (const [durability, expected] of [
    ['full', 2],
    ['full', 2],
    ['normal', 1],
  ] as const) {
    const { db } = openForWriting({ ...options, durability }, 1, []);
    db.exec('UPDATE progress SET batch = batch + 1');
    expect(db.pragma('synchronous', { simple: true })).toBe(expected);
    expect(db.pragma('secure_delete', { simple: true })).toBe(1);
    expect(db.pragma('journal_size_limit', { simple: true })).toBe(16 * 1024 * 1024);
    db.close();
  }
  await database.dispose();
});
