/** Copies of a whole database, made while it is in use: for stores that are a file. */

/** What a copy holds. */
export interface Copied {
  /** Size of the file. */
  readonly bytes: number;
  readonly rooms: number;
  readonly messages: number;
}

export interface CopyOptions {
  /** Aborted: the copy is given up, and nothing of it stays. */
  readonly signal?: AbortSignal;
  /** Told how much of the database is copied, from 0 to 1. */
  readonly progress?: (done: number) => void;
}

/**
 * Callers rely on this: a copy is of one moment, commits go on meanwhile, and the file is there whole, checked and on the disk, or not at all. It opens by itself, also on a disk
 * that cannot be written.
 */
export interface Copies {
  /**
   * Copies everything to a file that is not there yet, in a folder that is; its mode is 0600. Throws StoreFailed with a sentence: there is no room, the file cannot be written, the
   * copy is not sound, or it was given up.
   */
  copyTo(file: string, options?: CopyOptions): Promise<Copied>;
}
