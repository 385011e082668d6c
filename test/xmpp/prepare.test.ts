import fc from '../support/property';
import { prepareBareJid, prepareJid, prepareLocal, prepareResource } from '../../src/xmpp/prepare';
import { bareOf } from '../../src/xmpp/jid';
import { anyText } from './arbitraries';

/** Local parts that Prosody 0.12 (libidn) prepares to what stands beside them: a ban on one must meet the other. */
test.each([
  ['crone1', 'crone1'],
  ['Crone1', 'crone1'],
  ['a.b_c-d+e', 'a.b_c-d+e'],
  ['a%b', 'a%b'],
  // Escaped (XEP-0106): the backslash is a character like others.
  ['space\\20Cadet\\2F', 'space\\20cadet\\2f'],
  ['Straße', 'strasse'],
  ['ΣΊΣΥΦΟΣ', 'σίσυφοσ'],
  ['ς', 'σ'],
  ['ﬁ', 'fi'],
  ['ＡＢＣ', 'abc'],
  ['①', '1'],
  ['É', 'é'],
  ['e\u0301', 'é'],
  ['ıI', 'ıi'],
  ['İ', 'i\u0307'],
  ['ש', 'ש'],
  ['ªa', 'aa'],
  ['山', '山'],
  ['l·l', 'l·l'],
  ['Ⅷ', 'viii'],
  ['m²', 'm2'],
  ['ŉ', 'ʼn'],
  ['Ǆ', 'dž'],
  ['ﻼ', 'لا'],
  // Mapped to nothing (RFC 3454 B.1).
  ['a\u200Bb', 'ab'],
  ['a\u200Cb', 'ab'],
  // What PRECIS forbids, and servers have all the same (A4).
  ['☃', '☃'],
  ['😀', '😀'],
  ['Aשb', 'aשb'],
  ['a·b', 'a·b'],
  ['ب٣۳', 'ب٣۳'],
  // Unicode 3.2 did not know it.
  ['ẞ', 'ẞ'],
])('local part %s becomes %s', (raw, wanted) => {
  expect(prepareLocal(raw)).toBe(wanted);
});

test.each([
  ['empty', ''],
  ['a space', 'a b'],
  ['an ideographic space', 'a\u3000b'],
  ['a full-width at sign, which folds to @', 'a＠b'],
  ['a control', 'a\u0007b'],
  ['a lone surrogate', 'a\uD800'],
  ['an account of whatever, which folds to c/o', 'a℅'],
  ['a noncharacter', 'a\uFDD0'],
  ['too long', 'a'.repeat(1024)],
  ['too long in bytes', 'é'.repeat(512)],
  ...[...'"&\'/:<>@'].map((c) => [`a ${c}`, `a${c}b`] as [string, string]),
])('a local part with %s is refused', (_, raw) => {
  expect(prepareLocal(raw)).toBeUndefined();
});

test('limits are 1023 bytes for each part', () => {
  const long = 'a'.repeat(1023);
  expect(prepareJid(`${long}@d.example/${long}`)).toBe(`${long}@d.example/${long}`);
  expect(prepareJid(`a@d.example/${long}a`)).toBeUndefined();
});

test.each([
  ['Example.COM', 'example.com'],
  ['example.com.', 'example.com'],
  ['localhost', 'localhost'],
  ['a_b.example', 'a_b.example'],
  ['192.0.2.1', '192.0.2.1'],
  // Names are names: the platform would read an address of four numbers here.
  ['1.2', '1.2'],
  ['[2001:DB8::1]', '[2001:db8::1]'],
  ['Bücher.example', 'bücher.example'],
  ['xn--bcher-kva.example', 'bücher.example'],
  ['XN--BCHER-KVA.example', 'bücher.example'],
  ['bücher。example', 'bücher.example'],
  ['ｅxample.com', 'example.com'],
  // UTS 46, non-transitional: as RFC 7622 asks, and unlike nameprep.
  ['straße.example', 'straße.example'],
])('domain %s becomes %s', (raw, wanted) => {
  expect(prepareBareJid(raw)).toBe(wanted);
  expect(prepareBareJid(`a@${raw}`)).toBe(`a@${wanted}`);
});

test.each([
  '',
  '.',
  'a..b',
  '.a',
  'a b',
  '-a.example',
  'a-.example',
  'a%62.example',
  'é%62.example',
  'a:5222',
  'é:5222',
  'é?x',
  'é#x',
  'a\\b',
  '[::1',
  '[xyz]',
  '[12345::]',
  'xn--a.example',
  'a\u0000b',
  'é\u0000',
  'a\uD800',
  `${'a'.repeat(64)}.example`,
  `${'a.'.repeat(600)}a`,
  'a@b@c',
])('domain %j is refused', (raw) => {
  expect(prepareBareJid(raw)).toBeUndefined();
});

test.each([
  ['Desk Top', 'Desk Top'],
  ['a\u00A0b', 'a b'],
  ['e\u0301', 'é'],
  ['ＡＢＣ', 'ＡＢＣ'],
  ['😀', '😀'],
  ['a/b@c', 'a/b@c'],
])('nick as a resource %s becomes %s, case and width kept', (raw, wanted) => {
  expect(prepareResource(raw)).toBe(wanted);
});

test.each([
  ['a@b', 'a@b', 'a@b'],
  ['A@B/', undefined, 'a@b'],
  ['A@B/R', 'a@b/R', 'a@b'],
  ['b/x@y', 'b/x@y', 'b'],
  ['@b', undefined, undefined],
  ['a@', undefined, undefined],
  ['a@/r', undefined, undefined],
  ['/r', undefined, undefined],
  [' a@b', 'a@b', 'a@b'],
  ['a@b\n', 'a@b', 'a@b'],
  [' a@b/ c ', 'a@b/ c', 'a@b'],
  ['a @b', undefined, undefined],
  [' ', undefined, undefined],
  ['a@b/\u0000', undefined, 'a@b'],
])('JID %j becomes %j, bare %j', (raw, full, bare) => {
  expect(prepareJid(raw)).toBe(full);
  expect(prepareBareJid(raw)).toBe(bare);
});

/** Text of which a good part is acceptable. */
const likely = fc.string({
  unit: fc.oneof(
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 }),
    fc.constantFrom('ß', 'Σ', 'ﬁ', 'Ａ', 'ש', '1', '.', 'ǰ', 'ͅ', '̈'),
  ),
  maxLength: 8,
});

test('the resource of a JID stays as it is, byte by byte', () => {
  expect(prepareJid('A@B/Re\u0301\u00A0s')).toBe('a@b/Re\u0301\u00A0s');
});

test('what was prepared is prepared', () => {
  fc.assert(
    fc.property(fc.oneof(likely, anyText), fc.oneof(likely, fc.constant('example.com')), likely, (local, domain, resource) => {
      for (const raw of [`${local}@${domain}/${resource}`, `${local}@${domain}`, domain]) {
        const prepared = prepareJid(raw);
        if (prepared === undefined) continue;
        expect(prepareJid(prepared)).toBe(prepared);
        expect(prepareBareJid(raw)).toBe(bareOf(prepared));
      }
    }),
    { numRuns: 1000 },
  );
});

test('case and composition of a local part make no difference', () => {
  // Of what Unicode 3.2 knew; and U+0345 is folded before marks are put in order.
  const known = fc.string({
    unit: fc.constantFrom('é', 'E', '\u0301', '\u0308', '\u0323', 'Å', 'ß', '가', '\u11A8', 'か', '\u3099', 'Й', 'ﬁ', '1'),
  });
  fc.assert(
    fc.property(known, (local) => {
      const prepared = prepareLocal(local);
      for (const same of [local.normalize('NFD'), local.normalize('NFC')]) expect(prepareLocal(same)).toBe(prepared);
    }),
  );
  for (let code = 0x41; code < 0x220; code++) {
    const char = String.fromCodePoint(code);
    // The dotless i has the capital of another letter; some capitals are younger than Unicode 3.2.
    if (code !== 0x131 && /\p{Ll}/u.test(char) && char.toUpperCase() < '\u0220')
      expect(prepareLocal(char.toUpperCase())).toBe(prepareLocal(char));
  }
});
