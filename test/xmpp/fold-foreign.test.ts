/** Addresses of other servers, which compare by nodeprep or by PRECIS (rule 7): two accounts for what is given, one for what is taken away. */
import { accountKey, foldBare, foldLocal, isOwnDomain, ownDomains, setOwnDomains } from '../../src/xmpp/fold';
import { foldBoth, foldEither } from '../../src/xmpp/fold-foreign';
import { prepareBareJid } from '../../src/xmpp/prepare';
import { asDomain } from '../support/jids';
import fc from '../support/property';

beforeAll(() => setOwnDomains([asDomain('home.lit'), asDomain('rooms.home.lit')]));

const WIDE = /[\u3000\uFF01-\uFF9F\uFFE0-\uFFEE]/g;
/** UsernameCaseMapped (RFC 8265 §3.3.2): width, then small letters, then NFC. */
const usernameCaseMapped = (text: string): string => {
  const once = (one: string): string =>
    one
      .replace(WIDE, (char) => char.normalize('NFKC'))
      .toLowerCase()
      .normalize('NFC');
  return once(once(once(text)));
};

const spelling = fc.string({
  unit: fc.oneof(
    fc.constantFrom('a', 'A', 's', 'S', 'ß', 'ẞ', 'ς', 'σ', 'Σ', 'ο', 'İ', 'ı', 'ǅ', 'ﬁ', 'Ａ', 'ｶ', 'ﾞ', '℡', 'é', 'e\u0301', '\u0301'),
    fc.constantFrom(
      '\u00AD',
      '\u200C',
      '\u200D',
      '\u094D',
      'क',
      'Ა',
      'ა',
      'Ⴀ',
      'ⴀ',
      'Ꭰ',
      'ꭰ',
      'Ꞁ',
      'ꞁ',
      '\u1DF6',
      '𝐀',
      '𞤀',
      '☃',
      '１',
      '-',
      '.',
    ),
    // Not the iota below, of which `fold-foreign.ts` says what holds.
    fc
      .integer({ min: 0x80, max: 0x2ffff })
      .filter((code) => !String.fromCodePoint(code).normalize('NFD').includes('\u0345'))
      .map((code) => String.fromCodePoint(code)),
  ),
  maxLength: 12,
});

describe.each([
  // What nodeprep alone calls one account.
  ['sharp s', 'straße', 'strasse', 'two'],
  ['a final sigma', 'οδος', 'οδοσ', 'two'],
  ['a joiner', 'क\u094D\u200Dष', 'क\u094Dष', 'two'],
  ['a non-joiner', 'می\u200Cخ', 'میخ', 'two'],
  ['a soft hyphen', 'mal\u00ADlory', 'mallory', 'two'],
  ['a ligature', 'ﬁona', 'fiona', 'two'],
  ['a letter for mathematics', '𝐦allory', 'mallory', 'two'],
  ['a number in a circle', 'agent①', 'agent1', 'two'],
  // What PRECIS alone calls one account: capitals that Unicode 3.2 did not know, or whose small letters it did not.
  ['Georgian capitals (Unicode 11)', 'ᲛᲐᲠᲘ', 'მარი', 'two'],
  ['old Georgian small letters (4.1)', 'Ⴀ', 'ⴀ', 'two'],
  ['Cherokee small letters (8)', 'Ꭰ', 'ꭰ', 'two'],
  ['Adlam (9)', '𞤀', '𞤢', 'two'],
  ['Latin capitals of 5.1', 'Ꞁ', 'ꞁ', 'two'],
  // Neither directly, but each is one with a third.
  ['a capital sharp s and ss', 'straẞe', 'strasse', 'two'],
  // Both.
  ['capitals', 'Mallory', 'mallory', 'one'],
  ['Cyrillic capitals', 'МАША', 'маша', 'one'],
  ['a capital sigma at the end of a word', 'ΟΔΟΣ', 'οδος', 'one'],
  ['full width', 'Ｍallory', 'mallory', 'one'],
  ['half-width kana', 'ｶﾞ', 'ガ', 'one'],
  ['composed letters', 'jose\u0301', 'josé', 'one'],
  ['a title-case letter', 'ǅ', 'ǆ', 'one'],
  ['a dotted capital', 'İ', 'i\u0307', 'one'],
])('%s', (_, one, other, accounts) => {
  test(`are ${accounts} on another server, one for a ban, and what nodeprep says at home`, () => {
    const at = (domain: string): [string, string] => [foldBare(`${one}@${domain}/x`), foldBare(`${other}@${domain}`)];
    const [there, alsoThere] = at('away.lit');
    expect(there === alsoThere).toBe(accounts === 'one');
    expect(accountKey(foldBare(there))).toBe(accountKey(foldBare(alsoThere)));
    for (const own of ['home.lit', 'Rooms.HOME.lit.']) {
      const [here, alsoHere] = at(own);
      expect(here === alsoHere).toBe(foldLocal(one) === foldLocal(other));
      expect(accountKey(foldBare(here))).toBe(here);
    }
    // In an item, a form or a configuration as on a stanza.
    expect(prepareBareJid(`${one}@away.lit`)).toBe(there);
  });
});

describe('of any text', () => {
  test('folding twice changes nothing, and nodeprep makes the same of it as of what came', () => {
    fc.assert(
      fc.property(spelling, (text) => {
        const both = foldBoth(text);
        expect(foldBoth(both)).toBe(both);
        expect(foldLocal(both)).toBe(foldLocal(text));
        expect(foldEither(foldEither(text))).toBe(foldEither(text));
      }),
      { numRuns: 2_000 },
    );
  });

  test('spellings are one for a ban if nodeprep or PRECIS makes them equal', () => {
    fc.assert(
      fc.property(spelling, (text) => {
        for (const other of [foldLocal(text), usernameCaseMapped(text), text.toUpperCase(), foldBoth(text), text.normalize('NFKD')])
          // Half-width and full-width separators are left where they stand.
          if (!/[/@]/.test(other) && (foldLocal(other) === foldLocal(text) || usernameCaseMapped(other) === usernameCaseMapped(text)))
            expect(foldEither(other)).toBe(foldEither(text));
      }),
      { numRuns: 2_000 },
    );
  });

  test('spellings are two for what is given unless both make them equal', () => {
    fc.assert(
      fc.property(spelling, (text) => {
        for (const other of [
          foldLocal(text),
          usernameCaseMapped(text),
          text.toUpperCase(),
          text.normalize('NFKD'),
          text.replaceAll('s', 'ß'),
        ])
          if (foldBoth(other) === foldBoth(text)) {
            expect(foldLocal(other)).toBe(foldLocal(text));
            expect(usernameCaseMapped(other)).toBe(usernameCaseMapped(text));
          }
      }),
      { numRuns: 2_000 },
    );
  });

  test('what the first rules folded (nodeprep everywhere) is folded by these', () => {
    for (let code = 0x80; code < 0x30000; code++) {
      if (code >= 0xd800 && code < 0xe000) continue;
      const folded = foldLocal(String.fromCodePoint(code));
      if (foldBoth(folded) !== folded) throw new Error(`U+${code.toString(16)}`);
    }
  });
});

test('a domain alone, and a plain local part, are their own keys; a long part is not looked at', () => {
  for (const jid of ['bücher.away.lit', 'mallory@bücher.away.lit']) expect(accountKey(foldBare(jid))).toBe(jid);
  const long = 'ß'.repeat(200_000);
  expect(foldBare(`${long}@away.lit`)).toBe(`${long}@away.lit`);
  expect(accountKey(foldBare(`${long}@away.lit`))).toBe(`${long}@away.lit`);
});

test('unset, every domain is the server’s own', () => {
  const own = ownDomains();
  setOwnDomains(undefined);
  expect(isOwnDomain('away.lit')).toBe(true);
  expect(foldBare('Straße@away.lit')).toBe('strasse@away.lit');
  setOwnDomains(own);
  expect(isOwnDomain('away.lit')).toBe(false);
});
