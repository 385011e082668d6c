/** Reads what is known of people across rooms: which rooms they are in, which rooms know them, and who is in any room. */
import type { BareJid, FullJid, RoomJid } from '../../xmpp/fold';
import type { Database, Statement } from 'better-sqlite3';
import { LAST_VISITS } from '../../room/last-visits';
import { RESERVED_NICKS } from '../../room/reserved-nicks';
import type { Registration, RoomActivity, Seat } from '../store';

export class PeopleReader {
  private readonly rooms: Statement<[FullJid], RoomJid>;
  private readonly seats: Statement<[FullJid], Seat>;
  private readonly registrations: Statement<[{ jid: BareJid }], Registration>;
  private readonly activity: Statement<[{ jid: BareJid; limit: number }], { room: RoomJid; active: number }>;
  private readonly sessions: Statement<[string, number], { jid: FullJid; address: string }>;
  private readonly count: Statement<[], number>;
  private readonly jids: Statement<[number], BareJid>;

  constructor(private readonly db: Database) {
    this.rooms = db
      .prepare<[FullJid], RoomJid>(
        'SELECT room.jid FROM session JOIN room ON room.id = session.room WHERE session.jid = ? ORDER BY room.jid',
      )
      .pluck();
    this.seats = db.prepare<[FullJid], Seat>(
      `SELECT room.jid AS room, occupant.nick FROM session JOIN room ON room.id = session.room
       JOIN occupant ON occupant.room = session.room AND occupant.id = session.occupant_id WHERE session.jid = ? ORDER BY room.jid`,
    );
    this.registrations = db.prepare<[{ jid: BareJid }], Registration>(
      `SELECT room.jid AS room, room.name, affiliation.affiliation, affiliation.nick FROM affiliation JOIN room ON room.id = affiliation.room
       WHERE affiliation.jid = @jid AND affiliation.affiliation <> 'outcast'
       UNION ALL
       SELECT room.jid, room.name, 'none', json_extract(feature.value, '$.nick') FROM feature JOIN room ON room.id = feature.room
       WHERE feature.feature = '${RESERVED_NICKS}' AND feature.key = @jid
         AND NOT EXISTS (SELECT 1 FROM affiliation WHERE affiliation.room = feature.room AND affiliation.jid = @jid)
       ORDER BY 1`,
    );
    // All sessions of an account lie between `jid/` and `jid0`: 0 follows the slash.
    this.activity = db.prepare<[{ jid: BareJid; limit: number }], { room: RoomJid; active: number }>(
      `SELECT room.jid AS room, counters.seq > max(room.archive_from, coalesce(CAST(visit.value AS INTEGER), 0))
         AND NOT EXISTS (SELECT 1 FROM session WHERE session.room = room.id AND session.jid >= @jid || '/' AND session.jid < @jid || '0') AS active
       FROM affiliation JOIN room ON room.id = affiliation.room JOIN counters ON counters.room = room.id
       LEFT JOIN feature AS visit ON visit.room = room.id AND visit.feature = '${LAST_VISITS}' AND visit.key = @jid
       WHERE affiliation.jid = @jid AND affiliation.affiliation <> 'outcast' AND room.state = 'open' ORDER BY room.jid LIMIT @limit`,
    );
    this.sessions = db.prepare<[string, number], { jid: FullJid; address: string }>(
      'SELECT jid, coalesce(max(spelling), jid) AS address FROM session WHERE jid > ? GROUP BY jid ORDER BY jid LIMIT ?',
    );
    this.count = db.prepare<[], number>('SELECT count(DISTINCT jid) FROM occupant').pluck();
    this.jids = db.prepare<[number], BareJid>('SELECT DISTINCT jid FROM occupant ORDER BY jid LIMIT ?').pluck();
  }

  roomsOf(jid: FullJid): RoomJid[] {
    return this.rooms.all(jid);
  }

  seatsOf(jid: FullJid): Seat[] {
    return this.seats.all(jid);
  }

  registrationsOf(jid: BareJid): Registration[] {
    return this.registrations.all({ jid });
  }

  activityOf(jid: BareJid, limit: number): RoomActivity[] {
    const rows = this.activity.all({ jid, limit });
    return rows.map(({ room, active }) => ({ room, active: active === 1 }));
  }

  sessionsAfter(after: FullJid | '', limit: number): { jid: FullJid; address: string }[] {
    return this.sessions.all(after, limit);
  }

  present(limit: number): { count: number; jids: BareJid[] } {
    return this.db.transaction(() => ({ count: this.count.get() as number, jids: this.jids.all(limit) }))();
  }
}
