/** Searches the messages of one room: by the full-text index, and by reading the messages that are not in it yet. */
import Sqlite, { type Database, type Statement } from 'better-sqlite3';
import { searchText } from '../messages/search-text';
import { Sifted, type Source } from './archive-source';
import type { MessageOrder, RoomOrder, Span } from '../messages/message-order';
import type { RawRow } from '../messages/message-rows';
import { TextIndex } from '../messages/text-index';
import { TOKENIZER, columnsOf, matchOf, roomToken } from '../messages/text-query';

/** Rows, and characters of their contents, that are looked through at once where there is no index. */
const ROWS_AT_ONCE = 200;
const CHARACTERS_AT_ONCE = 1_000_000;
/** Messages, of all rooms, whose part of the index is searched in one step, and the growth for the next; the clock is read between steps. */
const FIRST_STEP = 65_536;
const STEP_GROWS = 4;
/** Most matches that are counted; above that the count is left out (XEP-0059 §2.6). */
const MOST_COUNTED = 1_000;
/** The same where each must be read to tell whether it counts. */
const MOST_SIFTED = 250;

export class TextSearch {
  readonly upwards: Statement;
  readonly downwards: Statement;
  private readonly index: TextIndex;
  /** Made when something is first searched for. */
  private matcher: Matcher | undefined;

  constructor(
    db: Database,
    readonly messages: MessageOrder,
  ) {
    // What was retracted may have its words there a little longer.
    const found = `SELECT rowid FROM message_text WHERE message_text MATCH ? AND rowid BETWEEN ? AND ?
      AND rowid NOT IN (SELECT id FROM message_forget) ORDER BY rowid`;
    this.upwards = db.prepare(found).pluck();
    this.downwards = db.prepare(`${found} DESC`).pluck();
    this.index = new TextIndex(db);
  }

  /** The matches in a room. `keeps`: only among these. No `text` is an error. */
  of(order: RoomOrder, text: string, keeps?: (row: RawRow) => boolean): Source {
    const match = matchOf(text);
    if (match === null) return NOTHING;
    const found = new Found(this, order, match, this.index.position);
    if (!keeps) return found;
    const sifted = new Sifted(found, keeps);
    return {
      rows: (span, backwards) => sifted.rows(span, backwards),
      count: (span, most) => sifted.count(span, Math.min(most, MOST_SIFTED)),
    };
  }

  /** The matches in a short source. */
  among(source: Source, text: string): Source {
    const match = matchOf(text);
    if (match === null) return NOTHING;
    return {
      rows: (span, backwards) => this.matching(source.rows(span, backwards), match),
      count: (span) => [...this.matching(source.rows(span, false), match)].length,
    };
  }

  /** Those of the rows that match, in their order. */
  *matching(rows: Iterable<RawRow>, match: string): Generator<RawRow> {
    const matcher = (this.matcher ??= new Matcher());
    let some: RawRow[] = [];
    let characters = 0;
    for (const row of rows) {
      some.push(row);
      characters += row.payload.length;
      if (some.length < ROWS_AT_ONCE && characters < CHARACTERS_AT_ONCE) continue;
      yield* matcher.filter(some, match);
      some = [];
      characters = 0;
      // Reading words takes longer than reading rows.
      if (!this.messages.budget.inTime()) return;
    }
    yield* matcher.filter(some, match);
  }

  close(): void {
    this.matcher?.close();
    this.matcher = undefined;
  }
}

const NOTHING: Source = { rows: () => [], count: () => 0 };

class Found implements Source {
  private readonly expression: string;

  constructor(
    private readonly search: TextSearch,
    private readonly order: RoomOrder,
    private readonly match: string,
    /** The index has no messages with a higher id: those are looked through. */
    private readonly filledTo: number,
  ) {
    this.expression = `room : "${roomToken(order.room)}" AND ${match}`;
  }

  *rows(span: Span, backwards: boolean): Generator<RawRow> {
    const { ids, rest } = this.order.parts(span, this.filledTo);
    if (backwards && rest) yield* this.behind(rest, backwards);
    if (ids) for (const id of this.indexed(ids, backwards)) yield this.search.messages.row.get(id) as RawRow;
    if (!backwards && rest) yield* this.behind(rest, backwards);
  }

  count(span: Span, most: number): number | null {
    const limit = Math.min(most, MOST_COUNTED);
    const { ids, rest } = this.order.parts(span, this.filledTo);
    let count = 0;
    for (const found of [ids ? this.indexed(ids, false) : [], rest ? this.behind(rest, false) : []]) {
      for (const one of found) if (one && ++count > limit) return null;
    }
    return count;
  }

  /** Ids. If several words never match together, SQLite reads all matches of each before it answers: so one query covers a part of the ids only. */
  private *indexed({ from, to }: Span, backwards: boolean): Generator<number> {
    const { budget } = this.search.messages;
    const statement = backwards ? this.search.downwards : this.search.upwards;
    for (let step = FIRST_STEP; from <= to; step *= STEP_GROWS) {
      const part = backwards ? { from: Math.max(from, to - step + 1), to } : { from, to: Math.min(to, from + step - 1) };
      for (const id of statement.iterate(this.expression, part.from, part.to) as IterableIterator<number>) {
        if (!budget.spend()) return;
        yield id;
      }
      if (backwards) to = part.from - 1;
      else from = part.to + 1;
      if (!budget.inTime()) return;
    }
  }

  private behind(span: Span, backwards: boolean): Generator<RawRow> {
    return this.search.matching(this.order.rows(span, backwards), this.match);
  }
}

/** A table like the index, in memory: the same tokenizer gives the same matches. */
class Matcher {
  private readonly db = new Sqlite(':memory:');
  private readonly empty: Statement;
  private readonly add: Statement;
  private readonly found: Statement;

  constructor() {
    this.db.exec(`CREATE VIRTUAL TABLE some USING fts5(payload, cjk, content = '', columnsize = 0, tokenize = "${TOKENIZER}")`);
    this.empty = this.db.prepare("INSERT INTO some (some) VALUES ('delete-all')");
    this.add = this.db.prepare('INSERT INTO some (rowid, payload, cjk) VALUES (?, ?, ?)');
    this.found = this.db.prepare('SELECT rowid FROM some WHERE some MATCH ?').pluck();
  }

  filter(rows: readonly RawRow[], match: string): RawRow[] {
    if (rows.length === 0) return [];
    return this.db.transaction(() => {
      this.empty.run();
      rows.forEach(({ payload }, i) => {
        const text = searchText(payload);
        if (text === '') return;
        const { words, cjk } = columnsOf(text);
        this.add.run(i, words, cjk);
      });
      const found = new Set(this.found.all(match) as number[]);
      return rows.filter((_, i) => found.has(i));
    })();
  }

  close(): void {
    this.db.close();
  }
}
