/** The list of rooms in which somebody is: one of many is read once for all of its pages, a short one each time. */
import Sqlite from 'better-sqlite3';
import { ChannelFinder } from '../../src/store/sqlite/reading/channel-finder';

/** A finder over that many listed rooms with somebody in them; the clock, and how often the list was read. */
function rooms(count: number): { finder: ChannelFinder; db: Sqlite.Database; clock: { now: number }; reads: () => number } {
  let reads = 0;
  const db = new Sqlite(':memory:', { verbose: (text) => void (String(text).includes('WITH RECURSIVE there') && reads++) });
  db.exec(`
    CREATE TABLE room (id INTEGER PRIMARY KEY, jid TEXT, name TEXT, listed INTEGER, state TEXT, channel TEXT);
    CREATE TABLE session (room INTEGER);
    CREATE INDEX session_room ON session (room);
    CREATE TABLE findable (room INTEGER PRIMARY KEY, jid TEXT, rank INTEGER, name TEXT, description TEXT);
  `);
  db.exec(`
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${count})
    INSERT INTO room (id, jid, name, listed, state) SELECT i, printf('r%05d@rooms.example.org', i), '', 1, 'open' FROM n;
    INSERT INTO session SELECT id FROM room;
  `);
  const clock = { now: 0 };
  return { finder: new ChannelFinder(db, () => clock.now), db, clock, reads: () => reads };
}

test('a list of many rooms is read once for its pages, and anew after five seconds', () => {
  const { finder, db, clock, reads } = rooms(1_200);
  const seen: string[] = [];
  let after: string | undefined;
  for (;;) {
    const page = finder.occupiedRooms({ max: 500, ...(after === undefined ? {} : { after }) });
    expect(page.count).toBe(1_200);
    seen.push(...page.rooms.map(({ jid }) => jid));
    after = page.rooms.at(-1)?.jid;
    if (page.rooms.length < 500) break;
    clock.now += 1_000;
  }
  expect(new Set(seen).size).toBe(1_200);
  expect(reads()).toBe(1);
  db.exec('DELETE FROM session WHERE room = 1');
  clock.now = 5_000;
  expect(finder.occupiedRooms({ max: 1 })).toEqual({ rooms: [{ jid: 'r00002@rooms.example.org', name: '' }], count: 1_199, index: 0 });
  expect(reads()).toBe(2);
});

test('a short list is what is committed now', () => {
  const { finder, db } = rooms(2);
  expect(finder.occupiedRooms({ max: 9 }).count).toBe(2);
  db.exec('DELETE FROM session WHERE room = 1');
  expect(finder.occupiedRooms({ max: 9 }).count).toBe(1);
});
