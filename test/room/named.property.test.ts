/** Whose nickname stands in a text: as a whole word, folded, outside quotations, with work that does not grow with the number of people. */
import fc, { runs } from '../support/property';
import { NickIndex, unquoted } from '../../src/features/wake-ups/named';

const whose = (index: NickIndex<string>, text: string): string[] => [...index.in(text)].map((one) => one.whose).sort();
const indexOf = (...nicks: string[]): NickIndex<string> => {
  const index = new NickIndex<string>();
  for (const nick of nicks) index.add(nick, nick, false);
  return index;
};

const nick = fc.stringMatching(/^[a-zA-Zäöüß]{3,8}( [a-zA-Z0-9]{1,4})?$/);
const around = fc.constantFrom('', ' ', '@', ', ', '(', '"', '!', '\n', '...');

test('every nickname that stands between other signs is found, in any case, and in no longer word', () => {
  fc.assert(
    fc.property(nick, around, around, fc.boolean(), (name, before, after, upper) => {
      const index = indexOf(name);
      const written = upper ? name.toUpperCase() : name;
      expect(whose(index, `${before}${written}${after}`)).toEqual([name]);
      expect(whose(index, `x${written}`)).toEqual([]);
      expect(whose(index, `${written}x`)).toEqual([]);
      expect(whose(index, unquoted(`> ${written}`))).toEqual([]);
    }),
    runs(200),
  );
});

test('as a search for each of them would find them', () => {
  const words = fc.array(fc.constantFrom('tom', 'torn', 'tom thumb', 'anna', 'anna b', 'x', 'hail,', '[bot] joe', 'joe'), { maxLength: 8 });
  fc.assert(
    fc.property(
      words,
      fc.uniqueArray(fc.constantFrom('tom', 'tom thumb', 'anna', 'anna b', '[bot] joe', 'joe'), { maxLength: 6 }),
      (said, nicks) => {
        const text = said.join(' ');
        const expected = nicks.filter((one) => ` ${text} `.replaceAll(',', ' ').includes(` ${one} `)).sort();
        const found = whose(indexOf(...nicks), text);
        // A bracket is no part of a word: joe is named in "[bot] joe" too, as a search by blanks finds.
        expect(found).toEqual(expected);
      },
    ),
    runs(300),
  );
});

test('of scripts without spaces each sign is a word; what is shorter than three is never found', () => {
  expect(whose(indexOf('李小龙'), '你好李小龙再见')).toEqual(['李小龙']);
  expect(whose(indexOf('小龙', 'ab'), '小龙 ab')).toEqual([]);
  expect(whose(indexOf('ＡＮＮＡ'), 'anna?')).toEqual(['ＡＮＮＡ']);
});

test('the work is bounded: 60,000 marks, 4,000 people of one first name, a word said 10,000 times', () => {
  const many = indexOf(...Array.from({ length: 4_000 }, (_, i) => `anna ${i}`));
  expect(many.in('anna '.repeat(10_000)).size).toBeLessThanOrEqual(64);
  expect(whose(indexOf('anna'), `a${'\u0301'.repeat(60_000)} anna`)).toEqual([]);
  expect(unquoted('>'.repeat(500_000))).toBe('');
});

test('64 strangers of one first name crowd no member out; members come in their order', () => {
  const index = new NickIndex<string>();
  for (let i = 0; i < 100; i++) index.add(`tom ${i}`, `stranger${i}`, false);
  index.add('tom thumb', 'member', true);
  index.add('tom thumb too', 'stranger', false);
  expect(whose(index, 'hail, tom thumb!')).toEqual(['member']);
  expect(whose(index, 'hail, tom thumb too!')).toEqual(['member']);
  for (let i = 0; i < 100; i++) index.add(`tom m${i}`, `member${i}`, true);
  expect(whose(index, 'tom thumb, tom m1, tom m62, tom m63')).toEqual(['member', 'member1', 'member62']);
});
