/** Changing one key in the text of a configuration file: comments and everything else stay as they are, each where it was. */
import { createScanner, parseTree, type Node, type SyntaxKind } from 'jsonc-parser';

/** A key as it is written: names with a dot between. Those of room defaults have none in them but `#` and `_`. */
export const keyOf = (written: string): string[] => written.split('.').filter((name) => name !== '');

/** A value as it is written: JSON, or else text. */
export function valueOf(written: string): unknown {
  try {
    return JSON.parse(written) as unknown;
  } catch {
    return written;
  }
}

/** Thrown where a comment would be lost, or would stand at another key: only people know what it is about. */
export class CommentInTheWay extends Error {}

/** What the scanner calls a comma, a comment to the end of the line, another comment, and the end. */
const COMMA: SyntaxKind.CommaToken = 5;
const LINE_COMMENT: SyntaxKind.LineCommentTrivia = 12;
const BLOCK_COMMENT: SyntaxKind.BlockCommentTrivia = 13;
const END: SyntaxKind.EOF = 17;

/** From one place in the text to another, and what stands there instead. */
interface Edit {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

/**
 * The text with another value at the key; undefined: without the key. Comments that are about a key which goes stay where they were, except those within its value.
 * `text`: without mistakes, as `parseConfigText` takes it. Throws CommentInTheWay, and Error if the key stands in something that has no keys.
 */
export function changed(text: string, key: readonly string[], value: unknown): string {
  const root = parseTree(text, [], { disallowComments: false });
  if (!root || key.length === 0) throw new Error('There is no key');
  let object = root;
  for (const [depth, name] of key.entries()) {
    if (object.type !== 'object') throw new Error(`${key.slice(0, depth).join('.')} has no keys`);
    const property = propertiesOf(object).find((one) => one.children?.[0]?.value === name);
    const found = property?.children?.[1];
    if (!property || !found) {
      if (value === undefined) return text;
      const nested = key.slice(depth + 1).reduceRight<unknown>((inner, outer) => ({ [outer]: inner }), value);
      return edited(text, added(text, object, name, nested));
    }
    if (depth === key.length - 1)
      return edited(text, value === undefined ? removed(text, object, property) : replaced(text, property, found, value));
    object = found;
  }
  return text;
}

const propertiesOf = (object: Node): readonly Node[] => object.children ?? [];
const endOf = ({ offset, length }: Node): number => offset + length;

function edited(text: string, edits: readonly Edit[]): string {
  // From the end, so that places before stay what they are.
  const backwards = [...edits].sort((a, b) => b.from - a.from);
  return backwards.reduce((all, edit) => all.slice(0, edit.from) + edit.text + all.slice(edit.to), text);
}

interface Between {
  readonly comments: readonly { readonly from: number; readonly to: number }[];
  readonly comma: number | undefined;
}

/** The comments in a part of the text, and its last comma. */
function between(text: string, from: number, to: number): Between {
  const scanner = createScanner(text.slice(from, to));
  const comments: { from: number; to: number }[] = [];
  let comma: number | undefined;
  for (let kind = scanner.scan(); kind !== END; kind = scanner.scan()) {
    const at = from + scanner.getTokenOffset();
    if (kind === LINE_COMMENT || kind === BLOCK_COMMENT) comments.push({ from: at, to: at + scanner.getTokenLength() });
    if (kind === COMMA) comma = at;
  }
  return { comments, comma };
}

const isBlank = (text: string): boolean => /^\s*$/.test(text);
const lineStart = (text: string, at: number): number => text.lastIndexOf('\n', at - 1) + 1;
const indentAt = (text: string, at: number): string => /^[ \t]*/.exec(text.slice(lineStart(text, at), at))?.[0] ?? '';
const newlineOf = (text: string): string => (text.includes('\r\n') ? '\r\n' : '\n');
/** One step of indentation, as the file has it. */
const stepOf = (text: string): string => /^\{[^\S\n]*\n([ \t]+)"/.exec(text.trimStart())?.[1] ?? (/^\t/m.test(text) ? '\t' : '  ');

function written(text: string, value: unknown, indent: string): string {
  return JSON.stringify(value, null, stepOf(text)).replaceAll('\n', newlineOf(text) + indent);
}

function replaced(text: string, property: Node, found: Node, value: unknown): Edit[] {
  if (between(text, found.offset, endOf(found)).comments.length > 0) throw new CommentInTheWay();
  if (JSON.stringify(value) === JSON.stringify(valueIn(text, found))) return [];
  return [{ from: found.offset, to: endOf(found), text: written(text, value, indentAt(text, property.offset)) }];
}

const valueIn = (text: string, node: Node): unknown => valueOf(text.slice(node.offset, endOf(node)));

/** Behind the last property of the object, and behind comments that end its line: those are about it. */
function added(text: string, object: Node, name: string, value: unknown): Edit[] {
  const last = propertiesOf(object).at(-1);
  const close = endOf(object) - 1;
  const begin = last ? endOf(last) : object.offset + 1;
  const inLines = text.slice(object.offset, close).includes('\n');
  const { comments } = between(text, begin, close);
  let place = begin;
  // Without a property before it, all comments of the object are above.
  for (const comment of comments) if (!last || !text.slice(place, comment.from).includes('\n')) place = comment.to;
  const property = (indent: string): string => `${JSON.stringify(name)}: ${written(text, value, indent)}`;
  const outer = indentAt(text, object.offset);
  if (last && !inLines) return [{ from: place, to: place, text: `, ${property(outer)}` }];
  const beforeLast = last && text.slice(lineStart(text, last.offset), last.offset);
  const indent = beforeLast !== undefined && isBlank(beforeLast) ? beforeLast : outer + stepOf(text);
  const line = newlineOf(text) + indent + property(indent);
  if (last) {
    const comma = { from: begin, to: begin, text: ',' };
    return place === begin ? [{ ...comma, text: `,${line}` }] : [comma, { from: place, to: place, text: line }];
  }
  if (comments.length === 0) return [{ from: begin, to: close, text: line + newlineOf(text) + outer }];
  return [{ from: place, to: place, text: inLines ? line : ` ${property(outer)}` }];
}

/** The property and one comma; the line too, if nothing else is on it. */
function removed(text: string, object: Node, property: Node): Edit[] {
  const all = propertiesOf(object);
  const at = all.indexOf(property);
  const [previous, next] = [all[at - 1], all[at + 1]];
  const [begin, end] = [property.offset, endOf(property)];
  const [least, most] = [previous ? endOf(previous) : object.offset + 1, next ? next.offset : endOf(object) - 1];
  const [before, after] = [between(text, least, begin), between(text, end, most)];
  refuseShared(text, before.comments, after.comments, { least, begin, end, most, previous, next });
  const comma = next ? after.comma : before.comma;
  if (before.comments.length + after.comments.length === 0 && !next) {
    // Nothing but space around it: what closes the object stays where it is.
    if (!previous) return [{ from: least, to: isBlank(text.slice(least, begin)) ? most : end, text: '' }];
    return [{ from: least, to: end, text: '' }];
  }
  const edits: Edit[] = [];
  if (comma !== undefined && comma < begin) edits.push({ from: comma, to: comma + 1, text: '' });
  let to = end;
  const skip = (what: RegExp): void => void (to += what.exec(text.slice(to, most))?.[0].length ?? 0);
  skip(/^[ \t]*/);
  if (comma === to) {
    to++;
    skip(/^[ \t]*/);
  } else if (comma !== undefined && comma > begin) edits.push({ from: comma, to: comma + 1, text: '' });
  const start = lineStart(text, begin);
  const newline = /^\r?\n/.exec(text.slice(to))?.[0];
  if (newline !== undefined && start >= least && isBlank(text.slice(start, begin)))
    return [...edits, { from: start, to: to + newline.length, text: '' }];
  return [...edits, { from: begin, to, text: '' }];
}

interface Around {
  readonly least: number;
  readonly begin: number;
  readonly end: number;
  readonly most: number;
  readonly previous: Node | undefined;
  readonly next: Node | undefined;
}

/** Throws CommentInTheWay for a comment between two properties of one line, of which one goes. */
function refuseShared(text: string, before: Between['comments'], after: Between['comments'], around: Around): void {
  const { least, begin, end, most, previous, next } = around;
  const withPrevious = previous !== undefined && !text.slice(least, begin).includes('\n');
  const withNext = next !== undefined && !text.slice(end, most).includes('\n');
  const sameLine =
    before.some((comment) => !text.slice(comment.to, begin).includes('\n')) ||
    after.some((comment) => !text.slice(end, comment.from).includes('\n'));
  if ((withPrevious || withNext) && sameLine) throw new CommentInTheWay();
}
