/**
 * The string class and mappings of PRECIS (RFC 8264) that nicknames need, on the platform's Unicode tables.
 * No kept PRECIS or nodeprep library exists for Node (the stringprep ones are old native add-ons or know SASLprep only).
 */

/** Disallowed in every class (RFC 8264 §9.6, §9.9, §9.13): exceptions, old Hangul jamo, everything that is invisible by default. */
const NEVER = /[\u0640\u07FA\u302E\u302F\u3031-\u3035\u303B\u1100-\u11FF\uA960-\uA97C\uD7B0-\uD7FB]|\p{Default_Ignorable_Code_Point}/u;
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

/** Whether the text belongs to the FreeformClass (RFC 8264 §4.3); '' does not. */
export function isFreeform(text: string): boolean {
  return FREEFORM.test(text) && allowed(text);
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
  // Folding can undo the composition and composing can expose a capital; after a few rounds nothing changes any more (RFC 8264 §7).
  for (let round = 0; round < 4; round++) {
    before = after;
    after = fold(before.normalize('NFKC')).normalize('NFKC');
    if (after === before) break;
  }
  return after;
}
