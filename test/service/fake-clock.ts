/** A clock that moves only when told. */
import type { Clock } from '../../src/service/clock';

/** Durations are counted from another start than the time of day, as real ones are: who takes one for the other is found out. */
const BOOTED_AT = 900_000;

export class FakeClock implements Clock {
  private time = 1_000_000;
  /** How far somebody has moved the time of day. */
  private moved = 0;
  private timers: { at: number; run: () => void }[] = [];

  now(): number {
    return this.time + this.moved;
  }

  /** Somebody sets the time of day: timers and durations go on as they were. */
  set(by: number): void {
    this.moved += by;
  }

  elapsed(): number {
    return this.time - BOOTED_AT;
  }

  after(ms: number, run: () => void): () => void {
    const timer = { at: this.time + ms, run };
    this.timers.push(timer);
    return () => {
      this.timers = this.timers.filter((other) => other !== timer);
    };
  }

  /** Lets time pass; what is due runs in order, and what it started has a chance to finish in between. */
  async pass(ms: number): Promise<void> {
    const end = this.time + ms;
    for (;;) {
      const due = this.timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (!due) break;
      this.time = Math.max(this.time, due.at);
      this.timers = this.timers.filter((other) => other !== due);
      due.run();
      await settle();
    }
    this.time = end;
    await settle();
  }
}

/** Lets everything that is ready happen. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 3; i++) await new Promise((resolve) => setImmediate(resolve));
}
