/** What waits to be written, by room: each room has a lane that keeps its order, and lanes take turns, so that a busy room does not delay others. */
import type { BareJid } from '../xmpp/fold';
import { copiesOf, costOf, weightOf, type Outgoing } from '../xmpp/outgoing';

/** A template with many addresses, on its way. */
export interface Copies {
  readonly out: Outgoing;
  readonly wires: readonly Uint8Array[];
  readonly head: string;
  headBytes: number;
  tailBytes: number;
  next: number;
}

/** A stanza that leaves after everything that was in any lane when it was queued. */
interface Fence {
  readonly out: Outgoing;
  /** Lanes in which something before it still waits. */
  lanes: number;
}

/** Estimated bytes of memory per object. */
const OBJECT_ESTIMATE = 200;
/** Bytes that a lane may write before it is another's turn. */
const SLICE = 32 * 1024;
/** Lanes that are kept although nothing waits in them: a room that speaks often needs no new one each time. */
const MOST_IDLE = 4_096;

/** The empty queue, shared: most lanes have one stanza at a time, and a new list for each would be garbage at once. */
const NONE: Outgoing[] = [];

export class Lane {
  queue = NONE;
  first = 0;
  copies: Copies | undefined;
  /** Bytes on the wire, estimated. */
  queued = 0;
  /** The same, weighed (`weightOf`). */
  load = 0;
  /** `lowered` is to be called when it is low. */
  high = false;
  next: Lane | undefined;
  /** Nothing of it waits: it has no turn, and is kept for when the room speaks again. */
  idle = true;
  private done = 0;
  private fences: { readonly at: number; readonly fence: Fence }[] | undefined;

  constructor(readonly room: BareJid) {}

  get empty(): boolean {
    return this.copies === undefined && this.first >= this.queue.length;
  }

  push(out: Outgoing): void {
    // `push` would give an empty list room for 17.
    if (this.queue.length === 0) this.queue = [out];
    else this.queue.push(out);
  }

  /** Takes the first stanza from the queue; it is over when `over` says so. */
  shift(): void {
    this.queue[this.first] = undefined as unknown as Outgoing;
    this.first++;
    if (this.first === this.queue.length) this.clear();
    else if (this.first > 4096) {
      this.queue = this.queue.slice(this.first);
      this.first = 0;
    }
  }

  fence(fence: Fence): void {
    const at = this.done + this.queue.length - this.first + (this.copies === undefined ? 0 : 1);
    (this.fences ??= []).push({ at, fence });
  }

  /** A stanza has been written completely. Fences that wait for nothing more become `ready`. */
  over(ready: Outgoing[]): void {
    this.done++;
    while (this.fences?.[0]?.at === this.done) {
      const fence = this.fences.shift()?.fence as Fence;
      if (--fence.lanes === 0) ready.push(fence.out);
    }
  }

  private clear(): void {
    this.queue = NONE;
    this.first = 0;
  }
}

/** First in, first out. */
class Line {
  private head: Lane | undefined;
  private tail: Lane | undefined;

  get empty(): boolean {
    return this.head === undefined;
  }

  push(lane: Lane): void {
    if (this.tail === undefined) this.head = lane;
    else this.tail.next = lane;
    this.tail = lane;
  }

  shift(): Lane | undefined {
    const lane = this.head;
    if (lane === undefined) return undefined;
    this.head = lane.next;
    if (this.head === undefined) this.tail = undefined;
    lane.next = undefined;
    return lane;
  }
}

export interface LaneBounds {
  /** Most bytes of one room, and the most that it counts for in `counted`. */
  readonly roomBytes: number;
}

export class Lanes {
  /** Bytes on the wire, estimated. */
  queued = 0;
  /** The same, each room counted up to its bound. */
  counted = 0;
  /** Bytes of memory held, estimated. */
  memory = 0;
  /** Stanzas whose turn comes before any lane's. */
  readonly ready: Outgoing[] = [];
  /** Rooms that are low again and for which `lowered` is to be called. */
  lowered: BareJid[] = [];
  private readonly lanes = new Map<string, Lane>();
  /** Those of them in which something waits. */
  private busy = 0;
  /** Lanes that had no turn yet, and those that had. */
  private readonly fresh = new Line();
  private readonly old = new Line();
  private wasFresh = false;
  private now: Lane | undefined;
  /** Bytes that are left of its turn. */
  private left = 0;

  constructor(private readonly bounds: LaneBounds) {}

  get empty(): boolean {
    return this.busy === 0 && this.ready.length === 0;
  }

  queuedOf(room: BareJid): number {
    return this.lanes.get(room)?.load ?? 0;
  }

  push(room: BareJid, out: Outgoing): void {
    let lane = this.lanes.get(room);
    if (lane === undefined) {
      lane = new Lane(room);
      this.lanes.set(room, lane);
    }
    if (lane.idle) {
      lane.idle = false;
      this.busy++;
      this.fresh.push(lane);
    }
    lane.push(out);
    this.memory += memoryOf(out);
    this.change(lane, out, copiesOf(out));
  }

  /** `lowered` is to name the room when it has half of its bound or less; false: it has no more than that now. */
  tellLow(room: BareJid): boolean {
    const lane = this.lanes.get(room);
    if (lane === undefined || lane.load <= this.bounds.roomBytes / 2) return false;
    lane.high = true;
    return true;
  }

  /** Queues a stanza behind everything that waits now, in whichever lane. */
  fence(out: Outgoing): void {
    const fence: Fence = { out, lanes: this.busy };
    if (fence.lanes === 0) this.ready.push(out);
    else for (const lane of this.lanes.values()) if (!lane.idle) lane.fence(fence);
  }

  /** Whose turn it is; undefined: nothing waits. */
  turn(): Lane | undefined {
    if (this.now !== undefined && this.goesOn) return this.now;
    if (this.now !== undefined) this.old.push(this.now);
    // Alternate with lanes that have waited: a lane that keeps coming back would always be fresh.
    const takeFresh = !this.fresh.empty && (!this.wasFresh || this.old.empty);
    this.wasFresh = takeFresh;
    this.now = takeFresh ? this.fresh.shift() : this.old.shift();
    this.left = SLICE;
    return this.now;
  }

  /** Whether the lane whose turn it is may write more. */
  get goesOn(): boolean {
    return this.left > 0 || this.alone;
  }

  /** How much more it should write. */
  get most(): number {
    return this.alone ? Infinity : this.left;
  }

  private get alone(): boolean {
    return this.fresh.empty && this.old.empty;
  }

  /** The lane whose turn it is has written so many bytes. */
  wrote(bytes: number): void {
    this.left -= bytes;
  }

  /** So many copies more (or less) wait in a lane. */
  change(lane: Lane, out: Outgoing, copies: number): void {
    const { roomBytes } = this.bounds;
    const bytes = copies * costOf(out);
    lane.load += bytes * weightOf(out);
    const before = Math.min(lane.queued, roomBytes);
    lane.queued += bytes;
    this.queued += bytes;
    this.counted += Math.min(lane.queued, roomBytes) - before;
    if (lane.high && lane.load <= roomBytes / 2) {
      lane.high = false;
      this.lowered.push(lane.room);
    }
  }

  /** The first stanza of the lane has been written completely. */
  over(lane: Lane, out: Outgoing): void {
    this.memory -= memoryOf(out);
    lane.over(this.ready);
    if (!lane.empty) return;
    lane.idle = true;
    this.busy--;
    if (this.now === lane) this.now = undefined;
    // So seldom that each costs little.
    if (this.lanes.size - this.busy > MOST_IDLE) for (const one of this.lanes.values()) if (one.idle) this.lanes.delete(one.room);
  }

  clear(): void {
    this.lanes.clear();
    while (this.fresh.shift() !== undefined);
    while (this.old.shift() !== undefined);
    this.now = undefined;
    this.ready.length = 0;
    this.lowered = [];
    this.queued = this.counted = this.memory = this.busy = 0;
  }
}

function memoryOf(out: Outgoing): number {
  return OBJECT_ESTIMATE + out.rest.length + (typeof out.to === 'string' ? 0 : 8 * out.to.length);
}
