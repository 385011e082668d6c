/** A room that gets another address, because an older one is at its own: nobody is in it any more, and its owners are told where it is. */
import type { Database } from 'better-sqlite3';
import { LAST_VISITS } from '../../../room/contract/row-names';
import { say } from './room';

export interface SetAside {
  readonly id: number;
  /** The address that it had. */
  readonly jid: string;
  readonly options: string;
}

const MODERATED = 'muc#roomconfig_moderatedroom';
/** As many as the feature keeps. */
const MOST_ROLES = 1000;

/**
 * Who was in the younger room is at an address that leads to the older one now. They leave as if they had gone by themselves: their stays end unless
 * they are listed, and what is kept of a visit is kept. `present`: the address that it has from now on.
 */
export function setAside(db: Database, room: SetAside, present: string): void {
  emptyOut(db, room);
  const owners = db
    .prepare("SELECT DISTINCT folded(jid) FROM affiliation WHERE room = ? AND affiliation = 'owner' AND jid LIKE '%@%'")
    .pluck()
    .all(room.id) as string[];
  say(db, room, { kind: 'set-aside', former: room.jid, present, owners });
}

/** Whoever is in a room leaves as if they had gone by themselves, and nothing that it owed them is said any more. */
export function emptyOut(db: Database, room: Pick<SetAside, 'id' | 'options'>): void {
  const run = (sql: string): void => void db.prepare(sql).run({ room: room.id });
  const listed = "SELECT folded(jid) FROM affiliation WHERE room = @room AND affiliation <> 'outcast'";
  run(`UPDATE stay SET end_seq = (SELECT seq FROM counters WHERE room = @room)
       WHERE room = @room AND end_seq IS NULL AND folded(jid) NOT IN (${listed})`);
  run(`REPLACE INTO feature (room, feature, key, value)
       SELECT @room, '${LAST_VISITS}', folded(jid), (SELECT seq FROM counters WHERE room = @room)
       FROM occupant WHERE room = @room AND folded(jid) IN (${listed})`);
  // Voice that was given or taken in a moderated room.
  const [moderated] = (JSON.parse(room.options) as Record<string, string[] | undefined>)[MODERATED] ?? [];
  if (moderated === '1' || moderated === 'true')
    run(`REPLACE INTO feature (room, feature, key, value) SELECT @room, 'kept-roles', folded(jid), json_quote(role)
         FROM occupant WHERE room = @room AND role IN ('visitor', 'participant') ORDER BY rev DESC LIMIT ${MOST_ROLES}`);
  run('DELETE FROM session WHERE room = @room');
  run('DELETE FROM occupant WHERE room = @room');
  // What it owed to who was in it is owed to nobody any more.
  run('DELETE FROM saying WHERE room = @room');
}
