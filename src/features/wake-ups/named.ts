/** Whose nickname stands in a text as a word of its own: each word of the text is looked up once, however many nicknames there are. */
import { LateMap } from '../../room/late-map';
import { foldCompatible } from '../../xmpp/precis';

/** Longest part of a text that is looked at, in UTF-16 units. */
const MOST_TEXT = 8_000;
/** Nicknames that are compared with one text, and that begin with the same word. */
const MOST_COMPARED = 1_000;
const MOST_ALIKE = 64;
/** So many first words are looked for in the whole text. */
const FEW = 16;
/** Shortest nickname that is looked for, in code points. */
const SHORTEST = 3;

/** Scripts that are written without spaces: each of their characters is a word. */
const UNSPACED = String.raw`\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}`;
const WORD = new RegExp(String.raw`[${UNSPACED}]|(?:(?![${UNSPACED}])[\p{L}\p{N}\p{M}_])+`, 'gu');
const SPACED = new RegExp(String.raw`^(?![${UNSPACED}])[\p{L}\p{N}\p{M}_]`, 'u');

/** The form in which they are compared: case and width are folded, as nicknames are compared (RFC 8266 §2.4), and any run of spaces is one. Long runs of marks, which take their square to normalise, are cut before. */
export function folded(text: string): string {
  if (/^[\x00-\x7f]*$/.test(text)) return text.toLowerCase();
  return foldCompatible(text.replace(/(\p{M}{8})\p{M}+/gu, '$1')).replace(/\p{Zs}+/gu, ' ');
}

/** A nickname as it is compared, and whose it is. */
export interface Named<T> {
  readonly nick: string;
  readonly whose: T;
}

interface Entry<T> extends Named<T> {
  /** They belong to the room. */
  readonly belongs: boolean;
  /** Where its first word stands in it. */
  readonly at: number;
}

/** Nicknames by their first words. */
export class NickIndex<T> {
  private readonly byWord = new LateMap<string, Entry<T>[]>();
  /** The first words of each one's nicknames. */
  private readonly wordsOf = new LateMap<T, string[]>();

  /** First words that are looked for. */
  get size(): number {
    return this.byWord.size;
  }

  /**
   * A nickname that is too short, or has no word in it, is never found. Of more nicknames that begin alike than are compared, those of people who belong to the room
   * take the places of others: strangers, who choose theirs, push no member out.
   */
  add(nick: string, whose: T, belongs: boolean): void {
    const text = folded(nick);
    if ([...text].length < SHORTEST) return;
    WORD.lastIndex = 0;
    const first = WORD.exec(text);
    if (!first) return;
    const [word] = first;
    let entries = this.byWord.get(word) ?? [];
    if (entries.some((one) => one.nick === text && one.whose === whose)) return;
    if (entries.length >= MOST_ALIKE) {
      const stranger = belongs ? entries.find((one) => !one.belongs) : undefined;
      if (!stranger) return;
      entries = entries.filter((one) => one !== stranger);
    }
    this.byWord.set(word, [...entries, { nick: text, at: first.index, whose, belongs }]);
    this.wordsOf.set(whose, [...(this.wordsOf.get(whose) ?? []), word]);
  }

  /** Forgets all nicknames of somebody. */
  drop(whose: T): void {
    for (const word of this.wordsOf.get(whose) ?? []) {
      const rest = (this.byWord.get(word) ?? []).filter((one) => one.whose !== whose);
      if (rest.length > 0) this.byWord.set(word, rest);
      else this.byWord.delete(word);
    }
    this.wordsOf.delete(whose);
  }

  /** The nicknames that stand in a text. */
  in(text: string): Set<Named<T>> {
    const found = new Set<Named<T>>();
    if (this.byWord.size === 0) return found;
    const looked = folded(text.slice(0, MOST_TEXT));
    // Where few are away, it is cheaper to see that none of them is named than to take the text apart.
    if (this.byWord.size <= FEW && ![...this.byWord.keys()].some((word) => looked.includes(word))) return found;
    let left = MOST_COMPARED;
    WORD.lastIndex = 0;
    for (const match of looked.matchAll(WORD)) {
      for (const entry of this.byWord.get(match[0]) ?? []) {
        const { nick, at } = entry;
        if (left-- <= 0) return found;
        const end = match.index - at + nick.length;
        if (match.index >= at && looked.startsWith(nick, match.index - at) && !goesOn(nick, looked, end)) found.add(entry);
      }
    }
    return found;
  }

  /** Those that are this one. */
  like(nick: string): Named<T>[] {
    const text = folded(nick);
    WORD.lastIndex = 0;
    const first = WORD.exec(text);
    return (first ? (this.byWord.get(first[0]) ?? []) : []).filter((one) => one.nick === text);
  }
}

/** Whether the word with which a nickname ends goes on behind it. */
function goesOn(nick: string, text: string, end: number): boolean {
  if (end >= text.length) return false;
  const last = [...nick.slice(-2)].at(-1) as string;
  return SPACED.test(last) && SPACED.test(text.slice(end, end + 2));
}

/** A text without what it quotes: lines that begin with `>` (XEP-0393 §5.1.3), and `ranges` of code points that are there for others only (XEP-0428). */
export function unquoted(text: string, ranges: readonly (readonly [start: number, end: number])[] = []): string {
  let own = text.slice(0, 2 * MOST_TEXT);
  if (ranges.length > 0) {
    const points = [...own];
    for (const [start, end] of ranges) points.fill('', Math.max(0, start), Math.max(0, end));
    own = points.join('');
  }
  if (!own.includes('>')) return own;
  return own
    .split('\n')
    .filter((line) => !line.trimStart().startsWith('>'))
    .join('\n');
}
