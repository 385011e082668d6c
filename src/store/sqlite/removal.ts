/** Removes messages with everything that was made of them. */
import type { Database, Statement } from 'better-sqlite3';
import type { Millis } from '../../room/rows';
import { TextIndex, type TextRow } from './text-index';

/** A message that may be removed. */
export interface RemovableRow extends TextRow {
  readonly stamp: Millis;
  readonly seq: number;
  readonly rev: number;
  readonly occupantId: string | null;
}

export class Removal {
  private readonly getIndexed: Statement;
  private readonly getOldest: Statement;
  private readonly text: TextIndex;
  private readonly removeSaid: Statement;
  private readonly removeTime: Statement;
  private readonly remove: Statement;
  private readonly uncount: Statement;

  constructor(db: Database) {
    // The full-text index is not waited for: what is not there any more when its turn comes is passed over.
    this.getIndexed = db.prepare("SELECT min(up_to) FROM filled WHERE name <> 'text'").pluck();
    this.getOldest = db.prepare(
      `SELECT message.id, message.room, message.stamp, message.seq, message.rev, message.occupant_id AS occupantId, message.payload
       FROM message_time AS time CROSS JOIN message ON message.id = time.id WHERE time.room = ? ORDER BY time.stamp, time.seq LIMIT ?`,
    );
    this.text = new TextIndex(db);
    this.removeSaid = db.prepare('DELETE FROM message_occupant WHERE room = ? AND occupant_id = ? AND id = ?');
    this.removeTime = db.prepare('DELETE FROM message_time WHERE room = ? AND stamp = ? AND seq = ?');
    this.remove = db.prepare('DELETE FROM message WHERE id = ?');
    this.uncount = db.prepare('UPDATE progress SET messages = messages - ?');
  }

  /** Only what all indexes have may be removed: else they would be given it later. Messages with a higher id have to wait. */
  get indexed(): number {
    return this.getIndexed.get() as number;
  }

  /** The oldest messages of a room, as far as the index by time has them; each is read when it is taken. */
  oldest(room: number, limit: number): IterableIterator<RemovableRow> {
    return this.getOldest.iterate(room, limit) as IterableIterator<RemovableRow>;
  }

  /** Within a transaction of the caller's. */
  messages(rows: readonly RemovableRow[]): void {
    for (const row of rows) {
      this.text.forget(row);
      if (row.occupantId !== null) this.removeSaid.run(row.room, row.occupantId, row.id);
      this.removeTime.run(row.room, row.stamp, row.seq);
      this.remove.run(row.id);
    }
    if (rows.length > 0) this.uncount.run(rows.length);
  }
}
