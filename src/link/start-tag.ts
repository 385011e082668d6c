/** Reads one start tag out of a string: the part of the parser where most of its time goes. */
import { Element } from '../xmpp/xml';
import { NAME_CHAR, NAME_START, NAME_TABLE, StreamFault, decodeAttribute, illegalCharacter, isName, isSpace } from './chars';

/** What `readStartTag` found. `element` is undefined while the tag's end is not in the text yet. */
export interface StartTag {
  element: Element | undefined;
  /** Index behind the `>`. */
  end: number;
  selfClosing: boolean;
}

/** Addresses kept at most, and the longest one that is (RFC 7622 §3.1: three parts of 1023 bytes). */
const INTERNED = 65_536;
const LONGEST = 3071;
/** All of them together, in UTF-16 units: addresses may be made up to be long. */
const INTERNED_LENGTH = 8 * 1024 * 1024;
/** Places for those that are found without being cut out of the chunk. */
const ADDRESS_SLOTS = 32_768;

/**
 * Keeps one flat copy of each address, by its text in the stream. A slice of a chunk keeps the whole chunk (64 KiB) in memory,
 * and addresses are what rooms keep; besides, one that is known need not be checked again, and has its hash already.
 */
class Addresses {
  private readonly known = new Map<string, string>();
  /** Of those that stand for themselves the latest two of each hash of their characters, side by side: with one place for each, a third of ten thousand would keep pushing another out. */
  private readonly latest = new Array<string>(ADDRESS_SLOTS).fill('');
  private length = 0;

  /** The address between two indexes; `hash` is that of its characters. */
  get(text: string, from: number, to: number, hash: number): string | undefined {
    const { latest } = this;
    const slot = (hash ^ (hash >>> 15)) & (ADDRESS_SLOTS - 2);
    const first = latest[slot] as string;
    if (first.length === to - from && text.startsWith(first, from)) return first;
    const second = latest[slot + 1] as string;
    if (second.length === to - from && text.startsWith(second, from)) return second;
    const raw = text.slice(from, to);
    const known = this.known.get(raw);
    if (known === raw) {
      latest[slot + 1] = first;
      latest[slot] = known;
    }
    return known;
  }

  /** A flat copy of `value`, which `raw` stands for in the stream. */
  keep(raw: string, value: string): string {
    const flat = Buffer.from(value, 'utf8').toString('utf8');
    if (raw.length > LONGEST) return flat;
    this.length += raw.length;
    if (this.known.size >= INTERNED || this.length > INTERNED_LENGTH) {
      this.known.clear();
      this.latest.fill('');
      this.length = raw.length;
    }
    this.known.set(raw === value ? flat : Buffer.from(raw, 'utf8').toString('utf8'), flat);
    return flat;
  }
}

const addresses = new Addresses();

const NAME_SLOTS = 1024;
/** Names seen lately, by a hash of their characters: a name that is known is not cut out of the chunk again, and V8 need not look it up. */
const names = new Array<string>(NAME_SLOTS).fill('');

/** The name between two indexes; `hash` is that of its characters. */
function nameAt(text: string, from: number, to: number, hash: number): string {
  const slot = hash & (NAME_SLOTS - 1);
  const known = names[slot] as string;
  if (known.length === to - from && text.startsWith(known, from)) return known;
  const name = text.slice(from, to);
  // A slice of 13 characters and more keeps its chunk alive.
  if (name.length < 13) names[slot] = name;
  return name;
}

/** Second result of `nameEnd`: a hash of the name's characters. */
let nameHash = 0;

/** The index behind the name that begins at `at`; `text.length` if the text ends inside it. Throws `StreamFault`. */
export function nameEnd(text: string, at: number): number {
  let i = at;
  let wide = false;
  let hash = 0;
  for (; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c < 128) {
      if (((NAME_TABLE[c] as number) & (i === at ? NAME_START : NAME_CHAR)) === 0) break;
    } else wide = true;
    hash = (hash * 31 + c) | 0;
  }
  nameHash = hash;
  if (i < text.length && (i === at || (wide && !isName(text.slice(at, i)))))
    throw new StreamFault('not-well-formed', 'a tag without a proper name');
  return i;
}

function skipSpace(text: string, at: number): number {
  let i = at;
  while (i < text.length && isSpace(text.charCodeAt(i))) i++;
  return i;
}

/** Sets an attribute, also one that is called like a member of `Object.prototype`. Throws for a repeated one (XML 1.0 §3.1). */
function setAttribute(attrs: Record<string, string>, name: string, value: string): void {
  if (name in attrs) {
    if (Object.hasOwn(attrs, name)) throw new StreamFault('not-well-formed', 'an attribute that occurs twice in one tag');
    Object.defineProperty(attrs, name, { value, enumerable: true, configurable: true, writable: true });
  } else attrs[name] = value;
}

/** Second result of `valueEnd`: whether the value must be decoded. */
let special = false;

/** The index of the closing quote, or -1 if it is not there yet. */
function valueEnd(text: string, at: number, quote: number): number {
  special = false;
  for (let i = at; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === quote) return i;
    if (c === 38) special = true;
    else if (c < 32) {
      if (c !== 9 && c !== 10 && c !== 13) throw illegalCharacter();
      special = true;
    } else if (c === 60) throw new StreamFault('not-well-formed', 'a < in the value of an attribute');
    else if (c >= 0xfffe) throw illegalCharacter();
  }
  return -1;
}

/**
 * Reads the start tag that begins at `from` (its `<`) into `into`. When the text ends before the tag does,
 * `into.element` is undefined, or with `partial` the element with those attributes that are complete.
 * Throws `StreamFault` for what is no tag.
 */
export function readStartTag(text: string, from: number, into: StartTag, partial = false): void {
  into.element = undefined;
  const length = text.length;
  let i = nameEnd(text, from + 1);
  if (i >= length) return;
  const element = new Element(nameAt(text, from + 1, i, nameHash));
  const attrs = element.attrs as Record<string, string>;
  if (partial) into.element = element;
  for (;;) {
    let c = text.charCodeAt(i);
    const spaced = isSpace(c);
    if (spaced) {
      i = skipSpace(text, i + 1);
      c = text.charCodeAt(i);
    }
    if (i >= length) return;
    if (c === 62) {
      into.end = i + 1;
      into.selfClosing = false;
      into.element = element;
      return;
    }
    if (c === 47) {
      if (i + 1 >= length) return;
      if (text.charCodeAt(i + 1) !== 62) throw new StreamFault('not-well-formed', 'a / inside a tag');
      into.end = i + 2;
      into.selfClosing = true;
      into.element = element;
      return;
    }
    if (!spaced) throw new StreamFault('not-well-formed', 'attributes without a space between them');
    const begin = i;
    i = nameEnd(text, i);
    if (i >= length) return;
    const name = nameAt(text, begin, i, nameHash);
    i = skipSpace(text, i);
    if (i >= length) return;
    if (text.charCodeAt(i) !== 61) throw new StreamFault('not-well-formed', 'an attribute without a value');
    i = skipSpace(text, i + 1);
    if (i >= length) return;
    const quote = text.charCodeAt(i);
    if (quote !== 34 && quote !== 39) throw new StreamFault('not-well-formed', 'the value of an attribute without quotes');
    const isAddress = name === 'from' || name === 'to' || name === 'jid';
    let end: number;
    let value: string | undefined;
    if (isAddress) {
      let hash = 0;
      for (end = i + 1; end < length; end++) {
        const c = text.charCodeAt(end);
        if (c === quote) break;
        hash = (hash * 31 + c) | 0;
      }
      if (end >= length) return;
      value = addresses.get(text, i + 1, end, hash);
    } else end = -1;
    if (value === undefined) {
      end = valueEnd(text, i + 1, quote);
      if (end < 0) return;
      const raw = text.slice(i + 1, end);
      value = special ? decodeAttribute(raw) : raw;
      if (isAddress) value = addresses.keep(raw, value);
    }
    setAttribute(attrs, name, value);
    i = end + 1;
    if (i >= length) return;
  }
}
