/**
 * Stanzas that wait until a check has been answered from outside. What the same session sends to the room afterwards waits behind them, so that nothing of one
 * sender changes its order; everybody else passes. All of it is in memory only: after a restart the sender hears nothing, and tries again.
 */
import type { StanzaError } from '../../xmpp/stanza-error';
import type { FullJid } from '../../xmpp/fold';
import type { CheckAnswers } from '../../room/checks';
import type { AskCheck, StanzaInput } from '../../room/contract/machine';
import type { Clock } from '../clock';
import type { Door } from '../budget/door';
import type { Pressure } from '../budget/pressure';
import { heldOf, isRefusable, TOO_BUSY, type Refusal } from '../budget/refusals';
import type { PendingCheck, PendingStanza, Slot } from './slot';

/** What of one session waits behind a stanza, at most: stanzas, and bytes of memory. */
const MOST_BEHIND = 20;
const BYTES_BEHIND = 65_536;
/** Sessions of one room that wait at the same time. */
const MOST_SESSIONS = 500;
/** Charged for each stanza beside its bytes. */
const OVERHEAD = 400;

const NO_ANSWERS: CheckAnswers = new Map();

export interface PendingChecksOptions {
  readonly clock: Pick<Clock, 'after'>;
  readonly pressure: Pick<Pressure, 'add' | 'remove'>;
  readonly door: Pick<Door, 'refuse'>;
}

export class PendingChecks {
  constructor(
    private readonly options: PendingChecksOptions,
    /** A stanza goes on, or is decided at last. */
    private readonly goOn: (slot: Slot, input: StanzaInput, bytes: number) => void,
  ) {}

  /** Whether a stanza waits behind something of its session, or (too much waits) is refused. Leaving never waits, nor do answers. */
  takes(slot: Slot, input: StanzaInput, bytes: number): boolean {
    const pending = slot.pending.get(input.from);
    if (!pending || !isRefusable(input)) return false;
    const one = waiting(input, bytes);
    if (pending.behind.length >= MOST_BEHIND || pending.behindBytes + one.size > BYTES_BEHIND) {
      this.options.door.refuse(slot, slot.jid, input, TOO_BUSY);
      return true;
    }
    pending.behind.push(one);
    pending.behindBytes += one.size;
    this.options.pressure.add(one.size);
    return true;
  }

  /** A stanza waits from now on. It is asked for when what the room decided before is committed (`run`). */
  hold(slot: Slot, input: StanzaInput, bytes: number): void {
    if (slot.pending.size >= MOST_SESSIONS) {
      this.options.door.refuse(slot, slot.jid, input, TOO_BUSY);
      return;
    }
    const first = waiting(input, bytes);
    slot.pending.set(input.from, { first, behind: [], behindBytes: 0, ending: new AbortController(), cancel: undefined });
    this.options.pressure.add(first.size);
  }

  /** Asks. Nothing is asked for who has left meanwhile. */
  run(slot: Slot, { input, asked }: AskCheck): void {
    const pending = slot.pending.get(input.from);
    if (pending?.first.input !== input) return;
    const answer = (given: StanzaError | null): void => {
      if (slot.pending.get(input.from) !== pending) return;
      const all = this.end(slot, input.from, pending);
      const answers = new Map([...(input.answers ?? []), [asked.name, given]]);
      for (const one of all) this.goOn(slot, { ...one.input, answers: one === pending.first ? answers : NO_ANSWERS }, one.bytes);
    };
    pending.cancel = this.options.clock.after(asked.ms, () => answer(asked.late));
    void asked.run(pending.ending.signal).then(answer);
  }

  /**
   * The session has left, or was removed: what it sent before is decided now, by a room in which it is not any more. What would bring it in again is dropped,
   * since it came before.
   */
  gone(slot: Slot, jid: FullJid): void {
    const pending = slot.pending.get(jid);
    if (!pending) return;
    for (const { input, bytes } of this.end(slot, jid, pending))
      if (input.stanza.name !== 'presence') this.goOn(slot, { ...input, answers: NO_ANSWERS }, bytes);
  }

  /** The room is over, or has another address: what waits is decided now, by what is left. */
  over(slot: Slot): void {
    for (const [jid, pending] of [...slot.pending])
      for (const { input, bytes } of this.end(slot, jid, pending)) this.goOn(slot, { ...input, answers: NO_ANSWERS }, bytes);
  }

  /** The room fails, or the service ends: everything that waits is refused. */
  abandon(slot: Slot, why: Refusal): void {
    for (const [jid, pending] of [...slot.pending])
      for (const { input } of this.end(slot, jid, pending)) this.options.door.refuse(slot, slot.jid, input, why);
  }

  /** Nothing of the session waits any more. Returns what did, in order. */
  private end(slot: Slot, jid: FullJid, pending: PendingCheck): readonly PendingStanza[] {
    slot.pending.delete(jid);
    pending.cancel?.();
    pending.ending.abort();
    const all = [pending.first, ...pending.behind];
    for (const { size } of all) this.options.pressure.remove(size);
    return all;
  }
}

const waiting = (input: StanzaInput, bytes: number): PendingStanza => ({ input, bytes, size: heldOf(input, bytes) + OVERHEAD });
