/** Finds rooms for people who search (XEP-0433): a page in one of two orders, after a bounded look; and the list of rooms in which somebody is. */
import type { Database, Statement } from 'better-sqlite3';
import type { Channel } from '../../../room/contract/channel';
import {
  compareBytes,
  MAX_LOOKED_AT,
  type ChannelPage,
  type ChannelQuery,
  type ListedRoom,
  type RoomListPage,
  type RoomListQuery,
} from '../../directory';
import { sortedPage } from '../../sorted-page';
import { fold } from '../messages/search-text';

interface Row {
  readonly room: number;
  readonly jid: string;
  readonly occupants: number;
}

/**
 * Rooms with somebody in them that one list looks at, at most. It is whole before it has pages, since no index has the rooms that are both listed and occupied: some
 * 0.1 s of a reader with so many.
 */
const MAX_OCCUPIED = 50_000;

/** A list of more rooms than this is kept for so long, whoever asks: its pages are read one after the other, and each would read it anew. */
const LONG = 1_000;
const KEPT_MS = 5_000;

/** Each room in which somebody is, once: a step through the index for each. */
const OCCUPIED = `
WITH RECURSIVE there (room) AS (
  SELECT min(room) FROM session
  UNION ALL SELECT (SELECT min(room) FROM session WHERE session.room > there.room) FROM there WHERE there.room IS NOT NULL
  LIMIT ${MAX_OCCUPIED}
)
SELECT jid, name FROM there JOIN room ON room.id = there.room WHERE listed = 1 AND state = 'open' ORDER BY jid`;

/** What both orders come to: the key of a row, that of a place, and both directions. */
const ORDERS = {
  address: { key: '(jid)', place: '(@jid)', up: 'jid', down: 'jid DESC', index: 'findable_by_address' },
  occupants: { key: '(rank, jid)', place: '(@rank, @jid)', up: 'rank, jid', down: 'rank DESC, jid DESC', index: 'findable_by_rank' },
} as const;

/** How the words stand in statements, and what they are. */
interface Match {
  readonly condition: string;
  readonly words: Readonly<Record<string, string>>;
}

/** Each word in one of the parts. Names and descriptions are kept folded; an address is compared as it is. */
function matchOf({ words, within }: ChannelQuery): Match {
  const given: Record<string, string> = {};
  const conditions = words.map((word, i) => {
    given[`w${i}`] = fold(word);
    given[`a${i}`] = word.toLowerCase();
    return `(${within.map((part) => (part === 'address' ? `instr(jid, @a${i})` : `instr(${part}, @w${i})`)).join(' OR ') || '0'})`;
  });
  return { condition: conditions.join(' AND ') || '1', words: given };
}

export class ChannelFinder {
  private readonly total: Statement;
  private readonly channel: Statement;
  private readonly occupied: Statement;
  private kept: { readonly all: readonly ListedRoom[]; readonly at: number } | undefined;

  /** `now`: milliseconds of a clock that is never set. */
  constructor(
    private readonly db: Database,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.total = db.prepare('SELECT count(*) FROM findable').pluck();
    this.channel = db.prepare('SELECT channel FROM room WHERE id = ?').pluck();
    this.occupied = db.prepare(OCCUPIED);
  }

  find(query: ChannelQuery): ChannelPage {
    return this.db.transaction((): ChannelPage => {
      const match = matchOf(query);
      const rows = this.rows(query, match);
      const channels = rows.map(({ room, jid, occupants }) => ({
        jid,
        occupants,
        channel: JSON.parse(this.channel.get(room) as string) as Channel,
      }));
      const total = this.total.get() as number;
      // Too many to look at them all: where the page is among those that match is not known.
      if (total > MAX_LOOKED_AT) return { channels, count: query.words.length === 0 ? total : undefined, index: undefined };
      const { count, index } = this.counted(query.by, match, rows[0]);
      return { channels, count, index: rows[0] ? index : 0 };
    })();
  }

  /** The page of the listed rooms in which somebody is: each such room is looked at once, however few the page has, and of many not for each page. */
  occupiedRooms(query: RoomListQuery): RoomListPage {
    const all = this.allOccupied();
    const { items, index } = sortedPage(all, query, ({ jid }, place) => compareBytes(jid, place));
    return { rooms: items, count: all.length, index };
  }

  private allOccupied(): readonly ListedRoom[] {
    const now = this.now();
    if (this.kept && now - this.kept.at < KEPT_MS) return this.kept.all;
    const all = this.occupied.all() as ListedRoom[];
    this.kept = all.length > LONG ? { all, at: now } : undefined;
    return all;
  }

  private rows(query: ChannelQuery, { condition, words }: Match): Row[] {
    const { by, max, after, before: end, last } = query;
    if (max <= 0) return [];
    const { key, place, up, down } = ORDERS[by];
    const backwards = end !== undefined || last === true;
    const start = end !== undefined ? `WHERE ${key} < ${place}` : !backwards && after !== undefined ? `WHERE ${key} > ${place}` : '';
    const order = backwards ? down : up;
    const at = end ?? (backwards ? undefined : after);
    const found = this.db
      .prepare(
        `SELECT room, jid, -rank AS occupants FROM (SELECT * FROM findable ${start} ORDER BY ${order} LIMIT ${MAX_LOOKED_AT})
         WHERE ${condition} ORDER BY ${order} LIMIT @max`,
      )
      .all({ ...words, ...(at ? placeOf(at) : {}), max }) as Row[];
    return backwards ? found.reverse() : found;
  }

  /** How many match, and how many of them stand before the page. */
  private counted(by: ChannelQuery['by'], { condition, words }: Match, first: Row | undefined): { count: number; index: number } {
    const { key, place, index } = ORDERS[by];
    return this.db
      .prepare(
        `SELECT count(*) AS count, coalesce(sum(${key} < ${place}), 0) AS "index" FROM findable INDEXED BY ${index} WHERE ${condition}`,
      )
      .get({ ...words, ...placeOf(first ?? { jid: '', occupants: 0 }) }) as { count: number; index: number };
  }
}

const placeOf = ({ jid, occupants }: { readonly jid: string; readonly occupants: number }): object => ({ jid, rank: -occupants });
