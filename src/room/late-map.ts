/** Maps and sets that take no memory while they are empty. Every room has several in which few rooms ever hold anything, and memory that is not there is in no cache's way. */

export class LateMap<K, V> {
  private map: Map<K, V> | undefined;

  get size(): number {
    return this.map?.size ?? 0;
  }

  get(key: K): V | undefined {
    return this.map?.get(key);
  }

  has(key: K): boolean {
    return this.map?.has(key) ?? false;
  }

  set(key: K, value: V): void {
    (this.map ??= new Map<K, V>()).set(key, value);
  }

  /** Whether there was something under the key. */
  delete(key: K): boolean {
    const had = this.map?.delete(key) ?? false;
    if (this.map?.size === 0) this.map = undefined;
    return had;
  }

  clear(): void {
    this.map = undefined;
  }

  /** In the order in which they were set, as those of a `Map`. */
  keys(): IterableIterator<K> {
    return (this.map ?? NOTHING).keys() as IterableIterator<K>;
  }

  values(): IterableIterator<V> {
    return (this.map ?? NOTHING).values() as IterableIterator<V>;
  }

  [Symbol.iterator](): IterableIterator<[K, V]> {
    return (this.map ?? NOTHING).entries() as IterableIterator<[K, V]>;
  }
}

const NOTHING: ReadonlyMap<unknown, unknown> = new Map();

export class LateSet<T> {
  private members: Set<T> | undefined;

  get size(): number {
    return this.members?.size ?? 0;
  }

  has(member: T): boolean {
    return this.members?.has(member) ?? false;
  }

  add(member: T): void {
    (this.members ??= new Set<T>()).add(member);
  }

  /** Whether it was there. */
  delete(member: T): boolean {
    const had = this.members?.delete(member) ?? false;
    if (this.members?.size === 0) this.members = undefined;
    return had;
  }

  clear(): void {
    this.members = undefined;
  }

  /** In the order in which they were added, as those of a `Set`. */
  [Symbol.iterator](): IterableIterator<T> {
    return (this.members ?? NOTHING).keys() as IterableIterator<T>;
  }
}
