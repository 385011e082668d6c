/** Things by their size, which grows and shrinks by one: the largest is known without a look at the others. */

/** Something of a size; both fields are changed by `BySize` alone, which begins with 0. */
export interface Sized {
  size: number;
  /** Among those of the same size. */
  place: number;
}

export class BySize<T extends Sized> {
  /** By size; none is empty, and nothing of size 0 is kept. */
  private readonly all = new Map<number, T[]>();
  private top = 0;

  grow(one: T): void {
    this.leave(one);
    one.size++;
    this.join(one);
    if (one.size > this.top) this.top = one.size;
  }

  /** To be called of what has grown only. */
  shrink(one: T): void {
    this.leave(one);
    one.size--;
    this.join(one);
    // If it was the last of the largest, it is one of the largest now.
    if (!this.all.has(this.top)) this.top--;
  }

  /** One of those that are not smaller than any other. */
  largest(): T | undefined {
    return this.all.get(this.top)?.at(-1);
  }

  private join(one: T): void {
    if (one.size === 0) return;
    const same = this.all.get(one.size);
    one.place = same?.length ?? 0;
    if (same) same.push(one);
    else this.all.set(one.size, [one]);
  }

  /** The last of the same size takes its place. */
  private leave(one: T): void {
    const same = this.all.get(one.size);
    const last = same?.pop();
    if (!same || !last) return;
    if (same.length === 0) this.all.delete(one.size);
    if (last === one) return;
    same[one.place] = last;
    last.place = one.place;
  }
}
