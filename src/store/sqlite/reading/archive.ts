/** Reads archived messages of one room: histories, and pages for those who ask (XEP-0313). */
import type { RoomJid } from '../../../xmpp/fold';
import type { Database, Statement } from 'better-sqlite3';
import type { MessageQuery } from '../../archive';
import {
  PAGE_BYTES,
  type ArchiveAnswer,
  type ArchiveFilter,
  type ArchivePaging,
  type ArchiveQuery,
  type MessagesAsked,
} from '../../../room/contract/archive-query';
import type { MessageRow } from '../../../room/contract/rows';
import { readAudit } from '../tables/audit';
import { Budget, COUNT_BOUNDS, READ_BOUNDS, UNBOUNDED, type ReadBounds } from '../messages/budget';
import { Listed, OccupantIndex, Sifted, WholeRoom, type Source } from './archive-source';
import { HistoryGaps, LONG_RUN } from './history-gaps';
import { MessageOrder, type Place, type RoomOrder, type Span } from '../messages/message-order';
import { messageRow, type RawRow } from '../messages/message-rows';
import { KeptTail } from '../messages/tail';
import { TextSearch } from './text-search';
import { Versions } from './versions';

/** Most rows that are read to count the matches of a filter; if there are more, the count is left out (XEP-0059 §2.6). */
const MOST_COUNTED = 10_000;

/** Hidden messages that one history looks through at most for the next that it shows; the one after it goes on there. */
const MOST_HIDDEN = 50_000;

/** If a person has at most this many messages, these are searched for the words; otherwise the word index is, for the person. */
const FEW = 250;
const EVERYTHING: Span = { from: -Infinity, to: Infinity };

interface FoundRoom {
  readonly id: number;
  readonly archiveFrom: number;
}

/** An id that is not in the archive, or not in the part of it that may be read. */
class UnknownId extends Error {
  constructor(readonly id: string) {
    super(`No message has the id ${id}`);
  }
}

/** Narrows an author's messages down to one of their clients, or to those said while everybody saw JIDs. undefined: no narrowing. */
function authorTest({ sender, jidShown }: ArchiveFilter): ((row: RawRow) => boolean) | undefined {
  if (sender === undefined && jidShown === undefined) return undefined;
  return (row) => (sender === undefined || row.sender === sender) && (jidShown === undefined || row.jidShown === 1);
}

/** The budget was used up before anything was found. */
class TooLong extends Error {}

export class ArchiveReader {
  private readonly budget = new Budget();
  private readonly gaps = new HistoryGaps();
  private readonly order: MessageOrder;
  private readonly occupants: OccupantIndex;
  private readonly search: TextSearch;
  private readonly versions: Versions;
  private readonly stays: Statement;
  private readonly room: Statement;
  private readonly rev: Statement;
  private readonly foreign: Statement;

  constructor(
    private readonly db: Database,
    private readonly bounds: ReadBounds = READ_BOUNDS,
  ) {
    this.order = new MessageOrder(db, new KeptTail(db), this.budget);
    this.occupants = new OccupantIndex(db, this.order);
    this.search = new TextSearch(db, this.order);
    this.versions = new Versions(db, this.order, this.occupants);
    this.room = db.prepare('SELECT id, archive_from AS archiveFrom FROM room WHERE jid = ?');
    this.rev = db.prepare('SELECT rev FROM message WHERE id = ?').pluck();
    this.foreign = db.prepare('SELECT id FROM foreign_id WHERE message = ? AND room = ? ORDER BY id').pluck();
    this.stays = db.prepare(
      'SELECT begin_seq + 1 AS "from", coalesce(end_seq, @last) AS "to" FROM stay WHERE room = @room AND jid = @jid ORDER BY begin_seq',
    );
  }

  /** Frees what it holds besides the connection. */
  close(): void {
    this.search.close();
  }

  /** Answers an archive query. A room that is not there has an empty archive. */
  answer(jid: RoomJid, query: ArchiveQuery): ArchiveAnswer {
    if (query.want === 'audit') {
      const { object, since, limit } = query;
      return { kind: 'audit', acts: readAudit(this.db, { room: jid, from: since, limit, ...(object === undefined ? {} : { object }) }) };
    }
    try {
      return this.db.transaction(() => {
        this.budget.begin(query.patient ? UNBOUNDED : this.bounds);
        const room = this.room.get(jid) as FoundRoom | undefined;
        // No room has the number 0, and so no messages.
        const order = this.order.of(room?.id ?? 0);
        return this.within(order, this.readable(order, room?.archiveFrom ?? 0, query.filter), query);
      })();
    } catch (error) {
      if (error instanceof UnknownId) return { kind: 'item-not-found', id: error.id };
      if (error instanceof TooLong) return { kind: 'too-long' };
      throw error;
    }
  }

  /** The ids that messages of a room had elsewhere, by their stanza-ids. */
  foreignIds(jid: RoomJid, ids: readonly string[]): { id: string; foreign: string }[] {
    return this.db.transaction(() => {
      const room = this.room.get(jid) as FoundRoom | undefined;
      if (!room) return [];
      const order = this.order.of(room.id);
      return ids.flatMap((id) => {
        const place = order.find(id);
        const found = place ? (this.foreign.all(place.id, room.id) as string[]) : [];
        return found.map((foreign) => ({ id, foreign }));
      });
    })();
  }

  /** The newest messages that fit the query, oldest first. A room that is not there has none. */
  read(jid: RoomJid, query: MessageQuery): MessageRow[] {
    return this.db.transaction(() => {
      this.budget.begin(UNBOUNDED);
      const room = this.room.get(jid) as FoundRoom | undefined;
      if (!room || query.limit <= 0) return [];
      const order = this.order.of(room.id);
      const { stayOf } = query;
      const spans = this.readable(order, room.archiveFrom, {
        upToSeq: query.upToSeq ?? Infinity,
        ...(stayOf === undefined ? {} : { stayOf }),
      });
      if (query.oldestFirst) return this.oldest(order, spans, query);
      const rows: MessageRow[] = [];
      let bytes = 0;
      for (const row of query.historyOnly ? this.shown(order, spans) : newest(order, spans)) {
        // Number, rev and time rise together, so behind this one there are only older ones.
        if ((query.afterRev !== undefined && row.rev <= query.afterRev) || (query.since !== undefined && row.stamp < query.since)) break;
        bytes += query.maxBytes === undefined ? 0 : Buffer.byteLength(row.payload);
        if (bytes > (query.maxBytes ?? Infinity)) break;
        rows.push(messageRow(row));
        if (rows.length >= query.limit) break;
      }
      return rows.reverse();
    })();
  }

  /** The oldest behind a rev, in order: found by halving, since number, rev and time rise together. */
  private oldest(order: RoomOrder, spans: readonly Span[], { afterRev, limit, maxBytes = Infinity }: MessageQuery): MessageRow[] {
    const first = afterRev === undefined ? undefined : order.first(({ id }) => (this.rev.get(id) as number) > afterRev);
    if (afterRev !== undefined && !first) return [];
    const rows: MessageRow[] = [];
    let bytes = 0;
    for (const span of narrow(spans, { from: first?.seq ?? -Infinity, to: Infinity })) {
      for (const row of order.rows(span, false)) {
        bytes += Buffer.byteLength(row.payload);
        if (bytes > maxBytes && rows.length > 0) return rows;
        rows.push(messageRow(row));
        if (rows.length >= limit) return rows;
      }
    }
    return rows;
  }

  /** Those that histories show, the newest first. What is hidden in a long run is looked at once, and passed over from then on. */
  private *shown(order: RoomOrder, spans: readonly Span[]): Generator<RawRow> {
    for (const { from, to } of [...spans].reverse()) {
      for (let upTo = to; upTo >= from;) {
        const end = upTo;
        upTo = from - 1;
        let hidden = 0;
        for (const row of order.rows({ from, to: end }, true)) {
          if (row.inHistory === 1) {
            hidden = 0;
            yield row;
            continue;
          }
          hidden++;
          const run =
            hidden === 1 ? this.gaps.at(order.room, row.seq) : hidden === LONG_RUN ? this.runFrom(order, from, row.seq) : undefined;
          if (!run) continue;
          upTo = run.from - 1;
          break;
        }
      }
    }
  }

  /** The run that goes on before this message, which is the last of it that was looked at. Where it is too long, it is as far as it was looked through. */
  private runFrom(order: RoomOrder, from: number, seq: number): Span {
    const lowest = Math.max(from, seq - MOST_HIDDEN);
    const shown = order.latestShown({ from: lowest, to: seq - 1 });
    const run = { from: shown === undefined ? lowest : shown + 1, to: seq + LONG_RUN - 1 };
    this.gaps.add(order.room, run);
    // The next history goes on there.
    return shown === undefined ? { ...run, from } : run;
  }

  /** The part of the archive that may be read, as spans that do not overlap, rising. */
  private readable(order: RoomOrder, archiveFrom: number, { upToSeq, stayOf }: ArchiveFilter): Span[] {
    const oldest = order.oldest();
    const newest = order.newest();
    if (!oldest || !newest) return [];
    // The old end is where erasing has got to; erased messages are not counted.
    const whole = { from: Math.max(oldest.seq, archiveFrom + 1), to: Math.min(newest.seq, upToSeq) };
    if (stayOf === undefined) return narrow([whole], {});
    const stays = this.stays.all({ room: order.room, jid: stayOf, last: whole.to }) as Span[];
    return narrow(stays, whole);
  }

  private within(order: RoomOrder, readable: Span[], query: MessagesAsked): ArchiveAnswer {
    const { filter } = query;
    const find = (id: string): Place => {
      const place = order.find(id);
      if (!place || !readable.some(({ from, to }) => place.seq >= from && place.seq <= to)) throw new UnknownId(id);
      return place;
    };
    const behind = (id: string | undefined): number => (id === undefined ? -Infinity : find(id).seq + 1);
    const before = (id: string | undefined): number => (id === undefined ? Infinity : find(id).seq - 1);

    const ids = { from: behind(filter.afterId), to: before(filter.beforeId) };
    const listed = filter.ids?.map(find);
    const source = this.source(order, filter, listed);
    const times = { from: filter.start === undefined ? -Infinity : (order.fromTime(filter.start)?.seq ?? Infinity), to: Infinity };
    const later = filter.end === undefined ? undefined : order.first(({ stamp }) => stamp > (filter.end as number));
    if (later) times.to = later.seq - 1;
    const left = narrow(narrow(readable, ids), times);

    if (query.want === 'versions') {
      const { start, rows } = this.versions.of(order, readable, query.occupantId, query.name);
      if (this.budget.over) throw new TooLong();
      return { kind: 'versions', start: start ? messageRow(start) : null, rows: rows.map(messageRow) };
    }
    if (query.want === 'ends') {
      const end = (backwards: boolean): MessageRow | null => this.take(source, left, backwards, 1).rows.map(messageRow)[0] ?? null;
      return { kind: 'ends', first: end(false), last: end(true) };
    }
    const { paging } = query;
    const page = { from: behind(paging.after), to: before(paging.before === '' ? undefined : paging.before) };
    return this.page(source, left, narrow(left, page), paging);
  }

  private source(order: RoomOrder, filter: ArchiveFilter, listed: Place[] | undefined): Source {
    const { occupantId, text } = filter;
    const isOfAuthor = authorTest(filter);
    const keeps = (row: RawRow): boolean => (occupantId === undefined || row.occupantId === occupantId) && (isOfAuthor?.(row) ?? true);
    if (listed) {
      const sifted = new Sifted(new Listed(this.order, listed), keeps);
      return text === undefined ? sifted : this.search.among(sifted, text);
    }
    if (occupantId === undefined) {
      if (text !== undefined) return this.search.of(order, text, isOfAuthor ? keeps : undefined);
      return isOfAuthor ? new Sifted(new WholeRoom(order), isOfAuthor) : new WholeRoom(order);
    }
    const said = this.occupants.of(order, occupantId);
    const source = isOfAuthor ? new Sifted(said, isOfAuthor) : said;
    if (text === undefined) return source;
    // Matches of a common word by one author may lie far apart: reading all of the author's messages is faster then.
    const few = said.count(EVERYTHING, FEW) !== null;
    return few ? this.search.among(source, text) : this.search.of(order, text, keeps);
  }

  private page(source: Source, left: Span[], between: Span[], { max, before }: ArchivePaging): ArchiveAnswer {
    const backwards = before !== undefined;
    const { rows, complete } = this.take(source, between, backwards, max);
    if (backwards) rows.reverse();
    this.budget.begin(COUNT_BOUNDS);
    const count = this.total(source, left);
    const first = rows[0];
    const index = first && count !== null ? this.total(source, narrow(left, { from: -Infinity, to: first.seq - 1 })) : null;
    return {
      kind: 'page',
      rows: rows.map(messageRow),
      complete,
      ...(count === null ? {} : { count }),
      ...(index === null ? {} : { index }),
    };
  }

  /** The first rows, as many and as large as a page may be, and whether they are all. A row is taken whatever its size. */
  private take(source: Source, spans: readonly Span[], backwards: boolean, most: number): { rows: RawRow[]; complete: boolean } {
    const rows: RawRow[] = [];
    let bytes = 0;
    for (const span of backwards ? [...spans].reverse() : spans) {
      for (const row of source.rows(span, backwards)) {
        bytes += Buffer.byteLength(row.payload);
        if (rows.length >= most || (bytes > PAGE_BYTES && rows.length > 0)) return { rows, complete: false };
        rows.push(row);
      }
    }
    // An empty page would not tell where to go on.
    if (this.budget.over && rows.length === 0) throw new TooLong();
    return { rows, complete: !this.budget.over };
  }

  private total(source: Source, spans: readonly Span[]): number | null {
    let sum = 0;
    for (const span of spans) {
      const count = source.count(span, MOST_COUNTED - sum);
      if (count === null || this.budget.over) return null;
      sum += count;
    }
    return sum;
  }
}

/** The parts of the spans within the bounds. */
function narrow(spans: readonly Span[], { from = -Infinity, to = Infinity }: Partial<Span>): Span[] {
  return spans.map((span) => ({ from: Math.max(span.from, from), to: Math.min(span.to, to) })).filter((span) => span.from <= span.to);
}

/** The rows of some spans, the newest first. */
function* newest(order: RoomOrder, spans: readonly Span[]): Generator<RawRow> {
  for (const span of [...spans].reverse()) yield* order.rows(span, true);
}
