/** What nodeprep does to each character, read from its tables when the first address needs them. */
import { FOLDED, NOTHING, SEPARATING, SPELLED_OUT, UNASSIGNED } from './fold-tables';

interface Tables {
  /** What a code point becomes. */
  readonly map: ReadonlyMap<number, string>;
  /** Starts and ends of the ranges that are unassigned in Unicode 3.2, in order. */
  readonly unassigned: Int32Array;
}

const number = (text: string): number => parseInt(text, 36);

function* spans(text: string): Generator<readonly [number, number]> {
  let last = 0;
  for (const span of text.split(',')) {
    const [gap = '', length = ''] = span.split(' ');
    const start = last + number(gap);
    last = start + number(length);
    yield [start, last];
  }
}

function readTables(): Tables {
  const map = new Map<number, string>();
  for (const [start, end] of spans(NOTHING)) for (let code = start; code <= end; code++) map.set(code, '');
  for (const char of SPELLED_OUT.split('|')) {
    const code = char.codePointAt(0) as number;
    map.set(code, char.slice(String.fromCodePoint(code).length));
  }
  let last = 0;
  for (const row of FOLDED.split(',')) {
    const [, gap = '', length = '', every = '', delta = ''] = /^(\w+) (\w+)([ +])(-?\w+)$/.exec(row) ?? [];
    last += number(gap);
    const step = every === '+' ? 2 : 1;
    for (let code = last, left = number(length); left >= 0; code += step, left--) map.set(code, String.fromCodePoint(code + number(delta)));
  }
  return { map, unassigned: Int32Array.from([...spans(UNASSIGNED)].flat()) };
}

const separating = new Set([...spans(SEPARATING)].flatMap(([start, end]) => Array.from({ length: end - start + 1 }, (_, i) => start + i)));

let tables: Tables | undefined;

/** What nodeprep makes of a code point before NFKC (tables B.1, B.2); undefined: nothing else. */
export function mapped(code: number): string | undefined {
  return (tables ??= readTables()).map.get(code);
}

/** What NFKC would make a separator of JIDs of: it parts what stands beside it, as what is unassigned does. */
export function isSeparating(code: number): boolean {
  return separating.has(code);
}

/** Whether Unicode 3.2 did not know this code point. */
export function isYoung(code: number): boolean {
  if (code < 128) return false;
  const { unassigned } = (tables ??= readTables());
  let low = 0;
  let high = unassigned.length / 2;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (code > (unassigned[2 * middle + 1] as number)) low = middle + 1;
    else high = middle;
  }
  return low < unassigned.length / 2 && code >= (unassigned[2 * low] as number);
}
