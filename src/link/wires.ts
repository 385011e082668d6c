/** The bytes of a list's addresses, side by side in memory: a thousand rooms' addresses are in no cache, and fetching them one by one costs more than copying. */
import type { Address } from '../xmpp/outgoing';

/** So many are looked through faster than they are put into a set. */
const FEW = 8;

export class Wires {
  /**
   * By list; null: it was seen once. Rooms make a new list when somebody comes or goes, so an old one is forgotten with it. A cache by lists that rooms
   * own: what is in it follows from the list alone.
   */
  private readonly packed = new WeakMap<readonly Address[], readonly Uint8Array[] | null>();

  /** The addresses of a list in its order, but for those in `except`. A list that is used again is packed: most that are used once never are. */
  of(list: readonly Address[], except?: readonly Address[]): readonly Uint8Array[] {
    const wires = this.whole(list);
    if (!except || except.length === 0) return wires;
    // Whoever is left out has few sessions; but those who wait for an answer may be many (service/multicast/aside.ts).
    const isOut =
      except.length <= FEW
        ? (one: Address) => except.includes(one)
        : (
            (left) => (one: Address) =>
              left.has(one)
          )(new Set(except));
    return wires.filter((_, i) => !isOut(list[i] as Address));
  }

  private whole(list: readonly Address[]): readonly Uint8Array[] {
    const known = this.packed.get(list);
    if (known) return known;
    if (known === undefined) {
      this.packed.set(list, null);
      return list.map(({ wire }) => wire);
    }
    const packed = pack(list);
    this.packed.set(list, packed);
    return packed;
  }
}

function pack(list: readonly Address[]): readonly Uint8Array[] {
  const bytes = Buffer.concat(list.map(({ wire }) => wire));
  let at = 0;
  return list.map(({ wire }) => bytes.subarray(at, (at += wire.length)));
}
