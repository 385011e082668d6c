/** What waits for its turn, shared fairly: groups take turns, and within a group those who asked do. A flood fills its own share only. */
import { BySize, type Sized } from './by-size';

/** What one who asked waits for: as many as its size says. */
interface Share<T> extends Sized {
  readonly who: string;
  readonly items: T[];
}

/** Of the size that its shares have together. */
interface Group<T> extends Sized {
  readonly name: string;
  /** By who asked; whose turn is next stands first. */
  readonly shares: Map<string, Share<T>>;
  readonly bySize: BySize<Share<T>>;
}

export interface FairBounds {
  /** That wait together, and of one who asked. */
  readonly most: number;
  readonly mostOfOne: number;
}

export class FairQueue<T> {
  /** Whose turn is next stands first. */
  private readonly groups = new Map<string, Group<T>>();
  private readonly bySize = new BySize<Group<T>>();
  private count = 0;

  constructor(private readonly bounds: FairBounds) {}

  get length(): number {
    return this.count;
  }

  /** Returns what has no place any more: the item itself, or, where all are too many, the newest one of whoever has the most. */
  add(group: string, who: string, item: T): T | undefined {
    const there = this.groups.get(group);
    const share = there?.shares.get(who);
    if (share && share.size >= this.bounds.mostOfOne) return item;
    let dropped: T | undefined;
    if (this.count >= this.bounds.most) {
      const largest = this.bySize.largest();
      // Of its own group, too: that is no larger than itself.
      if (!largest || largest.size <= 1 + (there?.size ?? 0)) return item;
      dropped = this.dropFrom(largest);
    }
    const into = there ?? { name: group, shares: new Map<string, Share<T>>(), bySize: new BySize<Share<T>>(), size: 0, place: 0 };
    if (!there) this.groups.set(group, into);
    const own = share ?? { who, items: [], size: 0, place: 0 };
    if (!share) into.shares.set(who, own);
    own.items.push(item);
    this.grown(into, own);
    return dropped;
  }

  /** The next one; its share and its group go to the end of their lines. */
  next(): T | undefined {
    const [group] = this.groups.values();
    const [share] = group?.shares.values() ?? [];
    if (!group || !share) return undefined;
    this.groups.delete(group.name);
    group.shares.delete(share.who);
    const item = share.items.shift();
    this.shrunk(group, share);
    if (share.size > 0) group.shares.set(share.who, share);
    if (group.size > 0) this.groups.set(group.name, group);
    return item;
  }

  private dropFrom(group: Group<T>): T | undefined {
    const share = group.bySize.largest();
    const item = share?.items.pop();
    if (!share) return undefined;
    this.shrunk(group, share);
    if (share.size === 0) group.shares.delete(share.who);
    if (group.size === 0) this.groups.delete(group.name);
    return item;
  }

  private grown(group: Group<T>, share: Share<T>): void {
    group.bySize.grow(share);
    this.bySize.grow(group);
    this.count++;
  }

  private shrunk(group: Group<T>, share: Share<T>): void {
    group.bySize.shrink(share);
    this.bySize.shrink(group);
    this.count--;
  }
}
