/** Rates of one account over all rooms: tokens that flow in, and how many there may be at once. */
import { KINDS, type Kind } from './kinds';

export interface Rate {
  /** Its place among an account's buckets. */
  readonly at: number;
  /** Milliseconds in which one token flows in. */
  readonly tokenMs: number;
  /** Milliseconds in which an empty bucket is full again. */
  readonly windowMs: number;
}

/** null: no limit. */
export type Rates = Readonly<Record<Kind, Rate | null>>;

/** The keys of the configuration's `limits`. */
export interface RateLimits {
  readonly messagesPerSecond: number | null;
  readonly presencePerSecond: number | null;
  readonly nickChangesPerSecond: number | null;
  readonly entriesPerSecond: number | null;
  readonly invitationsPerMinute: number | null;
  readonly requestsPerSecond: number | null;
  readonly archiveQueriesPerSecond: number | null;
  readonly roomsPerHour: number | null;
}

/** `value` in so many seconds, and `times` as many at once. */
const rate = (kind: Kind, value: number | null, seconds: number, times: number): Rate | null =>
  value === null ? null : { at: KINDS.indexOf(kind), tokenMs: (seconds * 1000) / value, windowMs: seconds * 1000 * times };

/**
 * The burst is a multiple of the rate: 5 for what people do; 40 for retractions, because nobody repeats a refused one; 20 for requests and 40 for archive queries, which a client
 * sends for all of its rooms when it starts.
 */
export function ratesOf(limits: RateLimits): Rates {
  return {
    message: rate('message', limits.messagesPerSecond, 1, 5),
    notice: rate('notice', limits.messagesPerSecond, 1, 5),
    retraction: rate('retraction', limits.messagesPerSecond, 1, 40),
    presence: rate('presence', limits.presencePerSecond, 1, 5),
    nick: rate('nick', limits.nickChangesPerSecond, 1, 5),
    entry: rate('entry', limits.entriesPerSecond, 1, 5),
    invitation: rate('invitation', limits.invitationsPerMinute, 60, 2),
    request: rate('request', limits.requestsPerSecond, 1, 20),
    archive: rate('archive', limits.archiveQueriesPerSecond, 1, 40),
    room: rate('room', limits.roomsPerHour, 3600, 1),
  };
}

const NONE: number[] = [];

/**
 * The buckets of one account, one number each: the time at which the bucket is full again (GCRA). All times in milliseconds of a
 * clock that never goes back.
 */
export class Buckets {
  private fullAt: number[] = KINDS.map(() => 0);

  /** Takes tokens if there are enough. More than the burst are taken for the burst. */
  take(limit: Rate | null, cost: number, now: number): boolean {
    if (limit === null) return true;
    const { at, windowMs } = limit;
    const full = this.after(limit, cost, now);
    // Sums of fractions are not exact.
    if (full - now > windowMs + 0.001) return false;
    this.fullAt[at] = full;
    return true;
  }

  /** When there will be enough tokens. */
  when(limit: Rate | null, cost: number, now: number): number {
    return limit === null ? now : Math.max(now, this.after(limit, cost, now) - limit.windowMs);
  }

  /** Nobody takes anything from them any more. */
  drop(): void {
    this.fullAt = NONE;
  }

  /** From when on every bucket is full: the account can be forgotten then. */
  get allFullAt(): number {
    return Math.max(...this.fullAt);
  }

  private after({ at, tokenMs, windowMs }: Rate, cost: number, now: number): number {
    return Math.max(this.fullAt[at] as number, now) + Math.min(cost * tokenMs, windowMs);
  }
}
