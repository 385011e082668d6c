/** How long to wait before the next try. */
import type { FailureKind } from './failure';

export interface BackoffTimings {
  /** First wait after a loss or when nothing answers, in milliseconds; it doubles up to `waitMax`. */
  readonly waitMin: number;
  readonly waitMax: number;
  /** Wait after a refusal that only the operator can end. */
  readonly waitRefused: number;
  /** The first tries after `conflict` fall into this time: the server may still hold our previous connection. */
  readonly conflictWindow: number;
  /** A connection that lasted this long counts as a success, as one with an answered ping does: the waits begin anew. */
  readonly stable: number;
}

const CONFLICT_TRIES = 5;

export class Backoff {
  private failures = 0;
  private conflicts = 0;

  /** @param random uniform in [0, 1), for jitter. */
  constructor(
    private readonly timings: BackoffTimings,
    private readonly random: () => number,
  ) {}

  /** The server has answered a ping. */
  answered(): void {
    this.failures = 0;
  }

  /** A connection ended after `ms` milliseconds online. */
  lasted(ms: number): void {
    this.conflicts = 0;
    if (ms >= this.timings.stable) this.failures = 0;
  }

  /**
   * Milliseconds until the next try, and whether the operator must be told. `conflict` after being online means
   * that another process took our place: quick tries would only push it out again.
   */
  next(kind: FailureKind, wasOnline: boolean): { wait: number; loud: boolean } {
    const { waitMin, waitMax, waitRefused, conflictWindow } = this.timings;
    if (kind !== 'conflict') this.conflicts = 0;
    switch (kind) {
      case 'conflict':
        this.conflicts++;
        if (this.conflicts <= CONFLICT_TRIES && !wasOnline)
          return { wait: (conflictWindow / CONFLICT_TRIES) * (0.8 + 0.2 * this.random()), loud: false };
        return { wait: waitRefused * (1 + 0.5 * this.random()), loud: true };
      case 'not-authorized':
      case 'host-unknown':
      case 'wrong-port':
      case 'tls':
        return { wait: waitRefused * (1 + 0.5 * this.random()), loud: true };
      case 'unreachable':
      case 'handshake':
      case 'lost': {
        const wait = Math.min(waitMax, waitMin * 2 ** Math.min(this.failures, 20));
        this.failures++;
        return { wait: wait * (0.5 + 0.5 * this.random()), loud: kind === 'unreachable' };
      }
    }
  }
}
