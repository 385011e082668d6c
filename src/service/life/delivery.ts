/**
 * What has reached the server: after output a room's route is asked, its answer confirms the rooms' revs, and those are written with each
 * room's next batch, or by themselves when the room is quiet.
 */
import type { Rev } from '../../room/contract/rows';
import type { Clock } from '../clock';
import type { Pipeline } from '../pipeline/pipeline';
import type { Route } from './route';
import type { Slot } from './slot';

export interface DeliveryOptions {
  readonly clock: Clock;
  readonly confirmMs: number;
  readonly persistMs: number;
}

export interface DeliveryOwner {
  /** Writes the confirmation of a room with nothing uncommitted. */
  writeDelivered(slot: Slot): void;
  /** A room's counters say that nothing of it is in doubt any more, so it may be let go. */
  certain(slot: Slot): void;
}

/** The rooms that have said something by one route since it was asked. */
interface Unconfirmed {
  slots: Set<Slot>;
  asking: boolean;
  timer: boolean;
}

export class Delivery {
  private readonly routes = new Map<Route, Unconfirmed>();
  private unwritten = new Set<Slot>();
  private writeTimer = false;

  constructor(
    private readonly options: DeliveryOptions,
    private readonly pipeline: Pick<Pipeline, 'closed'>,
    private readonly owner: DeliveryOwner,
  ) {}

  /** Everything of the room up to `rev` was handed to its route. */
  sent(slot: Slot, rev: Rev): void {
    if (!slot.ledger.say(rev)) return;
    const { route } = slot.ledger;
    const of = this.of(route);
    // What it said by another route, and was not asked about, is confirmed by this one too: a room is in one of them only.
    for (const other of this.routes.values()) if (other !== of) other.slots.delete(slot);
    of.slots.add(slot);
    this.askSoon(route, of);
  }

  /** The connection is lost: what was not confirmed counts as not said. */
  offline(slots: Iterable<Slot>): void {
    for (const of of this.routes.values()) of.slots.clear();
    for (const slot of slots) slot.ledger.lost();
  }

  /** The same of one room, while the connection stands. */
  unsure(slot: Slot): void {
    for (const of of this.routes.values()) of.slots.delete(slot);
    slot.ledger.lost();
  }

  /** Asks now instead of later, and writes what is confirmed; for a graceful stop. Resolves when it is handed to the pipeline. */
  async finish(): Promise<void> {
    const open = [...this.routes].filter(([route, { slots }]) => slots.size > 0 && route.open);
    await Promise.all(open.map(([route, of]) => this.ask(route, of)));
    this.write();
  }

  private of(route: Route): Unconfirmed {
    let of = this.routes.get(route);
    if (!of) this.routes.set(route, (of = { slots: new Set(), asking: false, timer: false }));
    return of;
  }

  private askSoon(route: Route, of: Unconfirmed): void {
    if (of.timer || of.asking) return;
    of.timer = true;
    this.options.clock.after(this.options.confirmMs, () => {
      of.timer = false;
      if (of.slots.size > 0 && !of.asking) void this.ask(route, of);
    });
  }

  /** One question behind everything said so far. `reached` never rejects. */
  private async ask(route: Route, of: Unconfirmed): Promise<void> {
    const said = [...of.slots].map((slot) => ({ slot, rev: slot.ledger.said }));
    of.slots = new Set();
    of.asking = true;
    const reached = await route.reached();
    of.asking = false;
    for (const { slot, rev } of said) {
      const saidMore = this.isAskedFor(slot);
      if (reached) this.confirm(slot, rev, saidMore);
      // Rooms that say it again have not said it now; others said it by a way of theirs that holds.
      else if (route.open && !saidMore && rev > slot.ledger.confirmed && slot.ledger.said >= rev) of.slots.add(slot);
    }
    if (of.slots.size > 0) this.askSoon(route, of);
  }

  /** Whether something of the room was said since its route was asked. */
  private isAskedFor(slot: Slot): boolean {
    for (const { slots } of this.routes.values()) if (slots.has(slot)) return true;
    return false;
  }

  /** `saidMore`: something of the room was said since the route was asked. */
  private confirm(slot: Slot, rev: Rev, saidMore: boolean): void {
    const { ledger, machine } = slot;
    // A joiner's history goes out under the rev of the join: until it is read and confirmed, that rev is not all out.
    if ((slot.reads > 0 || saidMore) && ledger.said === rev) return;
    if (rev <= ledger.confirmed || !machine) return;
    machine.delivered(rev);
    // Less than was said, while something is still held for somebody entering.
    const { deliveredRev } = machine.counters;
    if (deliveredRev <= ledger.confirmed) return;
    ledger.confirm(deliveredRev);
    this.persist(slot);
  }

  /** Lists the room for writing its `deliveredRev`. */
  persist(slot: Slot): void {
    this.unwritten.add(slot);
    this.writeSoon();
  }

  private writeSoon(): void {
    if (this.writeTimer) return;
    this.writeTimer = true;
    this.options.clock.after(this.options.persistMs, () => {
      this.writeTimer = false;
      this.write();
    });
  }

  private write(): void {
    const slots = this.unwritten;
    this.unwritten = new Set();
    for (const slot of slots) {
      if (!slot.machine) continue;
      if (!slot.ledger.isUnsavedIn(slot.machine.counters)) this.owner.certain(slot);
      // With something uncommitted, a later decision may carry it; a machine to be loaded anew has counters that never were. Looked at again.
      else if (slot.latest || slot.state !== 'awake' || this.pipeline.closed) this.unwritten.add(slot);
      else this.owner.writeDelivered(slot);
    }
    if (this.unwritten.size > 0) this.writeSoon();
  }
}
