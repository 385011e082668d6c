/** Something that fails again and again: how long until it is tried again, and when the log says so. */
import type { Log, LogEvent } from '../log';

/** Longest pause, in milliseconds. */
const LONGEST_MS = 60_000;

/** The pause in milliseconds after so many failures before this one: it doubles, up to a minute. */
export const pauseAfter = (firstMs: number, failures: number): number => Math.min(firstMs * 2 ** failures, LONGEST_MS);

export class Setback {
  private tries = 0;

  /** `firstMs`: the pause after the first failure. */
  constructor(
    private readonly log: Log,
    private readonly firstMs: number,
  ) {}

  /** It failed. The log says so with `message` if it has worked before. Returns the pause in milliseconds. */
  failed(event: LogEvent, error: unknown, message: string): number {
    if (this.tries === 0) this.log.error({ event, err: error }, message);
    return pauseAfter(this.firstMs, this.tries++);
  }

  /** It worked. The log says so with `message` if it has failed before. */
  worked(message: string): void {
    if (this.tries > 0) this.log.info({ event: 'store.readable', failures: this.tries }, message);
    this.tries = 0;
  }
}
