/** One room as the service runs it: where it stands, what waits for it, and what of it is not yet certain. */
import type { Input, Machine } from '../room/machine';
import type { Millis } from '../room/rows';
import type { Part } from './batch';

/**
 * A room without a slot is absent.
 * `loading`: its rows are being read, or wait for their turn, or for the answer to what was decided before a reload.
 * `catching-up`: it says undelivered things again before anything else is decided.
 * `releasing`: its claim is being given back.
 * `resting`: it was loaded again and again without deciding anything, and is left alone for a while.
 */
export type SlotState = 'loading' | 'awake' | 'catching-up' | 'releasing' | 'resting';

/** An input that waits. */
export interface Waiting {
  readonly input: Input;
  readonly bytes: number;
  readonly since: Millis;
}

export class Slot {
  state: SlotState = 'loading';
  machine: Machine | undefined;
  /** The rows are claimed by us. */
  claimed = false;
  /** To be loaded anew as soon as nothing of it is uncommitted. */
  reloadDue = false;
  /** Loads that failed in a row. */
  failedLoads = 0;
  /** Loads since it last decided something that came from outside, and rests since then. */
  barrenLoads = 0;
  rests = 0;
  /** Rises with each machine: answers for an earlier one are void. */
  generation = 0;

  waiting: Waiting[] = [];
  waitingBytes = 0;
  /** What waits is held until the link has taken most of what the room has to say; it meets no deadline. */
  held = false;
  /** Of what is held, by the sender's bare JID. */
  readonly heldOf = new Map<string, { count: number; bytes: number }>();
  /** What is decided and not committed says so much to all it goes to, in bytes on the wire. */
  saying = 0;
  /** Calls off the deadline of what waits. */
  cancelDeadline: (() => void) | undefined;

  /** Its part of the batch that gathers, and of the latest one that the store has not answered; that one knows the part before it. */
  current: Part | undefined;
  flying: Part | undefined;

  /** Archive reads under way. */
  reads = 0;
  /** Of them, those that saying again waits for. */
  catchUpReads = 0;
  /** Rises with each attempt to say things again; answers to reads of an earlier one are void. */
  round = 0;
  /** Saying again was begun in this round. */
  catchUpBegun = false;
  /** Something of it is undelivered that it has not said again yet: there was no link, or it threw while doing so. */
  owes = false;
  /** The room threw while saying things again: not tried again before the next connection. */
  catchUpFailed = false;

  committedRev = 0;
  /** `deliveredRev` as committed. */
  persistedRev = 0;
  /** Everything up to here was handed to the present connection, or confirmed before. */
  sentRev = 0;
  /** Everything up to here has reached the server. */
  confirmedRev = 0;
  /** Output since the last snapshot for a confirmation. */
  unconfirmed = false;
  /** Listed for writing its `deliveredRev`. */
  persisting = false;

  /** By the clock that never goes back. */
  lastUsed: Millis = 0;

  constructor(readonly jid: string) {}

  /** Where output goes when it may not leave at once. */
  get latest(): Part | undefined {
    return this.current ?? this.flying;
  }

  /** Bytes of it that wait undecided or uncommitted. */
  get gathered(): number {
    let bytes = this.waitingBytes + (this.current?.bytes ?? 0);
    for (let part = this.flying; part; part = part.before) bytes += part.bytes;
    return bytes;
  }

  /** What it decided for a lost connection goes to nobody twice: the room says it again by itself. */
  markStale(): void {
    if (this.current) this.current.stale = true;
    for (let part = this.flying; part; part = part.before) part.stale = true;
  }
}
