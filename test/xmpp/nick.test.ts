import fc from '../support/property';
import { checkNick, lookAlikeKeys, looksLike, nickKey } from '../../src/xmpp/nick';
import { anyText } from './arbitraries';

test.each(['firstwitch', 'Juliet Capulet', 'Foo 😀', '①', 'Ａ', 'שלום', 'a  b', ' padded ', 'Ω', 'm²', '!', '👍🏽'])(
  '%j is a nickname',
  (nick) => {
    expect(checkNick(nick, 20)).toBeUndefined();
  },
);

test.each(['', ' ', '\u00A0\u3000', '\t\n', '\u2800', '\u2800 \u2800'])('%j is blank', (nick) => {
  expect(checkNick(nick, 20)).toBe('blank');
});

test.each([
  ['a control', 'a\u0007'],
  ['a line break', 'a\nb'],
  ['a line separator', 'a\u2028b'],
  ['an invisible character', 'a\u200Bb'],
  ['only an invisible character', '\u200B'],
  ['a right-to-left override', 'a\u202Eb'],
  ['a Hangul filler', '\u3164'],
  ['a lone surrogate', 'a\uD800'],
  ['private use', '\uE000'],
  ['an unassigned code point', '\u0378'],
])('%s is malformed', (_, nick) => {
  expect(checkNick(nick, 20)).toBe('malformed');
});

test('the limit counts code points, and 1023 bytes is the limit of a resource', () => {
  expect(checkNick('😀'.repeat(20), 20)).toBeUndefined();
  expect(checkNick('😀'.repeat(21), 20)).toBe('too-long');
  expect(checkNick('é'.repeat(511), 5000)).toBeUndefined();
  expect(checkNick('é'.repeat(512), 5000)).toBe('too-long');
});

/** RFC 8266 §3, examples, and what follows from them. */
test.each([
  ['Foo', 'foo'],
  ['Foo Bar', 'foo bar'],
  [' foo  bar ', 'foo bar'],
  ['foo\u00A0bar', 'foo bar'],
  ['ΣΊΣΥΦΟΣ', 'σίσυφοσ'],
  ['Σίσυφος', 'σίσυφοσ'],
  ['Richard Ⅳ', 'richard iv'],
  ['Straße', 'STRASSE'],
  ['ＡＢＣ', 'abc'],
  ['e\u0301', 'É'],
])('%j and %j are one nickname', (one, other) => {
  expect(nickKey(one)).toBe(nickKey(other));
});

test.each([
  ['foo bar', 'foobar'],
  ['juliet', 'juliette'],
  ['é', 'e'],
  ['ı', 'i'],
  // Look-alikes of another script are another matter than equality.
  ['а', 'a'],
])('%j and %j are two', (one, other) => {
  expect(nickKey(one)).not.toBe(nickKey(other));
});

test('the key of a key is the key, and has neither outer nor double spaces', () => {
  const spaced = fc.string({
    unit: fc.oneof(
      fc.constantFrom(' ', '\u00A0', 'ß', 'Σ', '´', '\u0345', 'A'),
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 }),
    ),
  });
  fc.assert(
    fc.property(fc.oneof(spaced, anyText), (nick) => {
      const key = nickKey(nick);
      expect(nickKey(key)).toBe(key);
      expect(key).not.toMatch(/^ | $| {2}/);
    }),
    { numRuns: 1000 },
  );
});

describe('look-alikes (UTS #39)', () => {
  const alike = (a: string, b: string): boolean => {
    const found = looksLike(a, b);
    expect(looksLike(b, a)).toBe(found);
    // Only those that share a key are compared.
    if (found) expect(lookAlikeKeys(a).some((key) => lookAlikeKeys(b).includes(key))).toBe(true);
    return found;
  };
  test.each([
    ['paypal', '\u0440\u0430ypal'],
    ['Ilya', '\u04CFlya'],
    ['tom', '\u{1D42D}om'],
    ['scope', '\u0455\u0441\u043E\u0440\u0435'],
    ['Jörg', 'J\u00F6r\u0261'],
    ['Alice', '\u{1D400}lice'],
    ['alice', 'ALICE'],
  ])('%s and %s', (a, b) => {
    expect(alike(a, b)).toBe(true);
  });
  test.each([
    ['firstwitch', 'secondwitch'],
    ['user1', 'user2'],
    ['Анна', 'Инна'],
    // E15: plain ASCII words are told apart, also beside others.
    ['torn', 'tom'],
    ['user0', 'userO'],
    ['Amold', 'Arnold'],
    ['user1', 'userl'],
    ['Ilya', 'llya'],
    ['Jörg1', 'Jörgl'],
    ['t\u043Ern', 'tom'],
    ['café', 'cafe'],
  ])('not %s and %s', (a, b) => {
    expect(alike(a, b)).toBe(false);
  });
});
