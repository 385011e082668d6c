/** Rooms' deadlines: one timer for the earliest, asleep or awake. */
import type { RoomJid } from '../../xmpp/fold';
import type { Change, Millis } from '../../room/contract/rows';
import type { Directory } from '../../store/directory';
import type { Clock } from '../clock';
import type { Log } from '../../log';
import { Setback } from '../setback';
import { PAGE } from '../pages';

/** Longest timer: Node's own end at 2^31 ms, and a clock may be set meanwhile. */
const LONGEST_MS = 6 * 3600_000;

export class Deadlines {
  private next: Millis = Infinity;
  private cancel: (() => void) | undefined;
  private running = false;
  private readonly setback: Setback;

  constructor(
    private readonly options: {
      readonly store: Pick<Directory, 'dueRooms'>;
      readonly clock: Clock;
      readonly log: Log;
      readonly retryMs: number;
    },
    /** A room's time has come. */
    private readonly due: (room: RoomJid) => void,
  ) {
    this.setback = new Setback(options.log, options.retryMs);
  }

  start(): void {
    this.running = true;
    this.look();
  }

  stop(): void {
    this.running = false;
    this.cancel?.();
  }

  /** Committed changes may have brought an earlier deadline. */
  note(changes: readonly Change[]): void {
    for (const change of changes) {
      const row = change.table === 'room' ? change.row : change.table === 'rename' ? change.tombstone : undefined;
      if (row && row.deadline !== null && row.deadline < this.next) this.arm(row.deadline);
    }
  }

  /** What is committed may have brought an earlier deadline, and nobody told. */
  lookAgain(): void {
    this.cancel?.();
    if (this.running) this.look();
  }

  private arm(at: Millis): void {
    this.cancel?.();
    this.cancel = undefined;
    this.next = at;
    if (!this.running || at === Infinity) return;
    const ms = Math.min(Math.max(0, at - this.options.clock.now()), LONGEST_MS);
    this.cancel = this.options.clock.after(ms, () => {
      this.look();
    });
  }

  /** Wakes the rooms that are due and arms the timer for the next. What a woken room writes arms it earlier if need be. */
  private look(): void {
    this.cancel = undefined;
    this.next = Infinity;
    const { store, clock } = this.options;
    store.dueRooms(clock.now(), PAGE).then(
      ({ rooms, next }) => {
        this.setback.worked('rooms with due deadlines can be read again');
        if (!this.running) return;
        if (next !== null && next < this.next) this.arm(next);
        for (const room of rooms) this.due(room);
      },
      (error: unknown) => {
        const wait = this.setback.failed('store.unreadable', error, 'rooms with due deadlines could not be read');
        this.arm(Math.min(this.next, clock.now() + wait));
      },
    );
  }
}
