/**
 * Stanzas that wait until a check has been answered from outside: for whoever runs rooms. What the same session sends to the room afterwards waits behind them, so that
 * nothing of one sender changes its order; everybody else passes. All of it is in memory only: after a restart the sender hears nothing, and tries again.
 */
import type { StanzaError } from '../xmpp/stanza-error';
import { takesError } from '../xmpp/stanza-error';
import type { FullJid } from '../xmpp/fold';
import type { LateMap } from './late-map';
import type { CheckAnswers } from './checks';
import type { AskCheck, Decision, Input, StanzaInput } from './contract/machine';
import type { Millis } from './contract/rows';

/** What of one session waits behind a stanza, at most: stanzas, and bytes of memory. */
const MOST_BEHIND = 20;
const BYTES_BEHIND = 65_536;
/** Sessions of one room that wait at the same time. */
const MOST_SESSIONS = 500;
/** Charged for each stanza beside its bytes. */
const OVERHEAD = 400;

const NO_ANSWERS: CheckAnswers = new Map();

/** A stanza that waits for a check, or behind one that does. */
interface PendingStanza {
  readonly input: StanzaInput;
  readonly bytes: number;
  /** Of memory. */
  readonly size: number;
}

/** One session of which something waits. */
export interface PendingCheck {
  readonly first: PendingStanza;
  readonly behind: PendingStanza[];
  behindBytes: number;
  readonly ending: AbortController;
  cancel: (() => void) | undefined;
}

/** A room, as far as it has sessions of which something waits. */
interface WithPending {
  readonly pending: LateMap<FullJid, PendingCheck>;
}

/** Whoever runs rooms `R`. */
export interface PendingOwner<R extends WithPending> {
  /** Runs something once after `ms`; the function it returns calls that off. */
  after(ms: Millis, run: () => void): () => void;
  /** So many bytes of memory wait more, or (below 0) less. */
  waits(bytes: number): void;
  /** A stanza goes on, or is decided at last. */
  goOn(room: R, input: StanzaInput, bytes: number): void;
  /** So much waits already that a stanza is refused. */
  tooMuch(room: R, input: StanzaInput): void;
}

export class PendingChecks<R extends WithPending> {
  /** Sessions of all rooms of which something waits: with none, no room is looked at. */
  private count = 0;

  constructor(private readonly owner: PendingOwner<R>) {}

  /** Whether a stanza waits behind something of its session, or (too much waits) is refused. Leaving never waits, nor do answers. */
  takes(room: R, input: StanzaInput, bytes: number): boolean {
    if (this.count === 0) return false;
    const pending = room.pending.get(input.from);
    if (!pending || !takesError(input.stanza)) return false;
    const one = waiting(input, bytes);
    if (pending.behind.length >= MOST_BEHIND || pending.behindBytes + one.size > BYTES_BEHIND) {
      this.owner.tooMuch(room, input);
      return true;
    }
    pending.behind.push(one);
    pending.behindBytes += one.size;
    this.owner.waits(one.size);
    return true;
  }

  /** A stanza waits from now on. It is asked for when what the room decided before is committed (`run`). */
  hold(room: R, input: StanzaInput, bytes: number): void {
    if (room.pending.size >= MOST_SESSIONS) {
      this.owner.tooMuch(room, input);
      return;
    }
    const first = waiting(input, bytes);
    if (!room.pending.has(input.from)) this.count++;
    room.pending.set(input.from, { first, behind: [], behindBytes: 0, ending: new AbortController(), cancel: undefined });
    this.owner.waits(first.size);
  }

  /** Asks. Nothing is asked for who has left meanwhile. */
  run(room: R, { input, asked }: AskCheck): void {
    const pending = room.pending.get(input.from);
    if (pending?.first.input !== input) return;
    const answer = (given: StanzaError | null): void => {
      if (room.pending.get(input.from) !== pending) return;
      const all = this.end(room, input.from, pending);
      const answers = new Map([...(input.answers ?? []), [asked.name, given]]);
      for (const one of all) this.owner.goOn(room, { ...one.input, answers: one === pending.first ? answers : NO_ANSWERS }, one.bytes);
    };
    pending.cancel = this.owner.after(asked.ms, () => answer(asked.late));
    void asked.run(pending.ending.signal).then(answer);
  }

  /** Something was decided: what those sent before who are out now waits no longer. */
  decided(room: R, input: Input, { writes }: Decision): void {
    if (this.count === 0 || room.pending.size === 0) return;
    if (input.kind === 'stanza' && input.stanza.name === 'presence' && input.stanza.attrs['type'] === 'unavailable')
      this.gone(room, input.from);
    for (const write of writes) {
      if (write.table === 'session' && write.row === null) this.gone(room, write.jid);
      else if (write.table === 'clear' || write.table === 'rename') this.over(room);
    }
  }

  /** The room fails, or whoever runs it ends: everything that waits is refused. */
  abandon(room: R, refuse: (input: StanzaInput) => void): void {
    for (const [jid, pending] of [...room.pending]) for (const { input } of this.end(room, jid, pending)) refuse(input);
  }

  /**
   * The session has left, or was removed: what it sent before is decided now, by a room in which it is not any more. What would bring it in again is dropped,
   * since it came before.
   */
  private gone(room: R, jid: FullJid): void {
    const pending = room.pending.get(jid);
    if (!pending) return;
    for (const { input, bytes } of this.end(room, jid, pending))
      if (input.stanza.name !== 'presence') this.owner.goOn(room, { ...input, answers: NO_ANSWERS }, bytes);
  }

  /** The room is over, or has another address: what waits is decided now, by what is left. */
  private over(room: R): void {
    for (const [jid, pending] of [...room.pending])
      for (const { input, bytes } of this.end(room, jid, pending)) this.owner.goOn(room, { ...input, answers: NO_ANSWERS }, bytes);
  }

  /** Nothing of the session waits any more. Returns what did, in order. */
  private end(room: R, jid: FullJid, pending: PendingCheck): readonly PendingStanza[] {
    if (room.pending.delete(jid)) this.count--;
    pending.cancel?.();
    pending.ending.abort();
    const all = [pending.first, ...pending.behind];
    for (const { size } of all) this.owner.waits(-size);
    return all;
  }
}

/** `bytes`: on the wire. */
const waiting = (input: StanzaInput, bytes: number): PendingStanza => ({
  input,
  bytes,
  size: Math.max(bytes, input.memory ?? 0) + OVERHEAD,
});
