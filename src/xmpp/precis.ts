/**
 * The string classes and mappings of PRECIS (RFC 8264) that JIDs and nicknames need, on the platform's Unicode tables.
 * No kept PRECIS or nodeprep library exists for Node (the stringprep ones are old native add-ons or know SASLprep only).
 */

/** Disallowed in both classes (RFC 8264 §9.6, §9.9, §9.13): exceptions, old Hangul jamo, everything that is invisible by default. */
const NEVER = /[\u0640\u07FA\u302E\u302F\u3031-\u3035\u303B\u1100-\u11FF\uA960-\uA97C\uD7B0-\uD7FB]|\p{Default_Ignorable_Code_Point}/u;
/** Letters, digits, marks and printable ASCII (§4.2.1), with the exceptions that are valid in spite of their category (§9.6). */
const IDENTIFIER = /^[!-~\p{Ll}\p{Lu}\p{Lo}\p{Lm}\p{Nd}\p{Mn}\p{Mc}\u00B7\u0375\u05F3\u05F4\u06FD\u06FE\u0F0B\u3007\u30FB]+$/u;
/** Everything printable (§4.3.1). Controls, private use, surrogates, unassigned and line separators are in none of these. */
const FREEFORM = /^[\p{L}\p{M}\p{N}\p{S}\p{P}\p{Zs}]+$/u;

/** Rules for characters that are valid in a context only (RFC 5892 appendix A.3 to A.9); a match is a breach. */
const OUT_OF_CONTEXT = [/(?<!l)\u00B7|\u00B7(?!l)/u, /\u0375(?!\p{Script=Greek})/u, /(?<!\p{Script=Hebrew})[\u05F3\u05F4]/u];
/** Digits that exclude each other (RFC 5892 appendix A.8 and A.9), looked for apart: one expression for both orders would be quadratic. */
const ARABIC_DIGIT = /[\u0660-\u0669]/;
const EXTENDED_ARABIC_DIGIT = /[\u06F0-\u06F9]/;
const JAPANESE = /[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}]/u;

function allowed(text: string): boolean {
  if (NEVER.test(text) || OUT_OF_CONTEXT.some((breach) => breach.test(text))) return false;
  if (ARABIC_DIGIT.test(text) && EXTENDED_ARABIC_DIGIT.test(text)) return false;
  return !text.includes('\u30FB') || JAPANESE.test(text);
}

/** Whether the text belongs to the IdentifierClass (RFC 8264 §4.2); '' does not. */
export function isIdentifier(text: string): boolean {
  return IDENTIFIER.test(text) && allowed(text);
}

/** Whether the text belongs to the FreeformClass (RFC 8264 §4.3); '' does not. */
export function isFreeform(text: string): boolean {
  return FREEFORM.test(text) && allowed(text);
}

/** Of what Unicode sets aside for right-to-left scripts, all that an IdentifierClass text can have of bidirectional classes R and AL. */
const RTL =
  '(?:(?=[\\p{L}\\u05F3\\u05F4\\u06FD\\u06FE])[\\u0590-\\u08FF\\uFB1D-\\uFDFF\\uFE70-\\uFEFF\\u{10800}-\\u{10FFF}\\u{1E800}-\\u{1EFFF}])';
const HAS_RTL = new RegExp(`${RTL}|[\\u0660-\\u0669]`, 'u');
const RTL_START = new RegExp(`^${RTL}`, 'u');
/** A letter of another direction. One character at a time: an expression for the whole text was exponential in U+05F3. */
const OTHER_LETTER = new RegExp(`(?!${RTL})\\p{L}`, 'u');
const RTL_END = new RegExp(`(?:${RTL}|\\p{Nd})\\p{Mn}*$`, 'u');

/** The Bidi Rule (RFC 5893 §2) as far as letters and digits go; text without right-to-left characters always passes. */
export function obeysBidiRule(text: string): boolean {
  if (!HAS_RTL.test(text)) return true;
  const mixesDigits = /[0-9\u06F0-\u06F9]/.test(text) && /[\u0660-\u0669]/.test(text);
  return RTL_START.test(text) && !OTHER_LETTER.test(text) && RTL_END.test(text) && !mixesDigits;
}

/** Unicode full case folding, which the platform lacks: by way of the capital; dotless i has no capital of its own and stays. */
function fold(text: string): string {
  let out = '';
  for (const char of text) {
    if (char === '\u0131') out += char;
    // Code point by code point, since toLowerCase makes a final sigma by context.
    else for (const upper of char.toLowerCase().toUpperCase()) out += upper.toLowerCase();
  }
  return out;
}

/** Compatibility-composed and case-folded: equal for texts that differ in case or width only. The result maps to itself. */
export function foldCompatible(text: string): string {
  let before: string;
  let after = text;
  // Folding can undo the composition and composing can expose a capital; a few rounds settle it (RFC 8264 §7).
  for (let round = 0; round < 4; round++) {
    before = after;
    after = fold(before.normalize('NFKC')).normalize('NFKC');
    if (after === before) break;
  }
  return after;
}
