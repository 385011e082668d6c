/** One number for all rows that a room keeps: what it does not keep is told without a look into its maps, which each message would pay for. */

const BITS = 31;

/** The bit of rows of this name. Others may have the same one: a bit that is not set is sure, one that is set is not. */
export function bitOf(name: string): number {
  let hash = 0;
  for (let i = 0; i < name.length; i++) hash = (hash * 33 + name.charCodeAt(i)) | 0;
  return 1 << ((hash >>> 0) % BITS);
}

/** The bits of several. */
export const bitsOf = (names: Iterable<string>): number => [...names].reduce((bits, name) => bits | bitOf(name), 0);
