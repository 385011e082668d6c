/** Dates and times on the wire (XEP-0082). Inside the program they are milliseconds since 1970-01-01 UTC. */

/** A moment as XEP-0082 DateTime in UTC; milliseconds only where they are not zero. Years outside 0000-9999 are clamped. */
export function formatDateTime(ms: number): string {
  return new Date(Math.min(Math.max(ms, FIRST), LAST)).toISOString().replace('.000Z', 'Z');
}

/** The same, with milliseconds always. What is no number is 1970. */
export function dateOf(ms: number): string {
  return new Date(Number.isNaN(ms) ? 0 : Math.min(Math.max(ms, FIRST), LAST)).toISOString();
}

/** Whether so many milliseconds since 1970 are in the range of dates. */
export const isDate = (ms: number): boolean => ms >= FIRST && ms <= LAST;

/** The last moment that a date can tell, in milliseconds since 1970. */
export const LAST_MOMENT = 253_402_300_799_999;

/** The range of four-digit years: 0000-01-01T00:00:00Z to 9999-12-31T23:59:59.999Z. */
const FIRST = -62_167_219_200_000;
const LAST = LAST_MOMENT;

const DATE_TIME = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:Z|([+-])(\d\d):(\d\d))$/;
/** Longest text that is parsed as a date. */
const LONGEST = 100;
/** The format of jabber:x:delay (XEP-0091), still sent by old clients; always UTC. */
const LEGACY = /^(\d{4})(\d\d)(\d\d)T(\d\d):(\d\d):(\d\d)$/;

/**
 * A DateTime in milliseconds, or undefined if it is none: the zone is mandatory (§3.2). Fractions of a millisecond are cut; with
 * `'not before'` they are rounded up.
 */
export function parseDateTime(text: string, finer: 'cut' | 'not before' = 'cut'): number | undefined {
  if (text.length > LONGEST) return undefined;
  const match = DATE_TIME.exec(text) ?? LEGACY.exec(text);
  if (!match) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as [number, number, number, number, number, number];
  const digits = match[7] ?? '';
  const millis = Number(digits.slice(0, 3).padEnd(3, '0'));
  const rest = finer === 'not before' && /[1-9]/.test(digits.slice(3)) ? 1 : 0;
  const offsetHour = Number(match[9] ?? 0);
  const offsetMinute = Number(match[10] ?? 0);
  // 24:00:00 is midnight at the end of the day (XML Schema); a leap second counts as the second after it.
  const midnight = hour === 24 && minute === 0 && second === 0 && millis === 0;
  if ((hour > 23 && !midnight) || minute > 59 || second > 60 || offsetHour > 14 || offsetMinute > 59) return undefined;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return undefined;
  date.setUTCHours(hour, minute, second, millis);
  const offset = (offsetHour * 60 + offsetMinute) * 60_000;
  const moment = date.getTime() + rest - (match[8] === '-' ? -offset : offset);
  // The zone, or 24:00 of the last day, may move it out of the four-digit years.
  return moment < FIRST || moment > LAST ? undefined : moment;
}
