/** Nicknames (RFC 8266): which are acceptable, which form they are shown in, and when two of them are the same. */
// UTS #39's table of look-alikes, one character at a time; pinned, since a newer table would refuse other nicknames.
import unhomoglyph from 'unhomoglyph';
import { foldCompatible, isFreeform } from './precis';

declare const kind: unique symbol;
/** A nickname in the form in which it is shown. */
export type Nick = string & { readonly [kind]: 'nick' };

/** `blank`: nothing to see in it. `malformed`: a character outside the FreeformClass, such as a control or an invisible one. */
export type NickProblem = 'blank' | 'too-long' | 'malformed';

/** A nick is the resource of an occupant JID, and shares its limit (RFC 7622 §3.4). */
const MAX_BYTES = 1023;
const SIMPLE = /^[a-z0-9._-]*$/;

/** Whether the text is longer than any nickname: it is not looked at further, since normalising costs more than its length. */
const isTooLong = (nick: string): boolean => nick.length > MAX_BYTES;

/** What is wrong with a nickname, or undefined. The limit is in Unicode code points. */
export function checkNick(nick: string, maxCodePoints: number): NickProblem | undefined {
  if (isTooLong(nick)) return 'too-long';
  // U+2800: a pattern of Braille without a dot.
  if (/^[\p{White_Space}\u2800]*$/u.test(nick)) return 'blank';
  if (Buffer.byteLength(nick, 'utf8') > MAX_BYTES || [...nick].length > maxCodePoints) return 'too-long';
  return isFreeform(nick) ? undefined : 'malformed';
}

/**
 * The form in which a nickname is shown (RFC 8266 §2.1): any space is a plain one, never two in a row, none at either end. Invisible
 * characters are dropped: keyboards put variation selectors behind emoji, and no nickname may have them. Everything else stays.
 */
export function tidyNick(nick: string): Nick {
  if (isTooLong(nick) || SIMPLE.test(nick)) return nick as Nick;
  return nick
    .replace(/\p{Default_Ignorable_Code_Point}+/gu, '')
    .replace(/\p{Zs}+/gu, ' ')
    .replace(/^ | $/g, '') as Nick;
}

/** A nickname as the program stored it, which was tidied then, or put into a stanza of its own. */
export const storedNick = (text: string): Nick => text as Nick;

/**
 * The key by which nicknames are compared (RFC 8266 §2.4): equal for nicks that differ in case, width or spaces only.
 * Never shown and never sent. The key of a key is the key. A text longer than any nickname is its own key.
 */
export function nickKey(nick: string): string {
  if (isTooLong(nick) || SIMPLE.test(nick)) return nick;
  return tidyNick(foldCompatible(tidyNick(nick)));
}

/**
 * What a nickname looks like (UTS #39 §4 skeleton), as it is and case-folded: two nicknames may look alike (`looksLike`) only if they
 * share one of these. Both, because capital I looks like l, which its small letter does not. Never shown and never sent.
 */
export function lookAlikeKeys(nick: string): readonly string[] {
  if (isTooLong(nick)) return [nick];
  const skeleton = (text: string): string => unhomoglyph(text.normalize('NFD')).normalize('NFD').toLowerCase();
  const asItIs = skeleton(nick);
  const folded = skeleton(nickKey(nick));
  return asItIs === folded ? [asItIs] : [asItIs, folded];
}

/**
 * Whether one nickname can be taken for the other: they differ in nothing but characters that look alike, and of each such pair one is no
 * ASCII. Within plain ASCII words (torn and tom, user0 and userO) people are used to telling them apart, and many have such names.
 */
export function looksLike(one: string, other: string): boolean {
  if (isTooLong(one) || isTooLong(other)) return one === other;
  const others = formsOf(other);
  return formsOf(one).some((form) => others.some((each) => matches(form, each)));
}

/** What is seen at each place of a skeleton, and the character that looks so. */
type Shape = readonly (readonly [seen: string, of: string])[];

function formsOf(nick: string): Shape[] {
  return [nick, nickKey(nick)].map((text) =>
    [...text.normalize('NFD')].flatMap((of) => [...unhomoglyph(of).normalize('NFD').toLowerCase()].map((seen) => [seen, of] as const)),
  );
}

function matches(one: Shape, other: Shape): boolean {
  if (one.length !== other.length) return false;
  return one.every(([seen, of], i) => {
    const [seenThere, ofThere] = other[i] as Shape[number];
    if (seen !== seenThere) return false;
    return !isAscii(of) || !isAscii(ofThere) || of.toLowerCase() === ofThere.toLowerCase();
  });
}

const isAscii = (character: string): boolean => character <= '\x7f';
