/** Keeps the full-text index: filled behind the messages, a few at a time, and made to forget at once. */
import type { Database, Statement } from 'better-sqlite3';
import { SEARCH_TEXT_VERSION, searchText } from '../../room/search-text';
import { columnsOf, roomToken } from './text-query';

/** What one step takes at most: a few milliseconds of the writer. */
const ROWS_PER_STEP = 200;
const CHARACTERS_PER_STEP = 200_000;

/** Which words a text has depends on these; if they change, forgetting would miss words, so the index is made anew. */
const MADE_BY = `${SEARCH_TEXT_VERSION}/${process.versions.unicode}`;

/** A row of `message` as far as the index needs it. */
export interface TextRow {
  readonly id: number;
  readonly room: number;
  readonly payload: string;
}

export class TextIndex {
  private readonly position: Statement;
  private readonly setPosition: Statement;
  private readonly next: Statement;
  private readonly add: Statement;
  private readonly remove: Statement;

  constructor(private readonly db: Database) {
    this.position = db.prepare('SELECT position FROM text_filled').pluck();
    this.setPosition = db.prepare('UPDATE text_filled SET position = ?');
    this.next = db.prepare('SELECT id, room, payload FROM message WHERE id > ? ORDER BY id');
    this.add = db.prepare('INSERT INTO message_text (rowid, room, payload, cjk) VALUES (?, ?, ?, ?)');
    this.remove = db.prepare("INSERT INTO message_text (message_text, rowid, room, payload, cjk) VALUES ('delete', ?, ?, ?, ?)");
  }

  /** Begins anew if the index was made by other rules than those of this program. To be called once, before all else. */
  begin(): void {
    if (this.db.prepare('SELECT made_by FROM text_filled').pluck().get() === MADE_BY) return;
    this.db
      .transaction(() => {
        this.db.exec("INSERT INTO message_text (message_text) VALUES ('delete-all')");
        this.db.prepare('UPDATE text_filled SET position = 0, made_by = ?').run(MADE_BY);
      })
      .immediate();
  }

  /**
   * Takes in the next messages, in a transaction of its own.
   * @returns false if there were none. SQLite's errors pass through; nothing is lost by trying again later.
   */
  step(): boolean {
    const rows: TextRow[] = [];
    let characters = 0;
    for (const row of this.next.iterate(this.position.get()) as IterableIterator<TextRow>) {
      rows.push(row);
      characters += row.payload.length;
      if (rows.length >= ROWS_PER_STEP || characters >= CHARACTERS_PER_STEP) break;
    }
    const last = rows.at(-1);
    if (!last) return false;
    this.db
      .transaction(() => {
        for (const row of rows) this.write(this.add, row);
        this.setPosition.run(last.id);
      })
      .immediate();
    return true;
  }

  /** The words of a message, as it was until now, leave the index. Within the transaction that changes or removes the row. */
  forget(row: TextRow): void {
    if (this.isFilled(row.id)) this.write(this.remove, row);
  }

  /** A message has got other content. Within the transaction that changes the row. */
  replace(before: TextRow, payload: string): void {
    if (!this.isFilled(before.id)) return;
    this.write(this.remove, before);
    this.write(this.add, { ...before, payload });
  }

  private isFilled(id: number): boolean {
    return id <= (this.position.get() as number);
  }

  /** A message without words is not in the index. */
  private write(statement: Statement, { id, room, payload }: TextRow): void {
    const text = searchText(payload);
    if (text === '') return;
    const { words, cjk } = columnsOf(text);
    statement.run(id, roomToken(room), words, cjk);
  }
}
