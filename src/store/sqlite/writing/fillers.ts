/** The indexes that are filled behind the commits, the most needed first. */
import type { Database, Statement } from 'better-sqlite3';
import { IndexFiller, type Entry, type Filler } from './filler';
import { TextFiller } from '../messages/text-index';

/** Messages that are gathered for each index before batches help, and the least that a batch then does. For tests they can be made small. */
export interface FillBounds {
  readonly time: number;
  readonly occupant: number;
  readonly text?: number;
  readonly leastHelp: number;
  readonly storm?: Storm;
}

/** A batch of more than `messages` is part of a storm: it does no work on indexes unless some index is `behind` by this many. */
export interface Storm {
  readonly messages: number;
  readonly behind: number;
}

// Readers scan the tail of `time`, so it is kept short. The tail of `occupant` is read through `time`, and that index
// grows in many more places: it pays to wait until many messages have gathered.
const BOUNDS: FillBounds = { time: 16_384, occupant: 65_536, leastHelp: 128 };

// Batches are that large only when messages come faster than they are written, and those who speak wait for each. Readers do the more
// work: four bytes of the tail for each message that waits, and the words of those of their room.
const STORM: Storm = { messages: 100, behind: 1_048_576 };

/** The work of a batch for an urgent index: several times its own messages, so that the other indexes get turns. */
const SHARE_OF_BATCH = 3;

/** Rows of one statement: calling SQLite costs as much as putting a row in. */
const ROWS_AT_ONCE = 50;

class ManyRows {
  private readonly one: Statement;
  private readonly many: Statement;

  constructor(
    db: Database,
    insert: string,
    private readonly columns: number,
  ) {
    const row = `(${Array<string>(columns).fill('?').join(', ')})`;
    this.one = db.prepare(`${insert} VALUES ${row}`);
    this.many = db.prepare(`${insert} VALUES ${Array<string>(ROWS_AT_ONCE).fill(row).join(', ')}`);
  }

  /** `values`: those of all rows, one after the other. */
  put(values: readonly (string | number)[]): void {
    const atOnce = this.columns * ROWS_AT_ONCE;
    let at = 0;
    for (; at + atOnce <= values.length; at += atOnce) this.many.run(values.slice(at, at + atOnce));
    for (; at < values.length; at += this.columns) this.one.run(values.slice(at, at + this.columns));
  }
}

export class Fillers {
  private readonly all: readonly Filler[];
  private readonly storm: Storm;

  constructor(
    db: Database,
    private readonly bounds: FillBounds = BOUNDS,
  ) {
    this.storm = bounds.storm ?? STORM;
    const time = new ManyRows(db, 'INSERT INTO message_time (room, stamp, seq, id)', 4);
    const occupant = new ManyRows(db, 'INSERT INTO message_occupant (room, occupant_id, id)', 3);
    // A batch's row goes when the batch after it is the oldest of which something is not indexed.
    const dropTail = db.prepare('DELETE FROM message_tail WHERE first < (SELECT max(first) FROM message_tail WHERE first <= ? + 1)');
    this.all = [
      new IndexFiller(db, {
        name: 'time',
        bound: bounds.time,
        put: (entries) => {
          const values: number[] = [];
          for (const { room, stamp, seq, id } of entries) values.push(room, stamp, seq, id);
          time.put(values);
        },
        done: (upTo) => void dropTail.run(upTo),
      }),
      new IndexFiller(db, {
        name: 'occupant',
        bound: bounds.occupant,
        put: (entries) => {
          const values: (string | number)[] = [];
          for (const { room, occupantId, id } of entries) if (occupantId !== null) values.push(room, occupantId, id);
          occupant.put(values);
        },
      }),
      new TextFiller(db, bounds.text),
    ];
  }

  added(entries: readonly Entry[]): void {
    for (const filler of this.all) filler.added(entries);
  }

  /** Whether a batch of so many messages has to help. */
  needHelp(messages: number): boolean {
    const { storm } = this;
    return this.all.some((filler) => filler.pressing && (messages <= storm.messages || filler.behind >= storm.behind));
  }

  /** A batch of so many messages helps, within its transaction. */
  help(messages: number): void {
    const filler = this.all.find(({ pressing }) => pressing);
    filler?.step(filler.share?.(messages) ?? Math.max(this.bounds.leastHelp, SHARE_OF_BATCH * messages));
  }

  /** Does the work of about `rows` messages for the first that has something to do. False: none has. */
  step(rows: number): boolean {
    return this.all.some((filler) => filler.step(rows));
  }

  reset(): void {
    for (const filler of this.all) filler.reset();
  }
}
