/**
 * One address is one account, however it is spelt: the fold by which JIDs are compared (design rule 7). It never refuses anything.
 *
 * - Local part: nodeprep (RFC 3920 appendix A), which servers compare by. Its tables are in `fold-tables.ts`, so that a newer platform never
 *   moves an account; NFKC is the platform's: it is stable for the characters of Unicode 3.2. Newer characters pass unchanged, and the text on
 *   either side of them is normalised separately. Nothing is prohibited: what servers refuse as an account is folded too. XEP-0106 escapes are plain text.
 * - Domain: UTS #46, non-transitional, of each label: the same tables, but ß, ς and the joiners stay, letters younger than Unicode 3.2 lose their
 *   case by the platform, and A-labels become U-labels by our own reading of Punycode.
 * - Resource: as it came, byte by byte.
 *
 * Folding twice changes nothing. A part that is too long for an address (RFC 7622 §3) is not folded.
 */
import { FOLDED, NOTHING, SEPARATING, SPELLED_OUT, UNASSIGNED } from './fold-tables';
import { fromPunycode } from './punycode';

/** The version of these rules, stored with the addresses that were folded by them. */
export const FOLD_VERSION = 1;

declare const kind: unique symbol;
/** A folded JID without resource. Its local part may be missing: then it is a whole domain, as in lists of affiliations and of whom the operator trusts. */
export type BareJid = string & { readonly [kind]: { readonly folded: true; readonly bare: true } };
/** A folded domain: a bare JID that has no local part. */
export type Domain = string & { readonly [kind]: { readonly folded: true; readonly bare: true; readonly domain: true } };
/** A JID whose bare part is folded, with its resource as it came, if it has one. */
export type FullJid = string & { readonly [kind]: { readonly folded: true } };
/** The folded address of a room. */
export type RoomJid = string & { readonly [kind]: { readonly folded: true; readonly bare: true; readonly room: true } };

/** Longest part of a JID in bytes, and so in UTF-16 units. */
const MAX_UNITS = 1023;
/** Longest label of a domain (RFC 1035 §2.3.4). */
const MAX_LABEL = 63;
/** Valid in a domain by UTS #46 though nameprep maps them: ß, ς and the joiners. */
const DEVIATIONS = new Set([0xdf, 0x3c2, 0x200c, 0x200d]);
/** Full stops of other scripts (UTS #46 §4, table lookups). */
const FULL_STOPS = /[\u3002\uFF0E\uFF61]/g;
/** Rounds until a fold of a fold changes nothing; two do for all that is known. */
const MAX_ROUNDS = 4;

interface Tables {
  /** What a code point becomes. */
  readonly map: ReadonlyMap<number, string>;
  /** Starts and ends of the ranges that are unassigned in Unicode 3.2, in order. */
  readonly unassigned: Int32Array;
}

const number = (text: string): number => parseInt(text, 36);

function* spans(text: string): Generator<readonly [number, number]> {
  let last = 0;
  for (const span of text.split(',')) {
    const [gap = '', length = ''] = span.split(' ');
    const start = last + number(gap);
    last = start + number(length);
    yield [start, last];
  }
}

function readTables(): Tables {
  const map = new Map<number, string>();
  for (const [start, end] of spans(NOTHING)) for (let code = start; code <= end; code++) map.set(code, '');
  for (const char of SPELLED_OUT.split('|')) {
    const code = char.codePointAt(0) as number;
    map.set(code, char.slice(String.fromCodePoint(code).length));
  }
  let last = 0;
  for (const row of FOLDED.split(',')) {
    const [, gap = '', length = '', every = '', delta = ''] = /^(\w+) (\w+)([ +])(-?\w+)$/.exec(row) ?? [];
    last += number(gap);
    const step = every === '+' ? 2 : 1;
    for (let code = last, left = number(length); left >= 0; code += step, left--) map.set(code, String.fromCodePoint(code + number(delta)));
  }
  return { map, unassigned: Int32Array.from([...spans(UNASSIGNED)].flat()) };
}

/** What NFKC would make a separator of JIDs of: it parts what stands beside it, as what is unassigned does. */
const separating = new Set([...spans(SEPARATING)].flatMap(([start, end]) => Array.from({ length: end - start + 1 }, (_, i) => start + i)));

/** Read when the first address needs them. */
let tables: Tables | undefined;

function isIn(ranges: Int32Array, code: number): boolean {
  let low = 0;
  let high = ranges.length / 2;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (code > (ranges[2 * middle + 1] as number)) low = middle + 1;
    else high = middle;
  }
  return low < ranges.length / 2 && code >= (ranges[2 * low] as number);
}

/** Cherokee, whose small letters fold to the older capitals. */
const CHEROKEE = /[\u13A0-\u13FF\uAB70-\uABBF]/;

/** A character of a domain that is younger than Unicode 3.2, without case. */
function foldYoung(char: string): string {
  if (/\p{Default_Ignorable_Code_Point}/u.test(char)) return '';
  const upper = char.toUpperCase();
  return CHEROKEE.test(char) ? upper : upper.length === char.length ? upper.toLowerCase() : char.toLowerCase();
}

const lowerAscii = (text: string): string => text.replace(/[A-Z]+/g, (capitals) => capitals.toLowerCase());

function foldOnce(text: string, isDomain: boolean): string {
  const { map, unassigned } = (tables ??= readTables());
  let out = '';
  let run = '';
  for (const char of text) {
    const code = char.codePointAt(0) as number;
    if (isDomain && DEVIATIONS.has(code)) run += char;
    else if (separating.has(code) || (!isDomain && code > 127 && isIn(unassigned, code))) {
      out += run.normalize('NFKC') + char;
      run = '';
    } else {
      run += map.get(code) ?? (isDomain && code > 127 && isIn(unassigned, code) ? foldYoung(char) : char);
    }
  }
  return out + run.normalize('NFKC');
}

/** Folds a part until it is stable. A part that would become empty, or more than one part, has only its ASCII capitals folded. */
function foldPart(text: string, isDomain: boolean): string {
  let before: string;
  let after = text;
  let rounds = 0;
  do {
    before = after;
    after = foldOnce(before, isDomain);
  } while (after !== before && ++rounds < MAX_ROUNDS);
  return after === '' || after !== before || (isDomain ? /[./@\u3002]/ : /[/@]/).test(after) ? lowerAscii(text) : after;
}

const isAscii = (text: string): boolean => /^[\0-\x7f]*$/.test(text);

function foldLabel(raw: string): string {
  const label = isAscii(raw) ? raw.toLowerCase() : foldPart(raw, true);
  if (!label.startsWith('xn--') || label.length > MAX_LABEL) return label;
  const read = fromPunycode(label.slice(4));
  // A label that no encoder would produce stays as it is.
  return read === undefined || isAscii(read) || foldPart(read, true) !== read ? label : read;
}

/** The local part of a JID, folded. */
export function foldLocal(local: string): string {
  if (local.length > MAX_UNITS) return local;
  return isAscii(local) ? local.toLowerCase() : foldPart(local, false);
}

/** The domain of a JID, folded. */
export function foldDomain(domain: string): Domain {
  if (domain.length > MAX_UNITS) return domain as Domain;
  const labels = domain.replace(FULL_STOPS, '.').split('.').map(foldLabel);
  if (labels.length > 1 && labels.at(-1) === '' && labels.at(-2) !== '') labels.pop();
  return labels.join('.') as Domain;
}

const SLASH = 0x2f;
const HYPHEN = 0x2d;
const DOT = 0x2e;

/** Where the bare part ends if it is folded already, as nearly all are: plain ASCII without capitals, A-labels or a final dot. Otherwise -1. */
function endOfPlain(jid: string): number {
  let i = 0;
  for (; i < jid.length; i++) {
    const code = jid.charCodeAt(i);
    if (code === SLASH) break;
    if (code > 127 || (code >= 65 && code <= 90)) return -1;
    // A label that begins "xn--"; the same within a local part is only looked at more slowly.
    if (code === HYPHEN && jid.charCodeAt(i - 1) === HYPHEN && jid.charCodeAt(i - 2) === 110 && jid.charCodeAt(i - 3) === 120) return -1;
  }
  return i > 0 && jid.charCodeAt(i - 1) === DOT ? -1 : i;
}

function foldSlowly(bare: string): string {
  const at = bare.indexOf('@');
  return at < 0 ? foldDomain(bare) : `${foldLocal(bare.slice(0, at))}@${foldDomain(bare.slice(at + 1))}`;
}

/** A JID without its resource, folded. */
export function foldBare(jid: string): BareJid {
  const end = endOfPlain(jid);
  if (end >= 0) return (end === jid.length ? jid : jid.slice(0, end)) as BareJid;
  const slash = jid.indexOf('/');
  return foldSlowly(slash < 0 ? jid : jid.slice(0, slash)) as BareJid;
}

/** A JID with its bare part folded and its resource, if there is one, as it came. The same string if there is nothing to fold. */
export function foldFull(jid: string): FullJid {
  if (endOfPlain(jid) >= 0) return jid as FullJid;
  const slash = jid.indexOf('/');
  return (slash < 0 ? foldSlowly(jid) : foldSlowly(jid.slice(0, slash)) + jid.slice(slash)) as FullJid;
}
