/** Threads that die: in the middle of a batch above all. */
import path from 'node:path';
import type { Store } from '../../src/store/store';
import type { StoreLog } from '../../src/store/sqlite';
import { batch, create, message } from './batches';
import type { Fault } from './faulty-writer';
import { TempDatabase } from './temp';
import { asRoom } from '../support/jids';

const A = asRoom('a@rooms.example.org');
const B = asRoom('b@rooms.example.org');

describe('a thread of the store that dies', () => {
  let database: TempDatabase;
  beforeEach(() => (database = new TempDatabase()));
  afterEach(() => database.dispose());

  const opened = (fault: Fault, log?: StoreLog): Promise<Store> =>
    database.open({ threads: { writer: path.join(__dirname, 'faulty-writer.js'), fault }, ...(log ? { log } : {}) });
  const seqs = async (store: Store): Promise<number[]> => (await store.messages(A, { limit: 99 })).map(({ seq }) => seq);

  test.each(['before', 'within', 'after'] as const)(
    'a writer that dies %s the commit: the batch is in once, and the answer is the right one',
    async (when) => {
      const events: object[] = [];
      const log = { info: () => undefined, warn: (fields: object) => events.push(fields) };
      const store = await opened({ kind: 'dies', at: 2, when, once: path.join(database.folder, 'died') }, log);
      await store.commit(batch(1, { room: A, changes: [create(A)], messages: [message(1)] }));
      // B is not there: its refusal must survive the writer that decided it.
      const second = store.commit(batch(2, { room: A, messages: [message(2)] }, { room: B, messages: [message(1)] }));
      const third = store.commit(batch(3, { room: A, messages: [message(3)] }));
      expect(await second).toMatchObject([{ room: B, reason: 'row' }]);
      expect(await third).toEqual([]);
      expect(await seqs(store)).toEqual([1, 2, 3]);
      expect(await store.lastBatch()).toBe(3);
      expect((await store.counts()).messages).toBe(3);
      expect(events).toEqual([{ event: 'store.thread-restarted', thread: 'writer' }]);
    },
  );

  test.each([
    ['before', 2],
    ['within', 2],
    ['after', 2],
    ['before', 3],
    ['within', 3],
    ['after', 3],
  ] as const)('a writer that dies %s batch %i with the next one under way: each is answered as what came of it', async (when, at) => {
    const store = await opened({ kind: 'dies', at, when, once: path.join(database.folder, 'died') });
    await store.commit(batch(1, { room: A, changes: [create(A)] }, { room: B, changes: [create(B)] }));
    const bad = message(1, { payload: null as unknown as string });
    const second = store.commit(batch(2, { room: A, messages: [message(1)] }, { room: B, messages: [bad] }));
    const third = store.commit({ ...batch(3, { room: A, messages: [message(2)] }, { room: B, messages: [message(2)] }), knows: 1 });
    const probe = store.probe();
    expect(await second).toMatchObject([{ room: B, reason: 'row' }]);
    // Whichever writer comes to it: of that room it takes nothing.
    expect(await third).toMatchObject([{ room: B, reason: 'earlier' }]);
    await probe;
    expect(await store.commit({ ...batch(4, { room: B, messages: [message(1)] }), knows: 2 })).toEqual([]);
    expect(await seqs(store)).toEqual([1, 2]);
    expect((await store.messages(B, { limit: 9 })).map(({ seq }) => seq)).toEqual([1]);
  });

  test('a writer that owes the answers to two batches, both of which are in: each is answered by whom it refused', async () => {
    const store = await opened({ kind: 'owes', at: 2 });
    await store.commit(batch(1, { room: A, changes: [create(A)] }, { room: B, changes: [create(B)] }));
    const bad = message(1, { payload: null as unknown as string });
    const second = store.commit(batch(2, { room: A, messages: [message(1)] }, { room: B, messages: [bad] }));
    const third = store.commit({ ...batch(3, { room: A, messages: [message(2)] }, { room: B, messages: [message(2)] }), knows: 1 });
    expect(await second).toMatchObject([{ room: B, reason: 'row' }]);
    expect(await third).toMatchObject([{ room: B, reason: 'earlier' }]);
    expect(await seqs(store)).toEqual([1, 2]);
  });

  test('a batch that fails with its writer takes the one under way behind it along; the next goes in', async () => {
    const store = await opened({ kind: 'dies', at: 2, when: 'before' });
    await store.commit(batch(1, { room: A, changes: [create(A)] }));
    const second = store.commit(batch(2, { room: A, messages: [message(1)] }));
    const third = store.commit({ ...batch(3, { room: A, messages: [message(2)] }), knows: 1 });
    const outcomes = await Promise.allSettled([second, third]);
    expect(outcomes).toMatchObject([
      { status: 'rejected', reason: { name: 'StoreFailed', reason: 'unavailable' } },
      { status: 'rejected', reason: { name: 'StoreFailed', reason: 'unavailable' } },
    ]);
    await store.probe();
    expect(await store.commit({ ...batch(4, { room: A, messages: [message(1)] }), knows: 3 })).toEqual([]);
    expect(await seqs(store)).toEqual([1]);
  });

  test('a batch of which nobody can tell whether it is in counts as failed, and so does what was made on top of it', async () => {
    const fault: Fault = { kind: 'dies', at: 2, when: 'after', once: path.join(database.folder, 'died'), over: 'latest' };
    const threads = { writer: path.join(__dirname, 'faulty-writer.js'), reader: path.join(__dirname, 'faulty-reader.js'), fault };
    const store = await database.open({ threads });
    await store.commit(batch(1, { room: A, changes: [create(A)] }));
    const second = store.commit(batch(2, { room: A, messages: [message(1)] }));
    const third = store.commit({ ...batch(3, { room: A, messages: [message(2)] }), knows: 1 });
    expect(await Promise.allSettled([second, third])).toMatchObject([{ status: 'rejected' }, { status: 'rejected' }]);
    // It was in after all: rooms are made anew from what is there, and go on behind it.
    expect(await seqs(store)).toEqual([1]);
    expect(await store.commit({ ...batch(4, { room: A, messages: [message(2)] }), knows: 3 })).toEqual([]);
    expect(await seqs(store)).toEqual([1, 2]);
  });

  test.each(['before', 'within'] as const)(
    'a writer that dies %s the commit every time: the batch fails whole, the next goes in',
    async (when) => {
      const store = await opened({ kind: 'dies', at: 2, when });
      await store.commit(batch(1, { room: A, changes: [create(A)], messages: [message(1)] }));
      await expect(store.commit(batch(2, { room: A, messages: [message(2)] }))).rejects.toMatchObject({
        name: 'StoreFailed',
        reason: 'unavailable',
      });
      expect(await seqs(store)).toEqual([1]);
      await store.probe();
      expect(await store.commit(batch(3, { room: A, messages: [message(3)] }))).toEqual([]);
      expect(await seqs(store)).toEqual([1, 3]);
    },
  );

  test('a reader that dies: what was asked is asked again', async () => {
    const reader = path.join(__dirname, 'faulty-reader.js');
    const store = await database.open({ threads: { reader, fault: { once: path.join(database.folder, 'died') } } });
    await store.commit(batch(1, { room: A, changes: [create(A)], messages: [message(1)] }));
    const [rows, claimed, first] = await Promise.all([seqs(store), store.claim(A), seqs(store)]);
    expect(rows).toEqual([1]);
    expect(first).toEqual([1]);
    expect(claimed.rows?.room.jid).toBe(A);
  });

  test('a reader that dies over the same query again: that query fails, the store goes on', async () => {
    const store = await database.open({ threads: { reader: path.join(__dirname, 'faulty-reader.js'), fault: {} } });
    await store.commit(batch(1, { room: A, changes: [create(A)] }));
    await expect(seqs(store)).rejects.toMatchObject({ name: 'StoreFailed', reason: 'unavailable' });
    expect((await store.claim(A)).rows?.room.jid).toBe(A);
    await store.release(A);
    expect(await store.commit(batch(2, { room: A, messages: [message(1)] }))).toEqual([]);
  });
});
