/** The door: what can be refused is refused here, before any room decides, while the store is closed, work has gathered, or the service stops. */
import type { Input } from '../room/machine';
import type { Link } from '../link/link';
import type { Pipeline } from './pipeline';
import type { Pressure } from './pressure';
import { isQuery, isRefusable, refuseInput, TOO_BUSY, type Refusal } from './refusals';
import type { Slot } from './slot';

export class Door {
  /** Why it is shut. */
  shut: Refusal | undefined;
  private stopping = false;

  constructor(
    private readonly link: Pick<Link, 'send'>,
    private readonly pressure: Pressure,
    private readonly pipeline: Pipeline,
  ) {}

  /** The pressure or the store has changed. */
  update(): void {
    this.shut = this.stopping || this.pressure.refusing ? TOO_BUSY : this.pipeline.closed;
  }

  /** For good: the service stops. */
  stop(): void {
    this.stopping = true;
    this.update();
  }

  /** Refuses the input if the door is shut for it. Queries write nothing and pass while only the store is closed. */
  turnsAway(slot: Slot | undefined, jid: string, input: Input): boolean {
    if (this.shut === undefined || !isRefusable(input)) return false;
    if (isQuery(input) && !this.stopping && !this.pressure.refusing) return false;
    this.refuse(slot, jid, input, this.shut);
    return true;
  }

  /** Answers an input with an error in the room's order: with its latest part, or at once. */
  refuse(slot: Slot | undefined, jid: string, input: Input, why: Refusal): void {
    const out = refuseInput(jid, input, why);
    const counters = slot?.latest?.counters;
    if (slot && counters) this.pipeline.accept(slot, input, { writes: [], out, effects: [], counters }, 0);
    else for (const stanza of out) this.link.send(stanza);
  }
}
