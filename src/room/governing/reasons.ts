/** How much of a reason is said to everybody, and how much is kept: a reason can be as long as a stanza. */

/** Bytes of a reason that the people in the room are told. */
const MAX_SAID = 1000;

/** Bytes of a reason that is kept, in UTF-8: every list has all of them. */
const MAX_KEPT = 200;

/** The start of a text, at most that many bytes of UTF-8, and whole characters. */
export function cutBytes(text: string, max: number): string {
  if (text.length <= max / 3 || Buffer.byteLength(text) <= max) return text;
  const bytes = Buffer.from(text.slice(0, max));
  let end = max;
  while (((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
  return bytes.toString('utf8', 0, end);
}

/** What is said of a reason. */
export function saidReason(reason: string): string {
  return cutBytes(reason, MAX_SAID);
}

/** What is kept of a reason. */
export function keptReason(reason: string): string {
  return cutBytes(reason, MAX_KEPT);
}
