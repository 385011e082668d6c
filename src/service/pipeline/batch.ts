/** The current batch: what decisions ask to be remembered, as the columns the store takes, and what waits for its commit. */
import type { RoomJid } from '../../xmpp/fold';
import type { Decision, Input } from '../../room/contract/machine';
import type { Change, Counters, MessageRow } from '../../room/contract/rows';
import { emptyColumns, type Batch, type ClaimToken } from '../../store/room-store';
import { Part, type Slot } from '../life/slot';

export class BatchBuilder {
  readonly parts: Part[] = [];
  private messages = emptyColumns();
  /** Set when it is handed to the store. */
  number = 0;
  /** By the clock that never goes back. */
  handedAt = 0;
  /** It builds on a batch that failed, and will fail too: its parts are dropped. */
  void = false;
  /** It was not answered in time: its askers have been refused, whatever the store does. */
  late = false;

  get empty(): boolean {
    return this.parts.length === 0;
  }

  /** A new part for a room that has none here yet. */
  part(slot: Slot, counters: Counters): Part {
    const part = new Part(slot, this.parts.length, counters);
    this.parts.push(part);
    return part;
  }

  /** Adds a decision's writes to its room's part; the last counters win. */
  write(part: Part, decision: Decision): void {
    part.counters = decision.counters;
    for (const write of decision.writes) {
      if (write.table === 'message') this.addMessage(part.index, write.row);
      else if (part.changes) part.changes.push(write);
      else part.changes = [write];
    }
  }

  /** The batch without some parts: for rooms whose earlier part was refused. */
  without(dead: ReadonlySet<Part>): BatchBuilder {
    const rest = new BatchBuilder();
    for (const old of this.parts) {
      if (dead.has(old)) continue;
      const part = rest.part(old.slot, old.counters);
      part.bytes = old.bytes;
      part.unsentBytes = old.unsentBytes;
      part.stale = old.stale;
      for (let i = 0; i < old.inputs.length; i++) {
        const decision = old.decisions[i] as Decision;
        part.add(old.inputs[i] as Input, decision);
        if (decision.writes.length > 0 || decision.counts) rest.write(part, decision);
      }
      if (old.slot.current === old) old.slot.current = part;
    }
    return rest;
  }

  /** What the store takes. `knows`: the latest batch that it has answered. */
  build(number: number, knows: number): Batch {
    this.number = number;
    const { parts } = this;
    const rooms = new Array<RoomJid>(parts.length);
    const tokens = new Array<ClaimToken | null>(parts.length);
    const changes = new Array<Change[] | null>(parts.length);
    const rev = new Array<number>(parts.length);
    const deliveredRev = new Array<number>(parts.length);
    const seq = new Array<number>(parts.length);
    const stamp = new Array<number>(parts.length);
    const used = new Array<number>(parts.length);
    for (let i = 0; i < parts.length; i++) {
      const { slot, token, counters, changes: changed } = parts[i] as Part;
      rooms[i] = slot.jid;
      tokens[i] = token;
      changes[i] = changed;
      rev[i] = counters.rev;
      deliveredRev[i] = counters.deliveredRev;
      seq[i] = counters.seq;
      stamp[i] = counters.stamp;
      used[i] = counters.used;
    }
    return { number, knows, rooms, tokens, counters: { rev, deliveredRev, seq, stamp, used }, changes, messages: this.messages };
  }

  private addMessage(room: number, row: MessageRow): void {
    const columns = this.messages;
    columns.room.push(room);
    columns.seq.push(row.seq);
    columns.rev.push(row.rev);
    columns.stamp.push(row.stamp);
    columns.id.push(row.id);
    columns.nick.push(row.nick);
    columns.sender.push(row.sender);
    columns.jidShown.push(row.jidShown);
    columns.occupantId.push(row.occupantId);
    columns.clientId.push(row.clientId);
    columns.lang.push(row.lang);
    columns.inHistory.push(row.inHistory);
    columns.payload.push(row.payload);
  }
}
