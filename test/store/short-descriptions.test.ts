/** Descriptions from before searches had a bound for them (migration 0039). */
import Sqlite from 'better-sqlite3';
import { applyMigration, loadMigrations } from '../../src/store/sqlite/files/migrations';

test('a long description is cut to 4,000 bytes at most, between two characters; what is short, and what else a room has, stays', () => {
  const db = new Sqlite(':memory:');
  const all = loadMigrations();
  const place = all.findIndex(({ name }) => name.includes('short-descriptions'));
  for (const migration of all.slice(0, place)) applyMigration(db, migration, 1);
  const texts = ['x'.repeat(9_000), `"${'ü'.repeat(3_000)}`, '🧙'.repeat(2_000), 'ü'.repeat(2_000), 'short', ''];
  const room = db.prepare(
    `INSERT INTO room (id, jid, state, options, name, listed, secret, creator, created_at, archive_from, channel)
     VALUES (?, ?, 'open', '{}', '', 1, '', '', 0, 0, ?)`,
  );
  const findable = db.prepare("INSERT INTO findable (room, jid, rank, name, description) VALUES (?, ?, 0, 'n', ?)");
  texts.forEach((description, i) => {
    room.run(i + 1, `r${i}@x`, JSON.stringify({ name: 'A "b"', description, language: 'de', open: true }));
    findable.run(i + 1, `r${i}@x`, description);
  });
  room.run(99, 'hidden@x', null);
  applyMigration(db, all[place]!, 2);
  const cut = ['x'.repeat(3_999), `"${'ü'.repeat(1_999)}`, '🧙'.repeat(999), 'ü'.repeat(2_000), 'short', ''];
  const channels = db.prepare('SELECT channel FROM room WHERE channel IS NOT NULL ORDER BY id').pluck().all() as string[];
  expect(channels.map((one) => JSON.parse(one) as unknown)).toEqual(
    cut.map((description) => ({ name: 'A "b"', description, language: 'de', open: true })),
  );
  expect(db.prepare('SELECT description FROM findable ORDER BY room').pluck().all()).toEqual(cut);
  expect(db.prepare('SELECT channel FROM room WHERE id = 99').pluck().get()).toBeNull();
  db.close();
});
