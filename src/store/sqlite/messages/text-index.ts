/** Keeps the full-text index: messages are added later, and their words removed, a few at a time. */
import type { Database, Statement } from 'better-sqlite3';
import { SEARCH_TEXT_VERSION, searchText } from './search-text';
import type { Entry, Filler } from '../writing/filler';
import { CONTENT } from './message-rows';
import { NAMED, NameIndex, type NamedRow } from './name-index';
import { columnsOf, roomToken } from './text-query';

/** Characters of one step or commit at most, but for the message that passes them: some milliseconds of the writer. */
export const CHARACTERS_PER_STEP = 100_000;
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
  private readonly wait: Statement;
  private readonly waits: Statement;
  private readonly waiting: Statement;
  private readonly any: Statement;
  private readonly content: Statement;
  private readonly done: Statement;
  /** Characters that this commit may still fold. */
  private left = CHARACTERS_PER_STEP;

  constructor(db: Database) {
    this.filledTo = db.prepare("SELECT up_to FROM filled WHERE name = 'text'").pluck();
    this.add = db.prepare('INSERT INTO message_text (rowid, room, payload, cjk) VALUES (?, ?, ?, ?)');
    this.remove = db.prepare("INSERT INTO message_text (message_text, rowid, room, payload, cjk) VALUES ('delete', ?, ?, ?, ?)");
    this.wait = db.prepare('INSERT INTO message_forget (id, room, payload) VALUES (?, ?, ?)');
    this.waits = db.prepare('SELECT EXISTS (SELECT 1 FROM message_forget WHERE id = ?)').pluck();
    this.any = db.prepare('SELECT EXISTS (SELECT 1 FROM message_forget)').pluck();
    this.waiting = db.prepare('SELECT id, room, payload FROM message_forget ORDER BY id');
    this.content = db.prepare(`SELECT ${CONTENT} FROM message WHERE id = ?`).pluck();
    this.done = db.prepare('DELETE FROM message_forget WHERE id = ?');
  }

  /** A commit begins. */
  begin(): void {
    this.left = CHARACTERS_PER_STEP;
  }

  /** Messages with a higher id are not in the index. */
  get position(): number {
    return this.filledTo.get() as number;
  }

  /** Takes a message in. */
  put(row: TextRow): void {
    this.write(this.add, row);
  }

  /** The words of a message, as it was until now, leave the index. Within the transaction that removes the row; the caller bounds how many. */
  forget(row: TextRow): void {
    if (row.id <= this.position && !this.isWaiting(row)) this.write(this.remove, row);
  }

  /**
   * A message has got other content. Within the transaction that changes the row. Beyond what one commit may fold its words wait, and no search finds
   * the message; `forgetSome` takes them out.
   */
  replace(before: TextRow, payload: string): void {
    if (before.id > this.position || this.isWaiting(before)) return;
    if (this.left <= 0) {
      this.wait.run(before.id, before.room, before.payload);
      return;
    }
    this.left -= before.payload.length;
    this.write(this.remove, before);
    this.write(this.add, { ...before, payload });
  }

  /** Takes the words of some messages that wait out of the index, and what they say now in. False: none waited. */
  forgetSome(): boolean {
    const rows: TextRow[] = [];
    let characters = 0;
    for (const row of this.waiting.iterate() as IterableIterator<TextRow>) {
      rows.push(row);
      characters += row.payload.length;
      if (characters >= CHARACTERS_PER_STEP) break;
    }
    for (const row of rows) {
      this.write(this.remove, row);
      const payload = this.content.get(row.id) as string | undefined;
      if (payload !== undefined) this.write(this.add, { ...row, payload });
      this.done.run(row.id);
    }
    return rows.length > 0;
  }

  /** Whether words of a retracted message are still in the index. */
  get owes(): boolean {
    return this.any.get() === 1;
  }

  private isWaiting({ id }: TextRow): boolean {
    return this.waits.get(id) === 1;
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
  private readonly setNames: Statement;
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
    this.setNames = db.prepare('UPDATE text_rules SET names_up_to = @to WHERE names_up_to < @to');
    this.getNewest = db.prepare('SELECT coalesce(max(id), 0) FROM message').pluck();
    const rules = db.prepare('SELECT rules FROM text_rules').pluck().get() as string;
    if (rules !== RULES) {
      db.transaction(() => {
        if (rules === '') this.names.beginAnew();
        db.exec("INSERT INTO message_text (message_text) VALUES ('delete-all')");
        db.exec('DELETE FROM message_forget');
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
    this.setNames.run({ to: position });
  }

  reset(): void {
    this.position = this.text.position;
    this.newest = this.getNewest.get() as number;
  }
}
