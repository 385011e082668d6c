/** Time as it is handed in, so that tests own it. */
import type { Millis } from '../room/rows';

export interface Clock {
  now(): Millis;
  /** Runs something once after `ms`; the function it returns calls that off. */
  after(ms: number, run: () => void): () => void;
}

/** The real clock. Its timers do not keep the process alive. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    timer.unref();
    return () => {
      clearTimeout(timer);
    };
  },
};
