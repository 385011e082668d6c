/** What waits for its turn, shared fairly: groups take turns, and within a group those who asked do. A flood fills its own share only. */

interface Share<T> {
  readonly name: string;
  readonly items: T[];
}

interface Group<T> {
  readonly name: string;
  shares: Share<T>[];
  count: number;
}

export interface FairBounds {
  /** That wait together, and of one who asked. */
  readonly most: number;
  readonly mostOfOne: number;
}

export class FairQueue<T> {
  /** Whose turn is next stands first. */
  private groups: Group<T>[] = [];
  private count = 0;

  constructor(private readonly bounds: FairBounds) {}

  get length(): number {
    return this.count;
  }

  /** Returns what has no place any more: the item itself, or, where all are too many, the newest one of whoever has the most. */
  add(group: string, who: string, item: T): T | undefined {
    const there = this.groups.find(({ name }) => name === group);
    const share = there?.shares.find(({ name }) => name === who);
    if (share && share.items.length >= this.bounds.mostOfOne) return item;
    let dropped: T | undefined;
    if (this.count >= this.bounds.most) {
      const largest = this.largest();
      if (!largest || largest.name === group || largest.count <= 1 + (there?.count ?? 0)) return item;
      dropped = this.dropFrom(largest);
    }
    if (share) share.items.push(item);
    else if (there) there.shares.push({ name: who, items: [item] });
    else this.groups.push({ name: group, shares: [{ name: who, items: [item] }], count: 0 });
    const into = there ?? this.groups.at(-1);
    if (into) into.count++;
    this.count++;
    return dropped;
  }

  /** The next one; its share and its group go to the end of their lines. */
  next(): T | undefined {
    const group = this.groups.shift();
    const share = group?.shares.shift();
    if (!group || !share) return undefined;
    const item = share.items.shift();
    this.count--;
    group.count--;
    if (share.items.length > 0) group.shares.push(share);
    if (group.shares.length > 0) this.groups.push(group);
    return item;
  }

  private largest(): Group<T> | undefined {
    return this.groups.reduce<Group<T> | undefined>((most, group) => (most && most.count >= group.count ? most : group), undefined);
  }

  private dropFrom(group: Group<T>): T | undefined {
    const share = group.shares.reduce((most, other) => (most.items.length >= other.items.length ? most : other));
    const item = share.items.pop();
    if (share.items.length === 0) group.shares = group.shares.filter((other) => other !== share);
    if (group.shares.length === 0) this.groups = this.groups.filter((other) => other !== group);
    group.count--;
    this.count--;
    return item;
  }
}
