/** What is said to people, by key, in the language of whoever reads it. Each language is a file in `words/`: a translator needs no other. */
import { de } from './words/de';
import { en, type Words } from './words/en';
import { es } from './words/es';
import { fr } from './words/fr';

const LANGUAGES = { en, de, es, fr };

export type Language = keyof typeof LANGUAGES;
export type Key = keyof Words;

/** The languages there are, by their subtags (RFC 5646 §2.2.1). */
export const ALL_LANGUAGES = Object.keys(LANGUAGES) as readonly Language[];

/** The language of who asks for none that there is, and of rooms that have none. */
export const DEFAULT_LANGUAGE: Language = 'en';

/** The sentences of one language. */
export const wordsOf = (language: Language): Words => LANGUAGES[language];

type ValuesOf<K extends Key> = Words[K] extends (values: infer V) => string ? V : never;

/** What stands in a sentence: a text may be a sentence itself, which is put into the same language. */
type Given<V> = { readonly [P in keyof V]: V[P] | (string extends V[P] ? Sentence : never) };

/** The values that a sentence needs, as the last argument; none, if it needs none. */
export type Stands<K extends Key> = [ValuesOf<K>] extends [never] ? [] : [Given<ValuesOf<K>>];

type Values = Readonly<Record<string, string | number | Sentence>>;

/** Longest language tag that is looked at, in characters (RFC 5646 §4.4.1). */
const MAX_TAG = 35;

/** What can be read in each language. */
export class Sentence {
  constructor(private readonly write: (language: Language) => string) {}

  in(language: Language): string {
    return this.write(language);
  }

  /** For the log and the operator. */
  toString(): string {
    return this.in(DEFAULT_LANGUAGE);
  }
}

/** What people read: a sentence of ours, or a text that is what it is, such as a reason that somebody gave. */
export type Text = string | Sentence;

/** The sentence for a key, with the values that stand in it. */
export function inWords<K extends Key>(key: K, ...values: Stands<K>): Sentence {
  const given = Object.entries((values[0] ?? {}) as Values);
  return new Sentence((language) => {
    const words: string | ((values: never) => string) = wordsOf(language)[key];
    if (typeof words === 'string') return words;
    const put = given.map(([name, value]) => [name, value instanceof Sentence ? value.in(language) : value]);
    return words(Object.fromEntries(put) as never);
  });
}

/** Texts one behind the other. */
export function joined(texts: readonly Text[], between = ' '): Sentence {
  return new Sentence((language) => texts.map((text) => inLanguage(text, language)).join(between));
}

/** A text as it is read in this language. */
export const inLanguage = (text: Text, language: Language): string => (typeof text === 'string' ? text : text.in(language));

/**
 * The language that a tag asks for: by lookup (RFC 4647 §3.4), from the whole tag to its first part, else the default. Undefined: there is no tag, or one that
 * is too long to be one.
 */
export function languageOfTag(tag: string | undefined): Language | undefined {
  if (tag === undefined || tag === '' || tag.length > MAX_TAG) return undefined;
  for (let range = tag.toLowerCase(); range !== ''; range = range.slice(0, Math.max(0, range.lastIndexOf('-')))) {
    const found = ALL_LANGUAGES.find((language) => language === range);
    if (found) return found;
  }
  return DEFAULT_LANGUAGE;
}
