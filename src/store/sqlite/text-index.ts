/** Keeps the full-text index: messages are added later, a few at a time, and removed at once. */
import type { Database, Statement } from 'better-sqlite3';
import { SEARCH_TEXT_VERSION, searchText } from '../../room/search-text';
import type { Entry, Filler } from './filler';
import { NAMED, NameIndex, type NamedRow } from './name-index';
import { columnsOf, roomToken } from './text-query';

/** Characters of one step at most: some milliseconds of the writer. */
const CHARACTERS_PER_STEP = 100_000;
/** To index a message's words takes longer than to index its time, in whose messages the work is allotted. */
const COST = 3;
/**
 * With this many messages waiting, batches index a few, and from the second number on as many as they add. Below that only idle
 * times are used: searches read the waiting messages too, so a burst need not pay for its words while it lasts.
 */
const BOUND = 32_768;
const FULL_SHARE = 1_048_576;
const LEAST_SHARE = 16;

/** Which words a text has depends on these; if they change, forgetting would miss words. */
const RULES = `${SEARCH_TEXT_VERSION}/${process.versions.unicode}`;

/** A row of `message` as far as the index needs it. */
export interface TextRow {
  readonly id: number;
  readonly room: number;
  readonly payload: string;
}

export class TextIndex {
  private readonly filledTo: Statement;
  private readonly add: Statement;
  private readonly remove: Statement;

  constructor(db: Database) {
    this.filledTo = db.prepare("SELECT up_to FROM filled WHERE name = 'text'").pluck();
    this.add = db.prepare('INSERT INTO message_text (rowid, room, payload, cjk) VALUES (?, ?, ?, ?)');
    this.remove = db.prepare("INSERT INTO message_text (message_text, rowid, room, payload, cjk) VALUES ('delete', ?, ?, ?, ?)");
  }

  /** Messages with a higher id are not in the index. */
  get position(): number {
    return this.filledTo.get() as number;
  }

  /** Takes a message in. */
  put(row: TextRow): void {
    this.write(this.add, row);
  }

  /** The words of a message, as it was until now, leave the index. Within the transaction that changes or removes the row. */
  forget(row: TextRow): void {
    if (row.id <= this.position) this.write(this.remove, row);
  }

  /** A message has got other content. Within the transaction that changes the row. */
  replace(before: TextRow, payload: string): void {
    if (before.id > this.position) return;
    this.write(this.remove, before);
    this.write(this.add, { ...before, payload });
  }

  /** A message without words is not in the index. */
  private write(statement: Statement, { id, room, payload }: TextRow): void {
    const text = searchText(payload);
    if (text === '') return;
    const { words, cjk } = columnsOf(text);
    statement.run(id, roomToken(room), words, cjk);
  }
}

export class TextFiller implements Filler {
  readonly name = 'text';
  private readonly text: TextIndex;
  private readonly names: NameIndex;
  private readonly next: Statement;
  private readonly setPosition: Statement;
  private readonly getNewest: Statement;
  private position = 0;
  private newest = 0;

  /** Rebuilds the index if it was made by the rules of another version. */
  constructor(
    db: Database,
    private readonly bound = BOUND,
  ) {
    this.text = new TextIndex(db);
    this.names = new NameIndex(db);
    this.next = db.prepare(`SELECT ${NAMED} FROM message WHERE id > ? ORDER BY id`);
    this.setPosition = db.prepare("UPDATE filled SET up_to = @to, ahead = @to WHERE name = 'text'");
    this.getNewest = db.prepare('SELECT coalesce(max(id), 0) FROM message').pluck();
    if (db.prepare('SELECT rules FROM text_rules').pluck().get() !== RULES) {
      db.transaction(() => {
        db.exec("INSERT INTO message_text (message_text) VALUES ('delete-all')");
        this.moveTo(0);
        db.prepare('UPDATE text_rules SET rules = ?').run(RULES);
      }).immediate();
    }
    this.reset();
  }

  added(entries: readonly Entry[]): void {
    this.newest = entries.at(-1)?.id ?? this.newest;
  }

  get behind(): number {
    return Math.max(0, this.newest - this.position);
  }

  get pressing(): boolean {
    return this.behind > this.bound;
  }

  share(messages: number): number {
    return COST * Math.max(LEAST_SHARE, Math.ceil((messages * this.behind) / FULL_SHARE));
  }

  step(rows: number): boolean {
    if (this.behind === 0) return false;
    const some = this.some(Math.ceil(rows / COST));
    for (const row of some.rows) {
      this.text.put(row);
      this.names.put(row);
    }
    const last = some.rows.at(-1)?.id ?? this.position;
    // Behind the last row there may be numbers of messages that were erased before their turn came.
    this.moveTo(some.all ? Math.max(last, this.newest) : last);
    return true;
  }

  /** The next messages, at most so many; `all`: there are no more. */
  private some(most: number): { rows: NamedRow[]; all: boolean } {
    const rows: NamedRow[] = [];
    let characters = 0;
    for (const row of this.next.iterate(this.position) as IterableIterator<NamedRow>) {
      rows.push(row);
      characters += row.payload.length;
      if (rows.length >= most || characters >= CHARACTERS_PER_STEP) return { rows, all: false };
    }
    return { rows, all: true };
  }

  private moveTo(position: number): void {
    this.position = position;
    this.setPosition.run({ to: position });
  }

  reset(): void {
    this.position = this.text.position;
    this.newest = this.getNewest.get() as number;
  }
}
