/** Saying undelivered things again, after a start or a lost link, before anything else is decided for the room. */
import type { MessagesInput } from '../room/machine';
import type { RoomRows } from '../room/rows';
import { NS } from '../xmpp/ns';
import type { Clock } from './clock';
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
    slot.state = 'catching-up';
    slot.catchUpBegun = false;
    slot.catchUpReads = 0;
    slot.round++;
    slot.markStale();
    this.proceed(slot);
  }

  /** Begins if it is due and possible now. */
  proceed(slot: Slot): void {
    if (slot.state !== 'catching-up' || slot.catchUpBegun || slot.latest || !this.owner.writable) return;
    slot.catchUpBegun = true;
    slot.owes = false;
    this.owner.decideNow(slot, { kind: 'say-again' });
    this.finishIfDone(slot);
  }

  /** The archive's answer to what the room asked for while saying again. */
  answered(slot: Slot, input: MessagesInput): void {
    const { round, generation } = slot;
    if (!this.owner.writable) {
      this.clock.after(this.retryMs, () => {
        if (slot.round === round && slot.generation === generation) this.answered(slot, input);
      });
      return;
    }
    slot.catchUpReads--;
    this.owner.decideNow(slot, { ...input, joining: joinsWaiting(slot) });
    this.finishIfDone(slot);
  }

  private finishIfDone(slot: Slot): void {
    if (slot.state !== 'catching-up' || !slot.catchUpBegun || slot.catchUpReads > 0) return;
    slot.state = 'awake';
    this.owner.caughtUp(slot);
  }
}

/** Who is to enter as soon as the room has said everything: whoever asks for that has heard that he was out. */
function joinsWaiting(slot: Slot): ReadonlySet<string> {
  const joins = new Set<string>();
  for (const { input } of slot.waiting) {
    if (input.kind !== 'stanza' || input.stanza.name !== 'presence' || input.stanza.attrs['type'] !== undefined) continue;
    if (input.stanza.getChild('x', NS.muc)) joins.add(input.from);
  }
  return joins;
}

/** Takes over what the rows say about delivery; true if the room has something to say again. */
export function owesSayings(slot: Slot, rows: RoomRows | null): boolean {
  const rev = rows?.counters.rev ?? 0;
  slot.committedRev = rev;
  slot.persistedRev = rows?.counters.deliveredRev ?? 0;
  // After a reload the slot knows of confirmations that no row has yet; a room begun anew counts from the start.
  slot.confirmedRev = Math.min(Math.max(slot.confirmedRev, slot.persistedRev), rev);
  slot.sentRev = Math.min(Math.max(slot.sentRev, slot.confirmedRev), rev);
  return rows !== null && (rev > slot.sentRev || rows.sessions.some((session) => session.entering));
}
