/** All versions of a message: itself, what it corrects and what corrects it (XEP-0308), by one look into the index of names. */
import type { Database, Statement } from 'better-sqlite3';
import { correctedIds, ownNames } from '../../../room/retracting/retraction-xml';
import { escapeAttribute } from '../../../xmpp/xml';
import type { OccupantIndex } from './archive-source';
import type { Head, MessageOrder, RoomOrder, Span } from '../messages/message-order';
import type { RawRow } from '../messages/message-rows';
import { STEPS, nameHash } from '../messages/name-index';

/** Versions that are given at most, and bytes of their contents but for the one that passes them. */
const MOST = 1_000;
const MOST_BYTES = 32 * 1024 * 1024;

export interface Found {
  /** The message of this id; undefined if it is gone, though its corrections may be there. */
  readonly start: RawRow | undefined;
  /** It and its versions, oldest first. */
  readonly rows: readonly RawRow[];
}

export class Versions {
  private readonly ids: Statement;
  private readonly position: Statement;

  constructor(
    db: Database,
    private readonly messages: MessageOrder,
    private readonly occupants: OccupantIndex,
  ) {
    this.ids = db.prepare('SELECT id FROM message_name WHERE room = ? AND hash = ? ORDER BY id DESC LIMIT ?').pluck();
    this.position = db.prepare('SELECT names_up_to FROM text_rules').pluck();
  }

  /** `readable`: where they must be. Of very many or very long versions the newest are given, and always the message itself. */
  of(order: RoomOrder, readable: readonly Span[], occupantId: string, name: string): Found {
    const namesUpTo = this.position.get() as number;
    const waiting = (span: Span, behind: number): Iterable<Head> =>
      this.occupants.headsOf(order, occupantId, span, Math.max(behind, namesUpTo));
    const ids = (hash: number): readonly number[] => this.ids.all(order.room, hash, MOST) as number[];
    return new Look({ order, messages: this.messages, readable, occupantId, ids, waiting }).all(name);
  }
}

/** Where is looked, and for whose messages. */
interface Place {
  readonly order: RoomOrder;
  readonly messages: MessageOrder;
  readonly readable: readonly Span[];
  readonly occupantId: string;
  /** Messages that have a name of this hash, the newest first. */
  readonly ids: (hash: number) => readonly number[];
  /** The author's messages of a span whose `id` is not in the index yet, the newest first, without contents. */
  readonly waiting: (span: Span, behind: number) => Iterable<Head>;
}

class Look {
  private readonly found = new Map<number, RawRow>();
  private bytes = 0;

  constructor(private readonly at: Place) {}

  all(name: string): Found {
    const start = this.called(name, Infinity);
    if (start) this.addWithOriginals(start);
    for (const row of this.corrections([name], start?.rowid ?? 0)) this.add(row);
    if (!start) for (const id of this.at.ids(nameHash('stems', this.at.occupantId, name))) this.add(this.mine(id));
    // What is found is looked at in its turn; a map goes on to what is added to it meanwhile.
    for (const row of this.found.values()) {
      if (this.isFull || !this.at.messages.budget.inTime()) break;
      for (const other of this.corrections([row.id, ...ownNames(row)], row.rowid)) this.add(other);
    }
    return { start, rows: [...this.found.values()].sort((a, b) => a.rowid - b.rowid) };
  }

  private get isFull(): boolean {
    return this.found.size >= MOST || this.bytes >= MOST_BYTES;
  }

  private add(row: RawRow | undefined): void {
    if (!row || this.isFull || this.found.has(row.rowid)) return;
    this.found.set(row.rowid, row);
    this.bytes += Buffer.byteLength(row.payload);
  }

  private addWithOriginals(start: RawRow): void {
    let row: RawRow | undefined = start;
    for (let step = 0; row && step <= STEPS && !this.found.has(row.rowid); step++) {
      const { rowid, payload }: RawRow = row;
      this.add(row);
      row = correctedIds(payload)
        .map((name) => this.called(name, rowid))
        .find((one) => one !== undefined);
    }
  }

  /** The newest message of this id, before a given one. */
  private called(name: string, before: number): RawRow | undefined {
    const place = this.at.order.find(name);
    if (place) return place.id < before ? this.mine(place.id) : undefined;
    let indexed: RawRow | undefined;
    for (const id of this.at.ids(nameHash('is', this.at.occupantId, name))) {
      indexed = id < before ? this.mine(id) : undefined;
      if (indexed) break;
    }
    return this.waitingFor(name, before, indexed?.rowid ?? 0) ?? indexed;
  }

  /** The newest message of this `id` between two that waits for the index. */
  private waitingFor(name: string, before: number, behind: number): RawRow | undefined {
    for (const span of [...this.at.readable].reverse()) {
      for (const { id, clientId } of this.at.waiting(span, behind))
        if (id < before && clientId !== null && escapeAttribute(clientId) === name) return this.mine(id);
    }
    return undefined;
  }

  /** What corrects something called by one of these names, behind a given message. */
  private *corrections(names: readonly string[], behind: number): Generator<RawRow> {
    for (const name of names) {
      for (const id of this.at.ids(nameHash('corrects', this.at.occupantId, name))) {
        if (this.isFull) return;
        const row = id > behind && !this.found.has(id) ? this.mine(id) : undefined;
        if (row) yield row;
      }
    }
  }

  /** A message, if it is the author's and may be read. */
  private mine(id: number): RawRow | undefined {
    const row = this.at.messages.row.get(id) as RawRow | undefined;
    if (row?.occupantId !== this.at.occupantId) return undefined;
    return this.at.readable.some(({ from, to }) => row.seq >= from && row.seq <= to) ? row : undefined;
  }
}
