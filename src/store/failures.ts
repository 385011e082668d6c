/** How a store fails: while it runs, when it is opened, and over a room that somebody else runs. */
/** The store cannot read or write now. Of a batch nothing was taken. */
export class StoreFailed extends Error {
  constructor(
    /** `full`: disk or quota; `unavailable`: locked, read-only or I/O; `broken`: corrupt. */
    readonly reason: 'full' | 'unavailable' | 'broken',
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'StoreFailed';
  }
}

/** Thrown by `open` with a sentence that says what to change. */
export class StoreRefused extends Error {
  constructor(
    /** `module`: SQLite's own code cannot be loaded, whatever the database. */
    readonly reason: 'in-use' | 'not-ours' | 'newer' | 'unreadable' | 'module',
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'StoreRefused';
  }
}

/** Thrown by `claim`: another process runs the room. */
export class RoomTaken extends Error {
  constructor(readonly room: string) {
    super(`${room} is run by another process`);
    this.name = 'RoomTaken';
  }
}
