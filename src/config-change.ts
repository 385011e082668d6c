/** Changing one key in the text of a configuration file: comments and everything else stay as they are. */
import { applyEdits, modify } from 'jsonc-parser';

/** A key as it is written: names with a dot between. Those of room defaults have none in them but `#` and `_`. */
export const keyOf = (written: string): string[] => written.split('.').filter((name) => name !== '');

/** A value as it is written: JSON, or else text. */
export function valueOf(written: string): unknown {
  try {
    return JSON.parse(written) as unknown;
  } catch {
    return written;
  }
}

/** The text with another value at the key; undefined: without the key. */
export function changed(text: string, key: readonly string[], value: unknown): string {
  const newline = text.includes('\r\n') ? '\r\n' : '\n';
  const formattingOptions = { insertSpaces: !/^\t/m.test(text), tabSize: 2, eol: newline };
  return applyEdits(text, modify(text, [...key], value, { formattingOptions }));
}
