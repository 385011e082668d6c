/** When an input of an awake room waits all the same, and when what waits is decided. */
import type { Input } from '../../room/contract/machine';
import { isQuery } from '../../room/contract/queries';
import type { Clock } from '../clock';
import type { Deciding } from './deciding';
import type { Door } from '../budget/door';
import type { Loads } from './loads';
import type { Pipeline } from '../pipeline/pipeline';
import { isRefusable, TOO_BUSY } from '../budget/refusals';
import type { Slot } from './slot';
import type { WaitingRoom } from './waiting';

/** Inputs that are decided in one event; whatever else has come has its turn before the next: some 20 ms. */
const AT_ONCE = 200;

export interface HoldingOptions {
  readonly clock: Pick<Clock, 'after'>;
  readonly loads: Loads;
  readonly door: Door;
  readonly waiting: WaitingRoom;
  readonly deciding: Deciding;
  readonly pipeline: Pick<Pipeline, 'closed'>;
}

export class Holding {
  /** Rooms that go on in their next turn. */
  private readonly next = new Set<Slot>();

  constructor(
    private readonly options: HoldingOptions,
    /** A room that has had its turn goes on (`letGoOn`). */
    private readonly goOn: (slot: Slot) => void,
  ) {}

  /** Decides an input, or puts it where it waits. */
  take(slot: Slot, input: Input, bytes: number): void {
    const { waiting, deciding, loads } = this.options;
    if (slot.state === 'awake' && this.isHeld(slot, input, bytes)) {
      waiting.hold(slot);
      loads.watch(slot);
      waiting.add(slot, input, bytes);
    } else if (slot.state === 'awake' && (this.writable || isQuery(input))) deciding.decide(slot, input, bytes);
    else if (this.isAnsweredMeanwhile(slot, input)) deciding.decide(slot, input, bytes);
    else waiting.add(slot, input, bytes);
  }

  /** The link has taken much of what the room had to say, or is gone: decides what was held, as far as there is room for it. */
  letGoOn(slot: Slot): void {
    const { waiting, deciding, loads } = this.options;
    if (!slot.queue.held || slot.state !== 'awake' || !this.writable || this.next.has(slot)) return;
    let left = AT_ONCE;
    waiting.handOut(
      slot,
      ({ input, bytes }) => left <= 0 || slot.state !== 'awake' || !this.writable || this.isFull(slot, input, bytes),
      ({ input, bytes }) => {
        left--;
        deciding.decide(slot, input, bytes, true);
      },
    );
    this.goOnLater(slot, left <= 0);
    if (slot.queue.held) loads.watch(slot);
  }

  /** Decides what has waited, so much of it in one event, until the room has much to say; while the store is closed only what writes nothing. */
  drain(slot: Slot): void {
    const { waiting, deciding, loads, door, pipeline } = this.options;
    waiting.holdNoMore(slot);
    let left = AT_ONCE;
    waiting.drain(slot, ({ input, bytes }) => {
      if (slot.state !== 'awake') return false;
      if (left <= 0 || this.isHeld(slot, input, bytes)) {
        waiting.hold(slot);
        return false;
      }
      if (this.writable || isQuery(input)) {
        if (this.writable) left--;
        deciding.decide(slot, input, bytes, true);
      } else if (isRefusable(input)) door.refuse(slot, slot.jid, input, pipeline.closed ?? TOO_BUSY);
      else return false;
      return true;
    });
    this.goOnLater(slot, left <= 0);
    if (slot.queue.held) loads.watch(slot);
  }

  /** What waits still is decided in the room's next turn, if nothing else keeps it. */
  private goOnLater(slot: Slot, hadItsTurn: boolean): void {
    if (!hadItsTurn || !slot.queue.held || this.next.has(slot)) return;
    this.next.add(slot);
    this.options.clock.after(0, () => {
      this.next.delete(slot);
      this.goOn(slot);
    });
  }

  /** Nothing can be saved: a room that has something to say again waits for that, and what only asks is answered from what is saved. */
  answerMeanwhile(slot: Slot): void {
    if (slot.state !== 'catching-up') return;
    const { waiting, deciding } = this.options;
    waiting.drain(slot, ({ input, bytes }) => {
      if (!this.isAnsweredMeanwhile(slot, input)) return false;
      deciding.decide(slot, input, bytes, true);
      return true;
    });
  }

  private get writable(): boolean {
    return this.options.pipeline.closed === undefined;
  }

  private isAnsweredMeanwhile(slot: Slot, input: Input): boolean {
    return !this.writable && slot.state === 'catching-up' && !slot.ledger.begun && isQuery(input);
  }

  /** Whether what comes now waits: the room has much to say still, or something waits for that already. */
  private isHeld(slot: Slot, input: Input, bytes: number): boolean {
    return slot.queue.held || this.isFull(slot, input, bytes);
  }

  private isFull(slot: Slot, input: Input, bytes: number): boolean {
    return !this.options.door.ending && this.options.loads.full(slot, input, bytes);
  }
}
