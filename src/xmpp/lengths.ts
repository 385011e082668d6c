/** Bounds on texts that strangers send, checked before the text is processed. */
import type { Element } from './xml';

/** Longest language tag that is kept: no tag in use is nearly as long (RFC 5646 §4.4.1). */
const LONGEST_LANGUAGE = 100;

/** Whether a text has more than `max` code points; a far longer text is not counted. */
export function isLongerThan(text: string, max: number): boolean {
  // A code point has at most two UTF-16 units.
  return text.length > 2 * max || (text.length > max && [...text].length > max);
}

/** The `xml:lang` that an element states; undefined: none, or one that is longer than any language tag. */
export function langOf(element: Element): string | undefined {
  const lang = element.attrs['xml:lang'] as string | undefined;
  return lang === undefined || lang.length > LONGEST_LANGUAGE ? undefined : lang;
}
