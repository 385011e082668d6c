/** Time as it is handed in, so that tests own it. */
import type { Millis } from '../room/contract/rows';

export interface Clock {
  /** The time of day, which may be set back. */
  now(): Millis;
  /** Milliseconds since some moment, for durations: it never goes back. */
  elapsed(): number;
  /** Runs something once after `ms`; the function it returns calls that off. */
  after(ms: number, run: () => void): () => void;
}

/** The real clock. Its timers do not keep the process alive. */
export const systemClock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    timer.unref();
    return () => {
      clearTimeout(timer);
    };
  },
};

/** A clock whose timers can all be called off for good: nothing is tried again when there is nothing to try it with. */
export class EndingClock implements Clock {
  private ended = false;

  constructor(private readonly clock: Clock) {}

  now(): Millis {
    return this.clock.now();
  }

  elapsed(): number {
    return this.clock.elapsed();
  }

  after(ms: number, run: () => void): () => void {
    return this.clock.after(ms, () => {
      if (!this.ended) run();
    });
  }

  end(): void {
    this.ended = true;
  }
}
