/** Removes messages and their entries in all indexes. */
import type { Database, Statement } from 'better-sqlite3';
import { NAMED, NameIndex, type NamedRow } from '../messages/name-index';
import { CHARACTERS_PER_STEP, TextIndex } from '../messages/text-index';

/** Bytes of what is removed in one step at most, but for the message that passes them: its words are folded. */
export const BYTES_PER_STEP = CHARACTERS_PER_STEP;

export interface OldMessage {
  readonly id: number;
  readonly room: number;
  readonly stamp: number;
  readonly seq: number;
  /** What it says, in bytes. */
  readonly bytes: number;
}

export class Removal {
  private readonly indexed: Statement;
  private readonly text: TextIndex;
  private readonly names: NameIndex;
  private readonly getRow: Statement;
  private readonly removeTombstone: Statement;
  private readonly removeSaid: Statement;
  private readonly removeTime: Statement;
  private readonly removeForeign: Statement;
  private readonly remove: Statement;
  private readonly uncount: Statement;

  constructor(db: Database) {
    // The index of words is not waited for: it passes over what is not there any more when its turn comes.
    this.indexed = db.prepare("SELECT min(up_to) FROM filled WHERE name <> 'text'").pluck();
    this.text = new TextIndex(db);
    this.names = new NameIndex(db);
    this.getRow = db.prepare(`SELECT ${NAMED} FROM message WHERE id = ?`);
    this.removeTombstone = db.prepare('DELETE FROM message_tombstone WHERE id = ?');
    this.removeSaid = db.prepare(
      'DELETE FROM message_occupant WHERE room = @room AND occupant_id = (SELECT occupant_id FROM message WHERE id = @id) AND id = @id',
    );
    this.removeTime = db.prepare('DELETE FROM message_time WHERE room = @room AND stamp = @stamp AND seq = @seq');
    this.removeForeign = db.prepare('DELETE FROM foreign_id WHERE message = ?');
    this.remove = db.prepare('DELETE FROM message WHERE id = ?');
    this.uncount = db.prepare('UPDATE progress SET messages = messages - ?');
  }

  /** The id up to which messages may be removed: messages that an index does not have yet must wait, otherwise the index would get them later. */
  upTo(): number {
    return this.indexed.get() as number;
  }

  /** Within a transaction of the caller's. */
  messages(rows: readonly OldMessage[]): void {
    if (rows.length === 0) return;
    for (const { id, room, stamp, seq } of rows) {
      const row = this.getRow.get(id) as NamedRow;
      this.text.forget(row);
      this.names.forget(row, true);
      this.removeTombstone.run(id);
      this.removeSaid.run({ room, id });
      this.removeTime.run({ room, stamp, seq });
      this.removeForeign.run(id);
      this.remove.run(id);
    }
    this.uncount.run(rows.length);
  }
}
