/** What the writer thread does when it is asked: it has the one connection that changes the database. What it does in between: `behind.ts`. */
import { setOwnDomains, type RoomJid } from '../../../xmpp/fold';
import type { Database } from 'better-sqlite3';
import type { Change } from '../../../room/contract/rows';
import { StoreFailed } from '../../failures';
import type { EventBounds } from '../../events';
import type { AuditBounds, RetentionStep } from '../../maintenance';
import type { Refused } from '../../room-store';
import type { StoredToken } from '../../tokens';
import type { WakeUpChanges } from '../../wake-ups';
import { Behind, unsynced } from './behind';
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
  private retainer: Retainer | undefined;
  private erasures: ErasureList | undefined;
  private behind: Behind | undefined;
  private leaseTimer: NodeJS.Timeout | undefined;
  private claims: Claims | undefined;
  private log: LogKeeper | undefined;

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
      const fillers = new Fillers(db, this.data.fillBounds);
      this.committer = new Committer(db, this.data.path, fillers, this.claims);
      this.importer = new Importer(db, this.committer);
      this.retainer = new Retainer(db);
      this.erasures = new ErasureList(db);
      this.behind = new Behind({
        db,
        committer: this.committer,
        eraser: new Eraser(db),
        words: new TextIndex(db),
        fillers,
        log: this.log,
        checkpoint: () => this.checkpoint(),
      });
    } catch (error) {
      throw refused(error, this.data.path);
    }
    // This process has begun none yet, and no other one runs.
    if (id === undefined && this.data.lease === undefined) this.tryLast(() => this.importer?.clear());
    this.behind.start();
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
    this.behind?.batchCame();
    if (batch.changes.some((changes) => changes?.some(erases))) this.behind?.foldSoon();
    return answer;
  };

  readonly probe = (): null => {
    this.withRoom(() => this.committing().probe());
    return null;
  };

  readonly retain = (step: RetentionStep): { next: RoomJid | '' | null; erased: number } =>
    this.trying(() => {
      const answer = (this.retainer as Retainer).step(step);
      this.behind?.lookSoon();
      if (answer.erased > 0) this.behind?.foldSoon();
      return answer;
    });

  readonly boundAudit = (bounds: AuditBounds): boolean =>
    this.trying(() => {
      const more = (this.db as Database).transaction(() => this.committing().audit.bound(bounds)).immediate();
      this.behind?.lookSoon();
      return more;
    });

  readonly subscribe = (names: readonly string[]): number[] =>
    this.trying(() => (this.db as Database).transaction(() => this.committing().events.subscribe(names)).immediate());

  // A cursor that is lost with the power is an event told twice.
  readonly moveCursor = ({ name, number }: WriterCalls['moveCursor']['take']): null => {
    this.withRoom(() => this.trying(() => unsynced(this.db as Database, () => this.committing().events.noteCursor(name, number))));
    this.behind?.lookSoon();
    return null;
  };

  readonly boundEvents = (bounds: EventBounds): boolean =>
    this.trying(() => {
      const more = (this.db as Database).transaction(() => this.committing().events.bound(bounds)).immediate();
      this.behind?.lookSoon();
      return more;
    });

  // Readers are not waited for: batches would have to wait too.
  readonly checkpoint = (): boolean => this.trying(() => this.behind?.forgetSome() !== true && (this.log as LogKeeper).fold('TRUNCATE'));

  readonly copying = (copying: boolean): null => {
    (this.log as LogKeeper).copying = copying;
    this.behind?.lookSoon();
    return null;
  };

  readonly forget = (): boolean => this.trying(() => this.behind?.forgetSome() === true);

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
      if (!erasure) this.behind?.foldSoon();
      return null;
    });

  readonly addToken = (token: StoredToken): boolean => this.trying(() => addToken(this.db as Database, token));

  readonly rehashToken = (hashes: WriterCalls['rehashToken']['take']): boolean =>
    this.trying(() => rehashToken(this.db as Database, hashes));

  readonly dropToken = (name: string): boolean => this.trying(() => dropToken(this.db as Database, name));

  // Counts that are lost with the power wake somebody a few times more.
  readonly keepWakeUps = (changes: WakeUpChanges): null => {
    this.withRoom(() => this.trying(() => unsynced(this.db as Database, () => keepWakeUps(this.db as Database, changes))));
    this.behind?.lookSoon();
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
      this.behind?.eraseSoon();
      return null;
    });

  readonly close = (): null => {
    this.behind?.close();
    clearTimeout(this.leaseTimer);
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
        unsynced(this.db as Database, () => {
          work(this.claims as Claims);
        });
      }),
    );
    this.behind?.lookSoon();
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
      this.tryLast(() => unsynced(this.db as Database, () => this.claims?.renew(Date.now())));
      this.renewLater();
    }, lease / 3);
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
    this.behind?.lookSoon();
    this.behind?.fillSoon();
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
}
