/** Affiliations with an end: when it comes, which are over, and what somebody is then. Pure. */
import { LateMap } from '../late-map';
import type { BareJid } from '../../xmpp/fold';
import { formatDateTime } from '../../xmpp/dates';
import { stanzaError, type StanzaError } from '../../xmpp/stanza-error';
import { inWords } from '../../words';
import type { AffiliationItem } from '../contract/commands';
import type { AffiliationRow, Millis } from '../contract/rows';
import { isFarAhead } from '../room-times';

const SECOND_MS = 1_000;
const YEAR_DAYS = 365;
/** Longest time that something is given for, in years. */
const MOST_YEARS = 10;
const MOST_MS = MOST_YEARS * YEAR_DAYS * 86_400_000;

/** When something ends that is given at a time: `until` a time, `for` milliseconds; neither: not by itself. */
export interface End {
  readonly until?: Millis;
  readonly for?: Millis;
}

/** The end in whole seconds, so that it is the same wherever it is shown; null: there is none. */
export function endFrom({ until, for: lasts }: End, now: Millis): Millis | null {
  if (until === undefined && lasts === undefined) return null;
  return Math.ceil((until ?? now + (lasts as Millis)) / SECOND_MS) * SECOND_MS;
}

/** Why nothing can end so, or undefined. */
export function endRefusal(end: End, now: Millis): StanzaError | undefined {
  const at = endFrom(end, now);
  if (at === null) return undefined;
  if (!(at > now) || (end.for ?? 1) <= 0)
    return stanzaError('not-acceptable', inWords('endPast', { time: formatDateTime(Number.isFinite(at) ? at : 0) }));
  return at - now > MOST_MS + SECOND_MS ? stanzaError('not-acceptable', inWords('endFar', { years: MOST_YEARS })) : undefined;
}

/**
 * The affiliation that somebody has after one with an end: the one before it, if that was more than none. After a ban it is none. A ban that this affiliation
 * replaced does not come back. If a lasting affiliation gets an end, none follows it.
 */
export function afterwardsOf(
  { affiliation }: Pick<AffiliationItem, 'affiliation'>,
  row: AffiliationRow | undefined,
): AffiliationRow['afterwards'] {
  if (affiliation === 'outcast' || row === undefined || row.affiliation === 'outcast') return null;
  if (row.expiresAt !== null) return row.afterwards === affiliation ? null : row.afterwards;
  return row.affiliation === affiliation ? null : row.affiliation;
}

/** The row of an affiliation that is over: the one that they have then, or null. */
export function rowAfter(row: AffiliationRow): AffiliationRow | null {
  const { afterwards } = row;
  return afterwards === null ? null : { ...row, affiliation: afterwards, reason: null, expiresAt: null, afterwards: null };
}

/** Whether a ban, with this end or (null) for good, ends before one that there is already: that one would be shortened by it. */
export const endsBefore = (end: Millis | null, row: Pick<AffiliationRow, 'expiresAt'>): boolean =>
  end !== null && (row.expiresAt === null || row.expiresAt > end);

/** What holds until then, as the audit trail has it. */
export function withEnd(what: string, expiresAt: Millis | null | undefined): string {
  return expiresAt == null ? what : `${what} until ${formatDateTime(expiresAt)}`;
}

type Timed = AffiliationRow & { readonly expiresAt: Millis };

const periodOf = ({ setAt, expiresAt }: Timed): Millis => Math.max(SECOND_MS, expiresAt - setAt);

/** The rows of one room that have an end. Whether any is due is asked at each decision, and is two comparisons. */
export class Ends {
  private readonly rows = new LateMap<BareJid, Timed>();
  /** The earliest end. If the clock reads less than `farthest`, at least one row was set while the clock was far ahead. Undefined: must be computed. */
  private bounds: { readonly first: Millis; readonly farthest: Millis } | undefined;

  get empty(): boolean {
    return this.rows.size === 0;
  }

  /** The row that somebody has now, or none. */
  set(jid: BareJid, row: AffiliationRow | null): void {
    const had = this.rows.delete(jid);
    const timed = row !== null && row.expiresAt !== null;
    if (timed) this.rows.set(jid, row as Timed);
    if (had || timed) this.bounds = undefined;
  }

  clear(): void {
    this.rows.clear();
    this.bounds = undefined;
  }

  /** When the first of them is to be looked at, by a clock that says `now`. */
  first(now: Millis): Millis | null {
    if (this.rows.size === 0) return null;
    const { first, farthest } = this.found();
    return farthest >= now ? now : first;
  }

  isDue(now: Millis): boolean {
    if (this.rows.size === 0) return false;
    const { first, farthest } = this.found();
    return first <= now || farthest >= now;
  }

  /** All of them, the first end first. */
  byEnd(): readonly AffiliationRow[] {
    return [...this.rows.values()].sort((a, b) => a.expiresAt - b.expiresAt);
  }

  /** Those that are over, the first end first. */
  over(now: Millis): readonly AffiliationRow[] {
    return this.byEnd().filter(({ expiresAt }) => (expiresAt ?? Infinity) <= now);
  }

  /** Rows that were set while the clock was far ahead. Each begins now, with the length that it had. */
  begunAnew(now: Millis): readonly AffiliationRow[] {
    return [...this.rows.values()]
      .filter((row) => isFarAhead(row.setAt, periodOf(row), now))
      .map((row) => ({ ...row, setAt: now, expiresAt: endFrom({ for: periodOf(row) }, now) }));
  }

  private found(): { readonly first: Millis; readonly farthest: Millis } {
    if (this.bounds) return this.bounds;
    let [first, farthest] = [Infinity, -Infinity];
    for (const row of this.rows.values()) {
      first = Math.min(first, row.expiresAt);
      farthest = Math.max(farthest, row.setAt - periodOf(row));
    }
    return (this.bounds = { first, farthest });
  }
}
