/** A-labels of domains read (RFC 3492). The platform's own reading depends on its Unicode, and an address must not. */

const BASE = 36;
const T_MIN = 1;
const T_MAX = 26;
const SKEW = 38;
const DAMP = 700;

/** The bias for the next delta (RFC 3492 §6.1). */
function adapt(delta: number, points: number, first: boolean): number {
  let rest = Math.floor(delta / (first ? DAMP : 2));
  rest += Math.floor(rest / points);
  let k = 0;
  for (; rest > ((BASE - T_MIN) * T_MAX) / 2; k += BASE) rest = Math.floor(rest / (BASE - T_MIN));
  return k + Math.floor(((BASE - T_MIN + 1) * rest) / (rest + SKEW));
}

/** What follows `xn--` in a label, lower case, as Unicode (RFC 3492 §6.2); undefined if it is no Punycode. Quadratic: for one label. */
export function fromPunycode(text: string): string | undefined {
  // §6.2: only basic code points stand for themselves. What is read already is not read again.
  if (!/^[\0-\x7f]*$/.test(text)) return undefined;
  const border = text.lastIndexOf('-');
  const points = [...text.slice(0, Math.max(0, border))].map((char) => char.charCodeAt(0));
  let n = 128;
  let bias = 72;
  let at = 0;
  for (let read = border + 1; read < text.length; at++) {
    const before = at;
    for (let k = BASE, weight = 1; ; k += BASE) {
      const code = text.charCodeAt(read++);
      const digit = code >= 97 && code <= 122 ? code - 97 : code >= 48 && code <= 57 ? code - 22 : BASE;
      if (digit === BASE) return undefined;
      at += digit * weight;
      const threshold = Math.min(T_MAX, Math.max(T_MIN, k - bias));
      if (digit < threshold) break;
      weight *= BASE - threshold;
      if (at > 0x7fffffff || weight > 0x7fffffff) return undefined;
    }
    bias = adapt(at - before, points.length + 1, before === 0);
    n += Math.floor(at / (points.length + 1));
    at %= points.length + 1;
    if (n > 0x10ffff || (n >= 0xd800 && n <= 0xdfff)) return undefined;
    points.splice(at, 0, n);
  }
  return String.fromCodePoint(...points);
}
