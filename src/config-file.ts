/** Reads the configuration file as JSON in which comments may stand, with line and column of whatever is wrong in it. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseTree, printParseErrorCode, getNodeValue, type Node, type ParseError } from 'jsonc-parser';
import { ConfigRefused, type Mistake } from './config-mistakes';
import { utf8Of } from './config-text';

const CAUSES: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file; "parlour init" writes one',
  EACCES: 'this user may not read it; change its permissions or the user',
  EISDIR: 'it is a folder; name the JSON file in it',
};

/** What each error of the parser means to the person who edits the file. */
const SYNTAX: Readonly<Record<string, string>> = {
  InvalidSymbol: 'this is not JSON; text stands in double quotes',
  InvalidNumberFormat: 'this is not a number',
  PropertyNameExpected: 'a key in double quotes was expected here (no comma before a closing brace)',
  ValueExpected: 'a value was expected here (no comma before a closing bracket)',
  ColonExpected: 'a colon was expected here',
  CommaExpected: 'a comma was expected here',
  CloseBraceExpected: 'a closing brace } was expected here',
  CloseBracketExpected: 'a closing bracket ] was expected here',
  EndOfFileExpected: 'the file should have ended here',
  UnexpectedEndOfComment: 'a comment has no end; one that begins with /* ends with */',
  UnexpectedEndOfString: 'this text has no closing quote on its line',
  UnexpectedEndOfNumber: 'this number is cut off',
  InvalidUnicode: 'this \\u escape needs four hexadecimal digits',
  InvalidEscapeCharacter: 'this escape is not known in JSON; a backslash itself is written \\\\',
  InvalidCharacter: 'this character must be escaped',
};

/** The value in the file. Throws ConfigRefused when it cannot be read, is not JSON, or names a key twice. */
export function readConfigFile(file: string): unknown {
  let text: string;
  try {
    const read = utf8Of(readFileSync(file));
    if (typeof read !== 'string')
      throw new ConfigRefused([{ path: '', text: `${file} is not UTF-8 (line ${read.line}); save it in that encoding.` }]);
    text = read;
  } catch (error) {
    if (error instanceof ConfigRefused) throw error;
    const { code = '', message } = error as NodeJS.ErrnoException;
    throw new ConfigRefused([{ path: '', text: `${path.resolve(file)} cannot be read: ${CAUSES[code] ?? message}.` }]);
  }
  return parseConfigText(text);
}

/** What can be made of a file with mistakes; undefined: it cannot be read at all. */
export function roughly(file: string): unknown {
  try {
    const tree = parseTree(readFileSync(file, 'utf8'), [], { disallowComments: false });
    return tree && getNodeValue(tree);
  } catch {
    // Whoever asks has the mistakes already.
    return undefined;
  }
}

/** The value of a JSON text; see `readConfigFile`. */
export function parseConfigText(text: string): unknown {
  try {
    return parsed(text);
  } catch (error) {
    // The parser, and what walks over what it found, call themselves once for each level.
    if (error instanceof RangeError)
      throw new ConfigRefused([
        { path: '', text: 'it is nested too deeply to be read; no key of a configuration is deeper than a few levels.' },
      ]);
    throw error;
  }
}

function parsed(text: string): unknown {
  const errors: ParseError[] = [];
  const tree = parseTree(text, errors, { disallowComments: false, allowTrailingComma: false, allowEmptyContent: false });
  if (tree === undefined || errors.length > 0) {
    const found = errors.length > 0 ? errors : [{ error: 4, offset: 0, length: 0 } satisfies ParseError];
    // One slip makes the parser stumble several times: the first error of a line is the one to fix.
    const byLine = new Map<number, string>();
    for (const { error, offset } of found) {
      const { line, column } = placeOf(text, offset);
      const name = printParseErrorCode(error);
      if (!byLine.has(line)) byLine.set(line, `not valid JSON at line ${line}, column ${column}: ${SYNTAX[name] ?? name}.`);
    }
    throw new ConfigRefused([...byLine.values()].map((sentence) => ({ path: '', text: sentence })));
  }
  const twice: Mistake[] = [];
  findTwice(tree, '', text, twice);
  if (twice.length > 0) throw new ConfigRefused(twice);
  return getNodeValue(tree);
}

function placeOf(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset);
  return { line: before.split('\n').length, column: offset - before.lastIndexOf('\n') };
}

/** JSON parsers silently take the last of two equal keys; here a repeated key is a mistake. */
function findTwice(node: Node, at: string, text: string, found: Mistake[]): void {
  const seen = new Set<string>();
  for (const child of node.children ?? []) {
    const [key, value] = node.type === 'object' ? (child.children ?? []) : [undefined, child];
    const name = key === undefined ? '' : String(key.value);
    const place = key === undefined || at === '' ? `${at}${name}` : `${at}.${name}`;
    if (key !== undefined && seen.has(name)) {
      found.push({ path: place, text: `found a second time at line ${placeOf(text, key.offset).line}; allowed: once.` });
    }
    if (key !== undefined) seen.add(name);
    if (value !== undefined) findTwice(value, place, text, found);
  }
}
