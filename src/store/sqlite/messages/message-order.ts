/** The messages of one room in order, put together from the index by time and the tail that it does not have yet. */
import type { Database, Statement } from 'better-sqlite3';
import { stampOf } from '../../../room/talking/ids';
import type { Millis } from '../../../room/contract/rows';
import { Budget } from './budget';
import { COLUMNS, type RawRow } from './message-rows';
import type { Tail } from './tail';

/** Where a message stands. Within a room all three rise together. */
export interface Place {
  readonly id: number;
  readonly stamp: Millis;
  readonly seq: number;
}

/** Messages with from <= seq <= to. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** A message without its content: reading it costs the same however long that is. */
export interface Head {
  readonly id: number;
  readonly occupantId: string | null;
  readonly clientId: string | null;
}

/** Of the tail, of which only the ids are known: one statement costs more than a row. */
const HEADS_AT_ONCE = 256;

export const HEAD = 'message.id, message.occupant_id AS occupantId, message.client_id AS clientId';

const INDEXED = 'message_time AS time CROSS JOIN message ON message.id = time.id';
const BETWEEN = '(time.stamp, time.seq) >= (?, ?) AND (time.stamp, time.seq) <= (?, ?)';

/** Statements over the order of messages, on any connection. */
export class MessageOrder {
  readonly oldest: Statement;
  readonly newest: Statement;
  readonly from: Statement;
  readonly upTo: Statement;
  readonly at: Statement;
  readonly named: Statement;
  readonly foreign: Statement;
  readonly place: Statement;
  readonly row: Statement;
  readonly upwards: Statement;
  readonly downwards: Statement;
  readonly someHeads: Statement;
  readonly heads: Statement;
  readonly shown: Statement;
  readonly latestShown: Statement;
  private readonly filled: Statement;

  constructor(
    db: Database,
    private readonly tail: Tail,
    /** What the answer that is made may cost. */
    readonly budget = new Budget(),
  ) {
    const place = 'SELECT id, stamp, seq FROM message_time WHERE room = ?';
    this.oldest = db.prepare(`${place} ORDER BY stamp, seq LIMIT 1`);
    this.newest = db.prepare(`${place} ORDER BY stamp DESC, seq DESC LIMIT 1`);
    this.from = db.prepare(`${place} AND stamp >= ? ORDER BY stamp, seq LIMIT 1`);
    this.upTo = db.prepare(`${place} AND stamp <= ? ORDER BY stamp DESC, seq DESC LIMIT 1`);
    this.at = db.prepare(`${place} AND stamp = ? ORDER BY seq`);
    this.named = db.prepare(
      `SELECT time.id, time.stamp, time.seq FROM ${INDEXED} WHERE time.room = ? AND time.stamp = ? AND message.stanza_id = ?`,
    );
    this.foreign = db.prepare(
      'SELECT message.id, stamp, seq FROM foreign_id CROSS JOIN message ON message.id = foreign_id.message WHERE foreign_id.room = ? AND foreign_id.id = ?',
    );
    this.place = db.prepare('SELECT id, stamp, seq, stanza_id AS name FROM message WHERE id = ?');
    this.row = db.prepare(`SELECT ${COLUMNS} FROM message WHERE id = ?`);
    this.upwards = db.prepare(`SELECT ${COLUMNS} FROM ${INDEXED} WHERE time.room = ? AND ${BETWEEN} ORDER BY time.stamp, time.seq`);
    this.downwards = db.prepare(
      `SELECT ${COLUMNS} FROM ${INDEXED} WHERE time.room = ? AND ${BETWEEN} ORDER BY time.stamp DESC, time.seq DESC`,
    );
    this.someHeads = db.prepare(`SELECT ${HEAD} FROM json_each(?) AS one CROSS JOIN message ON message.id = one.value ORDER BY one.key`);
    this.heads = db.prepare(`SELECT ${HEAD} FROM ${INDEXED} WHERE time.room = ? AND ${BETWEEN} ORDER BY time.stamp DESC, time.seq DESC`);
    this.shown = db.prepare('SELECT in_history FROM message WHERE id = ?').pluck();
    this.latestShown = db
      .prepare(
        `SELECT time.seq FROM ${INDEXED} WHERE time.room = ? AND ${BETWEEN} AND message.in_history = 1 ORDER BY time.stamp DESC, time.seq DESC LIMIT 1`,
      )
      .pluck();
    this.filled = db
      .prepare('SELECT CASE WHEN @room < room THEN ahead WHEN @room = room THEN id ELSE up_to END FROM filled WHERE name = @name')
      .pluck();
  }

  /** The id up to which an index has all messages of a room. */
  filledTo(name: 'time' | 'occupant', room: number): number {
    return this.filled.get({ room, name }) as number;
  }

  /**
   * The order of a room's messages as the running transaction sees it; to be used within that transaction only.
   * `added`: ids that this transaction added to the room and that no row of the tail names yet.
   */
  of(room: number, added: readonly number[] = []): RoomOrder {
    const tail = this.tail.of(room, this.filledTo('time', room));
    return new RoomOrder(this, room, added.length > 0 ? [...tail, ...added] : tail);
  }
}

export class RoomOrder {
  /** Places that were looked up, by seq. */
  private readonly known = new Map<number, Place>();

  constructor(
    private readonly messages: MessageOrder,
    readonly room: number,
    /** Ids of the messages that the index does not have, rising. */
    private readonly tail: readonly number[],
  ) {}

  oldest(): Place | undefined {
    return this.remember((this.messages.oldest.get(this.room) as Place | undefined) ?? this.placeOf(this.tail[0]));
  }

  newest(): Place | undefined {
    return this.remember(this.placeOf(this.tail.at(-1)) ?? (this.messages.newest.get(this.room) as Place | undefined));
  }

  /** The first message with a stamp of this time or later. */
  fromTime(stamp: Millis): Place | undefined {
    const indexed = this.messages.from.get(this.room, stamp) as Place | undefined;
    return this.remember(indexed ?? this.firstOfTail((place) => place.stamp >= stamp));
  }

  /** The first message for which `holds` is true, being false for all before it and true for all behind. */
  first(holds: (place: Place) => boolean): Place | undefined {
    const newest = this.messages.newest.get(this.room) as Place | undefined;
    return this.remember(newest && holds(newest) ? this.firstIndexed(newest.stamp, holds) : this.firstOfTail(holds));
  }

  /** The message with this stanza-id, or that had it elsewhere. */
  find(stanzaId: string): Place | undefined {
    return this.findOwn(stanzaId) ?? this.remember(this.messages.foreign.get(this.room, stanzaId) as Place | undefined);
  }

  /** By the time that an id of ours carries. */
  private findOwn(stanzaId: string): Place | undefined {
    const stamp = stampOf(stanzaId);
    if (stamp === undefined) return undefined;
    const indexed = this.messages.named.get(this.room, stamp, stanzaId) as Place | undefined;
    if (indexed) return this.remember(indexed);
    let i = this.bisectTail((place) => place.stamp >= stamp);
    for (; i < this.tail.length; i++) {
      const place = this.messages.place.get(this.tail[i]) as Place & { name: string };
      if (place.stamp > stamp) return undefined;
      if (place.name === stanzaId) return this.remember(place);
    }
    return undefined;
  }

  /** The first message of the span. */
  start({ from, to }: Span): Place | undefined {
    const place = this.known.get(from) ?? this.first(({ seq }) => seq >= from);
    return place && place.seq <= to ? place : undefined;
  }

  /** The last message of the span. */
  end({ from, to }: Span): Place | undefined {
    const place = this.known.get(to) ?? this.last(to);
    return place && place.seq >= from ? place : undefined;
  }

  /** Of a span, the ids that an index filled up to this id has, and the part that it does not have yet. */
  parts(span: Span, filledTo: number): { ids?: Span; rest?: Span } {
    const start = this.start(span);
    const end = this.end(span);
    if (!start || !end) return {};
    const ids = { from: start.id, to: Math.min(end.id, filledTo) };
    if (end.id <= filledTo) return { ids };
    if (start.id > filledTo) return { rest: span };
    const behind = this.first(({ id }) => id > filledTo) as Place;
    return { ids, rest: { from: behind.seq, to: span.to } };
  }

  /** The messages of the span in order, or backwards, one by one: contents are long, and who takes them may stop at any. To be walked to its end or left by `break`. */
  *rows(span: Span, backwards: boolean): Generator<RawRow> {
    if (span.from > span.to) return;
    if (backwards) yield* this.tailRows(span, backwards);
    yield* this.indexedRows(span, backwards);
    if (!backwards) yield* this.tailRows(span, backwards);
  }

  private *indexedRows(span: Span, backwards: boolean): Generator<RawRow> {
    const bounds = this.indexed(span);
    if (!bounds) return;
    const statement = backwards ? this.messages.downwards : this.messages.upwards;
    for (const row of statement.iterate(...bounds) as IterableIterator<RawRow>) {
      if (!this.messages.budget.spend()) return;
      yield row;
    }
  }

  private *tailRows({ from, to }: Span, backwards: boolean): Generator<RawRow> {
    const begin = this.bisectTail(({ seq }) => seq >= from);
    const end = this.bisectTail(({ seq }) => seq > to);
    for (let n = 0; n < end - begin; n++) {
      if (!this.messages.budget.spend()) return;
      const id = this.tail[backwards ? end - 1 - n : begin + n];
      yield this.messages.row.get(id) as RawRow;
    }
  }

  /** The messages of the span without their contents, the newest first. To be walked to its end or left by `break`. */
  *heads(span: Span): Generator<Head> {
    const begin = this.bisectTail(({ seq }) => seq >= span.from);
    for (let end = this.bisectTail(({ seq }) => seq > span.to); end > begin; end -= HEADS_AT_ONCE) {
      const ids = this.tail.slice(Math.max(begin, end - HEADS_AT_ONCE), end).reverse();
      for (const head of this.messages.someHeads.all(JSON.stringify(ids)) as Head[]) {
        if (!this.messages.budget.spend()) return;
        yield head;
      }
    }
    const bounds = this.indexed(span);
    if (!bounds) return;
    for (const head of this.messages.heads.iterate(...bounds) as IterableIterator<Head>) {
      if (!this.messages.budget.spend()) return;
      yield head;
    }
  }

  /** The number of the last message of the span that a history shows. Costs a look at each one behind it, without its content. */
  latestShown(span: Span): number | undefined {
    const begin = this.bisectTail(({ seq }) => seq >= span.from);
    for (let i = this.bisectTail(({ seq }) => seq > span.to) - 1; i >= begin; i--)
      if (this.messages.shown.get(this.tail[i]) === 1) return this.placeOf(this.tail[i])?.seq;
    const bounds = this.indexed(span);
    return bounds && (this.messages.latestShown.get(...bounds) as number | undefined);
  }

  /** Between which places the index has the messages of a span. */
  private indexed({ from, to }: Span): [number, Millis, number, Millis, number] | undefined {
    const newest = this.messages.newest.get(this.room) as Place | undefined;
    if (!newest || newest.seq < from) return undefined;
    const lower = this.stampBelow(from);
    const upper = newest.seq <= to ? newest.stamp : this.stampAbove(to);
    return lower === undefined || upper === undefined ? undefined : [this.room, lower, from, upper, to];
  }

  /** A stamp so that (stamp, seq) lies behind all messages before `seq` and before all others: there is none between the two known places. */
  private stampBelow(seq: number): Millis | undefined {
    return (this.known.get(seq) ?? this.known.get(seq - 1) ?? this.first((place) => place.seq >= seq))?.stamp;
  }

  private stampAbove(seq: number): Millis | undefined {
    return (this.known.get(seq) ?? this.known.get(seq + 1) ?? this.last(seq))?.stamp;
  }

  /** The last message with seq <= `to`. */
  private last(to: number): Place | undefined {
    const newest = this.newest();
    if (!newest || newest.seq <= to) return newest;
    const behind = this.first(({ seq }) => seq > to) as Place;
    const before = this.bisectTail(({ id }) => id >= behind.id) - 1;
    if (before >= 0) return this.remember(this.placeOf(this.tail[before]));
    const same = (this.messages.at.all(this.room, behind.stamp) as Place[]).filter(({ seq }) => seq < behind.seq).at(-1);
    return this.remember(same ?? (this.messages.upTo.get(this.room, behind.stamp - 1) as Place | undefined));
  }

  private firstIndexed(newest: Millis, holds: (place: Place) => boolean): Place | undefined {
    // The earliest time whose last message holds lies in [low, high].
    let low = (this.messages.oldest.get(this.room) as Place).stamp;
    let high = newest;
    while (low < high) {
      const middle = low + Math.floor((high - low) / 2);
      const place = this.messages.upTo.get(this.room, middle) as Place;
      if (holds(place)) high = place.stamp;
      else low = middle + 1;
    }
    return (this.messages.at.all(this.room, low) as Place[]).find(holds);
  }

  private firstOfTail(holds: (place: Place) => boolean): Place | undefined {
    return this.placeOf(this.tail[this.bisectTail(holds)]);
  }

  private bisectTail(holds: (place: Place) => boolean): number {
    let low = 0;
    let high = this.tail.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (holds(this.placeOf(this.tail[middle]) as Place)) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  private placeOf(id: number | undefined): Place | undefined {
    return id === undefined ? undefined : (this.messages.place.get(id) as Place | undefined);
  }

  private remember(place: Place | undefined): Place | undefined {
    if (place) this.known.set(place.seq, place);
    return place;
  }
}
