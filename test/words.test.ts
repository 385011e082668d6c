/** Every sentence in every language: complete, with the same values, and found by whatever tag somebody asks for. */
import { ALL_LANGUAGES, DEFAULT_LANGUAGE, joined, languageOfTag, inWords, wordsOf, type Key } from '../src/words';

const KEYS = Object.keys(wordsOf(DEFAULT_LANGUAGE)) as Key[];

/** The sentence with a mark in the place of each value, and the names of the values that stand in it. */
function marked(key: Key, language: (typeof ALL_LANGUAGES)[number]): { text: string; values: string[] } {
  const words: string | ((values: never) => string) = wordsOf(language)[key];
  if (typeof words === 'string') return { text: words, values: [] };
  const values = new Set<string>();
  const given = new Proxy({}, { get: (_, name) => (values.add(String(name)), `⟨${String(name)}⟩`) });
  const text = words(given as never);
  return { text, values: [...values].filter((name) => text.includes(`⟨${name}⟩`)).sort() };
}

describe.each(ALL_LANGUAGES)('in %s', (language) => {
  test('there are the same keys as in English', () => {
    expect(Object.keys(wordsOf(language)).sort()).toEqual([...KEYS].sort());
  });

  test.each(KEYS)('%s', (key) => {
    const { text, values } = marked(key, language);
    expect(text.trim()).toBe(text);
    expect(text).not.toBe('');
    expect(text).not.toMatch(/undefined|\{|\s\s|TODO/);
    expect(values).toEqual(marked(key, DEFAULT_LANGUAGE).values);
    // A sentence ends as one, and a label does not.
    expect(/[.?!]$/.test(text)).toBe(/[.?!]$/.test(marked(key, DEFAULT_LANGUAGE).text));
  });

  test('few sentences are the English ones', () => {
    if (language === DEFAULT_LANGUAGE) return;
    const same = KEYS.filter((key) => marked(key, language).text === marked(key, DEFAULT_LANGUAGE).text);
    expect(same.length).toBeLessThan(KEYS.length / 50);
  });
});

test('German addresses nobody', () => {
  for (const key of KEYS)
    expect(marked(key, 'de').text).not.toMatch(/\b([Dd]u|[Dd]ich|[Dd]ir|[Dd]ein\w*|Ihre?[rnms]?|Ihnen)\b|(?<!^|[.:?!“] )\bSie\b/);
});

test.each([
  ['de', 'de'],
  ['DE', 'de'],
  ['de-AT', 'de'],
  ['de-CH-1901-x-private', 'de'],
  ['pt', 'en'],
  ['pt-BR', 'en'],
  ['deu', 'en'],
  ['dé', 'en'],
  ['en-GB', 'en'],
  ['x-de', 'en'],
  ['-', 'en'],
  ['', undefined],
  [undefined, undefined],
  ['de-'.repeat(40_000), undefined],
] as const)('found by lookup (RFC 4647 §3.4): %.20s', (tag, language) => {
  expect(languageOfTag(tag)).toBe(language);
});

test('a tag of any length costs nothing', () => {
  const tag = 'de-'.repeat(40_000);
  const began = performance.now();
  for (let i = 0; i < 100_000; i++) languageOfTag(tag);
  expect(performance.now() - began).toBeLessThan(1_000);
});

test('a sentence within a sentence is in the same language, and what somebody wrote stays', () => {
  const sentence = inWords('fieldOption', { field: inWords('purgeBan'), value: 'maybe' });
  expect(sentence.in('en')).toBe('"maybe" is not among the choices of "Ban this person too".');
  expect(sentence.in('de')).toBe('„maybe“ steht bei „Diese Person auch ausschließen“ nicht zur Auswahl.');
  expect(joined([inWords('roomGone'), 'Too loud.']).in('de')).toBe('Dieser Raum wurde aufgelöst. Too loud.');
  expect(String(sentence)).toBe(sentence.in('en'));
});
