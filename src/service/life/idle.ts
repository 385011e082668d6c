/** Which awake rooms are let go: those nobody spoke to for long, and above a soft cap the least recently used. */
import type { RoomJid } from '../../xmpp/fold';
import type { Clock } from '../clock';
import type { ServiceLimits } from '../budget/limits';
import type { Slot } from './slot';

/** Soonest sweep after the cap was passed. */
const CROWDED_MS = 1_000;

export class Idle {
  private cancel: (() => void) | undefined;
  private soon = false;
  private running = false;

  constructor(
    private readonly clock: Clock,
    private readonly limits: Pick<ServiceLimits, 'idleMs' | 'awake'>,
    private readonly slots: ReadonlyMap<RoomJid, Slot>,
    /** Lets a room go if nothing of it is in doubt. */
    private readonly letGo: (slot: Slot) => void,
  ) {}

  start(): void {
    this.running = true;
    this.arm(this.limits.idleMs / 2);
  }

  stop(): void {
    this.running = false;
    this.cancel?.();
  }

  /** A room was loaded: looks soon if there are too many. */
  crowded(): void {
    if (!this.running || this.soon || this.slots.size <= this.limits.awake) return;
    this.soon = true;
    this.arm(CROWDED_MS);
  }

  private arm(ms: number): void {
    this.cancel?.();
    this.cancel = this.clock.after(ms, () => {
      this.soon = false;
      this.sweep();
      this.arm(this.limits.idleMs / 2);
    });
  }

  private sweep(): void {
    const awake = [...this.slots.values()].filter((slot) => slot.state === 'awake').sort((a, b) => a.lastUsed - b.lastUsed);
    const before = this.clock.elapsed() - this.limits.idleMs;
    let surplus = awake.length - this.limits.awake;
    for (const slot of awake) {
      if (surplus-- <= 0 && slot.lastUsed > before) return;
      this.letGo(slot);
    }
  }
}
