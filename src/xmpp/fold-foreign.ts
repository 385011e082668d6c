/**
 * Local parts of accounts on other servers, which may compare by nodeprep or by PRECIS (UsernameCaseMapped, RFC 8265 §3.3). Where only one
 * of them calls two spellings equal, nobody here can know. So they are two (`foldBoth`) for what is given, and one (`foldEither`) for what is taken
 * away.
 *
 * What they disagree on: nodeprep makes ß `ss` and ς `σ`, takes joiners and soft hyphens away, and spells ligatures and the like out (NFKC); PRECIS
 * does none of this, and knows capitals that are younger than Unicode 3.2. They agree on other capitals, on width, and on composed letters.
 */
import { isSeparating, isYoung, mapped } from './fold-characters';

/** Rounds until a fold of a fold changes nothing; two do for all that is known. */
const MAX_ROUNDS = 4;
/** Full-width and half-width forms. Not those of Hangul, whose NFKC is more than their width. */
const OTHER_WIDTH = /^[\u3000\uFF01-\uFF9F\uFFE0-\uFFE2\uFFE4-\uFFE6\uFFE8-\uFFEE]$/;
/** The iota below and letters that have it: nodeprep makes it a letter before it puts marks in order, and its word is taken for both. */
const IOTA_BELOW = /([\u0345\u1F80-\u1FAF\u1FB2-\u1FB4\u1FB7\u1FBC\u1FC2-\u1FC4\u1FC7\u1FCC\u1FF2-\u1FF4\u1FF7\u1FFC])/;

function untilStable(text: string, once: (text: string) => string): string {
  let after = text;
  for (let round = 0, before; round < MAX_ROUNDS; round++) {
    before = after;
    after = once(before);
    if (after === before) break;
  }
  return after;
}

/** What nodeprep makes of one character that Unicode 3.2 knew. */
function nodeprep(text: string): string {
  return untilStable(text, (one) =>
    Array.from(one, (char) => mapped(char.codePointAt(0) as number) ?? char)
      .join('')
      .normalize('NFKC'),
  );
}

/** As PRECIS: small letters (a final sigma by where it stands), then composed. */
function precis(text: string): string {
  const small = text.toLowerCase();
  return IOTA_BELOW.test(small)
    ? small
        .split(IOTA_BELOW)
        .map((part) => part.normalize('NFC'))
        .join('')
    : small.normalize('NFC');
}

/** Whether nodeprep makes the same of what PRECIS makes of a character. Of a capital whose small letter came later it does not. */
function isCommon(char: string): boolean {
  const code = char.codePointAt(0) as number;
  if (code < 128) return true;
  if (isYoung(code) || isSeparating(code)) return false;
  const prepared = precis(char);
  return prepared === char || nodeprep(prepared) === nodeprep(char);
}

function bothOnce(text: string): string {
  const chars = Array.from(text);
  const common = chars.map(isCommon);
  // Whether a sigma beside a character that one of them does not know is final, they need not agree on.
  const foldRun = common.includes(false) ? (run: string): string => run.split('Σ').map(precis).join('Σ') : precis;
  let out = '';
  let run = '';
  for (const [i, char] of chars.entries()) {
    if (common[i]) run += OTHER_WIDTH.test(char) ? char.normalize('NFKC') : char;
    else {
      out += foldRun(run) + char;
      run = '';
    }
  }
  return out + foldRun(run);
}

function eitherOnce(text: string): string {
  let out = '';
  let run = '';
  for (const char of text) {
    const code = char.codePointAt(0) as number;
    if (isSeparating(code)) {
      out += run.normalize('NFKC') + char;
      run = '';
    } else run += mapped(code) ?? char.toLowerCase();
  }
  return out + run.normalize('NFKC');
}

/** A local part, equal for two spellings that nodeprep and PRECIS both call equal. Nodeprep makes the same of it as of what came. */
export function foldBoth(local: string): string {
  return untilStable(local, bothOnce);
}

/** A local part, equal for two spellings that nodeprep or PRECIS calls equal, and where a third is between them. A key, never shown and never sent. */
export function foldEither(local: string): string {
  return untilStable(local, eitherOnce);
}
