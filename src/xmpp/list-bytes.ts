/** Cutting a list that one stanza carries by its bytes: however long its items are, servers take what is sent. */

/** Bytes of the items of one answer, in XML: below what servers take from a component in one stanza (512 KiB). */
const LIST_BYTES = 400_000;

/** The first (or, `backwards`, the last) items that have at most so many bytes together, in their order; one at least, so that the next page goes on. */
export function fitting<T>(items: readonly T[], xmlOf: (item: T) => string, backwards = false, most = LIST_BYTES): T[] {
  const taken: T[] = [];
  let bytes = 0;
  for (const item of backwards ? items.toReversed() : items) {
    bytes += Buffer.byteLength(xmlOf(item));
    if (bytes > most && taken.length > 0) break;
    taken.push(item);
  }
  return backwards ? taken.reverse() : taken;
}
