/** Erases the messages of rooms that are gone, a few at a time, between the batches. */
import type { Database, Statement } from 'better-sqlite3';
import { BYTES_PER_STEP, Removal, type OldMessage } from './removal';

/** Rows of one step: some milliseconds of the writer. To take one message's words out of the index is a third of one. */
const ROWS_PER_STEP = 25;
/** Pages given back to the file system after each step. */
const PAGES_PER_STEP = 64;

export class Eraser {
  private readonly next: Statement;
  private readonly oldest: Statement;
  private readonly newest: Statement;
  private readonly done: Statement;
  private readonly removal: Removal;
  /** The room that had to wait last. */
  private waiting = 0;

  constructor(private readonly db: Database) {
    this.next = db.prepare('SELECT room, up_to AS upTo FROM erasure WHERE room > ? ORDER BY room LIMIT 1');
    this.oldest = db.prepare(`SELECT time.id, time.room, time.stamp, time.seq, octet_length(message.payload) AS bytes
       FROM message_time AS time CROSS JOIN message ON message.id = time.id WHERE time.room = ? ORDER BY time.stamp, time.seq LIMIT ?`);
    this.newest = db.prepare('SELECT max(id) FROM message').pluck();
    this.removal = new Removal(db);
    this.done = db.prepare('DELETE FROM erasure WHERE room = ?');
  }

  /**
   * Erases up to 25 messages, and what is said in some 100 KB, in a transaction of its own. A message that an index does not have yet waits: otherwise
   * the index would get it after it was erased.
   * @returns false if there is nothing to do. SQLite's errors pass through; nothing is lost by trying again later.
   */
  step(): boolean {
    const todo = (this.next.get(this.waiting) ?? this.next.get(0)) as { room: number; upTo: number } | undefined;
    this.waiting = 0;
    if (!todo) return false;
    const indexed = this.removal.upTo();
    // A room's time never goes back, so its former life is at the beginning.
    // One more than is erased shows whether this is the end.
    const rows = this.oldest.all(todo.room, ROWS_PER_STEP + 1) as OldMessage[];
    const former = rows.filter((row) => row.seq <= todo.upTo);
    let bytes = 0;
    const over = former
      .filter((row) => row.id <= indexed)
      .slice(0, ROWS_PER_STEP)
      .filter((row) => {
        const fits = bytes < BYTES_PER_STEP;
        bytes += row.bytes;
        return fits;
      });
    const isWholeRoom = rows.length > former.length || ((this.newest.get() as number | null) ?? 0) <= indexed;
    const finished = over.length === former.length && isWholeRoom;
    if (over.length === 0 && !finished) {
      this.waiting = todo.room;
      return true;
    }
    this.db
      .transaction(() => {
        this.removal.messages(over);
        if (finished) this.done.run(todo.room);
      })
      .immediate();
    this.db.pragma(`incremental_vacuum(${PAGES_PER_STEP})`);
    return true;
  }
}
