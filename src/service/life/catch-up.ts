/** Saying undelivered things again, after a start or a lost link, before anything else is decided for the room. */
import type { MessagesInput } from '../../room/contract/machine';
import type { FullJid } from '../../xmpp/fold';
import { NS } from '../../xmpp/ns';
import type { Clock } from '../clock';
import type { Slot } from './slot';

export interface CatchUpOwner {
  /** Decides the input now, whatever waits. */
  decideNow(slot: Slot, input: { readonly kind: 'say-again' } | MessagesInput): void;
  /** The room has said everything and is awake. */
  caughtUp(slot: Slot): void;
  /** Whether the store takes writes. */
  readonly writable: boolean;
}

export class CatchUp {
  constructor(
    private readonly clock: Clock,
    private readonly retryMs: number,
    private readonly owner: CatchUpOwner,
  ) {}

  /** The room is to say again, as soon as nothing of it is uncommitted. */
  start(slot: Slot): void {
    slot.life.catchUp();
    slot.ledger.prepare();
    slot.markStale();
    this.proceed(slot);
  }

  /** Begins if it is due and possible now. */
  proceed(slot: Slot): void {
    if (slot.state !== 'catching-up' || slot.ledger.begun || slot.latest || !this.owner.writable) return;
    slot.ledger.begin();
    this.owner.decideNow(slot, { kind: 'say-again' });
    this.finishIfDone(slot);
  }

  /** The archive's answer to what the room asked for while saying again. */
  answered(slot: Slot, input: MessagesInput): void {
    const { life, ledger } = slot;
    const { attempt } = ledger;
    const { generation } = life;
    if (!this.owner.writable) {
      this.clock.after(this.retryMs, () => {
        if (ledger.attempt === attempt && life.generation === generation) this.answered(slot, input);
      });
      return;
    }
    ledger.expect(-1);
    this.owner.decideNow(slot, { ...input, joining: joinsWaiting(slot) });
    this.finishIfDone(slot);
  }

  private finishIfDone(slot: Slot): void {
    if (slot.state !== 'catching-up' || !slot.ledger.done) return;
    slot.life.wake();
    this.owner.caughtUp(slot);
  }
}

/** Who is to enter as soon as the room has said everything: whoever asks for that has heard that they were out. */
function joinsWaiting(slot: Slot): ReadonlySet<FullJid> {
  const joins = new Set<FullJid>();
  for (const { input } of slot.queue.waiting) {
    if (input.kind !== 'stanza' || input.stanza.name !== 'presence' || input.stanza.attrs['type'] !== undefined) continue;
    if (input.stanza.getChild('x', NS.muc)) joins.add(input.from);
  }
  return joins;
}
