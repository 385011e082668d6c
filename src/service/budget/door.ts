/** The door: what can be refused is refused here, before any room decides, while the store is closed, work has gathered, or the service stops. */
import type { Input, StanzaInput } from '../../room/contract/machine';
import { isQuery } from '../../room/contract/queries';
import type { Link } from '../../link/link';
import type { RoomJid } from '../../xmpp/fold';
import type { Outgoing } from '../../xmpp/outgoing';
import { hasAsker } from './askers';
import type { Loads } from '../life/loads';
import type { Log } from '../../log';
import type { Pipeline } from '../pipeline/pipeline';
import type { Pressure } from './pressure';
import { isRefusable, refuseInput, SHUTTING_DOWN, TOO_BUSY, withoutContent, type Refusal } from './refusals';
import type { Slot } from '../life/slot';

export class Door {
  /** Why it is shut. */
  shut: Refusal | undefined;
  private stopping = false;
  private closing = false;

  constructor(
    private readonly link: Pick<Link, 'send'>,
    private readonly pressure: Pressure,
    private readonly loads: Pick<Loads, 'fills'>,
    private readonly pipeline: Pipeline,
    private readonly log: Log,
  ) {}

  /** Nobody gets in any more. */
  get ending(): boolean {
    return this.stopping || this.closing;
  }

  /** The pressure or the store has changed. */
  update(): void {
    this.shut =
      this.stopping || this.pressure.refusing || this.pressure.stuck ? TOO_BUSY : this.closing ? SHUTTING_DOWN : this.pipeline.closed;
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

  /**
   * Refuses the input if the door is shut for it. While much has gathered, it is open to rooms that have little part in that. Queries
   * write nothing and pass unless the service stops or is busy.
   */
  turnsAway(slot: Slot | undefined, jid: RoomJid, input: Input): boolean {
    if (this.shut === undefined || !isRefusable(input)) return false;
    if (this.stopping || this.isBusy(slot)) this.refuse(slot, jid, input, TOO_BUSY);
    else if (this.closing && input.kind !== 'command' && !isQuery(input)) this.refuse(slot, jid, input, SHUTTING_DOWN);
    else if (this.pipeline.closed && !this.closing && !isQuery(input)) this.refuse(slot, jid, input, this.pipeline.closed);
    else return false;
    return true;
  }

  private isBusy(slot: Slot | undefined): boolean {
    const { pressure } = this;
    if (pressure.stuck) return true;
    return pressure.refusing && slot !== undefined && (pressure.fills(slot.gathered) || this.loads.fills(slot));
  }

  /**
   * Answers an input with an error: after what the same asker waits for, or at once. One that waits keeps nothing of the stanza but its
   * addresses. Never throws: rooms that failed rely on it.
   */
  refuse(slot: Slot | undefined, jid: RoomJid, asked: Input, why: Refusal): void {
    const part = slot?.latest;
    const waits = part !== undefined && (asked.kind !== 'stanza' || hasAsker(part, asked.from));
    const input = waits ? withoutContent(asked) : asked;
    let out: readonly Outgoing[] = [];
    try {
      out = refuseInput(jid, input, why);
    } catch (error) {
      this.log.error({ event: 'room.refusal-failed', room: jid, kind: input.kind, err: error }, 'an input could not be refused');
    }
    // It keeps the addresses and the id, and the error that has them too.
    const bytes = waits && input.kind === 'stanza' ? idLength(input) + input.from.length : 0;
    if (slot && waits) this.pipeline.accept(slot, input, { writes: [], out, effects: [], counters: part.counters }, bytes);
    else for (const stanza of out) this.link.send(stanza);
  }
}

function idLength({ stanza }: StanzaInput): number {
  return (stanza.attrs['id'] as string | undefined)?.length ?? 0;
}
