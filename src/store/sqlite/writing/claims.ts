/** Who may write rooms: compared within each transaction, so that a process that has lost a room, or the database, writes nothing to it. */
import type { Database, Statement } from 'better-sqlite3';
import type { Millis } from '../../../room/contract/rows';
import type { RoomJid } from '../../../xmpp/fold';
import { RoomTaken, StoreFailed, StoreRefused } from '../../failures';
import type { ClaimToken } from '../../room-store';
import { codeOf, reasonOf } from '../failure';
import { readRefused, type Progress, type RefusedPart } from '../messages/progress';

/** Milliseconds for which claims of a process hold that shares its database; null: it has the database for itself. */
export type Lease = Millis | null;

const TAKEN_OVER = 'Another process has opened the database for itself alone: this one may write nothing any more';

export class Claims {
  private readonly claimOf: Statement;
  private readonly put: Statement;
  private readonly drop: Statement;
  private readonly extend: Statement;
  private readonly ownProgress: Statement;
  private readonly note: Statement;
  private readonly noteShared: Statement;
  private version: unknown;

  /** `id`: of this process, from `beginWriting`. */
  constructor(
    private readonly db: Database,
    readonly id: number,
    private readonly lease: Lease,
  ) {
    this.claimOf = db.prepare(
      'SELECT claim.writer, claim.token, lease_until AS until FROM claim LEFT JOIN writer ON id = writer WHERE room = ?',
    );
    this.put = db.prepare('REPLACE INTO claim (room, writer, token) VALUES (?, ?, ?)');
    this.drop = db.prepare('DELETE FROM claim WHERE room = ? AND writer = ?');
    this.extend = db.prepare('UPDATE writer SET lease_until = ? WHERE id = ?');
    this.ownProgress = db.prepare(
      lease === null ? 'SELECT batch, refused FROM progress WHERE ? IS NOT NULL' : 'SELECT batch, refused FROM writer WHERE id = ?',
    );
    this.note = db.prepare(
      lease === null
        ? 'UPDATE progress SET batch = ?, refused = ?, messages = messages + ? WHERE coalesce(owner, 0) = ?'
        : 'UPDATE progress SET batch = batch + 1, refused = NULL, messages = messages + ? WHERE owner IS NULL',
    );
    this.noteShared = db.prepare('UPDATE writer SET batch = ?, refused = ? WHERE id = ?');
  }

  /** Within a transaction that is to write: whether another process has written since the last time. Asked for only where that can be. */
  othersWrote(): boolean {
    if (this.lease === null) return false;
    const before = this.version;
    this.version = this.db.pragma('data_version', { simple: true });
    return before !== undefined && before !== this.version;
  }

  /** Within the transaction of a claim. Throws RoomTaken. */
  claim(room: RoomJid, token: ClaimToken, now: Millis): void {
    const holder = this.holder(room, now);
    if (holder !== undefined && holder.writer !== this.id) throw new RoomTaken(room);
    if (!this.isShared()) throw new StoreFailed('unavailable', TAKEN_OVER);
    this.put.run(room, this.id, token);
  }

  release(room: RoomJid): void {
    this.drop.run(room, this.id);
  }

  /** The lease of this process begins anew. */
  renew(now: Millis): void {
    if (this.lease !== null) this.extend.run(now + this.lease, this.id);
  }

  /** Within a transaction: whether a room is run under this token; null: whether nobody runs it. */
  holds(room: RoomJid, token: ClaimToken | null, now: Millis): boolean {
    // The database is this process's: it knows its tokens itself.
    if (this.lease === null) return true;
    const holder = this.holder(room, now);
    if (token === null) return holder === undefined;
    return holder?.writer === this.id && holder.token === token;
  }

  /** Whether a room that gets this name may: nobody else runs one of it. */
  mayName(room: RoomJid, now: Millis): boolean {
    return this.lease === null || [undefined, this.id].includes(this.holder(room, now)?.writer);
  }

  /** The latest batch of this process, and whom it and those shortly before it refused. */
  latest(): { batch: number; refused: readonly RefusedPart[] } {
    const own = this.ownProgress.get(this.id) as Progress | undefined;
    if (!own) throw new StoreFailed('unavailable', TAKEN_OVER);
    const { batch, refused } = own;
    return { batch, refused: readRefused(refused) };
  }

  /** The number behind which this transaction's rows are put: it rises with each transaction of whatever process. */
  placeOf(batch: number): number {
    return this.lease === null ? batch : (this.db.prepare('SELECT batch + 1 FROM progress').pluck().get() as number);
  }

  /** The last of a commit. Throws StoreFailed if another process has taken the database over. */
  noteBatch(batch: number, refusedParts: readonly RefusedPart[], added: number): void {
    const refused = refusedParts.length === 0 ? null : JSON.stringify(refusedParts);
    const { changes } = this.lease === null ? this.note.run(batch, refused, added, this.id) : this.note.run(added);
    if (changes !== 1) throw new StoreFailed('unavailable', TAKEN_OVER);
    if (this.lease !== null) this.noteShared.run(batch, refused, this.id);
  }

  /** Throws StoreFailed if this process may write nothing any more. */
  requireRight(): void {
    const owner = this.db.prepare('SELECT coalesce(owner, 0) FROM progress').pluck().get() as number;
    if (owner !== (this.lease === null ? this.id : 0)) throw new StoreFailed('unavailable', TAKEN_OVER);
  }

  /** The process ends: its claims are over. */
  end(): void {
    this.db.transaction(() => {
      this.db.prepare('DELETE FROM claim WHERE writer = ?').run(this.id);
      this.db.prepare('DELETE FROM writer WHERE id = ?').run(this.id);
      this.db.prepare('UPDATE progress SET owner = NULL WHERE owner = ?').run(this.id);
    })();
  }

  private isShared(): boolean {
    return this.db.prepare('SELECT owner IS NULL FROM progress').pluck().get() === 1;
  }

  /** Who runs a room, if their lease is not over. An own claim holds until somebody else has taken it. */
  private holder(room: RoomJid, now: Millis): { readonly writer: number; readonly token: string } | undefined {
    const row = this.claimOf.get(room) as { writer: number; token: string; until: number | null } | undefined;
    return row && (row.writer === this.id || (row.until ?? 0) > now) ? row : undefined;
  }
}

/**
 * A process begins to write, or (`resumed`) goes on with another thread. One that has the database for itself ends what all others claimed: they have ended,
 * since nobody else has it open. Returns its number. Throws StoreRefused if it would share a database with one that does not.
 */
export function beginWriting(db: Database, lease: Lease, now: Millis, resumed?: number): number {
  const { batch, owner } = db.prepare('SELECT batch, owner FROM progress').get() as { batch: number; owner: number | null };
  if (resumed !== undefined && db.prepare('SELECT count(*) FROM writer WHERE id = ?').pluck().get(resumed) === 1) return resumed;
  if (lease !== null && owner !== null)
    throw new StoreRefused(
      'in-use',
      'A process that does not share the database runs on it, or has crashed on it: start one alone, and end it.',
    );
  const begin = (): number => {
    if (lease === null) db.exec('DELETE FROM claim; DELETE FROM writer');
    const until = lease === null ? null : now + lease;
    const id = Number(db.prepare('INSERT INTO writer (lease_until, batch) VALUES (?, ?)').run(until, batch).lastInsertRowid);
    if (lease === null) db.prepare('UPDATE progress SET owner = ?').run(id);
    return id;
  };
  try {
    return db.transaction(begin).immediate();
  } catch (error) {
    // A disk without room may pass, and rooms can be read meanwhile. Nobody else has the database: the claim of a predecessor will do.
    if (lease !== null || reasonOf(codeOf(error)) !== 'full') throw error;
    return owner ?? 0;
  }
}
