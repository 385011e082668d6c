/** All versions of a message: itself, what it corrects and what corrects it (XEP-0308), by one look into the index of names. */
import type { Database, Statement } from 'better-sqlite3';
import { correctedIds, ownNames } from '../../room/retraction-xml';
import type { OccupantIndex } from './archive-source';
import type { MessageOrder, RoomOrder, Span } from './message-order';
import type { RawRow } from './message-rows';
import { STEPS, nameHash } from './name-index';

/** Versions that are given at most. */
const MOST = 1_000;

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
    this.position = db.prepare("SELECT up_to FROM filled WHERE name = 'text'").pluck();
  }

  /** `readable`: where they must be. */
  of(order: RoomOrder, readable: readonly Span[], occupantId: string, name: string): Found {
    const look = new Look(order, this.messages, readable, occupantId, (hash) => this.ids.all(order.room, hash, MOST) as number[]);
    look.unfilled = [...this.unfilled(order, readable, occupantId)];
    return look.all(name);
  }

  /** The author's messages that the index does not have yet: these are read. */
  private *unfilled(order: RoomOrder, readable: readonly Span[], occupantId: string): Generator<RawRow> {
    const filledTo = this.position.get() as number;
    const first = order.first(({ id }) => id > filledTo);
    if (!first) return;
    const said = this.occupants.of(order, occupantId);
    for (const { from, to } of readable) if (to >= first.seq) yield* said.rows({ from: Math.max(from, first.seq), to }, false);
  }
}

class Look {
  unfilled: readonly RawRow[] = [];
  private readonly found = new Map<number, RawRow>();

  constructor(
    private readonly order: RoomOrder,
    private readonly messages: MessageOrder,
    private readonly readable: readonly Span[],
    private readonly occupantId: string,
    private readonly ids: (hash: number) => readonly number[],
  ) {}

  all(name: string): Found {
    const start = this.called(name, Infinity);
    if (start) this.addWithOriginals(start);
    for (const row of this.corrections([name], start?.rowid ?? 0)) this.found.set(row.rowid, row);
    if (!start) for (const id of this.ids(nameHash('stems', this.occupantId, name))) this.add(this.mine(id));
    // What is found is looked at in its turn; a map goes on to what is added to it meanwhile.
    for (const row of this.found.values()) {
      if (this.found.size >= MOST || !this.messages.budget.inTime()) break;
      for (const other of this.corrections([row.id, ...ownNames(row)], row.rowid)) this.found.set(other.rowid, other);
    }
    return { start, rows: [...this.found.values()].sort((a, b) => a.rowid - b.rowid).slice(0, MOST) };
  }

  private add(row: RawRow | undefined): void {
    if (row) this.found.set(row.rowid, row);
  }

  private addWithOriginals(start: RawRow): void {
    let row: RawRow | undefined = start;
    for (let step = 0; row && step <= STEPS && !this.found.has(row.rowid); step++) {
      const { rowid, payload }: RawRow = row;
      this.found.set(rowid, row);
      row = correctedIds(payload)
        .map((name) => this.called(name, rowid))
        .find((one) => one !== undefined);
    }
  }

  /** The newest message of this id, before a given one. */
  private called(name: string, before: number): RawRow | undefined {
    const place = this.order.find(name);
    const known = place && place.id < before ? this.mine(place.id) : undefined;
    if (known) return known;
    const unfilled = this.unfilled.findLast((row) => row.rowid < before && ownNames(row).includes(name));
    if (unfilled) return unfilled;
    for (const id of this.ids(nameHash('is', this.occupantId, name))) {
      const row = id < before ? this.mine(id) : undefined;
      if (row) return row;
    }
    return undefined;
  }

  /** What corrects something called by one of these names, behind a given message. */
  private *corrections(names: readonly string[], behind: number): Generator<RawRow> {
    for (const name of names) {
      for (const id of this.ids(nameHash('corrects', this.occupantId, name))) {
        const row = id > behind && !this.found.has(id) ? this.mine(id) : undefined;
        if (row) yield row;
      }
    }
    for (const row of this.unfilled) if (row.rowid > behind && correctedIds(row.payload).some((id) => names.includes(id))) yield row;
  }

  /** A message, if it is the author's and may be read. */
  private mine(id: number): RawRow | undefined {
    const row = this.messages.row.get(id) as RawRow | undefined;
    if (row?.occupantId !== this.occupantId) return undefined;
    return this.readable.some(({ from, to }) => row.seq >= from && row.seq <= to) ? row : undefined;
  }
}
