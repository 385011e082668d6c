/** What the writer thread does: it has the one connection that changes the database. */
import type { Database } from 'better-sqlite3';
import type { Batch, Refused, RetentionStep } from '../store';
import { Committer } from './committer';
import { openForWriting } from './connection';
import { Eraser } from './eraser';
import { codeOf, failed } from './failure';
import type { ThreadData, WriterCalls } from './protocol';
import { Retainer } from './retention';
import type { Handlers } from './serve';

/** Milliseconds between two steps of erasing, so that batches always come first; longer after an error of the disk. */
const ERASE_EVERY = 50;
const ERASE_AFTER_ERROR = 5_000;

/** The writer's requests. Tests derive from it to make it fail in the middle of things. */
export class Writer implements Handlers<WriterCalls> {
  protected db: Database | undefined;
  private committer: Committer | undefined;
  private eraser: Eraser | undefined;
  private retainer: Retainer | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly data: ThreadData) {}

  readonly open = ({ now }: { now: number }): string[] => {
    const { db, applied } = openForWriting(this.data, now);
    this.db = db;
    this.committer = new Committer(db, this.data.path);
    this.eraser = new Eraser(db);
    this.retainer = new Retainer(db);
    this.eraseSoon(ERASE_EVERY);
    return applied;
  };

  readonly commit = (batch: Batch): readonly Refused[] => {
    const refused = this.committing().commit(batch);
    this.eraseSoon(ERASE_EVERY);
    return refused;
  };

  readonly probe = (): null => {
    this.committing().probe();
    return null;
  };

  readonly retain = (step: RetentionStep): { next: string | null; erased: number } => {
    if (!this.retainer) throw new Error('The writer was asked before it was opened');
    try {
      return this.retainer.step(step);
    } catch (error) {
      throw failed(error, this.data.path);
    }
  };

  readonly close = (): null => {
    clearTimeout(this.timer);
    this.db?.close();
    return null;
  };

  private committing(): Committer {
    if (!this.committer) throw new Error('The writer was asked before it was opened');
    return this.committer;
  }

  private eraseSoon(delay: number): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.erase();
    }, delay);
  }

  private erase(): void {
    try {
      if (this.eraser?.step()) this.eraseSoon(ERASE_EVERY);
    } catch (error) {
      // The disk's trouble meets the next batch too and is told there; erasing only waits for better days.
      if (!codeOf(error).startsWith('SQLITE_')) throw error;
      this.eraseSoon(ERASE_AFTER_ERROR);
    }
  }
}
