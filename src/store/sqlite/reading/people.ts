/** Reads what is known of people across rooms: which rooms they are in, which rooms know them, and who is in any room. */
import type { BareJid, FullJid, RoomJid } from '../../../xmpp/fold';
import type { Database, Statement } from 'better-sqlite3';
import { LAST_VISITS, RESERVED_NICKS } from '../../../room/contract/row-names';
import type { Registration, RegistrationQuery, RoomActivity, Seat, SeatQuery } from '../../directory';

/** As SQLite has it. */
const NO_LIMIT = -1;

export class PeopleReader {
  private readonly rooms: Statement<[FullJid, string, number], RoomJid>;
  private readonly seats: Record<'ASC' | 'DESC', Statement<[{ jid: FullJid; low: number; high: number; limit: number }], Seat>>;
  private readonly number: Statement<[string], number>;
  private readonly registrations: Statement<[{ jid: BareJid; named: number; limit: number }], Registration>;
  private readonly activity: Statement<[{ jid: BareJid; limit: number }], { room: RoomJid; active: number }>;
  private readonly sessions: Statement<[string, number], { jid: FullJid; address: string }>;
  private readonly count: Statement<[], number>;
  private readonly jids: Statement<[number], BareJid>;

  constructor(private readonly db: Database) {
    this.rooms = db
      .prepare<[FullJid, string, number], RoomJid>(
        'SELECT room.jid FROM session JOIN room ON room.id = session.room WHERE session.jid = ? AND room.jid > ? ORDER BY room.jid LIMIT ?',
      )
      .pluck();
    // By the number of the room, as the index has them: no more rows are looked at than are answered.
    const seats = (order: 'ASC' | 'DESC') =>
      db.prepare<[{ jid: FullJid; low: number; high: number; limit: number }], Seat>(
        `SELECT room.jid AS room, occupant.nick FROM
           (SELECT room, occupant_id FROM session WHERE jid = @jid AND room > @low AND room < @high ORDER BY room ${order} LIMIT @limit) AS own
         JOIN room ON room.id = own.room JOIN occupant ON occupant.room = own.room AND occupant.id = own.occupant_id ORDER BY own.room`,
      );
    this.seats = { ASC: seats('ASC'), DESC: seats('DESC') };
    this.number = db.prepare<[string], number>('SELECT id FROM room WHERE jid = ?').pluck();
    this.registrations = db.prepare<[{ jid: BareJid; named: number; limit: number }], Registration>(
      `SELECT room.jid AS room, room.name, own.affiliation, own.nick FROM
         (SELECT room, affiliation, nick FROM affiliation WHERE jid = @jid AND affiliation <> 'outcast' AND (@named = 0 OR nick IS NOT NULL) LIMIT @limit) AS own
       JOIN room ON room.id = own.room
       UNION ALL
       SELECT room.jid, room.name, 'none', json_extract(own.value, '$.nick') FROM
         (SELECT room, value FROM feature WHERE feature = '${RESERVED_NICKS}' AND key = @jid LIMIT @limit) AS own
       JOIN room ON room.id = own.room
       WHERE NOT EXISTS (SELECT 1 FROM affiliation WHERE affiliation.room = own.room AND affiliation.jid = @jid)
       ORDER BY 1 LIMIT @limit`,
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

  roomsOf(jid: FullJid, after: RoomJid | '', limit: number): RoomJid[] {
    return this.rooms.all(jid, after, limit);
  }

  seatsOf(jid: FullJid, { limit, after, before, last = false }: SeatQuery): Seat[] | null {
    const low = after === undefined ? -1 : this.number.get(after);
    const high = before === undefined ? Number.MAX_SAFE_INTEGER : this.number.get(before);
    if (low === undefined || high === undefined) return null;
    return this.seats[last ? 'DESC' : 'ASC'].all({ jid, low, high, limit });
  }

  registrationsOf(jid: BareJid, { named = false, limit }: RegistrationQuery): Registration[] {
    return this.registrations.all({ jid, named: named ? 1 : 0, limit: limit ?? NO_LIMIT });
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
