/** Cuts received text for logs and sentences. */
export function short(text: string, max?: number): string;
export function short(text: string | undefined, max?: number): string | undefined;
export function short(text: string | undefined, max = 200): string | undefined {
  if (text === undefined || text.length <= max) return text;
  // Not half a character at the end.
  return `${text.slice(0, max).replace(/[\ud800-\udbff]$/, '')}…`;
}
