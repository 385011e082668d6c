/** What the writer does between the requests: it erases, fills indexes, looks at the log, and folds it when something was erased. */
import type { Database } from 'better-sqlite3';
import { StoreFailed } from '../../failures';
import { codeOf } from '../failure';
import type { LogKeeper } from '../files/log-keeper';
import type { TextIndex } from '../messages/text-index';
import type { Eraser } from '../removing/eraser';
import type { Committer } from './committer';
import type { Fillers } from './fillers';

/** Milliseconds between two steps of erasing, so that batches always come first; longer after an error of the disk. */
const ERASE_EVERY = 50;
const AFTER_ERROR = 5_000;
/**
 * Milliseconds without a batch after which the writer fills indexes of its own accord, and messages of each such step: about 2 ms. One busy
 * room has a batch every 30 ms, and its messages are delayed when indexes are filled in between: all processors are busy.
 */
const FILL_AFTER = 100;
const FILL_ROWS = 1_000;

/**
 * Milliseconds from erasing something until the log, which still has it, is folded into the database. `FOLD_QUIET` of them must
 * have passed without a batch; otherwise it is tried again after `FOLD_RETRY`.
 */
const FOLD_AFTER = 5_000;
const FOLD_QUIET = 250;
const FOLD_RETRY = 1_000;

interface BehindOptions {
  readonly db: Database;
  readonly committer: Committer;
  readonly eraser: Eraser;
  readonly words: TextIndex;
  readonly fillers: Fillers;
  readonly log: LogKeeper;
  /** Folds the log, if nothing waits to be forgotten. Throws StoreFailed. */
  readonly checkpoint: () => boolean;
}

export class Behind {
  private eraseTimer: NodeJS.Timeout | undefined;
  private fillTimer: NodeJS.Timeout | undefined;
  private foldTimer: NodeJS.Timeout | undefined;
  private looking: NodeJS.Immediate | undefined;
  private latestBatch = 0;

  constructor(private readonly options: BehindOptions) {}

  /** The writer has opened. */
  start(): void {
    this.eraseSoon();
    this.fillSoon();
    // A log from before the start may still have erased messages.
    this.foldSoon();
  }

  /** There was a batch. */
  batchCame(): void {
    this.lookSoon();
    this.eraseSoon();
    this.latestBatch = performance.now();
    this.fillSoon();
  }

  close(): void {
    clearTimeout(this.eraseTimer);
    clearTimeout(this.fillTimer);
    clearTimeout(this.foldTimer);
    if (this.looking) clearImmediate(this.looking);
  }

  /** Checks the log after the request has been answered. */
  lookSoon(): void {
    this.looking ??= setImmediate(() => {
      this.looking = undefined;
      this.options.log.look();
    });
  }

  /** There is something to erase. */
  eraseSoon(delay = ERASE_EVERY): void {
    this.eraseTimer ??= setTimeout(() => {
      this.eraseTimer = undefined;
      this.erase();
    }, delay);
  }

  /** There are messages to index. */
  fillSoon(delay = FILL_AFTER): void {
    this.fillTimer ??= setTimeout(() => {
      this.fillTimer = undefined;
      this.fill();
    }, delay);
  }

  /** Something was erased, and the log still has it. */
  foldSoon(delay = FOLD_AFTER): void {
    this.foldTimer ??= setTimeout(() => {
      this.foldTimer = undefined;
      this.fold();
    }, delay);
  }

  /** One step, in a transaction of its own. False: no words wait to be forgotten. */
  forgetSome(): boolean {
    const { db, words } = this.options;
    return words.owes && db.transaction(() => words.forgetSome()).immediate();
  }

  private erase(): void {
    try {
      if (!this.forgetSome() && !this.options.eraser.step()) return;
      this.lookSoon();
      this.eraseSoon();
      this.foldSoon();
    } catch (error) {
      // The next batch meets the same disk error and reports it; erasing is retried later.
      if (!codeOf(error).startsWith('SQLITE_')) throw error;
      this.eraseSoon(AFTER_ERROR);
    }
  }

  /** Batches that come between two steps go first and delay the rest. */
  private fill(): void {
    const wait = FILL_AFTER - (performance.now() - this.latestBatch);
    if (wait > 0) {
      this.fillSoon(wait);
      return;
    }
    const { db, committer, fillers } = this.options;
    try {
      const step = (): boolean => {
        committer.lookAround();
        return fillers.step(FILL_ROWS);
      };
      if (unsynced(db, step)) this.fillSoon(0);
      this.lookSoon();
    } catch (error) {
      fillers.reset();
      if (!codeOf(error).startsWith('SQLITE_')) throw error;
      this.fillSoon(AFTER_ERROR);
    }
  }

  /** Folds the log, so that erased messages leave it and the pages that it overrides: otherwise both would keep them for long. */
  private fold(): void {
    if (performance.now() - this.latestBatch < FOLD_QUIET) {
      this.foldSoon(FOLD_RETRY);
      return;
    }
    try {
      if (!this.options.checkpoint()) this.foldSoon(FOLD_RETRY);
    } catch (error) {
      if (!(error instanceof StoreFailed)) throw error;
      this.foldSoon(AFTER_ERROR);
    }
  }
}

/** A transaction that need not survive power loss, since what it does can be repeated: it does not sync the disk. */
export function unsynced<T>(db: Database, work: () => T): T {
  const level = db.pragma('synchronous', { simple: true }) as number;
  db.pragma('synchronous = NORMAL');
  try {
    return db.transaction(work).immediate();
  } finally {
    db.pragma(`synchronous = ${level}`);
  }
}
