/** Words of a command line as what they mean: times, numbers, fields of a form. */
import { ALL_LANGUAGES, type Language } from '../words';
import { stampOf } from '../room/talking/ids';
import { Ended, EXIT } from './ending';

/** A day, which begins in UTC, or a time with its zone; as tables show it, with a blank, too. */
const TIME = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d)))?$/;

/** A time of somebody, as the API takes it. Throws Ended. */
export function timeOf(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  // A time without a zone would mean another one on each machine.
  const [, day, rest] = TIME.exec(text) ?? [];
  const millis = day === undefined ? NaN : Date.parse(`${day}${rest === undefined ? '' : `T${rest}`}`);
  // Days that a month does not have.
  if (Number.isNaN(millis) || new Date(`${day}T00:00:00Z`).toISOString().slice(0, 10) !== day)
    throw new Ended(EXIT.usage, `"${text}" is no time. Times look like 2026-01-31T12:00:00Z, or 2026-01-31.`);
  return new Date(millis).toISOString();
}

/** The language that a tag names, such as `de` or `de-AT`. Throws Ended for one that there is not. */
export function languageIn(tag: string | undefined): Language | undefined {
  if (tag === undefined) return undefined;
  const found = ALL_LANGUAGES.find((language) => language === tag.toLowerCase().split('-')[0]);
  if (!found) throw new Ended(EXIT.usage, `"${tag}" is none of the languages that there are: ${ALL_LANGUAGES.join(', ')}.`);
  return found;
}

/** A whole number, not less than `least`. Throws Ended. */
export function wholeOf(text: string, what: string, least = 0): number {
  if (!/^\d{1,15}$/.test(text)) throw new Ended(EXIT.usage, `"${text}" is no number: ${what} takes a whole one, such as 30.`);
  if (Number(text) < least) throw new Ended(EXIT.usage, `${what} takes a whole number from ${least}.`);
  return Number(text);
}

/** Stands before an id while the words are told apart; no shell can hand it over. */
const SHIELD = '\0';

/** The words of a command line, in which an id of a message that begins with `-` cannot be taken for options. */
export const shielded = (words: readonly string[]): string[] =>
  words.map((word) => (word.startsWith('-') && stampOf(word) !== undefined ? SHIELD + word : word));

/** A word, or a list of words, as it was given. */
export function unshielded(word: unknown): unknown {
  if (Array.isArray(word)) return word.map(unshielded);
  return typeof word === 'string' && word.startsWith(SHIELD) ? word.slice(SHIELD.length) : word;
}

/** Values of a form by the names of its fields. */
export type Fields = Readonly<Record<string, string | readonly string[]>>;

/** The beginning that most fields of a room have (XEP-0045 §16.5.3). */
const PREFIX = 'muc#roomconfig_';

/** Whether a short name means this field. */
const means = (short: string, field: string): boolean => field === short || field === PREFIX + short || field.endsWith(`}${short}`);

/**
 * `FIELD=VALUE` as values; a field that is named more than once has several. `known`: the fields that there are, if that is known; a short name is
 * the part behind `muc#roomconfig_` or a namespace. Throws Ended.
 */
export function fieldsOf(words: readonly string[], known?: readonly string[]): Fields {
  const fields = new Map<string, string[]>();
  for (const word of words) {
    const at = word.indexOf('=', word.startsWith('{') ? word.indexOf('}') : 0);
    if (at <= 0) throw new Ended(EXIT.usage, `"${word}" is no FIELD=VALUE, such as roomname=Tea.`);
    const field = fullName(word.slice(0, at), known);
    fields.set(field, [...(fields.get(field) ?? []), word.slice(at + 1)]);
  }
  return Object.fromEntries([...fields].map(([field, values]) => [field, values.length === 1 ? (values[0] ?? '') : values]));
}

function fullName(short: string, known: readonly string[] | undefined): string {
  if (!known) return /[#{]/.test(short) ? short : PREFIX + short;
  const [field, other] = known.filter((one) => means(short, one));
  if (field === undefined) throw new Ended(EXIT.usage, `The room has no field "${short}". It has: ${known.join(', ')}.`);
  if (other !== undefined && !known.includes(short))
    throw new Ended(EXIT.usage, `"${short}" means ${field} or ${other}: write the whole name.`);
  return known.includes(short) ? short : field;
}
