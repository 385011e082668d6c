/** Which characters XML 1.0 allows where, and how references become characters. Pure functions over UTF-16 strings. */

/** Conditions of RFC 6120 §4.9.3 that the parser raises. */
export type FaultCondition = 'not-well-formed' | 'restricted-xml' | 'bad-format' | 'unsupported-encoding';

/** What makes a stream unreadable. The stream cannot go on after it (RFC 6120 §4.9.1.1). */
export class StreamFault extends Error {
  constructor(
    readonly condition: FaultCondition,
    message: string,
  ) {
    super(message);
    this.name = 'StreamFault';
  }
}

/** A name may begin with it. */
export const NAME_START = 1;
/** It may occur inside a name. */
export const NAME_CHAR = 2;

/** Bits per ASCII character (XML 1.0 §2.3, productions 4 and 4a). */
export const NAME_TABLE: Uint8Array = (() => {
  const table = new Uint8Array(128);
  for (let c = 0; c < 128; c++) {
    const letter = (c >= 65 && c <= 90) || (c >= 97 && c <= 122) || c === 58 || c === 95;
    const inner = letter || (c >= 48 && c <= 57) || c === 45 || c === 46;
    table[c] = (letter ? NAME_START : 0) | (inner ? NAME_CHAR : 0);
  }
  return table;
})();

const NAME =
  /^[:A-Z_a-z\xC0-\xD6\xD8-\xF6\xF8-\u02FF\u0370-\u037D\u037F-\u1FFF\u200C-\u200D\u2070-\u218F\u2C00-\u2FEF\u3001-\uD7FF\uF900-\uFDCF\uFDF0-\uFFFD\u{10000}-\u{EFFFF}][-.0-9:A-Z_a-z\xB7\xC0-\xD6\xD8-\xF6\xF8-\u037D\u037F-\u1FFF\u200C-\u200D\u203F-\u2040\u2070-\u218F\u2C00-\u2FEF\u3001-\uD7FF\uF900-\uFDCF\uFDF0-\uFFFD\u{10000}-\u{EFFFF}]*$/u;

/** Whether a name with characters beyond ASCII is one (XML 1.0 §2.3, production 5). */
export function isName(text: string): boolean {
  return NAME.test(text);
}

/** Space, tab, line feed or carriage return (XML 1.0 §2.3, production 3). */
export function isSpace(c: number): boolean {
  return c === 32 || c === 10 || c === 13 || c === 9;
}

/** Whether a code point may stand in a document (XML 1.0 §2.2). */
function isChar(point: number): boolean {
  return (
    (point >= 0x20 && point <= 0xd7ff) ||
    point === 0x9 ||
    point === 0xa ||
    point === 0xd ||
    (point >= 0xe000 && point <= 0xfffd) ||
    (point >= 0x10000 && point <= 0x10ffff)
  );
}

const PREDEFINED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
const REFERENCE = /^(?:#([0-9]+)|#x([0-9a-fA-F]+)|([^#].*))$/s;

/** The character that `&` + `body` + `;` stands for. Throws `StreamFault` for one that is not predefined (RFC 6120 §11.1) or not a character. */
function reference(body: string): string {
  const found = REFERENCE.exec(body);
  if (found === null) throw new StreamFault('not-well-formed', 'a character reference without a number');
  const name = found[3];
  if (name !== undefined) {
    if (!Object.hasOwn(PREDEFINED, name)) throw new StreamFault('restricted-xml', 'a reference to an entity that XMPP does not define');
    return PREDEFINED[name] as string;
  }
  const point = found[1] !== undefined ? parseInt(found[1], 10) : parseInt(found[2] as string, 16);
  if (!isChar(point)) throw new StreamFault('not-well-formed', 'a reference to a character that XML forbids');
  return String.fromCodePoint(point);
}

/** Longest reference that makes sense: `&#x0010FFFF;` with some leading zeros. */
const MAX_REFERENCE = 32;

function dereference(text: string): string {
  let out = '';
  let from = 0;
  for (let amp = text.indexOf('&'); amp >= 0; amp = text.indexOf('&', from)) {
    const end = text.indexOf(';', amp + 1);
    if (end < 0 || end - amp > MAX_REFERENCE) throw new StreamFault('not-well-formed', 'an ampersand that begins no reference');
    out += text.slice(from, amp) + reference(text.slice(amp + 1, end));
    from = end + 1;
  }
  return out + text.slice(from);
}

/** Character data as the application sees it: line ends normalised (XML 1.0 §2.11), references replaced. Throws `StreamFault`. */
export function decodeText(raw: string): string {
  let special = false;
  for (let i = 0; i < raw.length; i++) {
    const c = raw.charCodeAt(i);
    if (c < 32) {
      if (c === 13) special = true;
      else if (c !== 10 && c !== 9) throw illegalCharacter();
    } else if (c === 38) special = true;
    else if (c === 62 && i >= 2 && raw.charCodeAt(i - 1) === 93 && raw.charCodeAt(i - 2) === 93) {
      throw new StreamFault('not-well-formed', 'the end of a CDATA section that never began');
    } else if (c >= 0xfffe) throw illegalCharacter();
  }
  if (!special) return raw;
  return dereference(raw.replace(/\r\n?/g, '\n'));
}

/** The content of a CDATA section: line ends normalised, nothing else. Throws `StreamFault`. */
export function decodeCdata(raw: string): string {
  if (/[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/.test(raw)) throw illegalCharacter();
  return raw.replace(/\r\n?/g, '\n');
}

/** An attribute's value that holds references or white space: literal white space becomes a space (XML 1.0 §3.3.3). Throws `StreamFault`. */
export function decodeAttribute(raw: string): string {
  return dereference(raw.replace(/\r\n|[\r\n\t]/g, ' '));
}

/** The fault for a character that XML 1.0 §2.2 forbids. */
export function illegalCharacter(): StreamFault {
  return new StreamFault('not-well-formed', 'a character that XML forbids');
}
