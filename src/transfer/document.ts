/** The form of exports: one JSON document with a head and `rows`, a row a line; written and read piece by piece. */
import { inWords, type Text } from '../words';

/** Longest head, and longest row, in UTF-16 units: what is longer is no document of ours. */
const LONGEST_HEAD = 1024 * 1024;
const LONGEST_ROW = 4 * 1024 * 1024;
/** Text that is gathered before it is given on. */
const PIECE = 64 * 1024;

/** What is wrong with a document, in a few words. */
export class BadDocument extends Error {
  constructor(readonly text: Text) {
    super(String(text));
    this.name = 'BadDocument';
  }
}

/** A document in pieces. `head`: its members but `rows`; `rows`: objects. */
export async function* written(head: object, rows: AsyncIterable<object>): AsyncGenerator<string> {
  let piece = `${JSON.stringify(head).slice(0, -1)},"rows":[`;
  let separator = '\n';
  for await (const row of rows) {
    piece += separator + JSON.stringify(row);
    separator = ',\n';
    if (piece.length < PIECE) continue;
    yield piece;
    piece = '';
  }
  yield `${piece}\n]}\n`;
}

/** A document that is read: first its head, then its rows. Both throw BadDocument. */
export interface Reading {
  head(): Promise<Record<string, unknown>>;
  rows(): AsyncGenerator<unknown>;
}

/** Reads UTF-8 or text, however it is laid out, as long as `rows` comes last. */
export function reading(document: AsyncIterable<string | Uint8Array>): Reading {
  const values = split(document);
  let begun = false;
  return {
    async head() {
      begun = true;
      const first = await values.next();
      if (first.done === true) throw new BadDocument(inWords('importEmpty'));
      const head = parsed(first.value);
      if (typeof head !== 'object' || head === null || Array.isArray(head)) throw new BadDocument(inWords('importNoObject'));
      return head as Record<string, unknown>;
    },
    async *rows() {
      if (!begun) throw new Error('The head comes first');
      for await (const text of values) yield parsed(text);
    },
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new BadDocument(inWords('importNoJson', { text: JSON.stringify(text.slice(0, 60)) }));
  }
}

async function* characters(document: AsyncIterable<string | Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const decode = (bytes?: Uint8Array): string => {
    try {
      return decoder.decode(bytes, { stream: bytes !== undefined });
    } catch {
      throw new BadDocument(inWords('importNoUtf8'));
    }
  };
  for await (const piece of document) yield typeof piece === 'string' ? piece : decode(piece);
  yield decode();
}

const ROWS = /,\s*"rows"\s*:\s*$/;
/** As far back as `"rows"` is looked for: each bracket in a head costs one such look. */
const NEAR = 200;

/** The head as one text, then each row: what stands in brackets is not looked into, only strings are told apart. */
async function* split(document: AsyncIterable<string | Uint8Array>): AsyncGenerator<string> {
  let text = '';
  let [depth, inString, escaped, inRows, over] = [0, false, false, false, false];
  for await (const piece of characters(document)) {
    let from = 0;
    for (let i = 0; i < piece.length; i++) {
      const char = piece[i] as string;
      if (inString) {
        if (escaped) escaped = false;
        else if (char === '\\') escaped = true;
        else if (char === '"') inString = false;
      } else if (char === '"') inString = true;
      else if (char === '{' || char === '[') {
        depth++;
        if (depth === 2 && char === '[' && !inRows && ROWS.test(text.slice(-NEAR) + piece.slice(Math.max(from, i - NEAR), i))) {
          yield `${(text + piece.slice(from, i)).replace(ROWS, '')}}`;
          [text, from, inRows] = ['', i + 1, true];
        }
      } else if (char === '}' || char === ']') {
        depth--;
        if (depth < 0) throw new BadDocument(inWords('importBrackets'));
        if (inRows && depth === 1) {
          if ((text + piece.slice(from, i)).trim() !== '') yield text + piece.slice(from, i);
          [text, from, over] = ['', i + 1, true];
        }
      } else if (char === ',' && inRows && depth === 2) {
        yield text + piece.slice(from, i);
        [text, from] = ['', i + 1];
      }
    }
    text += piece.slice(from);
    if (text.length > (inRows ? LONGEST_ROW : LONGEST_HEAD)) throw new BadDocument(inWords(inRows ? 'importRowLong' : 'importNoRows'));
  }
  if (!inRows) throw new BadDocument(inWords('importNoRows'));
  if (!over || depth !== 0 || text.trim() !== '}') throw new BadDocument(inWords('importEnds'));
}
