/** The indexes that are filled behind the commits, the most needed first. */
import type { Database } from 'better-sqlite3';
import { IndexFiller, type Entry, type Filler } from './filler';

/** Messages that are gathered before batches help. For tests they can be made small. */
export interface FillBounds {
  readonly time: number;
  readonly occupant: number;
}

// Whoever reads looks through the tail of `time`, so it is kept short. That of `occupant` is looked through by way of `time`, and its
// index has many more places where it grows: it is worth waiting until many messages have gathered.
const BOUNDS: FillBounds = { time: 16_384, occupant: 65_536 };

/** What a batch does for an index that presses: several times its own messages, so that the others have their turns. */
const SHARE_OF_BATCH = 3;
const LEAST_SHARE = 128;

export class Fillers {
  private readonly all: readonly Filler[];

  constructor(db: Database, { time, occupant }: FillBounds = BOUNDS) {
    const putTime = db.prepare('INSERT INTO message_time (room, stamp, seq, id) VALUES (?, ?, ?, ?)');
    const putOccupant = db.prepare('INSERT INTO message_occupant (room, occupant_id, id) VALUES (?, ?, ?)');
    // A batch's row goes when the batch after it is the oldest of which something is not indexed.
    const dropTail = db.prepare('DELETE FROM message_tail WHERE first < (SELECT max(first) FROM message_tail WHERE first <= ? + 1)');
    this.all = [
      new IndexFiller(db, {
        name: 'time',
        bound: time,
        put: ({ room, stamp, seq, id }) => void putTime.run(room, stamp, seq, id),
        done: (upTo) => void dropTail.run(upTo),
      }),
      new IndexFiller(db, {
        name: 'occupant',
        bound: occupant,
        put: ({ room, occupantId, id }) => void (occupantId !== null && putOccupant.run(room, occupantId, id)),
      }),
    ];
  }

  added(entries: readonly Entry[]): void {
    for (const filler of this.all) filler.added(entries);
  }

  /** Whether a batch has to help. */
  get pressing(): boolean {
    return this.all.some((filler) => filler.pressing);
  }

  /** A batch of so many messages helps, within its transaction. */
  help(messages: number): void {
    this.all.find((filler) => filler.pressing)?.step(Math.max(LEAST_SHARE, SHARE_OF_BATCH * messages));
  }

  /** Does the work of about `rows` messages for the first that has something to do. False: nobody has. */
  step(rows: number): boolean {
    return this.all.some((filler) => filler.step(rows));
  }

  reset(): void {
    for (const filler of this.all) filler.reset();
  }
}
