/** Every sentence said to people, by key: English first; each names the reason and, where there is one, the remedy. */

const ENGLISH = {
  notOccupant: 'You are not in this room. Join it first.',
  tooBusy: 'The service is busy. Please try again in a moment.',
  storeFailed: 'The service cannot save anything right now. Please try again later.',
  internal: 'The service made a mistake while handling this. It has been logged.',
} as const;

export type Key = keyof typeof ENGLISH;

/** The sentence for a key, with `{name}` replaced by the values given. */
export function say(key: Key, values: Readonly<Record<string, string | number>> = {}): string {
  return ENGLISH[key].replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ''));
}
