/**
 * The bounded queue of a room that cannot decide yet: count, bytes, deadline; then `wait` / resource-constraint. Where it waits only for
 * the link to take what the room has said, there is no deadline, and beyond the bound only those are refused who fill it themselves: for
 * the others reading is paused in time (`Pressure`).
 */
import type { Input } from '../room/machine';
import type { Clock } from './clock';
import type { ServiceLimits } from './limits';
import type { Log } from './log';
import type { Pressure } from './pressure';
import { isRefusable, TOO_BUSY, type Refusal } from './refusals';
import { bareOf } from '../xmpp/jid';
import type { Slot, Waiting } from './slot';

/** Inputs that cannot be refused may exceed the bound by this factor before they are dropped. */
const SLACK = 4;
/** Charged for each waiting input beside its bytes: what its elements and objects take. */
const OVERHEAD = 2_000;
/** Who has more than this part of a held queue is one of those who fill it. */
const LARGE_SHARE = 1 / 16;

export interface WaitingOwner {
  /** Answers an input with an error, in the room's order. */
  refuse(slot: Slot, input: Input, why: Refusal): void;
  /** What cannot be refused was dropped: who is there is to be verified anew, and a command that goes on is over. */
  lost(input: Input): void;
}

export class WaitingRoom {
  constructor(
    private readonly limits: Pick<ServiceLimits, 'waiting' | 'waitingBytes' | 'waitingMs'>,
    private readonly clock: Clock,
    private readonly log: Log,
    private readonly pressure: Pressure,
    private readonly owner: WaitingOwner,
  ) {}

  /** Puts an input at the end of the room's queue, or refuses it. */
  add(slot: Slot, input: Input, bytes: number): void {
    const { waiting, waitingBytes } = this.limits;
    const slack = isRefusable(input) ? 1 : SLACK;
    const full = slot.waiting.length >= waiting * slack || slot.waitingBytes + bytes > waitingBytes * slack;
    if (full && (!slot.held || this.fills(slot, input, bytes))) {
      if (slack === 1) this.owner.refuse(slot, input, TOO_BUSY);
      else {
        this.log.error({ room: slot.jid, kind: input.kind, waiting: slot.waiting.length }, 'an input that cannot be refused was dropped');
        this.owner.lost(input);
      }
      return;
    }
    slot.waiting.push({ input, bytes, since: this.clock.elapsed() });
    this.account(slot, bytes, 1);
    if (slot.held) this.note(slot, input, bytes);
    this.arm(slot);
  }

  /** Whether the sender has a large share of what is held. */
  private fills(slot: Slot, input: Input, bytes: number): boolean {
    const own = slot.heldOf.get(senderOf(input));
    if (!own) return false;
    const { waiting, waitingBytes } = this.limits;
    return own.count >= waiting * LARGE_SHARE || own.bytes + bytes > waitingBytes * LARGE_SHARE;
  }

  private note(slot: Slot, input: Input, bytes: number): void {
    const sender = senderOf(input);
    const own = slot.heldOf.get(sender);
    if (own) {
      own.count++;
      own.bytes += bytes;
    } else slot.heldOf.set(sender, { count: 1, bytes });
  }

  /** Puts inputs before all that wait: they were decided once already. */
  putBack(slot: Slot, inputs: readonly Input[]): void {
    const since = this.clock.elapsed();
    slot.waiting.unshift(...inputs.map((input) => ({ input, bytes: 0, since })));
    this.account(slot, 0, inputs.length);
  }

  /** Hands out all that wait, in order; what `handle` answers false for goes on waiting, before what came meanwhile. */
  drain(slot: Slot, handle: (one: Waiting) => boolean): void {
    const taken = slot.waiting;
    if (taken.length === 0) return;
    this.account(slot, -slot.waitingBytes, -taken.length);
    slot.waiting = [];
    slot.heldOf.clear();
    slot.cancelDeadline?.();
    slot.cancelDeadline = undefined;
    const rest = taken.filter((one) => !handle(one));
    if (rest.length === 0) return;
    slot.waiting.unshift(...rest);
    let bytes = 0;
    for (const one of rest) {
      bytes += one.bytes;
      if (slot.held) this.note(slot, one.input, one.bytes);
    }
    this.account(slot, bytes, rest.length);
    this.arm(slot);
  }

  /** Hands out what is held, in order, until something is to stay. */
  release(slot: Slot, stays: (one: Waiting) => boolean, handle: (one: Waiting) => void): void {
    for (let one = slot.waiting[0]; one && !stays(one); one = slot.waiting[0]) {
      slot.waiting.shift();
      this.account(slot, -one.bytes, -1);
      const own = slot.heldOf.get(senderOf(one.input));
      if (own) {
        own.bytes -= one.bytes;
        if (--own.count === 0) slot.heldOf.delete(senderOf(one.input));
      }
      handle(one);
    }
  }

  /** Refuses what can be refused; the rest keeps waiting. */
  refuseAll(slot: Slot, why: Refusal): void {
    this.refuseWhere(slot, why, () => true);
  }

  private refuseWhere(slot: Slot, why: Refusal, due: (one: Waiting) => boolean): void {
    this.drain(slot, (one) => {
      if (!due(one) || !isRefusable(one.input)) return false;
      this.owner.refuse(slot, one.input, why);
      return true;
    });
  }

  private account(slot: Slot, bytes: number, count: number): void {
    slot.waitingBytes += bytes;
    const change = bytes + count * OVERHEAD;
    if (change > 0) this.pressure.add(change);
    else this.pressure.remove(-change);
  }

  private arm(slot: Slot): void {
    if (slot.cancelDeadline || slot.held) return;
    const oldest = slot.waiting.find((one) => isRefusable(one.input));
    if (!oldest) return;
    const ms = Math.max(0, oldest.since + this.limits.waitingMs - this.clock.elapsed());
    slot.cancelDeadline = this.clock.after(ms, () => {
      slot.cancelDeadline = undefined;
      const before = this.clock.elapsed() - this.limits.waitingMs;
      this.refuseWhere(slot, TOO_BUSY, (one) => one.since <= before);
    });
  }
}

function senderOf(input: Input): string {
  return input.kind === 'stanza' ? bareOf(input.from) : '';
}
