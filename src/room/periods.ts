/** When what was noted with a time is over: a clock that was wrong once must not decide it for good. */
import type { Millis } from './contract/rows';

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
