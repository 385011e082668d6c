/** What people type into a search field, against a real FTS5: never an error, and found is what the plain statement finds. */
import type Sqlite from 'better-sqlite3';
import fc from '../support/property';
import { columnsOf, matchOf } from '../../src/store/sqlite/messages/text-query';
import { openForWriting } from '../../src/store/sqlite/files/connection';
import { escapeText } from '../../src/xmpp/xml';
import { findsWords } from '../support/finds-words';
import { message } from './batches';
import { TempDatabase } from './temp';

let db: Sqlite.Database;
let database: TempDatabase;

beforeAll(() => {
  database = new TempDatabase();
  db = openForWriting({ path: database.file, busyTimeout: 100, durability: 'normal' }, 1, []).db;
});
afterAll(async () => {
  db.close();
  await database.dispose();
});

/** Which of the texts the query finds, by FTS5 with the columns and the tokenizer of the schema. */
function found(texts: readonly string[], query: string): number[] {
  const match = matchOf(query);
  if (match === null) return [];
  return db.transaction(() => {
    db.exec("INSERT INTO message_text (message_text) VALUES ('delete-all')");
    const add = db.prepare('INSERT INTO message_text (rowid, room, payload, cjk) VALUES (?, ?, ?, ?)');
    texts.forEach((text, i) => {
      const { words, cjk } = columnsOf(text);
      add.run(i, 'r1', words, cjk);
    });
    return db.prepare('SELECT rowid FROM message_text WHERE message_text MATCH ? ORDER BY rowid').pluck().all(`room : "r1" AND ${match}`);
  })() as number[];
}

const finds = (query: string, text: string): boolean => found([text], query).length === 1;

test.each([
  ['hello', 'Hello, world!', true],
  ['WORLD hello', 'Hello, world!', true],
  ['hello there', 'Hello, world!', false],
  ['hell', 'Hello, world!', false],
  ['hell*', 'Hello, world!', true],
  ['he*', 'Hello, world!', true],
  ['h*', 'Hello, world!', false],
  ['h*', 'Who is H?', true],
  ['of-wor*', 'all of world', true],
  ['"hello world"', 'Hello, world!', true],
  ['"world hello"', 'Hello, world!', false],
  ['“hello world”', 'Hello, world!', true],
  ['"hello wor*"', 'Hello, world!', false],
  ['"hello world', 'Hello, world!', true],
  ['cafe', 'Café', true],
  ['CAFÉ', 'cafe\u0301', true],
  ['strasse', 'Straße', true],
  ['straße', 'STRASSE Straße', true],
  ['елка', 'Ёлка', true],
  ['мой', 'мои', false],
  ['οδος', 'ΟΔΟΣ', true],
  ['हिन्दी', 'यह हिन्दी है', true],
  ['हिन्द', 'यह हिन्दी है', false],
  ['abc', 'ＡＢＣ', true],
  ['example.org/path', 'see https://example.org/path?x', true],
  ['example.org/path', 'path of example.org', false],
  ['c++', 'C is not C++', true],
  ['OR', 'this and that', false],
  ['room:r1', 'hello', false],
  ['payload:hello', 'hello', false],
  ['NEAR(hello world)', 'hello world', false],
  ['世', '你好世界', true],
  ['世界', '你好世界', true],
  ['好世界', '你好世界', true],
  ['你好世界', '你好世界', true],
  ['你好界', '你好世界', false],
  ['好界', '你好世界', false],
  ['你世', '你好世界', false],
  ['界你好', '你好世界，你好', false],
  ['iPhone手机', '我的 iphone 在哪儿？手机！', true],
  ['ガギ', 'ｶﾞｷﾞグ', true],
  ['안녕', '여러분 안녕하세요', true],
  ['녕하', '여러분 안녕하세요', true],
  ['ภาษา', 'ผมพูดภาษาไทย', true],
  ['ဘာသာ', 'မြန်မာဘာသာ', true],
  ['カード', 'クレジットカード。', true],
  ['𠮷野', 'それは𠮷野家です', true],
])('%s in %s: %s', (query, text, expected) => {
  expect(finds(query, text)).toBe(expected);
  expect(findsWords(message(1, { payload: `<body>${escapeText(text)}</body>` }), query)).toBe(expected);
});

test.each(['', '   ', '""', '"', '*', '***', '!?', '" - "', '👍', '，。', '\u0301'])(
  '"%s" has no letter or digit and finds nothing',
  (query) => {
    expect(matchOf(query)).toBeNull();
    expect(findsWords(message(1, { payload: '<body>!? " * 👍 ，。 a</body>' }), query)).toBe(false);
  },
);

test('found H16: a query is whole up to its stated limit; what is far too long is cut between words', () => {
  const words = Array.from({ length: 180 }, (_, i) => `w${i + 100}`).join(' ');
  expect(words.length).toBeLessThanOrEqual(1_000);
  expect(finds(words, words)).toBe(true);
  expect(finds(words, `${words.slice(0, 890)} zebra`)).toBe(false);
  expect(finds(`${'ab '.repeat(400)}zebra`, 'ab')).toBe(true);
  expect(finds('好'.repeat(990), '好'.repeat(990))).toBe(true);
  expect(finds('好'.repeat(100_000), '好'.repeat(990))).toBe(false);
});

const syntax = fc.constantFrom(
  '"',
  '*',
  '(',
  ')',
  ':',
  '^',
  '+',
  '-',
  '{',
  '}',
  'AND',
  'OR',
  'NOT',
  'NEAR',
  'payload',
  'r1',
  ',',
  "'",
  '\0',
  '\ud800',
);

test('no input is an error of FTS5', () => {
  const query = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(fc.oneof(syntax, fc.string({ unit: 'grapheme', maxLength: 3 })), { maxLength: 12 }).map((parts) => parts.join(' ')),
    fc.array(syntax, { maxLength: 12 }).map((parts) => parts.join('')),
  );
  fc.assert(
    fc.property(query, (text) => void found(['near and or not payload r1', text], text)),
    { numRuns: 500 },
  );
});

test('FTS5 finds what the plain statement finds', () => {
  const letters = fc.constantFrom(
    'a',
    'B',
    'é',
    'e\u0301',
    'ß',
    'Я',
    'й',
    'ς',
    '7',
    'ｶ',
    'が',
    '世',
    '界',
    '好',
    '안',
    'ก',
    'ิ',
    'ह',
    'ि',
    '𠮷',
    'ー',
  );
  const between = fc.constantFrom(' ', ' ', '-', '、', '👍', '<', '&', '\n', '’');
  const text = fc.array(fc.oneof({ weight: 4, arbitrary: letters }, { weight: 1, arbitrary: between }), { maxLength: 14 });
  const query = fc.array(
    fc.oneof(
      { weight: 8, arbitrary: letters },
      { weight: 1, arbitrary: between },
      { weight: 1, arbitrary: fc.constantFrom('"', '*', '“') },
    ),
    { minLength: 1, maxLength: 6 },
  );
  let hits = 0;
  let misses = 0;
  fc.assert(
    fc.property(fc.array(text, { minLength: 1, maxLength: 6 }), query, fc.boolean(), fc.nat(13), (parts, typed, taken, from) => {
      const texts = parts.map((part) => part.join(''));
      // Half of the queries are taken from a text, so that something is found.
      const wanted = taken ? (parts[0] as string[]).slice(from, from + 4).join('') : typed.join('');
      const expected = texts.flatMap((one, i) =>
        findsWords(message(1, { payload: `<body>${escapeText(one)}</body>` }), wanted) ? [i] : [],
      );
      expect(found(texts, wanted)).toEqual(expected);
      if (expected.length > 0) hits++;
      else misses++;
    }),
    { numRuns: Number(process.env.PARLOUR_RANDOM_RUNS ?? 15) * 100 },
  );
  expect(Math.min(hits, misses)).toBeGreaterThan(100);
});
