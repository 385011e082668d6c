/**
 * The bounded queue of a room that cannot decide yet: count, bytes, deadline; then `wait` / resource-constraint. Where it waits only for
 * the link to take what the room has said (it is *held*), there is no deadline, and beyond the bound only those are refused who fill it
 * themselves: for the others reading is paused in time (`Pressure`).
 */
import type { Input } from '../../room/contract/machine';
import { bareOf } from '../../xmpp/jid';
import type { Clock } from '../clock';
import type { ServiceLimits } from '../budget/limits';
import type { Log } from '../../log';
import type { Pressure } from '../budget/pressure';
import type { Queue, Waiting } from './queue';
import { memoryOf, isRefusable, TOO_BUSY, type Refusal } from '../budget/refusals';
import type { Slot } from './slot';

/** Inputs that cannot be refused may exceed the bound by this factor before they are dropped. */
const SLACK = 4;
/** Charged for each waiting input beside what its stanza takes: objects and bookkeeping, of waiting for a room that is made as well. */
const OVERHEAD = 1_000;
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
    const { queue } = slot;
    const { waiting, waitingBytes } = this.limits;
    const slack = isRefusable(input) ? 1 : SLACK;
    const full = queue.waiting.length >= waiting * slack || queue.bytes + bytes > waitingBytes * slack;
    if (full && (!queue.held || this.fills(queue, input, bytes))) {
      if (slack === 1) this.owner.refuse(slot, input, TOO_BUSY);
      else {
        this.log.error(
          { event: 'room.input-dropped', room: slot.jid, kind: input.kind, waiting: queue.waiting.length },
          'an input that cannot be refused was dropped',
        );
        this.owner.lost(input);
      }
      return;
    }
    const one: Waiting = { input, bytes, memory: memoryOf(input, bytes) + OVERHEAD, since: this.clock.elapsed(), share: undefined };
    queue.waiting.push(one);
    this.account(queue, bytes, one.memory);
    if (queue.held) note(queue, one);
    this.arm(slot);
  }

  /** What waits, and what comes now, is held: it meets no deadline. */
  hold({ queue }: Slot): void {
    queue.held = true;
  }

  /** Nothing is held any more. What waits meets a deadline that begins now. */
  holdNoMore(slot: Slot): void {
    const { queue } = slot;
    if (!queue.held) return;
    queue.held = false;
    queue.heldOf.clear();
    const since = this.clock.elapsed();
    queue.waiting = queue.waiting.map((one) => ({ ...one, since, share: undefined }));
    this.arm(slot);
  }

  /** Puts inputs before all that wait: they were decided once already. */
  putBack({ queue }: Slot, inputs: readonly Input[]): void {
    const since = this.clock.elapsed();
    const back = inputs.map((input) => ({ input, bytes: 0, memory: memoryOf(input, 0) + OVERHEAD, since }));
    queue.waiting = [...back, ...queue.waiting];
    this.account(
      queue,
      0,
      back.reduce((sum, { memory }) => sum + memory, 0),
    );
  }

  /** Hands out all that wait, in order; inputs for which `handle` returns false stay in the queue, ahead of newer ones. */
  drain(slot: Slot, handle: (one: Waiting) => boolean): void {
    const { queue } = slot;
    const taken = queue.waiting;
    if (taken.length === 0) return;
    this.account(queue, -queue.bytes, -queue.memory);
    queue.waiting = [];
    queue.heldOf.clear();
    queue.cancelDeadline?.();
    queue.cancelDeadline = undefined;
    const rest: Waiting[] = [];
    let done = 0;
    try {
      for (const one of taken) {
        done++;
        if (!handle(one)) rest.push(one);
      }
    } finally {
      // All of it, unless something threw.
      if (done < taken.length) rest.push(...taken.slice(done));
      this.keep(slot, rest);
    }
  }

  /** Puts what was taken, and is to wait on, before what came meanwhile. */
  private keep(slot: Slot, rest: readonly Waiting[]): void {
    if (rest.length === 0) return;
    const { queue } = slot;
    queue.waiting = [...rest, ...queue.waiting];
    let bytes = 0;
    let memory = 0;
    for (const one of rest) {
      bytes += one.bytes;
      memory += one.memory;
      if (queue.held) note(queue, one);
      else one.share = undefined;
    }
    this.account(queue, bytes, memory);
    this.arm(slot);
  }

  /** Hands out what is held, in order, until something is to stay; if nothing stays, nothing is held any more. */
  handOut({ queue }: Slot, stays: (one: Waiting) => boolean, handle: (one: Waiting) => void): void {
    for (let one = queue.waiting[0]; one && !stays(one); one = queue.waiting[0]) {
      queue.waiting.shift();
      this.account(queue, -one.bytes, -one.memory);
      const { share } = one;
      if (share) {
        share.bytes -= one.bytes;
        if (--share.count === 0) queue.heldOf.delete(share.sender);
      }
      handle(one);
    }
    if (queue.isEmpty) queue.held = false;
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

  /** Whether the sender has a large share of what is held. */
  private fills(queue: Queue, input: Input, bytes: number): boolean {
    const own = queue.heldOf.get(senderOf(input));
    if (!own) return false;
    const { waiting, waitingBytes } = this.limits;
    return own.count >= waiting * LARGE_SHARE || own.bytes + bytes > waitingBytes * LARGE_SHARE;
  }

  private account(queue: Queue, bytes: number, memory: number): void {
    queue.bytes += bytes;
    queue.memory += memory;
    if (memory > 0) this.pressure.add(memory);
    else this.pressure.remove(-memory);
  }

  private arm(slot: Slot): void {
    const { queue } = slot;
    if (queue.cancelDeadline || queue.held) return;
    const oldest = queue.waiting.find((one) => isRefusable(one.input));
    if (!oldest) return;
    const ms = Math.max(0, oldest.since + this.limits.waitingMs - this.clock.elapsed());
    queue.cancelDeadline = this.clock.after(ms, () => {
      queue.cancelDeadline = undefined;
      if (queue.held) return;
      const before = this.clock.elapsed() - this.limits.waitingMs;
      this.refuseWhere(slot, TOO_BUSY, (one) => one.since <= before);
    });
  }
}

/** Counts an input for who sent it. */
function note(queue: Queue, one: Waiting): void {
  const sender = senderOf(one.input);
  let share = queue.heldOf.get(sender);
  if (!share) queue.heldOf.set(sender, (share = { sender, count: 0, bytes: 0 }));
  share.count++;
  share.bytes += one.bytes;
  one.share = share;
}

function senderOf(input: Input): string {
  return input.kind === 'stanza' ? bareOf(input.from) : '';
}
