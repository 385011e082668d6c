/** What parts of a room remember of it beside its rows: caches and counts that a restart, or sleep, makes anew. All of it hangs on the room. */

/** One thing that is remembered; made once, by the part that remembers it. */
export class Remembered<T> {
  /** Of its kind: never there. */
  declare readonly kind: T;

  constructor(
    /** What it is, for whoever looks at a room in a debugger. */
    readonly name: string,
  ) {}
}

export class Memory {
  private readonly values = new Map<Remembered<unknown>, unknown>();

  get<T>(what: Remembered<T>): T | undefined {
    return this.values.get(what) as T | undefined;
  }

  set<T>(what: Remembered<T>, value: T): T {
    this.values.set(what, value);
    return value;
  }

  forget(what: Remembered<unknown>): void {
    this.values.delete(what);
  }
}
