/** Stays between which nothing was said are one row: who comes and goes adds none by that. */
import Database from 'better-sqlite3';
import type { Change } from '../../src/room/contract/rows';
import { asBare, asRoom } from '../support/jids';
import { batch, create, message } from './batches';
import { TempDatabase } from './temp';

const ROOM = asRoom('a@r');
const stay = (event: 'begins' | 'ends', seq: number): Change => ({ table: 'stay', jid: asBare('x@y'), event, seq });

test('found B8: of more than five hundred stays of one account the oldest are forgotten, so that nobody is shown what they did not see', async () => {
  const database = new TempDatabase();
  const store = await database.open({ durability: 'normal' });
  await store.commit(batch(1, { room: ROOM, counters: { rev: 0, seq: 0 }, changes: [create(ROOM)] }));
  // Message 2n is theirs, and between two of them another is not.
  const changes = Array.from({ length: 600 }, (_, i) => [stay('begins', 2 * i + 1), stay('ends', 2 * i + 2)]).flat();
  const messages = Array.from({ length: 1_200 }, (_, i) => message(i + 1));
  await store.commit(batch(2, { room: ROOM, counters: { rev: 1_200, seq: 1_200 }, changes, messages }));
  const seen = (await store.messages(ROOM, { limit: 2_000, stayOf: asBare('x@y') })).map(({ seq }) => seq);
  expect(seen).toEqual(Array.from({ length: 500 }, (_, i) => 2 * (i + 101)));
  await store.close();
  await database.dispose();
});

test('found B8: who enters, says something and leaves a hundred times has one stay; what others said meanwhile parts two', async () => {
  const database = new TempDatabase();
  try {
    const store = await database.open({ durability: 'normal' });
    await store.commit(batch(1, { room: ROOM, counters: { rev: 0, seq: 0 }, changes: [create(ROOM)] }));
    for (let seq = 1; seq <= 100; seq++)
      await store.commit(
        batch(1 + seq, {
          room: ROOM,
          counters: { rev: seq, seq },
          changes: [stay('begins', seq - 1), stay('ends', seq)],
          messages: [message(seq)],
        }),
      );
    // Message 101 is not theirs.
    await store.commit(batch(102, { room: ROOM, counters: { rev: 101, seq: 101 }, changes: [], messages: [message(101)] }));
    await store.commit(
      batch(103, {
        room: ROOM,
        counters: { rev: 102, seq: 102 },
        changes: [stay('begins', 101), stay('ends', 102)],
        messages: [message(102)],
      }),
    );
    const readable = await store.messages(ROOM, { limit: 200, stayOf: asBare('x@y') });
    expect(readable.map(({ seq }) => seq)).toEqual([...Array.from({ length: 100 }, (_, i) => i + 1), 102]);
    await store.close();
    const db = new Database(database.file, { readonly: true });
    expect(db.prepare('SELECT begin_seq AS "from", end_seq AS "to" FROM stay ORDER BY begin_seq').all()).toEqual([
      { from: 0, to: 100 },
      { from: 101, to: 102 },
    ]);
    db.close();
  } finally {
    await database.dispose();
  }
});
