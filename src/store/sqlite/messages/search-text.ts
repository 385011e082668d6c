/**
 * What full-text search knows of a message: the text of its bodies, and the form in which letters are compared.
 *
 * The index is told what to forget by this text, so a message must give the same text whenever it is asked: raise
 * `SEARCH_TEXT_VERSION` with every change here or in what is called from here, and the index is made anew.
 */
import { NS } from '../../../xmpp/ns';

export const SEARCH_TEXT_VERSION = 3;

/** One tag of finished XML; attribute values hold no `<`, so a tag ends at the first `>` outside of quotes, and never behind another tag's `<`. */
const TAG = /<(\/?)([^\s/<>]+)((?:[\s/](?:[^"'<>]|"[^"<]*"|'[^'<]*')*?)?)(\/?)>/g;

/** Namespaces whose presence means that a body is only what is shown instead of the encrypted text. */
const ENCRYPTED = new Set<string>([NS.eme, NS.omemo, NS.omemo1, NS.omemo2, NS.openpgp, NS.pgp]);
/** XEP-0424, and the version before it: both are met. */
const RETRACT = /^urn:xmpp:message-retract:\d$/;

/** Characters from `start` to before `end`. */
interface Range {
  readonly start: number;
  readonly end: number;
}

interface Fallback {
  /** What it stands in for (XEP-0428); undefined: not said. */
  readonly what: string | undefined;
  /** Whether it names parts at all; if not, it means all bodies. */
  parts: boolean;
  /** The ranges of bodies that it names, in characters, end excluded. */
  readonly ranges: Range[];
}

/** What stands at the top of a message's content, as far as search is concerned. */
interface Content {
  readonly bodies: string[];
  readonly fallbacks: Fallback[];
  encrypted: boolean;
  tombstone: boolean;
  retracts: boolean;
}

/**
 * The text that search finds a message by: its bodies in all languages, apart from what stands in a retraction for clients that
 * do not know retractions (XEP-0424 §4). '' for encrypted messages and tombstones. `payload` as in `MessageRow`; never throws.
 */
export function searchText(payload: string): string {
  if (!payload.includes('<body')) return '';
  const { bodies, fallbacks, encrypted, tombstone, retracts } = contentOf(payload);
  if (encrypted || tombstone) return '';
  const dropped = fallbacks.filter(({ what }) => (what === undefined ? retracts : RETRACT.test(what)));
  if (dropped.length === 0) return bodies.join('\n');
  if (dropped.some(({ parts }) => !parts)) return bodies.map(() => '').join('\n');
  const ranges = merged(dropped.flatMap((fallback) => fallback.ranges));
  return bodies.map((body) => without(body, ranges)).join('\n');
}

function contentOf(payload: string): Content {
  const content: Content = { bodies: [], fallbacks: [], encrypted: false, tombstone: false, retracts: false };
  let depth = 0;
  /** Of the element at the top that is open: its name, its namespace, and where its content begins. */
  let top = { name: '', ns: '', from: 0 };
  for (const tag of payload.matchAll(TAG)) {
    const [whole, closing, name = '', attrs = '', empty] = tag;
    if (closing !== '') {
      depth--;
      if (depth === 0 && top.name === 'body' && top.ns === '') content.bodies.push(plain(payload.slice(top.from, tag.index)));
      continue;
    }
    if (depth === 0) {
      top = { name, ns: attribute(attrs, 'xmlns') ?? '', from: tag.index + whole.length };
      if (top.ns === NS.client) top.ns = '';
      if (ENCRYPTED.has(top.ns)) content.encrypted = true;
      if (RETRACT.test(top.ns)) content[name === 'retracted' ? 'tombstone' : 'retracts'] = true;
      if (top.ns === NS.fallback) content.fallbacks.push({ what: attribute(attrs, 'for'), parts: false, ranges: [] });
    } else if (depth === 1) {
      // Version 0 wraps the retraction (XEP-0422).
      if (top.ns === NS.fasten && RETRACT.test(attribute(attrs, 'xmlns') ?? '')) content.retracts = true;
      if (top.ns === NS.fallback) addPart(content, name, attrs);
    }
    if (empty === '') depth++;
  }
  return content;
}

function addPart(content: Content, name: string, attrs: string): void {
  const fallback = content.fallbacks.at(-1);
  if (!fallback) return;
  fallback.parts = true;
  const [start, end] = [attribute(attrs, 'start'), attribute(attrs, 'end')];
  if (name === 'body') fallback.ranges.push({ start: Number(start ?? 0), end: Number(end ?? Infinity) });
}

/** The same characters as ranges that rise and do not overlap: how many there are, and how they lie, is up to who wrote the message. */
function merged(ranges: readonly Range[]): Range[] {
  const rising = ranges.filter(({ start, end }) => start < end).sort((a, b) => a.start - b.start);
  const apart: Range[] = [];
  for (const range of rising) {
    const last = apart.at(-1);
    if (!last || range.start > last.end) apart.push(range);
    else if (range.end > last.end) apart[apart.length - 1] = { start: last.start, end: range.end };
  }
  return apart;
}

/** The body with blanks in the place of these ranges, which rise; positions count characters, not UTF-16 units (XEP-0426). */
function without(body: string, ranges: readonly Range[]): string {
  let next = 0;
  return Array.from(body, (c, at) => {
    while (next < ranges.length && (ranges[next] as Range).end <= at) next++;
    return at >= (ranges[next]?.start ?? Infinity) ? ' ' : c;
  }).join('');
}

const ATTRIBUTES = Object.fromEntries(
  (['xmlns', 'for', 'start', 'end'] as const).map((name) => [name, new RegExp(`(?:^|\\s)${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)')`)]),
) as Record<'xmlns' | 'for' | 'start' | 'end', RegExp>;

function attribute(attrs: string, name: keyof typeof ATTRIBUTES): string | undefined {
  const found = ATTRIBUTES[name].exec(attrs);
  return found ? decoded(found[1] ?? found[2] ?? '') : undefined;
}

function plain(xml: string): string {
  return decoded(xml.includes('<') ? xml.replace(TAG, '') : xml);
}

const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function decoded(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(/&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|(\w+));/gi, (all, hex?: string, dec?: string, name?: string) => {
    if (name !== undefined) return ENTITIES[name] ?? all;
    const code = hex === undefined ? Number(dec) : parseInt(hex, 16);
    return code <= 0x10ffff ? String.fromCodePoint(code) : all;
  });
}

/**
 * Marks in a row beyond what any writing has (UAX #15 §13 allows 30): normalising sorts a run, in more than linear time. The half-width
 * sound marks of kana are letters until NFKD makes marks of them, so between marks they would keep each run short.
 */
const LONG_RUN = /([\p{M}\uff9e\uff9f]{30})[\p{M}\uff9e\uff9f]+/gu;

/**
 * What does not count in a comparison: diacritics of Latin, Greek and Cyrillic (`й` is no `и` with a sign), the points of Hebrew and
 * the vowel signs of Arabic, which people leave out, and what is invisible. Signs of Indic scripts and of Thai are letters to readers.
 */
const IGNORED =
  /(?<!\u0438)\u0306|(?!\u0306)[\u0300-\u036f]|(?=\p{Mn})[\u0591-\u05c7\u0610-\u061a\u064b-\u0652\u0656-\u065f\u0670\u06d6-\u06ed\u08d3-\u08ff]|\p{Default_Ignorable_Code_Point}/gu;

/**
 * Text in the form in which search compares it: case folded in full (`ß` is `ss`), without what is ignored, compatibility forms
 * (full-width letters, half-width kana, ligatures) like what they stand for. Linear in the length of the text.
 */
export function fold(text: string): string {
  if (/^[\x00-\x7f]*$/.test(text)) return text.toLowerCase();
  return text
    .replace(LONG_RUN, '$1')
    .normalize('NFKD')
    .replace(/[^\x00-\x7f]+/g, (run) => run.toLowerCase().toUpperCase())
    .toLowerCase()
    .normalize('NFKD')
    .replace(IGNORED, '')
    .replaceAll('ς', 'σ')
    .normalize('NFC');
}

const UNSPACED = ['Han', 'Hiragana', 'Katakana', 'Bopomofo', 'Hangul', 'Thai', 'Lao', 'Khmer', 'Myanmar'];
const UNSPACED_CLASS = `(?=[\\p{L}\\p{N}\\p{M}])[${UNSPACED.map((script) => `\\p{scx=${script}}`).join('')}]`;
const UNSPACED_RUN = new RegExp(`(?:${UNSPACED_CLASS})+`, 'gu');

/** Folded text taken apart. */
export interface SearchParts {
  /** What is searched by words, in order; everything else in it separates words. */
  readonly words: string;
  /** Runs of writing that has no spaces between words, or none to rely on: they are searched by parts of any length. */
  readonly runs: readonly string[];
}

/** Folds text and parts the scripts that are searched by words from those that are not. */
export function searchParts(text: string): SearchParts {
  const folded = fold(text);
  // All of those scripts are encoded behind U+0E00.
  if (!/[\u0e00-\uffff]/.test(folded)) return { words: folded, runs: [] };
  const runs: string[] = [];
  const words = folded.replace(UNSPACED_RUN, (run) => (runs.push(run), ' '));
  return { words, runs };
}
