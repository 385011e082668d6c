/** What waits for its turn, shared fairly: groups take turns, and within a group those who asked do. A flood fills its own share only. */

interface Group<T> {
  readonly name: string;
  /** By who asked; whose turn is next stands first. */
  readonly shares: Map<string, T[]>;
  count: number;
}

export interface FairBounds {
  /** That wait together, and of one who asked. */
  readonly most: number;
  readonly mostOfOne: number;
}

export class FairQueue<T> {
  /** Whose turn is next stands first. */
  private readonly groups = new Map<string, Group<T>>();
  private count = 0;

  constructor(private readonly bounds: FairBounds) {}

  get length(): number {
    return this.count;
  }

  /** Returns what has no place any more: the item itself, or, where all are too many, the newest one of whoever has the most. */
  add(group: string, who: string, item: T): T | undefined {
    const there = this.groups.get(group);
    const share = there?.shares.get(who);
    if (share && share.length >= this.bounds.mostOfOne) return item;
    let dropped: T | undefined;
    if (this.count >= this.bounds.most) {
      const largest = this.largest();
      if (!largest || largest.name === group || largest.count <= 1 + (there?.count ?? 0)) return item;
      dropped = this.dropFrom(largest);
    }
    const into = there ?? { name: group, shares: new Map<string, T[]>(), count: 0 };
    if (!there) this.groups.set(group, into);
    if (share) share.push(item);
    else into.shares.set(who, [item]);
    into.count++;
    this.count++;
    return dropped;
  }

  /** The next one; its share and its group go to the end of their lines. */
  next(): T | undefined {
    const [group] = this.groups.values();
    if (!group) return undefined;
    this.groups.delete(group.name);
    const [next] = group.shares;
    if (!next) return undefined;
    const [who, items] = next;
    group.shares.delete(who);
    const item = items.shift();
    this.count--;
    group.count--;
    if (items.length > 0) group.shares.set(who, items);
    if (group.count > 0) this.groups.set(group.name, group);
    return item;
  }

  private largest(): Group<T> | undefined {
    let largest: Group<T> | undefined;
    for (const group of this.groups.values()) if (!largest || group.count > largest.count) largest = group;
    return largest;
  }

  private dropFrom(group: Group<T>): T | undefined {
    let most: [string, T[]] | undefined;
    for (const share of group.shares) if (!most || share[1].length > most[1].length) most = share;
    if (!most) return undefined;
    const [who, items] = most;
    const item = items.pop();
    if (items.length === 0) group.shares.delete(who);
    group.count--;
    if (group.count === 0) this.groups.delete(group.name);
    this.count--;
    return item;
  }
}
