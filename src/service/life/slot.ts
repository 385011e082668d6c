/** One room as the service runs it: its life, its ledger, its queue, and its parts of batches, which are uncommitted. */
import type { FullJid, RoomJid } from '../../xmpp/fold';
import { LateMap } from '../../room/late-map';
import type { Decision, Input, Machine } from '../../room/contract/machine';
import type { PendingCheck } from '../../room/pending-checks';
import type { Change, Counters, Millis } from '../../room/contract/rows';
import type { ClaimToken } from '../../store/room-store';
import { Ledger } from './ledger';
import { Life, type LifeState } from './life';
import { Queue } from './queue';
import type { Route } from './route';

/** One room's part of a batch. */
export class Part {
  /** Everything decided by the room from its first write on, in order; parallel arrays. */
  inputs: Input[] = [];
  decisions: Decision[] = [];
  changes: Change[] | null = null;
  /** Estimated memory of inputs and output. */
  bytes = 0;
  /** What it says to all it goes to, in bytes on the wire. */
  unsentBytes = 0;
  /** Decided for a lost connection: everything but replies is sent again by the room itself. */
  stale = false;
  /** The room's part of an earlier batch that the store has not answered either. */
  before: Part | undefined;
  /** Of the claim under which its room decided it. */
  readonly token: ClaimToken | null;
  /** Who asked for the first of its inputs, as far as somebody has looked (`budget/askers.ts`). */
  seen: { inputs: number; readonly askers: Set<FullJid> } | undefined;
  /** It builds on a refused part, and will be refused too: its askers have been told already. */
  dropped = false;

  constructor(
    readonly slot: Slot,
    /** The room's index in the batch. */
    readonly index: number,
    public counters: Counters,
  ) {
    this.token = slot.token;
  }

  add(input: Input, decision: Decision): void {
    if (this.inputs.length === 0) {
      // `push` would give an empty list room for 17, and where many rooms speak most have one.
      this.inputs = [input];
      this.decisions = [decision];
    } else {
      this.inputs.push(input);
      this.decisions.push(decision);
    }
  }
}

export class Slot {
  readonly life = new Life();
  readonly ledger: Ledger;
  readonly queue = new Queue();
  /** Sessions of which something waits for a check. */
  readonly pending = new LateMap<FullJid, PendingCheck>();

  /** Its part of the batch that gathers, and of the latest one that the store has not answered; that one knows the part before it. */
  current: Part | undefined;
  flying: Part | undefined;
  /** What is decided and not committed says so much to all it goes to, in bytes on the wire. */
  unsentBytes = 0;

  /** Of its claim; null: it has none. */
  token: ClaimToken | null = null;

  /** Archive reads under way for the present machine. */
  reads = 0;

  /** The generation of its life of which it was told that its time is far ahead of the clock's. */
  toldAhead = 0;

  /** By the clock that never goes back. */
  lastUsed: Millis = 0;

  constructor(
    readonly jid: RoomJid,
    route: Route,
  ) {
    this.ledger = new Ledger(route);
  }

  get state(): LifeState {
    return this.life.state;
  }

  get machine(): Machine | undefined {
    return this.life.machine;
  }

  /** Where output goes when it may not leave at once. */
  get latest(): Part | undefined {
    return this.current ?? this.flying;
  }

  /** Bytes of it that wait undecided or uncommitted. */
  get gathered(): number {
    let bytes = this.queue.bytes + (this.current?.bytes ?? 0);
    for (let part = this.flying; part; part = part.before) bytes += part.bytes;
    return bytes;
  }

  /** Whether nothing of it is uncommitted, waiting or being read, and nothing that it said is in doubt. */
  get isSettled(): boolean {
    const certain = this.ledger.isSaved || !this.ledger.route.open;
    return certain && !this.latest && this.queue.isEmpty && this.reads === 0 && this.pending.size === 0;
  }

  /** What it decided for a lost connection goes to nobody twice: the room says it again by itself. */
  markStale(): void {
    if (this.current) this.current.stale = true;
    for (let part = this.flying; part; part = part.before) part.stale = true;
  }
}
