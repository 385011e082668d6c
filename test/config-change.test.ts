/** One key of a configuration file changes, and comments stay where they are (fault 8). */
import { parseConfigText } from '../src/config-file';
import { changed, CommentInTheWay } from '../src/config-change';
import fc, { runs } from './support/property';

const lines = (...all: string[]): string => `${all.join('\n')}\n`;
const set = (text: string, key: string, value: unknown): string => changed(text, key.split('.'), value);
const unset = (text: string, key: string): string => changed(text, key.split('.'), undefined);

describe('a key goes', () => {
  const AGREED = lines('{', '  "limits": {', '    "history": 20, // agreed', '    "messagesPerSecond": 5', '  }', '}');

  test('the comment of the key before it stays', () => {
    expect(unset(AGREED, 'limits.messagesPerSecond')).toBe(lines('{', '  "limits": {', '    "history": 20 // agreed', '  }', '}'));
  });

  test('its own comment stays on its line', () => {
    expect(unset(AGREED, 'limits.history')).toBe(lines('{', '  "limits": {', '    // agreed', '    "messagesPerSecond": 5', '  }', '}'));
  });

  test('the first of all: the comment above the next one stays', () => {
    const text = lines('{', '  "limits": { "nick": 7 },', '  // On the large disk.', '  "database": { "path": "x" }', '}');
    expect(unset(text, 'limits')).toBe(lines('{', '  // On the large disk.', '  "database": { "path": "x" }', '}'));
  });

  test.each([
    ['the only one', '{ "a": 1 }', 'a', '{}'],
    ['the only one of several lines', '{\n  "a": 1\n}\n', 'a', '{}\n'],
    ['the last of a line', '{ "a": 1, "b": 2 }', 'b', '{ "a": 1 }'],
    ['the first of a line', '{ "a": 1, "b": 2 }', 'a', '{ "b": 2 }'],
    ['the middle of a line', '{"a":1,"b":2,"c":3}', 'b', '{"a":1,"c":3}'],
    ['the last of several lines', '{\r\n\t"a": 1,\r\n\t"b": 2\r\n}\r\n', 'b', '{\r\n\t"a": 1\r\n}\r\n'],
    ['under a comment, the only one', '{\n  // all\n  "a": 1\n}\n', 'a', '{\n  // all\n}\n'],
    ['with a comma behind a comment', '{\n  "a": 1 /* x, y */,\n  "b": 2\n}', 'a', '{\n  /* x, y */\n  "b": 2\n}'],
    ['with a comment that has a comma before it', '{\n  "a": 1, // x, y\n  "b": 2\n}', 'b', '{\n  "a": 1 // x, y\n}'],
    ['which is not there', '{ "a": 1 }', 'b.c', '{ "a": 1 }'],
  ])('%s', (_, text, key, then) => {
    expect(unset(text, key)).toBe(then);
  });

  test.each([
    ['{ "a": 1, /* b */ "b": 2, "c": 3 }', 'b'],
    ['{ "a": 1 /* agreed */, "b": 2 }', 'a'],
    ['{\n  "a": 1, "b": 2 // both\n}', 'b'],
  ])('%s: a comment between two of one line would be about the other', (text, key) => {
    expect(() => unset(text, key)).toThrow(CommentInTheWay);
  });
});

describe('a key comes', () => {
  test('behind a comment that ends the line of the key before it', () => {
    const text = lines('{', '  "limits": {', '    "history": 20 // agreed', '  }', '}');
    expect(set(text, 'limits.nick', 30)).toBe(lines('{', '  "limits": {', '    "history": 20, // agreed', '    "nick": 30', '  }', '}'));
  });

  test.each([
    ['behind two comments of the line', '{\n  "a": 1 /* x */ // y\n}', 'b', 2, '{\n  "a": 1, /* x */ // y\n  "b": 2\n}'],
    ['before a comment that has its own line', '{\n  "a": 1\n  // end\n}', 'b', 2, '{\n  "a": 1,\n  "b": 2\n  // end\n}'],
    ['in one line', '{ "a": 1 }', 'b', 2, '{ "a": 1, "b": 2 }'],
    ['in one line, behind a comment', '{ "a": 1 /* x */ }', 'b', 2, '{ "a": 1 /* x */, "b": 2 }'],
    ['where nothing is', '{}', 'b', 2, '{\n  "b": 2\n}'],
    ['where a comment is', '{ /* none */ }', 'b', 2, '{ /* none */ "b": 2 }'],
    ['under comments', '{\n  // none\n  // yet\n}', 'b', 2, '{\n  // none\n  // yet\n  "b": 2\n}'],
    ['with what is above it', '{\r\n\t"a": 1\r\n}', 'b.c', [1], '{\r\n\t"a": 1,\r\n\t"b": {\r\n\t\t"c": [\r\n\t\t\t1\r\n\t\t]\r\n\t}\r\n}'],
  ])('%s', (_, text, key, value, then) => {
    expect(set(text, key, value)).toBe(then);
  });
});

describe('a key changes', () => {
  test('what is behind it stays', () => {
    expect(set('{\n  "a": 1, // one\n  "b": 2 /* two */\n}', 'a', 'x')).toBe('{\n  "a": "x", // one\n  "b": 2 /* two */\n}');
  });

  test('the same value leaves the text as it is, however it is written', () => {
    expect(set('{ "a": [ 1,2 ] }', 'a', [1, 2])).toBe('{ "a": [ 1,2 ] }');
  });

  test('a list with comments in it is for people to change', () => {
    expect(() => set('{ "a": [\n  1, // one\n  2\n] }', 'a', [1])).toThrow(CommentInTheWay);
  });

  test('what has no keys gets none', () => {
    expect(() => set('{ "a": 1 }', 'a.b', 2)).toThrow(/a has no keys/);
    expect(() => unset('{ "a": [1] }', 'a.0')).toThrow(/a has no keys/);
    expect(() => changed('{ "a": 1 }', [], 2)).toThrow(/no key/);
  });
});

/** Objects of two levels, with comments wherever some may stand, each of which names the key it stands at. */
const space = (name: string): fc.Arbitrary<string> =>
  fc
    .array(fc.constantFrom(' ', '\n', '\n  ', `/* ${name}, "x": { */`, `// ${name}, "y" }\n`), { maxLength: 3 })
    .map((parts) => parts.join(''));
const property = (name: string, value: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.tuple(space(name), space(name), space(name), value, space(name)).map(([a, b, c, v, d]) => `${a}"${name}"${b}:${c}${v}${d}`);
const object = (names: readonly string[], value: (name: string) => fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc
    .subarray([...names])
    .chain((some) => fc.tuple(space('head'), ...some.map((name) => property(name, value(name)))))
    .map(([head, ...all]) => `{${head}${all.join(',')}}`);
const number = fc.constantFrom('1', '"//"', '[1, 2]');
const file = object(['a', 'b', 'c'], (name) => (name === 'b' ? object(['d', 'e', 'f'], () => number) : number));

const comments = (text: string): string[] => (text.match(/\/\* [^*]* \*\/|\/\/ [^\n]*\n/g) ?? []).sort();
type Tree = Record<string, unknown>;

test('whatever the file looks like: the value is there, the others are as they were, and no comment is lost', () => {
  fc.assert(
    fc.property(
      file,
      fc.constantFrom('a', 'b', 'c', 'b.d', 'b.e', 'b.f', 'z', 'z.y'),
      fc.constantFrom(undefined, 7),
      (text, key, value) => {
        const before = parseConfigText(text) as Tree;
        const [outer = '', inner] = key.split('.');
        let after: string;
        try {
          after = changed(text, key.split('.'), value);
        } catch (error) {
          expect(error).toBeInstanceOf(CommentInTheWay);
          return;
        }
        const wanted = structuredClone(before);
        const at = (inner === undefined ? wanted : (wanted[outer] ?? (value === undefined ? {} : (wanted[outer] = {})))) as Tree;
        if (value === undefined) delete at[inner ?? outer];
        else at[inner ?? outer] = value;
        expect(parseConfigText(after)).toEqual(wanted);
        // A value that goes takes along what stands in it.
        if (key !== 'b') expect(comments(after).filter((one) => !isOf(one, key))).toEqual(comments(text).filter((one) => !isOf(one, key)));
      },
    ),
    runs(500),
  );
});

/** A comment between a key and its value goes with them. */
const isOf = (comment: string, key: string): boolean => comment.slice(3).startsWith(`${key.split('.').at(-1) ?? ''},`);
