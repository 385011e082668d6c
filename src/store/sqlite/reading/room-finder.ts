/** Finds rooms by what operators look for: a walk over all of them, a bounded part at a time. */
import type { Database, Statement } from 'better-sqlite3';
import { MAX_LOOKED_AT, type FoundRoom, type FoundRooms, type RoomSearch } from '../../directory';
import type { BareJid, RoomJid } from '../../../xmpp/fold';

const FIND = `
WITH part AS (SELECT * FROM room WHERE jid > @after ORDER BY jid LIMIT ${MAX_LOOKED_AT})
SELECT part.jid, part.name, part.state, part.listed, part.creator, part.created_at AS createdAt, max(coalesce(counters.used_at, 0), part.created_at) AS latest,
  (SELECT count(*) FROM occupant WHERE occupant.room = part.id AND EXISTS (SELECT 1 FROM session WHERE session.room = part.id)) AS occupants
FROM part LEFT JOIN counters ON counters.room = part.id
WHERE part.state <> 'destroyed'
  AND (@listed IS NULL OR part.listed = @listed)
  AND (@empty IS NULL OR (NOT EXISTS (SELECT 1 FROM session WHERE session.room = part.id)) = @empty)
  AND (@orphaned IS NULL OR (NOT EXISTS (SELECT 1 FROM affiliation WHERE affiliation.room = part.id AND affiliation.affiliation = 'owner')) = @orphaned)
  AND (@creator IS NULL OR part.creator = @creator)
  AND (@idleSince IS NULL OR max(coalesce(counters.used_at, 0), part.created_at) <= @idleSince)
ORDER BY part.jid LIMIT @limit`;

/** The last room of the part that is looked at; null: it is the last part. */
const LAST = `SELECT jid FROM room WHERE jid > ? ORDER BY jid LIMIT 1 OFFSET ${MAX_LOOKED_AT - 1}`;

const flag = (wanted: boolean | undefined): 0 | 1 | null => (wanted === undefined ? null : wanted ? 1 : 0);

/** A room as the statement gives it; `creator` '': they were erased. */
type Row = Omit<FoundRoom, 'listed' | 'creator'> & { readonly listed: 0 | 1; readonly creator: BareJid | '' };

export class RoomFinder {
  private readonly found: Statement<[object], Row>;
  private readonly last: Statement<[string], RoomJid>;

  constructor(private readonly db: Database) {
    this.found = db.prepare<[object], Row>(FIND);
    this.last = db.prepare<[string], RoomJid>(LAST).pluck();
  }

  find({ after, limit, listed, empty, orphaned, creator, idleSince }: RoomSearch): FoundRooms {
    return this.db.transaction((): FoundRooms => {
      const given = {
        listed: flag(listed),
        empty: flag(empty),
        orphaned: flag(orphaned),
        creator: creator ?? null,
        idleSince: idleSince ?? null,
      };
      const rows = this.found.all({ after, limit, ...given });
      const rooms = rows.map((row) => ({ ...row, listed: row.listed === 1, creator: row.creator === '' ? null : row.creator }));
      const next = rooms.length === limit ? (rooms.at(-1)?.jid ?? null) : (this.last.get(after) ?? null);
      return { rooms, next };
    })();
  }
}
