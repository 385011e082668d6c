/**
 * What has reached the server: after output a ping follows (`link.barrier`), its answer confirms the rooms' revs, and those are
 * written with each room's next batch, or by themselves when the room is quiet.
 */
import type { Link } from '../link/link';
import type { Clock } from './clock';
import type { Pipeline } from './pipeline';
import type { Slot } from './slot';

export interface DeliveryOptions {
  readonly link: Pick<Link, 'barrier' | 'online'>;
  readonly clock: Clock;
  readonly confirmMs: number;
  readonly persistMs: number;
}

export class Delivery {
  private unconfirmed: Slot[] = [];
  private unwritten: Slot[] = [];
  private asking = false;
  private askTimer = false;
  private writeTimer = false;

  constructor(
    private readonly options: DeliveryOptions,
    private readonly pipeline: Pick<Pipeline, 'closed'>,
    /** Writes the confirmation of a room with nothing uncommitted. */
    private readonly writeDelivered: (slot: Slot) => void,
    /** Called when a room's counters say that nothing of it is in doubt any more, so it may be let go. */
    private readonly certain: (slot: Slot) => void,
  ) {}

  /** Everything of the room up to `rev` was handed to the link. */
  sent(slot: Slot, rev: number): void {
    // What the room still owes lies below: nothing above it may be confirmed before that was said.
    if (!this.options.link.online || slot.owes) return;
    if (rev > slot.sentRev) slot.sentRev = rev;
    if (slot.unconfirmed) return;
    slot.unconfirmed = true;
    this.unconfirmed.push(slot);
    this.askSoon();
  }

  /** The connection is lost: what was not confirmed counts as not sent. */
  offline(slots: Iterable<Slot>): void {
    this.unconfirmed = [];
    for (const slot of slots) {
      slot.unconfirmed = false;
      slot.sentRev = slot.confirmedRev;
    }
  }

  /** Asks now instead of later, and writes what is confirmed; for a graceful stop. Resolves when it is handed to the pipeline. */
  async finish(): Promise<void> {
    if (this.unconfirmed.length > 0 && this.options.link.online) await this.ask();
    this.write();
  }

  private askSoon(): void {
    if (this.askTimer || this.asking) return;
    this.askTimer = true;
    this.options.clock.after(this.options.confirmMs, () => {
      this.askTimer = false;
      if (this.unconfirmed.length > 0 && !this.asking) void this.ask();
    });
  }

  /** One ping behind everything sent so far. `barrier` never rejects. */
  private async ask(): Promise<void> {
    const slots = this.unconfirmed;
    const revs = slots.map((slot) => slot.sentRev);
    this.unconfirmed = [];
    for (const slot of slots) slot.unconfirmed = false;
    this.asking = true;
    const reached = await this.options.link.barrier();
    this.asking = false;
    if (reached) slots.forEach((slot, i) => this.confirm(slot, revs[i] as number));
    if (this.unconfirmed.length > 0) this.askSoon();
  }

  private confirm(slot: Slot, rev: number): void {
    // A joiner's history goes out under the rev of his join: until it is read and confirmed, that rev is not all out.
    const more = slot.reads > 0 || slot.unconfirmed;
    if (more && slot.sentRev === rev) return;
    if (rev <= slot.confirmedRev || !slot.machine) return;
    slot.machine.delivered(rev);
    // Less than was sent, while something is still held for somebody entering.
    const { deliveredRev } = slot.machine.counters;
    if (deliveredRev <= slot.confirmedRev) return;
    slot.confirmedRev = deliveredRev;
    this.persist(slot);
  }

  /** Lists the room for writing its `deliveredRev`. */
  persist(slot: Slot): void {
    if (slot.persisting) return;
    slot.persisting = true;
    this.unwritten.push(slot);
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
    this.unwritten = [];
    for (const slot of slots) {
      slot.persisting = false;
      if (!slot.machine) continue;
      if (slot.machine.counters.deliveredRev <= slot.persistedRev) {
        this.certain(slot);
        continue;
      }
      // With something uncommitted, a later decision may carry it; a machine to be reloaded has counters that never were. Looked at again.
      if (slot.latest || slot.state !== 'awake' || this.pipeline.closed) {
        slot.persisting = true;
        this.unwritten.push(slot);
      } else this.writeDelivered(slot);
    }
    if (this.unwritten.length > 0) this.writeSoon();
  }
}
