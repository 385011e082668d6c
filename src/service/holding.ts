/** When an input of an awake room waits all the same, and when what waits is decided. */
import type { Input } from '../room/machine';
import { isQuery } from '../room/queries';
import type { Deciding } from './deciding';
import type { Door } from './door';
import type { Loads } from './loads';
import type { Pipeline } from './pipeline';
import { isRefusable, TOO_BUSY } from './refusals';
import type { Slot } from './slot';
import type { WaitingRoom } from './waiting';

export interface HoldingOptions {
  readonly loads: Loads;
  readonly door: Door;
  readonly waiting: WaitingRoom;
  readonly deciding: Deciding;
  readonly pipeline: Pick<Pipeline, 'closed'>;
}

export class Holding {
  constructor(private readonly options: HoldingOptions) {}

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
    if (!slot.queue.held || slot.state !== 'awake' || !this.writable) return;
    waiting.release(
      slot,
      ({ input, bytes }) => slot.state !== 'awake' || !this.writable || this.isFull(slot, input, bytes),
      ({ input, bytes }) => {
        deciding.decide(slot, input, bytes, true);
      },
    );
    if (slot.queue.held) loads.watch(slot);
  }

  /** Decides what has waited, until the room has much to say; while the store is closed only what writes nothing. */
  drain(slot: Slot): void {
    const { waiting, deciding, loads, door, pipeline } = this.options;
    waiting.holdNoMore(slot);
    waiting.drain(slot, ({ input, bytes }) => {
      if (slot.state !== 'awake') return false;
      if (this.isHeld(slot, input, bytes)) {
        waiting.hold(slot);
        return false;
      }
      if (this.writable || isQuery(input)) deciding.decide(slot, input, bytes, true);
      else if (isRefusable(input)) door.refuse(slot, slot.jid, input, pipeline.closed ?? TOO_BUSY);
      else return false;
      return true;
    });
    if (slot.queue.held) loads.watch(slot);
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
