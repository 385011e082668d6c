/** What the writer thread does: it has the one connection that changes the database. */
import type { Database } from 'better-sqlite3';
import { StoreFailed, type Batch, type Refused, type RetentionStep } from '../store';
import { Committer } from './committer';
import { openForWriting } from './connection';
import { Eraser } from './eraser';
import { ErasureList } from './erasures';
import { codeOf, failed, refused } from './failure';
import { Fillers } from './fillers';
import type { ThreadData, WriterCalls } from './protocol';
import { Retainer } from './retention';
import type { Handlers } from './serve';

/** Milliseconds between two steps of erasing, so that batches always come first; longer after an error of the disk. */
const ERASE_EVERY = 50;
const AFTER_ERROR = 5_000;
/** Milliseconds without a batch after which the writer fills indexes of its own accord, and messages of each such step: about 2 ms. */
const FILL_AFTER = 20;
const FILL_ROWS = 1_000;

/**
 * Milliseconds from erasing something until the log is emptied, which until then may hold what was erased; and until the next try, if
 * somebody was reading. A large log takes the writer a tenth of a second, so not at once for each message.
 */
const EMPTY_LOG_AFTER = 300_000;
const EMPTY_LOG_AGAIN = 5_000;

/** Milliseconds for readers to be done before a checkpoint. */
const CHECKPOINT_WAITS = 20;

/** The writer's requests. Tests derive from it to make it fail in the middle of things. */
export class Writer implements Handlers<WriterCalls> {
  protected db: Database | undefined;
  private committer: Committer | undefined;
  private eraser: Eraser | undefined;
  private retainer: Retainer | undefined;
  private erasures: ErasureList | undefined;
  private fillers: Fillers | undefined;
  private eraseTimer: NodeJS.Timeout | undefined;
  private fillTimer: NodeJS.Timeout | undefined;
  private logTimer: NodeJS.Timeout | undefined;
  private latestBatch = 0;

  constructor(private readonly data: ThreadData) {}

  readonly open = ({ now }: { now: number }): string[] => {
    const { db, applied } = openForWriting(this.data, now);
    this.db = db;
    try {
      this.fillers = new Fillers(db, this.data.fillBounds);
      this.committer = new Committer(db, this.data.path, this.fillers);
      this.eraser = new Eraser(db);
      this.retainer = new Retainer(db);
      this.erasures = new ErasureList(db);
    } catch (error) {
      throw refused(error, this.data.path);
    }
    this.eraseSoon(ERASE_EVERY);
    this.fillIn(FILL_AFTER);
    return applied;
  };

  readonly commit = (batch: Batch): readonly Refused[] => {
    const answer = this.committing().commit(batch);
    this.eraseSoon(ERASE_EVERY);
    if (batch.changes.some((changes) => changes?.some(({ table }) => table === 'retraction'))) this.emptyLog();
    this.latestBatch = performance.now();
    this.fillIn(FILL_AFTER);
    return answer;
  };

  readonly probe = (): null => {
    this.committing().probe();
    return null;
  };

  readonly retain = (step: RetentionStep): { next: string | null; erased: number } =>
    this.trying(() => {
      const done = (this.retainer as Retainer).step(step);
      if (done.erased > 0) this.emptyLog();
      return done;
    });

  readonly checkpoint = (): boolean =>
    this.trying(() => {
      const db = this.db as Database;
      // Whoever reads at the moment is not waited for: batches would have to wait too.
      db.pragma(`busy_timeout = ${CHECKPOINT_WAITS}`);
      try {
        const [result] = db.pragma('wal_checkpoint(TRUNCATE)') as { busy: number }[];
        return result?.busy === 0;
      } finally {
        db.pragma(`busy_timeout = ${this.data.busyTimeout}`);
      }
    });

  readonly noteErasure = ({ jid, erasure }: WriterCalls['noteErasure']['take']): null =>
    this.trying(() => {
      (this.erasures as ErasureList).note(jid, erasure);
      return null;
    });

  readonly close = (): null => {
    clearTimeout(this.eraseTimer);
    clearTimeout(this.fillTimer);
    clearTimeout(this.logTimer);
    this.db?.close();
    return null;
  };

  private committing(): Committer {
    if (!this.committer) throw new Error('The writer was asked before it was opened');
    return this.committer;
  }

  private trying<T>(work: () => T): T {
    this.committing();
    try {
      return work();
    } catch (error) {
      throw failed(error, this.data.path);
    }
  }

  private eraseSoon(delay: number): void {
    this.eraseTimer ??= setTimeout(() => {
      this.eraseTimer = undefined;
      this.erase();
    }, delay);
  }

  private erase(): void {
    try {
      if (this.eraser?.step()) {
        this.eraseSoon(ERASE_EVERY);
        this.emptyLog();
      }
    } catch (error) {
      // The disk's trouble meets the next batch too and is told there; erasing only waits for better days.
      if (!codeOf(error).startsWith('SQLITE_')) throw error;
      this.eraseSoon(AFTER_ERROR);
    }
  }

  /** What was erased leaves the log too, in a while. */
  private emptyLog(delay = this.data.emptyLogAfter ?? EMPTY_LOG_AFTER): void {
    this.logTimer ??= setTimeout(() => {
      this.logTimer = undefined;
      let emptied = false;
      try {
        emptied = this.checkpoint();
      } catch (error) {
        // As with erasing: the disk's trouble is told by the next batch.
        if (!(error instanceof StoreFailed)) throw error;
      }
      if (!emptied) this.emptyLog(EMPTY_LOG_AGAIN);
    }, delay);
  }

  private fillIn(delay: number): void {
    this.fillTimer ??= setTimeout(() => {
      this.fillTimer = undefined;
      this.fill();
    }, delay);
  }

  /** Between two steps a batch that came meanwhile has its turn, and puts off the rest. */
  private fill(): void {
    const wait = FILL_AFTER - (performance.now() - this.latestBatch);
    if (wait > 0) {
      this.fillIn(wait);
      return;
    }
    try {
      if (this.unsynced(() => this.fillers?.step(FILL_ROWS))) this.fillIn(0);
    } catch (error) {
      this.fillers?.reset();
      if (!codeOf(error).startsWith('SQLITE_')) throw error;
      this.fillIn(AFTER_ERROR);
    }
  }

  /** A transaction that need not survive power loss: what is indexed can be indexed again, so the disk is not made to wait for it. */
  private unsynced(work: () => boolean | undefined): boolean {
    const db = this.db as Database;
    const level = db.pragma('synchronous', { simple: true }) as number;
    db.pragma('synchronous = NORMAL');
    try {
      return db.transaction(() => work() === true).immediate();
    } finally {
      db.pragma(`synchronous = ${level}`);
    }
  }
}
