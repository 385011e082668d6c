/**
 * What a room has yet to say, on the wire: decided and not committed, and queued for the link. A room with more than the bound decides
 * nothing more; what comes for it is held, undecided and in order, while others go on.
 */
import type { Link } from '../../link/link';
import type { Input } from '../../room/contract/machine';
import { copiesOf, costOf, weightOf, type Outgoing } from '../../xmpp/outgoing';
import type { Slot } from './slot';

/** A room that has more than this part of its bound to say fills the link, when that takes nothing. */
const LARGE_SHARE = 1 / 16;

export class Loads {
  constructor(
    private readonly link: Pick<Link, 'queuedOf' | 'tellLow'>,
    /** Bytes on the wire. */
    private readonly bound: number,
  ) {}

  /** What the room has yet to say, in bytes. */
  of(slot: Slot): number {
    return slot.unsentBytes + this.link.queuedOf(slot.jid);
  }

  /** Whether the room has a large part of what it may have to say. */
  fills(slot: Slot): boolean {
    return this.of(slot) > this.bound * LARGE_SHARE;
  }

  /** Whether an input is to be held: what its decision may say is counted for each occupant, before it is made. */
  full(slot: Slot, input: Input, bytes: number): boolean {
    const due = this.of(slot);
    if (due <= this.bound / 2) return false;
    return due + estimate(slot, input, bytes) > this.bound;
  }

  /** Has the link tell when it has little of the room left. Where most is not committed yet, its commit will tell. */
  watch(slot: Slot): void {
    if (this.link.queuedOf(slot.jid) > this.bound / 2) this.link.tellLow(slot.jid);
  }
}

/** What a stanza's copies have in addition to what came: addresses and the room's own elements. */
const ADDED = 300;

/** What is passed on of an input goes to each occupant once: messages, presence. Requests are answered to one. */
function estimate(slot: Slot, input: Input, bytes: number): number {
  const { occupants = 1 } = slot.machine ?? {};
  const toAll = input.kind === 'stanza' ? input.stanza.name !== 'iq' : input.kind === 'command';
  return (bytes + ADDED) * (toAll ? occupants : 1);
}

/** Bytes of a stanza and all its copies on the wire, weighed. */
export function saidBytes(out: Outgoing): number {
  return weightOf(out) * costOf(out) * copiesOf(out);
}
