/** The index of words is made anew when a program has other rules about words than the one that made it. */
import Sqlite from 'better-sqlite3';
import { indexed, retraction, said, search } from './archive-conformance';
import { batch, create } from './batches';
import { TempDatabase } from './temp';

const A = 'a@rooms.example.org';

test('other rules: everything is found meanwhile and afterwards, and can be forgotten', async () => {
  const database = new TempDatabase();
  const rows = Array.from({ length: 20 }, (_, i) => said(i + 1, i % 2 === 0 ? 'tea 喝茶' : 'coffee'));
  const first = await database.open();
  await first.commit(batch(1, { room: A, changes: [create(A)], messages: rows }));
  await indexed(first);
  await first.close();

  const db = new Sqlite(database.file);
  const inIndex = db.prepare("SELECT count(*) FROM message_text WHERE message_text MATCH 'payload : tea'").pluck();
  expect(inIndex.get()).toBe(10);
  // As another program would have made it: words that this one does not know of, and would never take out.
  db.prepare("INSERT INTO message_text (rowid, room, payload, cjk) VALUES (2, 'r1', 'tea', '')").run();
  db.prepare("UPDATE text_rules SET rules = 'others'").run();
  db.close();

  const second = await database.open();
  const odd = rows.filter(({ seq }) => seq % 2 === 1).map(({ seq }) => seq);
  expect(await search(second, A, { text: 'tea' })).toEqual(odd);
  await indexed(second);
  expect(await search(second, A, { text: 'tea' })).toEqual(odd);
  expect(await search(second, A, { text: '茶' })).toEqual(odd);
  await second.commit(batch(2, { room: A, counters: { rev: 21, seq: 20 }, changes: rows.slice(0, 10).map(({ id }) => retraction(id)) }));
  expect(await search(second, A, { text: 'tea' })).toEqual([11, 13, 15, 17, 19]);
  await second.close();

  // The same program leaves it alone.
  const third = await database.open();
  expect((await third.lag()).text).toBe(0);
  await database.dispose();
});
