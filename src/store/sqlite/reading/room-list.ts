/** Reads pages of the service's room list (XEP-0059), ordered by JID. */
import type { Database, Statement } from 'better-sqlite3';
import { type ListedRoom, MAX_COUNTED, type RoomListPage, type RoomListQuery } from '../../directory';

const LISTED = "room WHERE listed = 1 AND state = 'open'";

export class RoomListReader {
  private readonly upwards: Statement;
  private readonly downwards: Statement;
  private readonly fromEnd: Statement;
  private readonly all: Statement;
  private readonly before: Statement;

  constructor(private readonly db: Database) {
    this.upwards = db.prepare(`SELECT jid, name FROM ${LISTED} AND jid > ? ORDER BY jid LIMIT ?`);
    this.downwards = db.prepare(`SELECT jid, name FROM ${LISTED} AND jid < ? ORDER BY jid DESC LIMIT ?`);
    this.fromEnd = db.prepare(`SELECT jid, name FROM ${LISTED} ORDER BY jid DESC LIMIT ?`);
    this.all = db.prepare('SELECT rooms FROM room_list').pluck();
    this.before = db.prepare(`SELECT count(*) FROM (SELECT 1 FROM ${LISTED} AND jid < ? LIMIT ${MAX_COUNTED + 1})`).pluck();
  }

  page(query: RoomListQuery): RoomListPage {
    return this.db.transaction((): RoomListPage => {
      const rooms = this.rooms(query);
      const count = this.all.get() as number;
      return { rooms, count, index: this.index(query, rooms, count) };
    })();
  }

  /** Where the page begins: known at both ends of the list, otherwise counted as far as that is worth it. */
  private index({ after, before, last }: RoomListQuery, rooms: readonly ListedRoom[], count: number): number | undefined {
    const first = rooms[0];
    if (!first || (after === undefined && before === undefined && !last)) return 0;
    if (last && before === undefined) return count - rooms.length;
    const counted = this.before.get(first.jid) as number;
    return counted > MAX_COUNTED ? undefined : counted;
  }

  private rooms({ max, after, before, last }: RoomListQuery): ListedRoom[] {
    if (max <= 0) return [];
    if (before !== undefined) return (this.downwards.all(before, max) as ListedRoom[]).reverse();
    if (last) return (this.fromEnd.all(max) as ListedRoom[]).reverse();
    return this.upwards.all(after ?? '', max) as ListedRoom[];
  }
}
