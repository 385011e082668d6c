/** Where the rows of an archive query come from: the room's order, what one occupant said, a list of ids, or a filtered one of these. */
import type { Database, Statement } from 'better-sqlite3';
import type { Budget } from '../messages/budget';
import { HEAD, type Head, type MessageOrder, type Place, type RoomOrder, type Span } from '../messages/message-order';
import { COLUMNS, type RawRow } from '../messages/message-rows';

/** Messages of one room, for the time of one transaction. */
export interface Source {
  /** Those of the span in order, or backwards; ends early when the budget is used up. To be walked to its end or left by `break`. */
  rows(span: Span, backwards: boolean): Iterable<RawRow>;
  /** How many there are in the span; null: counting would read more than `most` rows. */
  count(span: Span, most: number): number | null;
}

/** All of a room. Its numbers are dense, so nothing needs to be counted. */
export class WholeRoom implements Source {
  constructor(private readonly order: RoomOrder) {}

  rows(span: Span, backwards: boolean): Iterable<RawRow> {
    return this.order.rows(span, backwards);
  }

  count({ from, to }: Span): number {
    return to - from + 1;
  }
}

/** The messages of a source for which `keeps` is true. */
export class Sifted implements Source {
  constructor(
    private readonly source: Source,
    private readonly keeps: (row: RawRow) => boolean,
  ) {}

  *rows(span: Span, backwards: boolean): Generator<RawRow> {
    for (const row of this.source.rows(span, backwards)) if (this.keeps(row)) yield row;
  }

  count(span: Span, most: number): number | null {
    let seen = 0;
    let kept = 0;
    for (const row of this.source.rows(span, false)) {
      if (++seen > most) return null;
      if (this.keeps(row)) kept++;
    }
    return kept;
  }
}

/** The messages at these places. */
export class Listed implements Source {
  private readonly places: readonly Place[];

  constructor(
    private readonly messages: MessageOrder,
    places: readonly Place[],
  ) {
    this.places = [...new Map(places.map((place) => [place.id, place])).values()].sort((a, b) => a.seq - b.seq);
  }

  *rows(span: Span, backwards: boolean): Generator<RawRow> {
    const within = this.within(span);
    for (const { id } of backwards ? within.reverse() : within) yield this.messages.row.get(id) as RawRow;
  }

  count(span: Span): number {
    return this.within(span).length;
  }

  private within({ from, to }: Span): Place[] {
    return this.places.filter(({ seq }) => seq >= from && seq <= to);
  }
}

/** Statements over the index by occupant. */
export class OccupantIndex {
  readonly upwards: Statement;
  readonly downwards: Statement;
  readonly count: Statement;
  readonly heads: Statement;

  constructor(
    db: Database,
    private readonly messages: MessageOrder,
  ) {
    const ids = 'message_occupant AS said';
    const within = 'said.room = ? AND said.occupant_id = ? AND said.id BETWEEN ? AND ?';
    const rows = `SELECT ${COLUMNS} FROM ${ids} CROSS JOIN message ON message.id = said.id WHERE ${within}`;
    this.upwards = db.prepare(`${rows} ORDER BY said.id`);
    this.downwards = db.prepare(`${rows} ORDER BY said.id DESC`);
    this.heads = db.prepare(`SELECT ${HEAD} FROM ${ids} CROSS JOIN message ON message.id = said.id WHERE ${within} ORDER BY said.id DESC`);
    this.count = db.prepare(`SELECT count(*) FROM (SELECT 1 FROM ${ids} WHERE ${within} LIMIT ?)`).pluck();
  }

  /** What one occupant said, without its contents, the newest first: of a span, ids above `behind`. To be walked to its end or left by `break`. */
  *headsOf(order: RoomOrder, occupantId: string, span: Span, behind: number): Generator<Head> {
    const { budget } = this.messages;
    const { ids, rest } = order.parts(span, this.messages.filledTo('occupant', order.room));
    for (const head of rest ? order.heads(rest) : []) {
      if (head.id <= behind) return;
      if (head.occupantId === occupantId) yield head;
    }
    if (!ids || ids.to <= behind) return;
    const from = Math.max(ids.from, behind + 1);
    for (const head of this.heads.iterate(order.room, occupantId, from, ids.to) as IterableIterator<Head>) {
      if (!budget.spend()) return;
      yield head;
    }
  }

  /** The messages of one occupant in a room. */
  of(order: RoomOrder, occupantId: string): Source {
    return new SaidBy(this, order, occupantId, this.messages.filledTo('occupant', order.room), this.messages.budget);
  }
}

class SaidBy implements Source {
  private readonly behind: Source;

  constructor(
    private readonly index: OccupantIndex,
    private readonly order: RoomOrder,
    private readonly occupantId: string,
    /** The index has no messages with a higher id: those are looked through. */
    private readonly filledTo: number,
    private readonly budget: Budget,
  ) {
    this.behind = new Sifted(new WholeRoom(order), (row) => row.occupantId === occupantId);
  }

  *rows(span: Span, backwards: boolean): Generator<RawRow> {
    const { ids, rest } = this.order.parts(span, this.filledTo);
    if (backwards && rest) yield* this.behind.rows(rest, true);
    if (ids) yield* this.indexed(ids, backwards);
    if (!backwards && rest) yield* this.behind.rows(rest, false);
  }

  count(span: Span, most: number): number | null {
    const { ids, rest } = this.order.parts(span, this.filledTo);
    const counted = ids ? (this.index.count.get(this.order.room, this.occupantId, ids.from, ids.to, most + 1) as number) : 0;
    const behind = rest ? this.behind.count(rest, most) : 0;
    return behind === null || counted + behind > most ? null : counted + behind;
  }

  private *indexed({ from, to }: Span, backwards: boolean): Generator<RawRow> {
    const statement = backwards ? this.index.downwards : this.index.upwards;
    for (const row of statement.iterate(this.order.room, this.occupantId, from, to) as IterableIterator<RawRow>) {
      if (!this.budget.spend()) return;
      yield row;
    }
  }
}
