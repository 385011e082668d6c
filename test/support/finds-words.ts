/**
 * Full-text search as a person would state it. A message is found if it holds everything that is searched for: words as words
 * (`beg*` as the beginning of one, if it has two letters), what is quoted or stands together one behind the other, and whatever is in writing
 * without spaces anywhere in it. Case and diacritics do not count, nor do encrypted messages.
 */
import { fold, searchText } from '../../src/store/sqlite/messages/search-text';
import type { MessageRow } from '../../src/room/contract/rows';

const UNSPACED = /[\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{scx=Bopo}\p{scx=Hang}\p{scx=Thai}\p{scx=Laoo}\p{scx=Khmr}\p{scx=Mymr}]/u;
const LETTER = /[\p{L}\p{N}\p{M}\p{Co}]/u;

/** Letters of a text by kind: words of spaced writing, and runs of the other. */
function read(text: string): { words: string[]; runs: string[]; endsInWord: boolean } {
  const found = { words: [] as string[], runs: [] as string[], endsInWord: false };
  let last: 'word' | 'run' | 'none' = 'none';
  for (const c of fold(text)) {
    const kind = !LETTER.test(c) ? 'none' : UNSPACED.test(c) ? 'run' : 'word';
    const list = kind === 'word' ? found.words : found.runs;
    if (kind !== 'none') list.push(kind === last ? `${list.pop() as string}${c}` : c);
    last = kind;
  }
  found.endsInWord = last === 'word';
  return found;
}

export function findsWords(row: MessageRow, text: string): boolean {
  if (!/[\p{L}\p{N}]/u.test(text)) return false;
  const said = read(searchText(row.payload));
  const wanted = (part: string, prefix: boolean): boolean => {
    const { words, runs, endsInWord } = read(part);
    const isAt = (at: number): boolean =>
      words.every((word, i) => {
        const there = said.words[at + i];
        return prefix && endsInWord && i === words.length - 1 && Array.from(word).length > 1 ? there?.startsWith(word) : there === word;
      });
    return (
      (words.length === 0 || said.words.some((_, at) => isAt(at))) && runs.every((run) => said.runs.some((there) => there.includes(run)))
    );
  };
  // Every other piece is what stands between quotes; a quote that is not closed reaches to the end.
  return text.split(/["“”„]/).every((piece, i) => {
    if (i % 2 === 1) return wanted(piece, false);
    return piece.split(/\s+/).every((word) => wanted(word.replace(/(?<!\*)\*+$/, ''), word.endsWith('*')));
  });
}
