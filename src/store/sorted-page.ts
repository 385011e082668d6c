/** A page of a list that is all there, in order (XEP-0059). */

/** Where the page is; `after` and `before` are places in the list's order, of items that may be gone. */
export interface PageWanted<P> {
  readonly max: number;
  readonly after?: P | undefined;
  readonly before?: P | undefined;
  /** The last page. */
  readonly last?: boolean | undefined;
}

/**
 * @param order negative: the item stands before the place; positive: behind it.
 * @returns the items, and at which number of the list they begin.
 */
export function sortedPage<T, P>(
  all: readonly T[],
  { max, after, before, last }: PageWanted<P>,
  order: (item: T, place: P) => number,
): { readonly items: readonly T[]; readonly index: number } {
  if (before !== undefined || last === true) {
    const end = before === undefined ? all.length : firstWhere(all, (item) => order(item, before) >= 0);
    const index = Math.max(0, end - max);
    return { items: all.slice(index, end), index };
  }
  const index = after === undefined ? 0 : firstWhere(all, (item) => order(item, after) > 0);
  return { items: all.slice(index, index + max), index };
}

/** The number of the first item of which it holds, as it does of all behind it. */
function firstWhere<T>(all: readonly T[], holds: (item: T) => boolean): number {
  let [from, to] = [0, all.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (holds(all[middle] as T)) to = middle;
    else from = middle + 1;
  }
  return from;
}
