/** The language of who sent a stanza (RFC 6120 §8.1.5). */
import { DEFAULT_LANGUAGE, languageOfTag, type Language } from '../words';
import type { Element } from './xml';

/** The language that a stanza asks for; undefined: its `xml:lang` is missing, or is none. */
export function languageOf({ attrs }: Element): Language | undefined {
  return languageOfTag(attrs['xml:lang'] as string | undefined);
}

/** The language to answer a stanza in: that of the stanza itself, or the one that its sender was last known by. */
export function languageFor(stanza: Element, known?: Language): Language {
  return languageOf(stanza) ?? known ?? DEFAULT_LANGUAGE;
}
