/** Removes messages with everything that was made of them. */
import type { Database, Statement } from 'better-sqlite3';
import { TextIndex, type TextRow } from './text-index';

export class Removal {
  private readonly text: TextIndex;
  private readonly remove: Statement;
  private readonly uncount: Statement;
  private readonly stepBack: Statement;

  constructor(db: Database) {
    this.text = new TextIndex(db);
    this.remove = db.prepare('DELETE FROM message WHERE id = ?');
    this.uncount = db.prepare('UPDATE progress SET messages = messages - ?');
    this.stepBack = db.prepare(
      'UPDATE text_filled SET position = (SELECT coalesce(max(id), 0) FROM message) WHERE position > (SELECT coalesce(max(id), 0) FROM message)',
    );
  }

  /** Within a transaction of the caller's. */
  messages(rows: readonly TextRow[]): void {
    if (rows.length === 0) return;
    for (const row of rows) {
      this.text.forget(row);
      this.remove.run(row.id);
    }
    this.uncount.run(rows.length);
    // If the newest rows of all went, their numbers are given again: what is filled must not reach beyond what is there.
    this.stepBack.run();
  }
}
