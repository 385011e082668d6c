/** Full-text search as a person would state it: every word searched for begins or is a word of a body, whatever its case. */
import type { MessageRow } from '../../src/room/rows';

export function findsWords(row: MessageRow, text: string): boolean {
  const words = (from: string): string[] => from.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  const said = words(/<body[^>]*>([^<]*)<\/body>/.exec(row.payload)?.[1] ?? '');
  const wanted = words(text);
  return wanted.length > 0 && wanted.every((word) => said.includes(word));
}
