/** The text of a file that a person wrote: UTF-8, with or without a byte order mark. */

/** The text without its byte order mark, or where the bytes stop being UTF-8. */
export function utf8Of(bytes: Uint8Array): string | { readonly line: number } {
  const text = decode(bytes);
  if (text !== undefined) return text;
  // The first line that cannot be read: a line end is never part of another character in UTF-8.
  let line = 1;
  for (let start = 0; ; line++) {
    const end = bytes.indexOf(0x0a, start);
    if (end === -1 || decode(bytes.subarray(start, end)) === undefined) return { line };
    start = end + 1;
  }
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
