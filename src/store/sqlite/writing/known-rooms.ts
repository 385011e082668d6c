/** What the committer has in mind of rooms, so that a batch need not ask for it: their numbers, how many there are and of whom, and which have sayings. */
import type { Database, Statement } from 'better-sqlite3';
import type { CreationLimit, RoomRow } from '../../../room/contract/rows';
import type { RoomJid } from '../../../xmpp/fold';
import { Creators } from './creators';
import type { RoomKey, RoomTables } from './room-tables';

/** Room numbers kept in mind; beyond this all are forgotten, which costs one look-up each. */
const KNOWN_ROOMS = 20_000;

/** It mirrors committed rows and those of the running transaction; after any rollback it is to be read anew. */
export class KnownRooms {
  /** Numbers of the rooms that have sayings. */
  withSayings = new Set<number>();
  private readonly byJid = new Map<RoomJid, RoomKey>();
  /** Rooms there are; null: they have to be counted. */
  private total: number | null = null;
  private readonly creators: Creators;
  private readonly countOfAll: Statement;
  private readonly allWithSayings: Statement;

  constructor(
    db: Database,
    private readonly tables: RoomTables,
  ) {
    this.creators = new Creators(db);
    this.countOfAll = db.prepare("SELECT count(*) FROM room WHERE state <> 'destroyed'").pluck();
    this.allWithSayings = db.prepare('SELECT DISTINCT room FROM saying').pluck();
  }

  /** The room of that name, if there is one. */
  find(jid: RoomJid): RoomKey | undefined {
    let key = this.byJid.get(jid);
    if (key) return key;
    key = this.tables.find(jid);
    if (!key) return undefined;
    if (this.byJid.size >= KNOWN_ROOMS) this.byJid.clear();
    this.byJid.set(jid, key);
    return key;
  }

  /** Adds a room's row. `id`: its number, if it has one already. */
  add(row: RoomRow, id: number | null = null): RoomKey {
    const key = this.tables.add(row, id);
    this.creators.note(row.creator);
    this.byJid.set(row.jid, key);
    if (!key.destroyed) this.count(1);
    return key;
  }

  /** Removes a room with everything that it has. */
  remove(jid: RoomJid, key: RoomKey): void {
    this.tables.remove(key.id);
    this.byJid.delete(jid);
    this.withSayings.delete(key.id);
  }

  /** A room has another name from now on, and what is left of it the old one. `taken`: what had the new name until now. */
  rename(key: RoomKey, to: RoomJid, left: RoomKey, from: RoomJid, taken: RoomKey | undefined): void {
    if (taken) this.withSayings.delete(taken.id);
    this.byJid.set(to, key);
    this.byJid.set(from, left);
    if (this.withSayings.delete(key.id)) this.withSayings.add(left.id);
  }

  /** There is one room more, or less. */
  count(by: number): void {
    if (this.total !== null) this.total += by;
  }

  /** A sentence if one more room would be too many. An existing room is not counted again. */
  overLimit(row: RoomRow, limit: CreationLimit, key: RoomKey | undefined): string | null {
    if (key && !key.destroyed) return null;
    if (limit.roomsPerCreator !== null && this.creators.count(row.creator, limit.roomsPerCreator) >= limit.roomsPerCreator) {
      return `${row.creator} has created ${limit.roomsPerCreator} rooms, which is the most that one account may have`;
    }
    if (limit.rooms === null) return null;
    this.total ??= this.countOfAll.get() as number;
    return this.total >= limit.rooms ? `The service has ${limit.rooms} rooms, which is the most it may have` : null;
  }

  /** Something was rolled back, or another process has written. `midway`: within an attempt, of which a part stays. */
  refresh(midway: boolean): void {
    this.byJid.clear();
    this.total = null;
    this.withSayings = new Set(this.allWithSayings.all() as number[]);
    if (!midway) this.creators.forget();
  }
}
