/** The times of a room, whatever the clock does: that of its decisions, that of its archived messages, and when what was noted with a time is over. */
import type { Millis } from './contract/rows';

/** How far times of messages run ahead of the clock, in ms: with more than a thousand messages in a second some are equal. */
const MAX_LEAD_MS = 1_000;

/** How far a room's time may be ahead of the clock, in ms, before the clock was wrong when it was set: then the room's time follows the clock again. */
export const MOST_AHEAD_MS = 60_000;

export class RoomTimes {
  /** The room's time: that of the latest decision, or of the latest message where that is ahead. */
  stamp: Millis = 0;
  /** The time of the running decision; unlike `stamp` it is the clock's again when that was once ahead. */
  time: Millis = 0;
  private isAhead = false;
  /** No archived message is later; the clock's time when it was said; and how far times were put ahead of the clock. */
  private saidAt = 0;
  private saidWhen = 0;
  private lead = 0;

  /** The room was stored with this time. */
  load(stamp: Millis): void {
    this.stamp = this.time = this.saidAt = stamp;
  }

  /**
   * Sets `time` for a decision at `now`: never before an earlier decision's, unless that is so far ahead that the clock must have been wrong.
   * Then it is the clock's again. `stamp` stays: what is archived goes on just behind the latest message, since its order is that of its times.
   * Returns whether that has just been found: by that clock other things are due.
   */
  begin(now: Millis): boolean {
    const isAhead = this.stamp - now > MOST_AHEAD_MS;
    const found = isAhead && !this.isAhead;
    this.isAhead = isAhead;
    if (isAhead) this.time = now;
    else this.time = this.stamp = Math.max(now, this.stamp);
    return found;
  }

  /**
   * The time of the next archived message, said at `now` by the clock in a decision at `stamp`: later than that of the one before, although both came in one
   * millisecond. Clients that read an archive by pages sort by time alone, and would turn the two around at the border of a page.
   */
  next(now: Millis, stamp: Millis): Millis {
    // What the clock has gained meanwhile; set back, it gains from where it is.
    this.lead = Math.max(0, this.lead - Math.max(0, now - this.saidWhen));
    this.saidWhen = now;
    if (stamp > this.saidAt) this.saidAt = stamp;
    else if (this.lead < MAX_LEAD_MS) {
      this.saidAt += 1;
      this.lead += 1;
    }
    this.stamp = this.saidAt;
    return this.stamp;
  }
}

/** Whether a time is further ahead of the clock than its own period, all in ms: it is one of a clock that was wrong. */
export const isFarAhead = (since: Millis, period: Millis, now: Millis): boolean => since - now >= period;

/**
 * When a period (ms) that began at a stored time is over, by a clock that says `now`; 0: it is over.
 *
 * The rule for every stored time that is compared with the clock: one further ahead of the clock than its own period counts as passed, so that nothing waits longer than
 * twice its period, however wrong the clock was. What was kept for somebody's sake is kept as if it had begun now (`isFarAhead`), rather than lost.
 */
export function endOf(since: Millis, period: Millis, now: Millis): Millis {
  return isFarAhead(since, period, now) ? 0 : since + period;
}
