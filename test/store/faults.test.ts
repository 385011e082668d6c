/** Trouble while the store runs: nothing half-written, nothing lost, and recovery when the trouble is gone. */
import { rmSync, writeFileSync, openSync, writeSync, closeSync } from 'node:fs';
import path from 'node:path';
import Sqlite from 'better-sqlite3';
import { openSqliteStore } from '../../src/store/sqlite';
import { StoreFailed } from '../../src/store/failures';
import type { Store } from '../../src/store/store';
import { batch, create, message, occupant } from './batches';
import type { Fault } from './faulty-writer';
import { canMount, withSmallDisk } from './small-disk';
import { TempDatabase } from './temp';
import { asRoom } from '../support/jids';
import { asOccupantId } from '../support/ids';

const A = asRoom('a@rooms.example.org');
const B = asRoom('b@rooms.example.org');
const writer = path.join(__dirname, 'faulty-writer.js');

/** Messages large enough to fill something. */
const large = (from: number, count: number) =>
  Array.from({ length: count }, (_, i) => message(from + i, { payload: `<body>${'x'.repeat(8_000)}</body>` }));

/** Commits until it fails; answers the numbers of the batches that were taken, and the failure. */
async function fill(store: Store, first: number): Promise<{ taken: number; failure: StoreFailed }> {
  for (let n = first; n < first + 1_000; n++) {
    try {
      await store.commit(
        batch(
          n,
          { room: A, changes: [{ table: 'occupant', id: asOccupantId(`o${n}`), row: occupant(`o${n}`) }], messages: large(n * 10, 10) },
          { room: B, counters: { rev: n }, changes: [] },
        ),
      );
    } catch (error) {
      if (!(error instanceof StoreFailed)) throw error;
      return { taken: n - 1, failure: error };
    }
  }
  throw new Error('it never became full');
}

/** Exactly the batches up to `taken` are there. */
async function expectUpTo(store: Store, taken: number): Promise<void> {
  expect(await store.lastBatch()).toBe(taken);
  const rows = await store.messages(A, { limit: 100_000 });
  expect(rows).toHaveLength((taken - 1) * 10);
  const { rows: claimed } = await store.claim(A);
  expect(claimed?.occupants).toHaveLength(taken - 1);
  expect(claimed?.counters.seq).toBe(taken === 1 ? 0 : taken * 10 + 9);
  await store.release(A);
}

describe('trouble while the store runs', () => {
  let database: TempDatabase;
  beforeEach(() => (database = new TempDatabase()));
  afterEach(() => database.dispose());

  const begin = (store: Store) => store.commit(batch(1, { room: A, changes: [create(A)] }, { room: B, changes: [create(B)] }));

  test('a database that may not grow fails the batch whole and says so; what was taken stays', async () => {
    const store = await database.open({ threads: { writer, fault: { kind: 'pages', max: 214 } satisfies Fault } });
    await begin(store);
    const { taken, failure } = await fill(store, 2);
    expect(taken).toBeGreaterThan(2);
    expect(failure).toMatchObject({ reason: 'full', message: expect.stringContaining('full') as string });
    await expectUpTo(store, taken);
    await expect(store.probe()).rejects.toMatchObject({ reason: 'full' });
    await store.close();
    const roomy = await database.open();
    await roomy.probe();
    await expectUpTo(roomy, taken);
  });

  // A real full disk, where this user may mount one; the test above shows the same error everywhere.
  if (canMount())
    test('a full disk fails the batch whole; when there is space again a probe succeeds and everything goes on', async () => {
      await withSmallDisk(async ({ folder }) => {
        const ballast = path.join(folder, 'ballast');
        writeFileSync(ballast, Buffer.alloc(512 * 1024));
        const store = openSqliteStore({ path: path.join(folder, 'parlour.db') });
        await store.open();
        try {
          await begin(store);
          const { taken, failure } = await fill(store, 2);
          expect(failure.reason).toBe('full');
          await expectUpTo(store, taken);
          await expect(store.probe()).rejects.toMatchObject({ name: 'StoreFailed', reason: 'full' });
          rmSync(ballast);
          await store.probe();
          const rest = await fill(store, taken + 1);
          expect(rest.taken).toBeGreaterThan(taken);
          await expectUpTo(store, rest.taken);
        } finally {
          await store.close();
        }
      });
    });

  test('a database that has become read-only', async () => {
    const store = await database.open({ threads: { writer, fault: { kind: 'read-only', from: 2 } satisfies Fault } });
    await begin(store);
    await expect(store.commit(batch(2, { room: A, messages: [message(1)] }))).rejects.toMatchObject({
      name: 'StoreFailed',
      reason: 'unavailable',
      message: expect.stringContaining('read-only') as string,
    });
    expect(await store.messages(A, { limit: 9 })).toEqual([]);
    expect((await store.claim(A)).rows?.room.jid).toBe(A);
  });

  test('a database that another program keeps locked: the batch fails after the wait, and goes in when the lock is gone', async () => {
    const store = await database.open({ busyTimeout: 50 });
    await begin(store);
    const shell = new Sqlite(database.file);
    shell.exec('BEGIN IMMEDIATE');
    const two = batch(2, { room: A, messages: [message(1)] });
    await expect(store.commit(two)).rejects.toMatchObject({
      name: 'StoreFailed',
      reason: 'unavailable',
      message: expect.stringContaining('locked') as string,
    });
    await expect(store.probe()).rejects.toMatchObject({ reason: 'unavailable' });
    // Readers are not disturbed by it.
    expect((await store.claim(A)).rows?.room.jid).toBe(A);
    await store.release(A);
    shell.exec('ROLLBACK');
    shell.close();
    await store.probe();
    expect(await store.commit(two)).toEqual([]);
    expect(await store.messages(A, { limit: 9 })).toHaveLength(1);
  });

  /** Overwrites the first page of a table. */
  const damage = (table: string): void => {
    const db = new Sqlite(database.file);
    const page = db.prepare('SELECT rootpage FROM sqlite_master WHERE name = ?').pluck().get(table) as number;
    db.close();
    const fd = openSync(database.file, 'r+');
    writeSync(fd, Buffer.alloc(4096, 0xa5), 0, 4096, (page - 1) * 4096);
    closeSync(fd);
  };
  const broken = { name: 'StoreFailed', reason: 'broken', message: expect.stringContaining('restore a backup') as string };

  test('a table that is damaged fails what touches it and nothing else', async () => {
    const first = await database.open();
    await first.commit(batch(1, { room: A, changes: [create(A)] }, { room: B, changes: [create(B)] }));
    await first.close();
    damage('occupant');
    const store = await database.open();
    const enters = { table: 'occupant', id: asOccupantId('o'), row: occupant('o') } as const;
    await expect(store.commit(batch(2, { room: B, messages: [message(1)] }, { room: A, changes: [enters] }))).rejects.toMatchObject(broken);
    await expect(store.claim(A)).rejects.toMatchObject(broken);
    expect(await store.messages(B, { limit: 9 })).toEqual([]);
    expect(await store.lastBatch()).toBe(1);
  });

  test('an index that is damaged fails those who read by it, and nobody who speaks', async () => {
    const first = await database.open();
    await first.commit(batch(1, { room: A, changes: [create(A)], messages: [message(1)] }));
    await first.close();
    damage('message_time');
    const store = await database.open({ fillBounds: { time: 2, occupant: 2, leastHelp: 1 } });
    for (let n = 2; n < 9; n++) expect(await store.commit(batch(n, { room: A, messages: [message(n)] }))).toEqual([]);
    await expect(store.messages(A, { limit: 9 })).rejects.toMatchObject(broken);
    expect((await store.counts()).messages).toBe(8);
  });

  test('a closed store answers that it is closed', async () => {
    const store = await database.open();
    await begin(store);
    await store.close();
    await store.close();
    await expect(store.commit(batch(2, { room: A, messages: [message(1)] }))).rejects.toThrow('not open');
    await expect(store.claim(A)).rejects.toThrow('not open');
  });
});
