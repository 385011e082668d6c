/** Erases the messages of rooms that are gone, a few at a time, between the batches. */
import type { Database, Statement } from 'better-sqlite3';
import { Removal } from './removal';
import type { TextRow } from './text-index';

/** Rows of one step: about a millisecond of the writer. */
const ROWS_PER_STEP = 200;
/** Pages given back to the file system after each step. */
const PAGES_PER_STEP = 64;

export class Eraser {
  private readonly next: Statement;
  private readonly oldest: Statement;
  private readonly done: Statement;
  private readonly removal: Removal;

  constructor(private readonly db: Database) {
    this.next = db.prepare('SELECT room, up_to AS upTo FROM erasure ORDER BY room LIMIT 1');
    this.oldest = db.prepare('SELECT id, room, seq, payload FROM message WHERE room = ? ORDER BY stamp, seq LIMIT ?');
    this.done = db.prepare('DELETE FROM erasure WHERE room = ?');
    this.removal = new Removal(db);
  }

  /**
   * Erases up to 200 messages in a transaction of its own.
   * @returns false if there was nothing to do. SQLite's errors pass through; nothing is lost by trying again later.
   */
  step(): boolean {
    const todo = this.next.get() as { room: number; upTo: number } | undefined;
    if (!todo) return false;
    this.db
      .transaction(() => {
        // A room's time never goes back, so its former life is at the beginning.
        const rows = this.oldest.all(todo.room, ROWS_PER_STEP) as (TextRow & { seq: number })[];
        const over = rows.filter((row) => row.seq <= todo.upTo);
        this.removal.messages(over);
        if (over.length < ROWS_PER_STEP) this.done.run(todo.room);
      })
      .immediate();
    this.db.pragma(`incremental_vacuum(${PAGES_PER_STEP})`);
    return true;
  }
}
