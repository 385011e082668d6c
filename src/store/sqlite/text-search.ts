/** Finds the messages of one room that hold what somebody searches for: in the index, and in what is not indexed yet. */
import Sqlite, { type Database, type Statement } from 'better-sqlite3';
import { searchText } from '../../room/search-text';
import { columnsOf, matchOf, roomToken } from './text-query';

/** Rows of the tail that are looked through at once. */
const ROWS_AT_ONCE = 200;

/** Where to look: messages of a room between two row numbers, both excluded. In a room these rise with time. */
export interface SearchScope {
  readonly room: number;
  readonly after: number;
  readonly before: number;
}

export class TextSearch {
  private readonly position: Statement;
  private readonly forwards: Statement;
  private readonly backwards: Statement;
  private readonly newest: Statement;
  private readonly payload: Statement;
  private readonly tail = new Tail();

  constructor(db: Database) {
    const found = 'SELECT rowid FROM message_text WHERE message_text MATCH ? AND rowid > ? AND rowid < ? ORDER BY rowid';
    this.position = db.prepare('SELECT position FROM text_filled').pluck();
    this.forwards = db.prepare(found).pluck();
    this.backwards = db.prepare(`${found} DESC`).pluck();
    this.newest = db.prepare('SELECT id FROM message WHERE room = ? ORDER BY stamp DESC, seq DESC').pluck();
    this.payload = db.prepare('SELECT payload FROM message WHERE id = ?').pluck();
  }

  /**
   * Row numbers of the messages found, in the order of time or against it; no more is read than is taken. Within a transaction,
   * so that index and messages are of one moment. Whatever `text` is, it is no error.
   */
  *find(scope: SearchScope, text: string, order: 'oldest first' | 'newest first'): IterableIterator<number> {
    const match = matchOf(text);
    if (match === null) return;
    const position = this.position.get() as number;
    const indexed = order === 'oldest first' ? this.forwards : this.backwards;
    const tail = this.tailOf(scope, position);
    if (order === 'newest first') yield* this.findInTail(tail, match, order);
    yield* indexed.iterate(`room : "${roomToken(scope.room)}" AND ${match}`, scope.after, scope.before) as IterableIterator<number>;
    if (order === 'oldest first') yield* this.findInTail(tail.reverse(), match, order);
  }

  close(): void {
    this.tail.close();
  }

  /** What the index has not got yet, newest first. */
  private tailOf({ room, after, before }: SearchScope, position: number): number[] {
    const ids: number[] = [];
    for (const id of this.newest.iterate(room) as IterableIterator<number>) {
      if (id <= position || id <= after) break;
      if (id < before) ids.push(id);
    }
    return ids;
  }

  private *findInTail(ids: readonly number[], match: string, order: 'oldest first' | 'newest first'): IterableIterator<number> {
    for (let i = 0; i < ids.length; i += ROWS_AT_ONCE) {
      const found = this.tail.find(
        ids.slice(i, i + ROWS_AT_ONCE).map((id) => ({ id, text: searchText(this.payload.get(id) as string) })),
        match,
      );
      yield* order === 'oldest first' ? found : found.reverse();
    }
  }
}

/** A table like the index, in memory: who searches the tail by the same tokenizer finds the same. */
class Tail {
  private readonly db = new Sqlite(':memory:');
  private readonly empty: Statement;
  private readonly add: Statement;
  private readonly found: Statement;

  constructor() {
    this.db.exec(
      `CREATE VIRTUAL TABLE tail USING fts5(payload, cjk, content = '', columnsize = 0, tokenize = "unicode61 remove_diacritics 2 categories 'L* N* M* Co'")`,
    );
    this.empty = this.db.prepare("INSERT INTO tail (tail) VALUES ('delete-all')");
    this.add = this.db.prepare('INSERT INTO tail (rowid, payload, cjk) VALUES (?, ?, ?)');
    this.found = this.db.prepare('SELECT rowid FROM tail WHERE tail MATCH ? ORDER BY rowid').pluck();
  }

  /** Which of the rows match, by rising number. */
  find(rows: readonly { id: number; text: string }[], match: string): number[] {
    return this.db.transaction(() => {
      this.empty.run();
      for (const { id, text } of rows) {
        if (text === '') continue;
        const { words, cjk } = columnsOf(text);
        this.add.run(id, words, cjk);
      }
      return this.found.all(match) as number[];
    })();
  }

  close(): void {
    this.db.close();
  }
}
