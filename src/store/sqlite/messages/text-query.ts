/** Turns the text of a search field into a valid FTS5 expression, whatever the text is. */
import { LONGEST_SEARCH } from '../../../room/contract/archive-query';
import { searchParts } from './search-text';

/** As in the definition of the table `message_text`. Marks are parts of words: vowel signs in Hindi, Thai and others are marks. */
export const TOKENIZER = "unicode61 remove_diacritics 2 categories 'L* N* M* Co'";

/** A word, as the tokenizer has it. */
const WORD = /[\p{L}\p{N}\p{M}\p{Co}]+/gu;

/**
 * The FTS5 expression for a query: words are all wanted, `"a phrase"` is one, `beg*` is the beginning of a word (of two letters at least), and everything
 * else is literal: what stands together without a space must stand together. Null: there is nothing to be searched for.
 */
export function matchOf(query: string): string | null {
  const cut = shortened(query);
  if (!/[\p{L}\p{N}]/u.test(cut)) return null;
  const terms: string[] = [];
  for (const [, phrase, word] of cut.matchAll(/["“”„]([^"“”„]*)["“”„]?|([^\s"“”„]+)/g)) {
    terms.push(...termsOf(phrase ?? word ?? '', word !== undefined));
  }
  // Repeated words change nothing, and each term costs a walk through all its matches.
  return terms.length === 0 ? null : [...new Set(terms)].join(' AND ');
}

/** Cuts a long text at the end of a word, since each word costs a look-up; askers were refused before that. */
function shortened(query: string): string {
  if (query.length <= LONGEST_SEARCH) return query;
  const cut = query.slice(0, LONGEST_SEARCH + 1);
  const end = cut.search(/\s\S*$/);
  return end === -1 ? '' : cut.slice(0, end);
}

function termsOf(text: string, starMeans: boolean): string[] {
  const { words, runs } = searchParts(text);
  const tokens = words.match(WORD) ?? [];
  const terms = runs.map(runTerm);
  const last = tokens.at(-1);
  // Between quotes or in the middle of something, a star is a star.
  const begins =
    last !== undefined && starMeans && isLongEnough(last) && words.endsWith('*') && words.replace(/(?<!\*)\*+$/, '').endsWith(last);
  if (last !== undefined) terms.unshift(`payload : "${tokens.join(' ')}"${begins ? ' *' : ''}`);
  return terms;
}

/** A prefix of one letter matches nearly everything: the letter is searched for as a word instead. */
function isLongEnough(beginning: string): boolean {
  return Array.from(beginning).length > 1;
}

/** Trigrams one behind the other; two characters are the beginning of one. */
function runTerm(run: string): string {
  const characters = Array.from(run);
  if (characters.length === 1) return `cjk : "${run}"`;
  if (characters.length < 3) return `cjk : "${run}" *`;
  return `cjk : "${characters
    .slice(2)
    .map((third, i) => `${characters[i]}${characters[i + 1]}${third}`)
    .join(' ')}"`;
}

/** What goes into the table's columns for a message: words as they are, and runs as their overlapping trigrams and single characters. */
export function columnsOf(text: string): { words: string; cjk: string } {
  const { words, runs } = searchParts(text);
  if (runs.length === 0) return { words, cjk: '' };
  // A prefix of one character matches too much for the index, so single characters are stored too.
  return { words, cjk: [...runs.map(trigrams), ...new Set(runs.join(''))].join(' ') };
}

/** 你好世界: 你好世 好世界 世界 界. The short ones at the end make every pair the beginning of one. */
function trigrams(run: string): string {
  const characters = Array.from(run);
  return characters.map((first, i) => `${first}${characters[i + 1] ?? ''}${characters[i + 2] ?? ''}`).join(' ');
}

/** The one token in the column `room`. */
export function roomToken(room: number): string {
  return `r${room}`;
}
