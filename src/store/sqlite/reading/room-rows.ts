/** Reads all rows of one room, as of one moment. */
import type { RoomJid } from '../../../xmpp/fold';
import type { Database, Statement } from 'better-sqlite3';
import type {
  AffiliationRow,
  Counters,
  FeatureRow,
  OccupantRow,
  RoomRow,
  RoomRows,
  SayingRow,
  SessionRow,
} from '../../../room/contract/rows';

/** SQLite has no booleans. */
type Stored<Row, Flag extends keyof Row> = Omit<Row, Flag> & { [K in Flag]: number };

type FoundRoom = Omit<Stored<RoomRow, 'listed'>, 'idScheme' | 'idSalt'> & {
  id: number;
  idScheme: 'own' | 'prosody';
  idSalt: string;
  foreignIds: number;
};

export class RoomReader {
  private readonly room: Statement;
  private readonly counters: Statement;
  private readonly affiliations: Statement;
  private readonly occupants: Statement;
  private readonly sessions: Statement;
  private readonly sayings: Statement;
  private readonly features: Statement;

  constructor(private readonly db: Database) {
    this.room = db.prepare(
      'SELECT id, jid, state, options, name, listed, channel, subject, secret, creator, created_at AS createdAt, archive_from AS archiveFrom, deadline, keep_days AS keepDays, keep_messages AS keepMessages, tombstone, id_scheme AS idScheme, id_salt AS idSalt, EXISTS (SELECT 1 FROM foreign_id WHERE room = room.id) AS foreignIds FROM room WHERE jid = ?',
    );
    this.counters = db.prepare('SELECT rev, delivered_rev AS deliveredRev, seq, stamp, used_at AS used FROM counters WHERE room = ?');
    this.affiliations = db.prepare(
      'SELECT jid, affiliation, nick, reason, set_by AS setBy, set_by_name AS setByName, set_at AS setAt, expires_at AS expiresAt, afterwards FROM affiliation WHERE room = ?',
    );
    this.occupants = db.prepare('SELECT id, jid, nick, role, rev FROM occupant WHERE room = ?');
    this.sessions = db.prepare(
      'SELECT jid, occupant_id AS occupantId, presence, priority, entering, asked_nick AS askedNick, joined_at AS joinedAt, spelling, held_lists AS heldLists FROM session WHERE room = ?',
    );
    this.sayings = db.prepare('SELECT rev, what FROM saying WHERE room = ? ORDER BY rev, id');
    this.features = db.prepare('SELECT feature, key, value FROM feature WHERE room = ? ORDER BY place, feature, key');
  }

  /** The room's rows, or null if there is none of this name. */
  read(jid: RoomJid): RoomRows | null {
    return this.db.transaction((): RoomRows | null => {
      const found = this.room.get(jid) as FoundRoom | undefined;
      if (!found) return null;
      const { id, listed, channel, idScheme, idSalt, foreignIds, ...rest } = found;
      return {
        room: {
          ...rest,
          listed: listed === 1,
          ...(channel == null ? {} : { channel }),
          ...(idScheme === 'own' ? {} : { idScheme, idSalt }),
        },
        ...(foreignIds === 1 ? { hasForeignIds: true as const } : {}),
        counters: this.counters.get(id) as Counters,
        affiliations: this.affiliations.all(id) as AffiliationRow[],
        occupants: this.occupants.all(id) as OccupantRow[],
        sessions: (this.sessions.all(id) as Stored<SessionRow, 'entering'>[]).map((row) => sessionOf(row)),
        sayings: this.sayings.all(id) as SayingRow[],
        features: this.features.all(id) as FeatureRow[],
      };
    })();
  }
}

/** A session as the room gets it: with its spelling only where that is another text, and with what it has of lists only if it asked for them. */
function sessionOf({ spelling, heldLists, entering, ...row }: Stored<SessionRow, 'entering'>): SessionRow {
  return { ...row, ...(spelling == null ? {} : { spelling }), ...(heldLists == null ? {} : { heldLists }), entering: entering === 1 };
}
