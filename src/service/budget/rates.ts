/** Rates of one account over all rooms: tokens that flow in, and how many there may be at once. */
import { KINDS, type Kind } from './kinds';

export interface Rate {
  /** Tokens per second. */
  readonly perSecond: number;
  readonly burst: number;
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

const rate = (value: number | null, seconds: number, times: number): Rate | null =>
  value === null ? null : { perSecond: value / seconds, burst: value * times };

/** What may come at once is so many times the rate: 5 for what people do, 40 for retractions, which nobody repeats that were refused, 20 and 40 for what a client asks when it starts with all of its rooms. */
export function ratesOf(limits: RateLimits): Rates {
  return {
    message: rate(limits.messagesPerSecond, 1, 5),
    notice: rate(limits.messagesPerSecond, 1, 5),
    retraction: rate(limits.messagesPerSecond, 1, 40),
    presence: rate(limits.presencePerSecond, 1, 5),
    nick: rate(limits.nickChangesPerSecond, 1, 5),
    entry: rate(limits.entriesPerSecond, 1, 5),
    invitation: rate(limits.invitationsPerMinute, 60, 2),
    request: rate(limits.requestsPerSecond, 1, 20),
    archive: rate(limits.archiveQueriesPerSecond, 1, 40),
    room: rate(limits.roomsPerHour, 3600, 1),
  };
}

/** No rate at all. */
export const NO_RATES: Rates = Object.fromEntries(KINDS.map((kind) => [kind, null])) as Record<Kind, null>;

/**
 * The buckets of one account, one number each: the time at which the bucket is full again (GCRA). All times in milliseconds of a
 * clock that never goes back.
 */
export class Buckets {
  private readonly fullAt: number[] = KINDS.map(() => 0);

  /** Takes tokens if there are enough. More than the burst are taken for the burst. */
  take(kind: Kind, cost: number, now: number, rates: Rates): boolean {
    const limit = rates[kind];
    if (limit === null) return true;
    const at = KINDS.indexOf(kind);
    const full = Math.max(this.fullAt[at] as number, now) + (Math.min(cost, limit.burst) / limit.perSecond) * 1000;
    if (full - now > (limit.burst / limit.perSecond) * 1000 + 0.001) return false;
    this.fullAt[at] = full;
    return true;
  }

  /** When there will be enough tokens. */
  when(kind: Kind, cost: number, now: number, rates: Rates): number {
    const limit = rates[kind];
    if (limit === null) return now;
    const full = Math.max(this.fullAt[KINDS.indexOf(kind)] as number, now) + (Math.min(cost, limit.burst) / limit.perSecond) * 1000;
    return Math.max(now, full - (limit.burst / limit.perSecond) * 1000);
  }

  /** Whether every bucket is full: the account can be forgotten. */
  isFull(now: number): boolean {
    return this.fullAt.every((at) => at <= now);
  }
}
