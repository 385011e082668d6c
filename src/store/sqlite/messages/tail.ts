/** The messages that the index by time does not have yet, by rooms. */
import type { Database, Statement } from 'better-sqlite3';

const BYTES_PER_ROOM = 4;

/** Ids that may be kept although they are indexed, besides as many as are not. */
const SPARE = 65_536;

interface TailRow {
  readonly first: number;
  readonly rooms: Buffer;
}

/** The column of a batch's room numbers as it stands in `message_tail`. */
export function packRooms(rooms: readonly number[]): Buffer {
  const packed = Buffer.allocUnsafe(rooms.length * BYTES_PER_ROOM);
  for (let i = 0; i < rooms.length; i++) packed.writeUInt32LE(rooms[i] as number, i * BYTES_PER_ROOM);
  return packed;
}

function roomAt({ rooms }: TailRow, i: number): number {
  return rooms.readUInt32LE(i * BYTES_PER_ROOM);
}

export interface Tail {
  /** The ids of a room's messages behind `indexed`, rising; to be used at once. */
  of(room: number, indexed: number): readonly number[];
}

/** Reads all of the table each time. For connections that write: a transaction of theirs may be rolled back. */
export class PlainTail implements Tail {
  private readonly rows: Statement;

  constructor(db: Database) {
    this.rows = db.prepare('SELECT first, rooms FROM message_tail ORDER BY first');
  }

  of(room: number, indexed: number): readonly number[] {
    const ids: number[] = [];
    for (const row of this.rows.all() as TailRow[]) {
      const { first, rooms } = row;
      const count = rooms.length / BYTES_PER_ROOM;
      for (let i = Math.max(0, indexed + 1 - first); i < count; i++) if (roomAt(row, i) === room) ids.push(first + i);
    }
    return ids;
  }
}

/**
 * Reads what was added since the time before. For connections that only read: to them, rows are never changed, are added
 * at the end with rising ids, and go when all that is in them is indexed.
 */
export class KeptTail implements Tail {
  private readonly added: Statement;
  private readonly oldest: Statement;
  private readonly ids = new Map<number, number[]>();
  /** How many there are in all rooms. */
  private kept = 0;
  /** The newest row that was read, and the newest message in it. */
  private first = -1;
  private newest = 0;

  constructor(
    db: Database,
    private readonly spare = SPARE,
  ) {
    this.added = db.prepare('SELECT first, rooms FROM message_tail WHERE first > ? ORDER BY first');
    this.oldest = db.prepare('SELECT min(first) FROM message_tail').pluck();
  }

  of(room: number, indexed: number): readonly number[] {
    this.catchUp();
    const ids = this.ids.get(room);
    if (ids) this.forget(ids, indexed);
    return ids ?? [];
  }

  private catchUp(): void {
    for (const row of this.added.iterate(this.first) as IterableIterator<TailRow>) {
      const count = row.rooms.length / BYTES_PER_ROOM;
      for (let i = 0; i < count; i++) this.add(roomAt(row, i), row.first + i);
      this.first = row.first;
      this.newest = row.first + count - 1;
    }
    const oldest = (this.oldest.get() as number | null) ?? this.newest + 1;
    if (this.kept <= 2 * (this.newest + 1 - oldest) + this.spare) return;
    for (const [other, ids] of this.ids) {
      this.forget(ids, oldest - 1);
      if (ids.length === 0) this.ids.delete(other);
    }
  }

  private add(room: number, id: number): void {
    const ids = this.ids.get(room);
    if (ids) ids.push(id);
    else this.ids.set(room, [id]);
    this.kept++;
  }

  /** Forgets those up to this id. */
  private forget(ids: number[], upTo: number): void {
    let low = 0;
    let high = ids.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((ids[middle] as number) > upTo) high = middle;
      else low = middle + 1;
    }
    if (low === 0) return;
    ids.splice(0, low);
    this.kept -= low;
  }
}
