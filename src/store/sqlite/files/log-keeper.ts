/** Keeps the write-ahead log short: when it is long enough it is folded into the database and begins anew, also while everybody writes and reads. */
import type { Database } from 'better-sqlite3';
import { roomFor } from './disk-room';
import { codeOf } from '../failure';
import { markLog } from './log-mark';

/** Pages of the log from which on it is folded: a page that many commits write is copied once. With its headers 12 MB. */
const PAGES = 2_800;
/** If a reader of an old state prevents that, it is tried again after this many more pages. */
const MORE_PAGES = 200;
/** From this size on folding waits for readers, which are done soon: the log must not grow for ever. With headers 13 MB. */
const MANY_PAGES = 3_200;
/** Milliseconds for readers to be done. */
const WAIT = 20;
const LONG_WAIT = 1_000;

export class LogKeeper {
  private readonly pageSize: number;
  private readonly length;
  /** Not tried below. */
  private next = 0;
  /** A copy is being made: an old state is read for long, so that waiting for it would only keep commits waiting. */
  copying = false;

  constructor(
    private readonly db: Database,
    private readonly path: string,
    private readonly busyTimeout: number,
  ) {
    this.pageSize = db.pragma('page_size', { simple: true }) as number;
    this.length = db.prepare('PRAGMA wal_checkpoint(NOOP)');
  }

  /** Checks the log after a write. Never throws: the next batch meets the same disk error. */
  look(): void {
    let pages: number;
    try {
      pages = (this.length.get() as { log: number }).log;
    } catch (error) {
      if (!codeOf(error).startsWith('SQLITE_')) throw error;
      return;
    }
    // On a disk that is nearly full the log must not take the room that it needs to be folded.
    const room = roomFor(this.path);
    if (room !== undefined && room < 3 * pages * this.pageSize) {
      this.fold('TRUNCATE');
      return;
    }
    if (pages < PAGES || pages < this.next) return;
    const wait = this.copying ? 0 : pages < MANY_PAGES ? WAIT : LONG_WAIT;
    if (!this.fold('RESTART', wait)) this.next = pages + MORE_PAGES;
  }

  /** See `foldLog`. */
  fold(how: 'RESTART' | 'TRUNCATE', wait = WAIT): boolean {
    if (!foldLog(this.db, how, wait, this.busyTimeout)) return false;
    this.next = 0;
    return true;
  }
}

/**
 * All of the log goes into the database, and the next one is marked. `TRUNCATE` gives back its room too. `wait`: milliseconds for readers to
 * be done. False: somebody reads, or there is no room.
 */
export function foldLog(db: Database, how: 'RESTART' | 'TRUNCATE', wait: number, busyTimeout: number): boolean {
  db.pragma(`busy_timeout = ${wait}`);
  try {
    const [result] = db.pragma(`wal_checkpoint(${how})`) as { busy: number }[];
    if (result?.busy !== 0) return false;
    markLog(db);
    return true;
  } catch (error) {
    if (!codeOf(error).startsWith('SQLITE_')) throw error;
    return false;
  } finally {
    db.pragma(`busy_timeout = ${busyTimeout}`);
  }
}
