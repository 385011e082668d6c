/** Fills one index of messages after the commits: gathers messages and adds them sorted by room, so that neighbours share pages. */
import type { Database, Statement } from 'better-sqlite3';
import type { Millis } from '../../../room/contract/rows';

/** A message that waits for its place in the indexes. */
export interface Entry {
  readonly room: number;
  /** Of its row. */
  readonly id: number;
  readonly stamp: Millis;
  readonly seq: number;
  readonly occupantId: string | null;
}

/** Something that follows the table of messages at a distance. Its steps run within a transaction, which also holds its position. */
export interface Filler {
  readonly name: string;
  /** Told of the messages of each batch, in order, once they are committed. */
  added(entries: readonly Entry[]): void;
  /** Messages that wait. */
  readonly behind: number;
  /** True when so many wait that batches have to help. */
  readonly pressing: boolean;
  /** The work that a batch of this many messages does for it then, if not the usual. */
  share?(messages: number): number;
  /** Does the work of about `rows` messages. False: there was nothing to do. SQLite's errors pass through. */
  step(rows: number): boolean;
  /** A transaction with steps was rolled back: everything is read anew from the database. */
  reset(): void;
}

/** How far it is: a row of the table `filled`, whose columns the migration explains. */
interface Position {
  readonly upTo: number;
  readonly ahead: number;
  readonly room: number;
  readonly id: number;
}

export interface IndexFillerOptions {
  readonly name: 'time' | 'occupant';
  /** So many messages are gathered before batches help. More share more pages, and are looked through by those who read meanwhile. */
  readonly bound: number;
  readonly put: (entries: readonly Entry[]) => void;
  /** All messages up to this id are in. */
  readonly done?: (upTo: number) => void;
}

export class IndexFiller implements Filler {
  readonly name: string;
  private readonly getPosition: Statement;
  private readonly setPosition: Statement;
  private readonly getNewest: Statement;
  private readonly getEntries: Statement;

  private position: Position = { upTo: 0, ahead: 0, room: 0, id: 0 };
  /** The newest message there is, and the newest that was gathered: less only at the start, or when too many wait. */
  private newest = 0;
  private gatheredTo = 0;
  private gathered = new Map<number, Entry[]>();
  private gatheredCount = 0;
  /** What is being put in now, by rising rooms, up to position.ahead; and the next of it. */
  private window: Entry[][] = [];
  private next = { room: 0, entry: 0 };
  private windowRest = 0;

  constructor(
    db: Database,
    private readonly options: IndexFillerOptions,
  ) {
    this.name = options.name;
    this.getPosition = db.prepare('SELECT up_to AS upTo, ahead, room, id FROM filled WHERE name = ?');
    this.setPosition = db.prepare('UPDATE filled SET up_to = @upTo, ahead = @ahead, room = @room, id = @id WHERE name = @name');
    this.getNewest = db.prepare('SELECT coalesce(max(id), 0) FROM message').pluck();
    this.getEntries = db.prepare(
      'SELECT room, id, stamp, seq, occupant_id AS occupantId FROM message WHERE id > ? AND id <= ? ORDER BY id LIMIT ?',
    );
    this.reset();
  }

  get behind(): number {
    return this.windowRest + this.gatheredCount + this.newest - this.gatheredTo;
  }

  get pressing(): boolean {
    return this.windowRest > 0 || this.behind >= this.options.bound;
  }

  reset(): void {
    this.position = this.getPosition.get(this.name) as Position;
    this.newest = Math.max(this.position.ahead, this.getNewest.get() as number);
    this.gatheredTo = this.position.upTo;
    this.gathered = new Map();
    this.gatheredCount = 0;
    this.window = [];
    this.windowRest = 0;
  }

  added(entries: readonly Entry[]): void {
    const last = entries.at(-1);
    if (!last) return;
    const upToDate = this.gatheredTo === this.newest && this.gatheredCount < 2 * this.options.bound;
    this.newest = last.id;
    // Otherwise they are read from the table later, so that memory stays bounded.
    if (upToDate) this.gather(entries, last.id);
  }

  step(rows: number): boolean {
    if (this.windowRest === 0 && !this.prepare(rows)) return this.gatheredTo < this.newest;
    let { room, entry } = this.next;
    const taken: Entry[] = [];
    while (taken.length < rows && room < this.window.length) {
      const entries = this.window[room] ?? [];
      const some = entries.slice(entry, entry + rows - taken.length);
      for (const one of some) taken.push(one);
      entry += some.length;
      if (entry >= entries.length) [room, entry] = [room + 1, 0];
    }
    this.options.put(taken);
    this.windowRest -= taken.length;
    this.next = { room, entry };
    const { upTo, ahead } = this.position;
    const last = taken.at(-1);
    if (last && this.windowRest > 0) this.moveTo({ upTo, ahead, room: last.room, id: last.id });
    else this.finishWindow(ahead);
    return true;
  }

  private finishWindow(upTo: number): void {
    this.window = [];
    this.moveTo({ upTo, ahead: upTo, room: 0, id: 0 });
    this.options.done?.(upTo);
  }

  /** Sees to a window. False: there is none yet, because nothing waits or it has to be read in further steps. */
  private prepare(rows: number): boolean {
    const { upTo, ahead, room, id } = this.position;
    const begun = ahead > upTo;
    const limit = begun ? ahead : this.newest;
    if (this.gatheredTo < limit && (begun || this.gatheredCount < this.options.bound)) {
      const entries = this.getEntries.all(this.gatheredTo, limit, rows) as Entry[];
      const isIn = (entry: Entry): boolean => begun && (entry.room < room || (entry.room === room && entry.id <= id));
      this.gather(
        entries.filter((entry) => !isIn(entry)),
        entries.length < rows ? limit : (entries.at(-1) as Entry).id,
      );
      const enough = this.gatheredTo === limit || (!begun && this.gatheredCount >= this.options.bound);
      if (!enough) return false;
    }
    if (this.gatheredTo === upTo) return false;
    this.window = [...this.gathered.values()].sort((a, b) => (a[0] as Entry).room - (b[0] as Entry).room);
    this.windowRest = this.gatheredCount;
    this.next = { room: 0, entry: 0 };
    this.gathered = new Map();
    this.gatheredCount = 0;
    if (!begun) this.position = { upTo, ahead: this.gatheredTo, room: 0, id: 0 };
    return true;
  }

  private gather(entries: readonly Entry[], upTo: number): void {
    for (const entry of entries) {
      const ofRoom = this.gathered.get(entry.room);
      if (ofRoom) ofRoom.push(entry);
      else this.gathered.set(entry.room, [entry]);
    }
    this.gatheredCount += entries.length;
    this.gatheredTo = upTo;
  }

  private moveTo(position: Position): void {
    this.position = position;
    this.setPosition.run({ name: this.name, ...position });
  }
}
