/** Claims rooms' rows and gives them back; a bounded number at the same time, first come first served. */
import type { RoomRows } from '../room/rows';
import type { Store } from '../store/store';
import type { Log } from './log';
import type { Slot } from './slot';

export interface LoaderOwner {
  loaded(slot: Slot, rows: RoomRows | null): void;
  loadFailed(slot: Slot, error: unknown): void;
  released(slot: Slot): void;
}

export class Loader {
  private readonly queue: Slot[] = [];
  private running = 0;

  constructor(
    private readonly store: Pick<Store, 'claim' | 'release'>,
    private readonly bound: number,
    private readonly log: Log,
    private readonly owner: LoaderOwner,
  ) {}

  /** Rooms that wait for their turn. */
  get queued(): number {
    return this.queue.length;
  }

  /** Reads the room's rows; a room that is claimed already is given back first. */
  load(slot: Slot): void {
    slot.state = 'loading';
    this.queue.push(slot);
    this.next();
  }

  /** Gives the room back. */
  release(slot: Slot): void {
    slot.state = 'releasing';
    slot.machine = undefined;
    void this.giveBack(slot).then(() => {
      this.owner.released(slot);
    });
  }

  private next(): void {
    while (this.running < this.bound) {
      const slot = this.queue.shift();
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
      if (slot.claimed) await this.giveBack(slot);
      const rows = await this.store.claim(slot.jid);
      slot.claimed = true;
      return () => {
        this.owner.loaded(slot, rows);
      };
    } catch (error) {
      return () => {
        this.owner.loadFailed(slot, error);
      };
    }
  }

  private async giveBack(slot: Slot): Promise<void> {
    slot.claimed = false;
    try {
      await this.store.release(slot.jid);
    } catch (error) {
      this.log.error({ room: slot.jid, err: error }, 'a room could not be given back to the store');
    }
  }
}
