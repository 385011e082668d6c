/** Who set the affiliations of earlier versions: what the audit trail tells, and "unknown" where it does not (migration 0038). */
import Sqlite from 'better-sqlite3';
import { applyMigration, loadMigrations } from '../../src/store/sqlite/files/migrations';

test('operators, tokens and plug-ins by name, the room itself and accounts as they were, and what nobody knows any more', () => {
  const db = new Sqlite(':memory:');
  const all = loadMigrations();
  for (const migration of all.slice(0, 37)) applyMigration(db, migration, 1);
  db.exec(`
    INSERT INTO room (id, jid, state, options, name, listed, secret, creator, created_at, archive_from)
      VALUES (1, 'a@r', 'open', '{}', '', 1, '', '', 0, 0), (2, 'b@r', 'open', '{}', '', 1, '', '', 0, 0);
    INSERT INTO affiliation (room, jid, affiliation, set_by, set_by_name, set_at) VALUES
      (1, 'operator@x', 'outcast', NULL, NULL, 10), (1, 'token@x', 'member', NULL, NULL, 20), (1, 'nameless@x', 'member', NULL, NULL, 30),
      (1, 'itself@x', 'member', NULL, NULL, 40), (1, 'maker@x', 'owner', NULL, NULL, 50), (1, 'account@x', 'member', 'ann@x', NULL, 10),
      (1, 'kept@x', 'member', NULL, 'plug-in P', 10), (1, 'nobody@x', 'member', NULL, NULL, 10), (2, 'operator@x', 'member', NULL, NULL, 10);
  `);
  const act = db.prepare(
    "INSERT INTO audit (id, at, room, kind, actor, face, claimed, act, count) VALUES (?, ?, ?, ?, ?, 'http', 0, ?, 1)",
  );
  const item = db.prepare('INSERT INTO audit_item (audit, place, object) VALUES (?, ?, ?)');
  const acts = [
    [10, 'a@r', 'operator', 'root', 'set-affiliations', 'operator@x'],
    [20, 'a@r', 'token', 'CI', 'set-affiliations', 'token@x'],
    [30, 'a@r', 'operator', null, 'set-affiliations', 'nameless@x'],
    [40, 'a@r', 'room', null, 'set-affiliations', 'itself@x'],
    [50, 'a@r', 'occupant', 'maker@x', 'create', 'maker@x'],
    // Another time is another act.
    [11, 'a@r', 'operator', 'root', 'set-affiliations', 'nobody@x'],
  ] as const;
  acts.forEach(([at, room, kind, actor, what, object], i) => {
    act.run(i + 1, at, room, kind, actor, what);
    item.run(i + 1, 0, object);
  });
  applyMigration(db, all[37]!, 2);
  expect(db.prepare('SELECT room, jid, set_by, set_by_name FROM affiliation ORDER BY room, jid').raw().all()).toEqual([
    [1, 'account@x', 'ann@x', null],
    [1, 'itself@x', null, null],
    [1, 'kept@x', null, 'plug-in P'],
    [1, 'maker@x', null, null],
    [1, 'nameless@x', null, 'operator'],
    [1, 'nobody@x', null, 'unknown'],
    [1, 'operator@x', null, 'operator root'],
    [1, 'token@x', null, 'token CI'],
    [2, 'operator@x', null, 'unknown'],
  ]);
  db.close();
});
