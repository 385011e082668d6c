/** A history costs what it shows, however much was said that no history shows (found B6). */
import Database from 'better-sqlite3';
import { ArchiveReader } from '../../src/store/sqlite/reading/archive';
import { Budget } from '../../src/store/sqlite/messages/budget';
import { HistoryGaps } from '../../src/store/sqlite/reading/history-gaps';
import { asRoom } from '../support/jids';
import { indexed, said } from './archive-conformance';
import { batch, create } from './batches';
import { TempDatabase } from './temp';

const ROOM = asRoom('a@r');

/** A room of so many messages; `hidden`: those that no history shows. Answers what a history reads, and how many rows it looks at. */
async function roomWith(count: number, hidden: (seq: number) => boolean) {
  const database = new TempDatabase();
  const store = await database.open({ durability: 'normal' });
  await store.commit(batch(1, { room: ROOM, changes: [create(ROOM)] }));
  for (let at = 0; at < count; at += 1000) {
    const rows = Array.from({ length: Math.min(1000, count - at) }, (_, i) =>
      said(at + i + 1, `${at + i + 1}`, { inHistory: !hidden(at + i + 1) }),
    );
    await store.commit(batch(2 + at / 1000, { room: ROOM, messages: rows }));
  }
  await indexed(store);
  await store.close();
  const db = new Database(database.file, { readonly: true });
  const reader = new ArchiveReader(db);
  const spend = jest.spyOn(Budget.prototype, 'spend');
  return {
    read(limit: number, more: { since?: number; upToSeq?: number } = {}): { shown: number[]; looked: number } {
      spend.mockClear();
      const shown = reader.read(ROOM, { limit, historyOnly: true, ...more }).map(({ seq }) => seq);
      return { shown, looked: spend.mock.calls.length };
    },
    async dispose() {
      spend.mockRestore();
      reader.close();
      db.close();
      await database.dispose();
    },
  };
}

test('found B6: a join after a purge of 5,000 messages: what is said of it is passed over, at the first join and at each after it', async () => {
  const room = await roomWith(5_100, (seq) => seq > 50 && seq <= 5_050);
  try {
    const wanted = [...Array.from({ length: 10 }, (_, i) => 41 + i), ...Array.from({ length: 50 }, (_, i) => 5_051 + i)];
    const first = room.read(60);
    expect(first.shown).toEqual(wanted);
    expect(first.looked).toBeLessThan(200);
    const second = room.read(60);
    expect(second.shown).toEqual(wanted);
    expect(second.looked).toBeLessThan(65);
    // From within, and from before it.
    expect(room.read(3, { upToSeq: 2_000 })).toEqual({ shown: [48, 49, 50], looked: 4 });
    expect(room.read(3, { upToSeq: 40 }).shown).toEqual([38, 39, 40]);
  } finally {
    await room.dispose();
  }
}, 120_000);

test('several runs, short and long, and one at the old end', async () => {
  const hidden = (seq: number): boolean => seq <= 300 || (seq > 400 && seq <= 430) || (seq > 500 && seq <= 900) || seq > 990;
  const room = await roomWith(1_100, hidden);
  try {
    const all = Array.from({ length: 1_100 }, (_, i) => i + 1).filter((seq) => !hidden(seq));
    for (let i = 0; i < 3; i++) {
      expect(room.read(1_000).shown).toEqual(all);
      expect(room.read(95).shown).toEqual(all.slice(-95));
    }
    expect(room.read(1_000).looked).toBeLessThan(all.length + 2 * 30 + 70);
  } finally {
    await room.dispose();
  }
}, 120_000);

test('runs that touch are one; a room has no more of them than it may', () => {
  const gaps = new HistoryGaps();
  gaps.add(1, { from: 10, to: 20 });
  gaps.add(1, { from: 21, to: 30 });
  gaps.add(1, { from: 5, to: 9 });
  expect(gaps.at(1, 7)).toEqual({ from: 5, to: 30 });
  expect(gaps.at(1, 31)).toBeUndefined();
  expect(gaps.at(2, 7)).toBeUndefined();
  for (let i = 0; i < 500; i++) gaps.add(1, { from: 100 + 10 * i, to: 101 + 10 * i });
  expect(gaps.at(1, 100 + 4_990)).toEqual({ from: 5_090, to: 5_091 });
});
