/** Claims rooms' rows, makes machines of them and gives them back; a bounded number at the same time, in turns of those who want them. */
import type { FullJid, RoomJid } from '../../xmpp/fold';
import { bareOf } from '../../xmpp/jid';
import type { Machine } from '../../room/contract/machine';
import type { RoomRows } from '../../room/contract/rows';
import type { RoomStore } from '../../store/room-store';
import type { Clock } from '../clock';
import { FairQueue } from '../pipeline/fair-queue';
import type { Log } from '../../log';
import type { Slot } from './slot';

/** A room's machine from its rows; null: there is no such room yet. Throws if the rows make no sense. */
export type MakeRoom = (jid: RoomJid, rows: RoomRows | null) => Machine;

export interface LoaderOptions {
  readonly store: Pick<RoomStore, 'claim' | 'release'>;
  readonly makeRoom: MakeRoom;
  readonly clock: Clock;
  readonly log: Log;
  /** Loads at the same time. */
  readonly bound: number;
  /** With whom an account shares its turns: its domain, or itself. */
  readonly groupOf: (jid: FullJid) => string;
  /** First wait before a load that failed is tried again; it doubles. */
  readonly retryMs: number;
}

export interface LoaderOwner {
  /** The slot has its machine. */
  loaded(slot: Slot, rows: RoomRows | null): void;
  /** No machine: refuses what waits and can be refused. */
  loadFailed(slot: Slot): void;
  /** Too many loads wait: refuses what waits and can be refused. */
  crowded(slot: Slot): void;
  /** It rests: what can be refused is refused, now and until it is loaded again. */
  rests(slot: Slot): void;
  /** The slot is absent again. */
  absent(slot: Slot): void;
}

/** The first rest; each next one is twice as long, up to the longest. */
const FIRST_REST_MS = 1_000;
const LONGEST_REST_MS = 5 * 60_000;
/** Rooms that could not be loaded, remembered at the same time. */
const MAX_BARREN = 10_000;

/** Longest wait between two attempts. */
const LONGEST_RETRY_MS = 30_000;

/** Loads that somebody asked for and that wait. A bridge may want as many by itself. */
const MOST_WAITING = 10_000;

export class Loader {
  /** What rooms and the service need by themselves: no more than there are rooms in memory, and rooms that have something to say. */
  private readonly own: Slot[] = [];
  private readonly asked = new FairQueue<Slot>({ most: MOST_WAITING, mostOfOne: MOST_WAITING });
  private ownTurn = false;
  private running = 0;
  /** Loads in a row that failed, of rooms that are absent again. */
  private readonly barren = new Map<RoomJid, number>();

  constructor(
    private readonly options: LoaderOptions,
    private readonly owner: LoaderOwner,
  ) {}

  /**
   * Reads the room's rows; a room that is claimed already is given back first. One that was loaded too often in vain rests before. `who`: whose stanza
   * wants it; nobody's, if the room or the service does.
   */
  load(slot: Slot, who?: FullJid): void {
    const { life } = slot;
    life.remember(this.barren.get(slot.jid) ?? 0);
    this.barren.delete(slot.jid);
    if (life.isBarren) {
      this.rest(slot);
      return;
    }
    life.load();
    if (who === undefined) this.own.push(slot);
    else {
      const dropped = this.asked.add(this.options.groupOf(who), bareOf(who), slot);
      // Not within the call: what wants the room is not put where it waits yet.
      if (dropped) queueMicrotask(() => this.drop(dropped));
    }
    this.next();
  }

  /** Nothing is loaded for those who want most; what cannot be refused waits, and gets its turn with what rooms need by themselves. */
  private drop(slot: Slot): void {
    this.owner.crowded(slot);
    if (slot.queue.isEmpty) this.end(slot);
    else this.own.push(slot);
    this.next();
  }

  private nextSlot(): Slot | undefined {
    this.ownTurn = !this.ownTurn;
    return this.ownTurn ? (this.own.shift() ?? this.asked.next()) : (this.asked.next() ?? this.own.shift());
  }

  /**
   * Claims a name for somebody who keeps it free: what comes for it waits, as for a room that is being loaded. `load` or `release` follows, also if it
   * rejects, because the rows cannot be read.
   */
  async reserve(slot: Slot): Promise<RoomRows | null> {
    slot.life.load();
    return this.take(slot);
  }

  private rest(slot: Slot): void {
    const { clock, log } = this.options;
    const { life } = slot;
    const ms = Math.min(FIRST_REST_MS * 2 ** life.rests, LONGEST_REST_MS);
    if (life.rests === 0)
      log.error({ event: 'room.resting', room: slot.jid, loads: life.barrenLoads }, 'a room rests after repeated failed loads');
    life.rest();
    this.owner.rests(slot);
    clock.after(ms, () => {
      this.load(slot);
    });
  }

  /** Gives the room back. What came for it meanwhile has it loaded again. */
  release(slot: Slot): void {
    slot.life.release();
    void this.giveBack(slot).then(() => {
      if (slot.queue.isEmpty) this.end(slot);
      else this.load(slot);
    });
  }

  private next(): void {
    while (this.running < this.options.bound) {
      const slot = this.nextSlot();
      if (!slot) return;
      this.running++;
      void this.claim(slot).then((report) => {
        this.running--;
        report();
        this.next();
      });
    }
  }

  /** Never rejects: what came of it is reported when the place is free again. */
  private async claim(slot: Slot): Promise<() => void> {
    try {
      if (slot.token !== null) await this.giveBack(slot);
      const rows = await this.take(slot);
      slot.life.take(this.options.makeRoom(slot.jid, rows));
      slot.reads = 0;
      return () => {
        this.owner.loaded(slot, rows);
      };
    } catch (error) {
      return () => {
        this.failed(slot, error);
      };
    }
  }

  private async take(slot: Slot): Promise<RoomRows | null> {
    const { token, rows } = await this.options.store.claim(slot.jid);
    slot.token = token;
    return rows;
  }

  /** The slot is absent again, unless something waits that cannot be refused: that waits for a load that works. */
  private failed(slot: Slot, error: unknown): void {
    const { log, clock, retryMs } = this.options;
    const { life } = slot;
    // Of one that rests it has been said.
    log[life.rests > 0 ? 'debug' : 'error']({ event: 'room.unloadable', room: slot.jid, err: error }, 'a room could not be loaded');
    const ms = Math.min(retryMs * 2 ** life.failedLoads, LONGEST_RETRY_MS);
    life.loadFailed();
    this.owner.loadFailed(slot);
    if (life.isBarren) {
      this.load(slot);
      return;
    }
    if (!slot.queue.isEmpty) {
      clock.after(ms, () => {
        this.load(slot);
      });
      return;
    }
    if (this.barren.size < MAX_BARREN) this.barren.set(slot.jid, life.barrenLoads);
    if (slot.token !== null) this.release(slot);
    else this.end(slot);
  }

  private end(slot: Slot): void {
    slot.life.end();
    this.owner.absent(slot);
  }

  private async giveBack(slot: Slot): Promise<void> {
    slot.token = null;
    try {
      await this.options.store.release(slot.jid);
    } catch (error) {
      this.options.log.error({ event: 'room.release-failed', room: slot.jid, err: error }, 'a room could not be released');
    }
  }
}
