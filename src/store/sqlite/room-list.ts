/** Reads pages of the service's room list (XEP-0059), ordered by JID. */
import type { Database, Statement } from 'better-sqlite3';
import type { ListedRoom, RoomListPage, RoomListQuery } from '../store';

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
    this.before = db.prepare(`SELECT count(*) FROM ${LISTED} AND jid < ?`).pluck();
  }

  page(query: RoomListQuery): RoomListPage {
    return this.db.transaction((): RoomListPage => {
      const rooms = this.rooms(query);
      const first = rooms[0];
      return { rooms, count: this.all.get() as number, index: first ? (this.before.get(first.jid) as number) : 0 };
    })();
  }

  private rooms({ max, after, before, last }: RoomListQuery): ListedRoom[] {
    if (max <= 0) return [];
    if (before !== undefined) return (this.downwards.all(before, max) as ListedRoom[]).reverse();
    if (last) return (this.fromEnd.all(max) as ListedRoom[]).reverse();
    return this.upwards.all(after ?? '', max) as ListedRoom[];
  }
}
