/** Answers for people, as tables, and for programs, as JSON. Strangers choose names and texts: nothing of them reaches the terminal as it is. */

/** What a terminal would act on, or what turns the direction of what follows: controls, format characters, line separators, lone surrogates. */
const HARMFUL = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** A text that does nothing to a terminal and stays on its line: what could is shown as its code. */
export function harmless(text: string): string {
  return text.replace(HARMFUL, (sign) => `\\u{${(sign.codePointAt(0) ?? 0).toString(16)}}`);
}

/** Characters that a terminal shows two columns wide, and those that it shows with the one before. */
const WIDE = /[\p{Emoji_Presentation}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/gu;
const MARKS = /\p{M}/gu;
const widthOf = (text: string): number => [...text].length + [...text.matchAll(WIDE)].length - [...text.matchAll(MARKS)].length;

export type Cell = string | number | boolean | null | undefined;

function shown(cell: Cell): string {
  if (cell === null || cell === undefined || cell === '') return '-';
  if (typeof cell === 'boolean') return cell ? 'yes' : 'no';
  return harmless(String(cell));
}

/** Columns that a cell makes a table wide at most: a longer one, such as the name of a room that somebody made long, moves its own line alone. */
const WIDEST = 80;

/** A table with a head; `empty` if it has no rows. */
export function table(head: readonly string[], rows: readonly (readonly Cell[])[], empty = 'None.'): string {
  if (rows.length === 0) return empty;
  const lines = [head, ...rows.map((row) => row.map(shown))];
  const widths = head.map((_, column) =>
    lines.map((line) => widthOf(line[column] ?? '')).reduce((most, width) => (width > WIDEST ? most : Math.max(most, width)), 0),
  );
  const padded = (cell: string, column: number): string => cell + ' '.repeat(Math.max(0, (widths[column] ?? 0) - widthOf(cell)));
  return lines.map((line) => line.map(padded).join('  ').trimEnd()).join('\n');
}

/** Names and values below one another. */
export function pairs(rows: readonly (readonly [string, Cell])[]): string {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `${name.padEnd(width)}  ${shown(value)}`).join('\n');
}

/** A time of the API, to the second. */
export function when(date: string | null): string | null {
  return date === null ? null : `${date.slice(0, 19).replace('T', ' ')}Z`;
}

/** As many of something, in words. */
export const many = (number: number, one: string, more = `${one}s`): string => `${number} ${number === 1 ? one : more}`;

/** JSON for programs. A terminal is safe from it too: what it would act on is escaped. */
export function json(value: unknown): string {
  return harmlessJson(JSON.stringify(value, null, 2));
}

/** The same JSON, with what a terminal would act on escaped. `text`: all of it, or a piece that begins and ends between characters. */
export function harmlessJson(text: string): string {
  return text.replace(/[\u007f-\u009f\p{Cf}\p{Zl}\p{Zp}]/gu, (sign) =>
    Array.from({ length: sign.length }, (_, at) => `\\u${sign.charCodeAt(at).toString(16).padStart(4, '0')}`).join(''),
  );
}

/** The same HTML, with what a terminal would act on as character references; a piece as with JSON. */
export function harmlessHtml(text: string): string {
  return text.replace(HARMFUL, (sign) => (sign === '\n' || sign === '\t' ? sign : `&#x${(sign.codePointAt(0) ?? 0).toString(16)};`));
}
