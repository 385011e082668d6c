/** Reads what is known of people across rooms: which rooms they are in, which rooms know them, and who is in any room. */
import type { Database, Statement } from 'better-sqlite3';
import { LAST_VISITS } from '../../room/last-visits';
import { RESERVED_NICKS } from '../../room/reserved-nicks';
import type { Registration, RoomActivity, Seat } from '../store';

export class PeopleReader {
  private readonly rooms: Statement;
  private readonly seats: Statement;
  private readonly registrations: Statement;
  private readonly activity: Statement;
  private readonly sessions: Statement;
  private readonly count: Statement;
  private readonly jids: Statement;

  constructor(private readonly db: Database) {
    this.rooms = db
      .prepare('SELECT room.jid FROM session JOIN room ON room.id = session.room WHERE session.jid = ? ORDER BY room.jid')
      .pluck();
    this.seats = db.prepare(
      `SELECT room.jid AS room, occupant.nick FROM session JOIN room ON room.id = session.room
       JOIN occupant ON occupant.room = session.room AND occupant.id = session.occupant_id WHERE session.jid = ? ORDER BY room.jid`,
    );
    this.registrations = db.prepare(
      `SELECT room.jid AS room, room.name, affiliation.affiliation, affiliation.nick FROM affiliation JOIN room ON room.id = affiliation.room
       WHERE affiliation.jid = @jid AND affiliation.affiliation <> 'outcast'
       UNION ALL
       SELECT room.jid, room.name, 'none', json_extract(feature.value, '$.nick') FROM feature JOIN room ON room.id = feature.room
       WHERE feature.feature = '${RESERVED_NICKS}' AND feature.key = @jid
         AND NOT EXISTS (SELECT 1 FROM affiliation WHERE affiliation.room = feature.room AND affiliation.jid = @jid)
       ORDER BY 1`,
    );
    // All sessions of an account lie between `jid/` and `jid0`: 0 follows the slash.
    this.activity = db.prepare(
      `SELECT room.jid AS room, counters.seq > max(room.archive_from, coalesce(CAST(visit.value AS INTEGER), 0))
         AND NOT EXISTS (SELECT 1 FROM session WHERE session.room = room.id AND session.jid >= @jid || '/' AND session.jid < @jid || '0') AS active
       FROM affiliation JOIN room ON room.id = affiliation.room JOIN counters ON counters.room = room.id
       LEFT JOIN feature AS visit ON visit.room = room.id AND visit.feature = '${LAST_VISITS}' AND visit.key = @jid
       WHERE affiliation.jid = @jid AND affiliation.affiliation <> 'outcast' AND room.state = 'open' ORDER BY room.jid LIMIT @limit`,
    );
    this.sessions = db.prepare(
      'SELECT jid, coalesce(max(spelling), jid) AS address FROM session WHERE jid > ? GROUP BY jid ORDER BY jid LIMIT ?',
    );
    this.count = db.prepare('SELECT count(DISTINCT jid) FROM occupant').pluck();
    this.jids = db.prepare('SELECT DISTINCT jid FROM occupant ORDER BY jid LIMIT ?').pluck();
  }

  roomsOf(jid: string): string[] {
    return this.rooms.all(jid) as string[];
  }

  seatsOf(jid: string): Seat[] {
    return this.seats.all(jid) as Seat[];
  }

  registrationsOf(jid: string): Registration[] {
    return this.registrations.all({ jid }) as Registration[];
  }

  activityOf(jid: string, limit: number): RoomActivity[] {
    const rows = this.activity.all({ jid, limit }) as { room: string; active: number }[];
    return rows.map(({ room, active }) => ({ room, active: active === 1 }));
  }

  sessionsAfter(after: string, limit: number): { jid: string; address: string }[] {
    return this.sessions.all(after, limit) as { jid: string; address: string }[];
  }

  present(limit: number): { count: number; jids: string[] } {
    return this.db.transaction(() => ({ count: this.count.get() as number, jids: this.jids.all(limit) as string[] }))();
  }
}
