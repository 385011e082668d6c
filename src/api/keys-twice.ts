/** Two equal keys in a JSON text: parsers take the last in silence, and whoever wrote it may have meant the first. */
import { createScanner, type SyntaxKind } from 'jsonc-parser';

/** What the scanner calls what opens and closes, a text, a colon, and the end. */
const OPEN_BRACE: SyntaxKind.OpenBraceToken = 1;
const CLOSE_BRACE: SyntaxKind.CloseBraceToken = 2;
const OPEN_BRACKET: SyntaxKind.OpenBracketToken = 3;
const CLOSE_BRACKET: SyntaxKind.CloseBracketToken = 4;
const COLON: SyntaxKind.ColonToken = 6;
const TEXT: SyntaxKind.StringLiteral = 10;
const END: SyntaxKind.EOF = 17;

/** The first key that stands twice in one object; undefined: none does. `text`: valid JSON, of any depth: one pass, and nothing calls itself. */
export function keyTwice(text: string): string | undefined {
  const scanner = createScanner(text, true);
  /** The keys of each object that is open; null: it is a list. */
  const open: (Set<string> | null)[] = [];
  let last = '';
  for (let kind = scanner.scan(); kind !== END; kind = scanner.scan()) {
    if (kind === TEXT) last = scanner.getTokenValue();
    else if (kind === OPEN_BRACE) open.push(new Set());
    else if (kind === OPEN_BRACKET) open.push(null);
    else if (kind === CLOSE_BRACE || kind === CLOSE_BRACKET) open.pop();
    else if (kind === COLON) {
      const keys = open.at(-1);
      if (keys?.has(last) === true) return last;
      keys?.add(last);
    }
  }
  return undefined;
}
