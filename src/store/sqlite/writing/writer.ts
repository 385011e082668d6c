/** What the writer thread does: it has the one connection that changes the database. */
import { setOwnDomains, type RoomJid } from '../../../xmpp/fold';
import type { Database } from 'better-sqlite3';
import type { Change } from '../../../room/contract/rows';
import { StoreFailed } from '../../failures';
import type { EventBounds } from '../../events';
import type { AuditBounds, RetentionStep } from '../../maintenance';
import type { Refused } from '../../room-store';
import type { StoredToken } from '../../tokens';
import type { WakeUpChanges } from '../../wake-ups';
import { beginWriting, Claims } from './claims';
import { Committer } from './committer';
import { openForWriting } from '../files/connection';
import { Eraser } from '../removing/eraser';
import { noteErased } from '../removing/erased-people';
import { ErasureList } from '../tables/erasures';
import { codeOf, failed, isRowFault, messageOf, refused, RowFault } from '../failure';
import { Fillers } from './fillers';
import { Importer } from './importer';
import { LogKeeper } from '../files/log-keeper';
import type { HandedBatch, ThreadData, WriterCalls } from '../protocol';
import { Retainer } from '../removing/retention';
import type { Handlers } from '../serve';
import { TextIndex } from '../messages/text-index';
import { addToken, dropToken, rehashToken } from '../tables/tokens';
import { forgetWoken, keepWakeUps } from '../tables/wake-ups';

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

/** Whether a change removes the words of a message. */
function erases(change: Change): boolean {
  switch (change.table) {
    case 'feature':
      return change.value === null;
    case 'stay':
      return change.event === 'forgotten';
    default:
      return change.table === 'audit-erasure' || change.table === 'retraction' || change.table === 'clear';
  }
}

/** The writer's requests. Tests derive from it to make it fail in the middle of things. */
export class Writer implements Handlers<WriterCalls> {
  protected db: Database | undefined;
  private committer: Committer | undefined;
  private importer: Importer | undefined;
  private eraser: Eraser | undefined;
  private retainer: Retainer | undefined;
  private erasures: ErasureList | undefined;
  private words: TextIndex | undefined;
  private fillers: Fillers | undefined;
  private eraseTimer: NodeJS.Timeout | undefined;
  private fillTimer: NodeJS.Timeout | undefined;
  private foldTimer: NodeJS.Timeout | undefined;
  private leaseTimer: NodeJS.Timeout | undefined;
  private claims: Claims | undefined;
  private looking: NodeJS.Immediate | undefined;
  private log: LogKeeper | undefined;
  private latestBatch = 0;

  constructor(private readonly data: ThreadData) {
    setOwnDomains(data.ownDomains);
  }

  readonly open = ({ now, id }: WriterCalls['open']['take']): WriterCalls['open']['give'] => {
    const { db, applied, told } = openForWriting(this.data, now, this.data.rows ?? []);
    this.db = db;
    try {
      const lease = this.data.lease ?? null;
      this.claims = new Claims(db, beginWriting(db, lease, now, id), lease);
      this.log = new LogKeeper(db, this.data.path, this.data.busyTimeout);
      this.fillers = new Fillers(db, this.data.fillBounds);
      this.committer = new Committer(db, this.data.path, this.fillers, this.claims);
      this.importer = new Importer(db, this.committer);
      this.eraser = new Eraser(db);
      this.words = new TextIndex(db);
      this.retainer = new Retainer(db);
      this.erasures = new ErasureList(db);
    } catch (error) {
      throw refused(error, this.data.path);
    }
    // This process has begun none yet, and no other one runs.
    if (id === undefined && this.data.lease === undefined) this.tryLast(() => this.importer?.clear());
    this.eraseSoon(ERASE_EVERY);
    this.fillIn(FILL_AFTER);
    // A log from before the start may still have erased messages.
    this.foldIn(FOLD_AFTER);
    this.renewLater();
    return { applied, told, id: this.claims.id };
  };

  readonly claim = ({ room, token, now }: WriterCalls['claim']['take']): null => {
    this.ofClaims((claims) => claims.claim(room, token, now));
    return null;
  };

  readonly release = (room: RoomJid): null => {
    this.ofClaims((claims) => claims.release(room));
    return null;
  };

  readonly commit = (batch: HandedBatch): readonly Refused[] => {
    const answer = this.withRoom(() => this.committing().commit(batch));
    this.lookSoon();
    this.eraseSoon(ERASE_EVERY);
    this.latestBatch = performance.now();
    this.fillIn(FILL_AFTER);
    if (batch.changes.some((changes) => changes?.some(erases))) this.foldIn(FOLD_AFTER);
    return answer;
  };

  readonly probe = (): null => {
    this.withRoom(() => this.committing().probe());
    return null;
  };

  readonly retain = (step: RetentionStep): { next: RoomJid | '' | null; erased: number } =>
    this.trying(() => {
      const answer = (this.retainer as Retainer).step(step);
      this.lookSoon();
      if (answer.erased > 0) this.foldIn(FOLD_AFTER);
      return answer;
    });

  readonly boundAudit = (bounds: AuditBounds): boolean =>
    this.trying(() => {
      const more = (this.db as Database).transaction(() => this.committing().audit.bound(bounds)).immediate();
      this.lookSoon();
      return more;
    });

  readonly subscribe = (names: readonly string[]): number[] =>
    this.trying(() => (this.db as Database).transaction(() => this.committing().events.subscribe(names)).immediate());

  // A cursor that is lost with the power is an event told twice.
  readonly moveCursor = ({ name, number }: WriterCalls['moveCursor']['take']): null => {
    this.withRoom(() => this.trying(() => this.unsynced(() => (this.committing().events.noteCursor(name, number), true))));
    this.lookSoon();
    return null;
  };

  readonly boundEvents = (bounds: EventBounds): boolean =>
    this.trying(() => {
      const more = (this.db as Database).transaction(() => this.committing().events.bound(bounds)).immediate();
      this.lookSoon();
      return more;
    });

  // Readers are not waited for: batches would have to wait too.
  readonly checkpoint = (): boolean => this.trying(() => !this.forgetSome() && (this.log as LogKeeper).fold('TRUNCATE'));

  readonly copying = (copying: boolean): null => {
    (this.log as LogKeeper).copying = copying;
    this.lookSoon();
    return null;
  };

  readonly forget = (): boolean => this.trying(() => this.forgetSome());

  readonly noteErasure = ({ jid, erasure }: WriterCalls['noteErasure']['take']): null =>
    this.trying(() => {
      (this.db as Database)
        .transaction(() => {
          (this.erasures as ErasureList).note(jid, erasure);
          // Also of rooms that are gone, which no walk over rooms comes to.
          if (!erasure) {
            this.committing().events.forget(null, jid);
            forgetWoken(this.db as Database, jid);
            noteErased(this.db as Database, jid, Date.now());
          }
        })
        .immediate();
      if (!erasure) this.foldIn(FOLD_AFTER);
      return null;
    });

  readonly addToken = (token: StoredToken): boolean => this.trying(() => addToken(this.db as Database, token));

  readonly rehashToken = (hashes: WriterCalls['rehashToken']['take']): boolean =>
    this.trying(() => rehashToken(this.db as Database, hashes));

  readonly dropToken = (name: string): boolean => this.trying(() => dropToken(this.db as Database, name));

  // Counts that are lost with the power wake somebody a few times more.
  readonly keepWakeUps = (changes: WakeUpChanges): null => {
    this.withRoom(() => this.trying(() => this.unsynced(() => (keepWakeUps(this.db as Database, changes), true))));
    this.lookSoon();
    return null;
  };

  readonly beginImport = (): WriterCalls['beginImport']['give'] => this.importing((importer) => importer.start());

  readonly importSlice = ({ key, slice }: WriterCalls['importSlice']['take']): null =>
    this.importing((importer) => {
      importer.slice(key, slice);
      return null;
    });

  readonly endImport = ({ key, end, now }: WriterCalls['endImport']['take']): boolean =>
    this.importing((importer) => importer.end(key, end, now));

  readonly dropImport = (key: WriterCalls['dropImport']['take']): null =>
    this.importing((importer) => {
      importer.drop(key);
      this.eraseSoon(ERASE_EVERY);
      return null;
    });

  readonly close = (): null => {
    clearTimeout(this.eraseTimer);
    clearTimeout(this.fillTimer);
    clearTimeout(this.foldTimer);
    clearTimeout(this.leaseTimer);
    if (this.looking) clearImmediate(this.looking);
    // A full disk, or one that is gone, keeps nobody from ending; whoever comes next takes over.
    if (this.db?.open) this.tryLast(() => this.claims?.end());
    this.db?.close();
    return null;
  };

  /** On a full disk the log is truncated, then tries once more. */
  private withRoom<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof StoreFailed) || error.reason !== 'full' || !this.log?.fold('TRUNCATE')) throw error;
      return work();
    }
  }

  /** A transaction of claims: they need not survive power loss, which no process does. */
  private ofClaims(work: (claims: Claims) => void): void {
    this.withRoom(() =>
      this.trying(() => {
        this.unsynced(() => {
          work(this.claims as Claims);
          return true;
        });
      }),
    );
    this.lookSoon();
  }

  private tryLast(work: () => void): void {
    try {
      work();
    } catch (error) {
      if (!codeOf(error).startsWith('SQLITE_')) throw error;
    }
  }

  /** As long as this process lives, its lease does not end. */
  private renewLater(): void {
    const { lease } = this.data;
    if (lease == null) return;
    this.leaseTimer = setTimeout(() => {
      // An error of the disk may pass, and commits report it.
      this.tryLast(() => this.unsynced(() => (this.claims?.renew(Date.now()), true)));
      this.renewLater();
    }, lease / 3);
  }

  /** Checks the log after the request has been answered. */
  private lookSoon(): void {
    this.looking ??= setImmediate(() => {
      this.looking = undefined;
      this.log?.look();
    });
  }

  private committing(): Committer {
    if (!this.committer) throw new Error('The writer was asked before it was opened');
    return this.committer;
  }

  private importing<T>(work: (importer: Importer) => T): T {
    const answer = this.withRoom(() =>
      this.trying(() => {
        try {
          return work(this.importer as Importer);
        } catch (error) {
          throw isRowFault(error) ? new RowFault(messageOf(error)) : error;
        }
      }),
    );
    this.lookSoon();
    this.fillIn(FILL_AFTER);
    return answer;
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
      if (!this.forgetSome() && !this.eraser?.step()) return;
      this.lookSoon();
      this.eraseSoon(ERASE_EVERY);
      this.foldIn(FOLD_AFTER);
    } catch (error) {
      // The next batch meets the same disk error and reports it; erasing is retried later.
      if (!codeOf(error).startsWith('SQLITE_')) throw error;
      this.eraseSoon(AFTER_ERROR);
    }
  }

  /** One step, in a transaction of its own. False: no words wait to be forgotten. */
  private forgetSome(): boolean {
    return this.words?.owes === true && (this.db as Database).transaction(() => this.words?.forgetSome() === true).immediate();
  }

  private fillIn(delay: number): void {
    this.fillTimer ??= setTimeout(() => {
      this.fillTimer = undefined;
      this.fill();
    }, delay);
  }

  /** Batches that come between two steps go first and delay the rest. */
  private fill(): void {
    const wait = FILL_AFTER - (performance.now() - this.latestBatch);
    if (wait > 0) {
      this.fillIn(wait);
      return;
    }
    try {
      const step = (): boolean | undefined => {
        this.committer?.lookAround();
        return this.fillers?.step(FILL_ROWS);
      };
      if (this.unsynced(step)) this.fillIn(0);
      this.lookSoon();
    } catch (error) {
      this.fillers?.reset();
      if (!codeOf(error).startsWith('SQLITE_')) throw error;
      this.fillIn(AFTER_ERROR);
    }
  }

  private foldIn(delay: number): void {
    this.foldTimer ??= setTimeout(() => {
      this.foldTimer = undefined;
      this.fold();
    }, delay);
  }

  /** Folds the log, so that erased messages leave it and the pages that it overrides: otherwise both would keep them for long. */
  private fold(): void {
    if (performance.now() - this.latestBatch < FOLD_QUIET) {
      this.foldIn(FOLD_RETRY);
      return;
    }
    try {
      if (!this.checkpoint()) this.foldIn(FOLD_RETRY);
    } catch (error) {
      if (!(error instanceof StoreFailed)) throw error;
      this.foldIn(AFTER_ERROR);
    }
  }

  /** A transaction that need not survive power loss: indexing can be repeated, so it does not sync the disk. */
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
