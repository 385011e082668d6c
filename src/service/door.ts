/** The door: what can be refused is refused here, before any room decides, while the store is closed, work has gathered, or the service stops. */
import type { Input } from '../room/machine';
import type { Link } from '../link/link';
import type { Outgoing } from '../xmpp/outgoing';
import { Askers } from './askers';
import type { Log } from './log';
import type { Pipeline } from './pipeline';
import type { Pressure } from './pressure';
import { isQuery, isRefusable, refuseInput, SHUTTING_DOWN, TOO_BUSY, withoutContent, type Refusal } from './refusals';
import type { Slot } from './slot';

export class Door {
  /** Why it is shut. */
  shut: Refusal | undefined;
  private readonly askers = new Askers();
  private stopping = false;
  private closing = false;

  constructor(
    private readonly link: Pick<Link, 'send'>,
    private readonly pressure: Pressure,
    private readonly pipeline: Pipeline,
    private readonly log: Log,
  ) {}

  /** Nobody gets in any more. */
  get ending(): boolean {
    return this.stopping || this.closing;
  }

  /** The pressure or the store has changed. */
  update(): void {
    this.shut = this.stopping || this.pressure.refusing ? TOO_BUSY : this.closing ? SHUTTING_DOWN : this.pipeline.closed;
  }

  /** For good: nobody gets in any more, while commands still empty the rooms (§11.2). */
  close(): void {
    this.closing = true;
    this.update();
  }

  /** For good: the service stops. */
  stop(): void {
    this.stopping = true;
    this.update();
  }

  /** Refuses the input if the door is shut for it. Queries write nothing and pass unless the service stops or is busy. */
  turnsAway(slot: Slot | undefined, jid: string, input: Input): boolean {
    if (this.shut === undefined || !isRefusable(input)) return false;
    if (!this.stopping && !this.pressure.refusing && (isQuery(input) || (this.closing && input.kind === 'command'))) return false;
    this.refuse(slot, jid, input, this.shut);
    return true;
  }

  /**
   * Answers an input with an error: after what the same asker waits for, or at once. One that waits keeps nothing of the stanza but its
   * addresses. Never throws: rooms that failed rely on it.
   */
  refuse(slot: Slot | undefined, jid: string, asked: Input, why: Refusal): void {
    const part = slot?.latest;
    const waits = part !== undefined && (asked.kind !== 'stanza' || this.askers.has(part, asked.from));
    const input = waits ? withoutContent(asked) : asked;
    let out: readonly Outgoing[] = [];
    try {
      out = refuseInput(jid, input, why);
    } catch (error) {
      this.log.error({ room: jid, kind: input.kind, err: error }, 'an input could not be refused');
    }
    if (slot && waits) this.pipeline.accept(slot, input, { writes: [], out, effects: [], counters: part.counters }, 0);
    else for (const stanza of out) this.link.send(stanza);
  }
}
