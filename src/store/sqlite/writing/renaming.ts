/** A room gets another name: all its rows go with it, but who is in it, and what they are still to be told, which stay with the old name. */
import type { Database, Statement } from 'better-sqlite3';
import type { Change } from '../../../room/contract/rows';
import type { RoomJid } from '../../../xmpp/fold';
import type { AuditWriter } from '../tables/audit';
import type { EventWriter } from '../tables/events';
import { RowFault } from '../failure';
import type { RoomKey, RoomTables } from './room-tables';

export type Rename = Extract<Change, { table: 'rename' }>;

/** A room that was moved away from the name that a part of a batch is for. */
export interface Moved {
  readonly key: RoomKey;
  /** Its last message, and which of the part's changes moved it. */
  readonly upToSeq: number;
  readonly at: number;
}

/** Whose the rows of one part are: of the room that has its name now, or of one that was moved away by the part. */
export class Owners {
  constructor(
    readonly key: RoomKey,
    private readonly moved: readonly Moved[] = [],
  ) {}

  /** Of the message with this number: numbers go on rising behind a rename. */
  ofMessage(seq: number): RoomKey {
    return this.moved.find(({ upToSeq }) => seq <= upToSeq)?.key ?? this.key;
  }

  /** Of the change at this place of the part. */
  ofChange(place: number): RoomKey {
    return this.moved.find(({ at }) => place < at)?.key ?? this.key;
  }
}

export class Renamer {
  private readonly setName: readonly Statement[];
  private readonly emptied: readonly Statement[];
  private readonly moveSayings: Statement;
  private readonly isOver: Statement;
  private readonly setCounters: Statement;

  constructor(
    db: Database,
    private readonly tables: RoomTables,
    private readonly audit: AuditWriter,
    private readonly events: EventWriter,
  ) {
    this.setName = ['room SET jid = ? WHERE id', 'findable SET jid = ? WHERE room'].map((what) => db.prepare(`UPDATE ${what} = ?`));
    this.emptied = ['session', 'occupant'].map((table) => db.prepare(`DELETE FROM ${table} WHERE room = ?`));
    this.moveSayings = db.prepare('UPDATE saying SET room = ? WHERE room = ?');
    this.isOver = db
      .prepare("SELECT state = 'destroyed' AND delivered_rev >= rev FROM room JOIN counters ON room = id WHERE id = ?")
      .pluck();
    this.setCounters = db.prepare('UPDATE counters SET rev = ?, delivered_rev = ?, seq = ?, stamp = ?, used_at = ? WHERE room = ?');
  }

  /** Whether a room is only remembered, and has nothing to say any more. */
  givesWay({ id }: RoomKey): boolean {
    return this.isOver.get(id) === 1;
  }

  /**
   * Moves the room `key` away from `from`. A remembered room of the new name gives way, unless it still has something to say.
   * @param taken the room that has the new name.
   * @returns what has the old name from now on. Throws RowFault if the new name is taken.
   */
  rename(key: RoomKey, from: RoomJid, { to, tombstone, counters }: Rename, taken: RoomKey | undefined): RoomKey {
    if (tombstone.jid !== from || to === from) throw new RowFault(`${from} cannot be renamed to ${to} and leave ${tombstone.jid}`);
    if (taken && !this.givesWay(taken)) throw new RowFault(`There is a room ${to} already`);
    if (taken) this.tables.remove(taken.id);
    this.audit.rename(key.id, from, to);
    this.events.rename(key.id, from, to);
    for (const statement of this.setName) statement.run(to, key.id);
    for (const statement of this.emptied) statement.run(key.id);
    this.setCounters.run(counters.rev, counters.deliveredRev, counters.seq, counters.stamp, counters.used, key.id);
    const left = this.tables.add(tombstone);
    this.moveSayings.run(left.id, key.id);
    return { ...left, seq: counters.seq, stamp: counters.stamp };
  }
}
