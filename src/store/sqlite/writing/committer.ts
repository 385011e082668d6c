/** Commits batches: one transaction each, the rooms in it independent of each other. */
import type { RoomJid } from '../../../xmpp/fold';
import type { Database, Statement } from 'better-sqlite3';
import { StoreFailed } from '../../failures';
import type { Batch, Refused } from '../../room-store';
import type { Counters, Millis, RoomRow } from '../../../room/contract/rows';
import { RowFault, failed, isRowFault, messageOf } from '../failure';
import type { Entry } from './filler';
import type { Fillers } from './fillers';
import type { Claims } from './claims';
import type { HandedBatch } from '../protocol';
import type { RefusedPart } from '../messages/progress';
import { AuditWriter } from '../tables/audit';
import { KnownRooms } from './known-rooms';
import { EventWriter } from '../tables/events';
import { NameIndex } from '../messages/name-index';
import { Owners, Renamer, type Moved, type Rename } from './renaming';
import { RoomTables, type Retraction, type RoomKey } from './room-tables';
import { packRooms } from '../messages/tail';

/** Bytes a probe must be able to add: more than one page, so that space is really there. */
const PROBE_BYTES = 65_536;

export class Committer {
  readonly tables: RoomTables;
  private readonly names: NameIndex;
  readonly audit: AuditWriter;
  readonly events: EventWriter;
  private readonly renamer: Renamer;
  private readonly setCounters: Statement;
  private readonly addMessage: Statement;
  private readonly addTail: Statement;
  private readonly dropSayings: Statement;
  private readonly hasSayings: Statement;
  private readonly getLatestId: Statement;
  private readonly addCount: Statement;

  /** Everything below mirrors committed rows and those of the running transaction; after any rollback it is read anew. */
  private readonly known: KnownRooms;
  private batch = 0;
  /** Rooms that were refused in batches on which a later batch may build. */
  private refusedParts: readonly RefusedPart[] = [];
  private stale = true;
  /** Ids of messages only rise, even over erased ones: the indexes that are filled later rely on it. */
  private latestId = 0;
  /** Messages added by the running attempt: their ids are those behind `latestId`. */
  private added: Entry[] = [];
  /** Rooms refused in a batch that the one in hand builds on. */
  private refusedSince: ReadonlySet<string> = new Set();

  constructor(
    private readonly db: Database,
    private readonly path: string,
    private readonly fillers: Fillers,
    private readonly claims: Claims,
    private readonly now: () => Millis = Date.now,
  ) {
    this.tables = new RoomTables(db);
    this.names = new NameIndex(db);
    this.audit = new AuditWriter(db);
    this.events = new EventWriter(db);
    this.renamer = new Renamer(db, this.tables, this.audit, this.events);
    this.setCounters = db.prepare('UPDATE counters SET rev = ?, delivered_rev = ?, seq = ?, stamp = ?, used_at = ? WHERE room = ?');
    this.addMessage = db.prepare(
      'INSERT INTO message (id, room, seq, rev, stamp, stanza_id, nick, sender, jid_shown, occupant_id, client_id, lang, in_history, payload) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
    );
    this.addTail = db.prepare('INSERT INTO message_tail (first, rooms) VALUES (?, ?)');
    this.dropSayings = db.prepare('DELETE FROM saying WHERE room = ? AND rev <= ?');
    this.hasSayings = db.prepare('SELECT EXISTS (SELECT 1 FROM saying WHERE room = ?)').pluck();
    this.known = new KnownRooms(db, this.tables);
    this.getLatestId = db.prepare('SELECT max((SELECT coalesce(max(id), 0) FROM message), (SELECT max(up_to) FROM filled))').pluck();
    this.addCount = db.prepare('UPDATE progress SET messages = messages + ?');
    this.refresh();
  }

  /**
   * Commits a batch, all of it or (on StoreFailed) nothing.
   * @returns the rooms that were refused; the others are in.
   */
  commit(batch: HandedBatch): readonly Refused[] {
    try {
      const helps = this.fillers.needHelp(batch.messages.room.length);
      try {
        return this.apartIfNeeded(batch, helps);
      } catch (error) {
        // Filling indexes must not prevent a commit: try the batch alone.
        if (!helps) throw error;
        return this.apartIfNeeded(batch, false);
      }
    } catch (error) {
      throw failed(error, this.path);
    }
  }

  /** Within a transaction: what another process has written since is read anew. */
  lookAround(): void {
    if (!this.claims.othersWrote()) return;
    this.stale = true;
    this.fillers.reset();
  }

  /** A transaction that is no batch, for rooms that are brought along: all of `work`, or nothing. What it adds by `message` is indexed as what batches add. */
  apart<T>(work: () => T): T {
    this.db.exec('BEGIN IMMEDIATE');
    try {
      this.lookAround();
      if (this.stale) this.refresh();
      this.claims.requireRight();
      this.added = [];
      const result = work();
      const { added } = this;
      if (added.length > 0) {
        this.addTail.run(this.latestId + 1, packRooms(added.map(({ room }) => room)));
        this.addCount.run(added.length);
        if (this.fillers.needHelp(added.length)) this.fillers.help(added.length);
      }
      this.db.exec('COMMIT');
      this.latestId += added.length;
      this.fillers.added(added);
      return result;
    } catch (error) {
      this.stale = true;
      if (this.db.inTransaction) this.db.exec('ROLLBACK');
      this.fillers.reset();
      throw error;
    }
  }

  /** Within `apart`: makes a name free for a room that is brought along. False: there is a room of it. */
  takeName(jid: RoomJid, now: Millis): boolean {
    if (!this.claims.mayName(jid, now)) return false;
    const taken = this.known.find(jid);
    if (taken && !this.renamer.givesWay(taken)) return false;
    if (taken) this.known.remove(jid, taken);
    return true;
  }

  /** Within `apart`: what is there under this number is a room from now on. */
  addAs(id: number, row: RoomRow, { rev, deliveredRev, seq, stamp, used }: Counters): void {
    const key = this.known.add(row, id);
    this.setCounters.run(rev, deliveredRev, seq, stamp, used, id);
    key.seq = seq;
    key.stamp = stamp;
  }

  /** Writes and removes a row large enough to show that there is space. Throws StoreFailed. */
  probe(): void {
    try {
      this.claims.requireRight();
      this.db.prepare('REPLACE INTO probe (one, filler) VALUES (1, zeroblob(?))').run(PROBE_BYTES);
      this.db.prepare('DELETE FROM probe').run();
    } catch (error) {
      throw failed(error, this.path);
    }
  }

  private apartIfNeeded(batch: HandedBatch, helps: boolean): Refused[] {
    try {
      return this.attempt(batch, false, helps);
    } catch (error) {
      if (!isRowFault(error)) throw error;
      return this.attempt(batch, true, helps);
    }
  }

  private attempt(batch: HandedBatch, apart: boolean, helps: boolean): Refused[] {
    this.db.exec('BEGIN IMMEDIATE');
    try {
      this.lookAround();
      if (this.stale) this.refresh();
      if (batch.number <= this.batch) throw new Error(`Batch ${batch.number} was handed in after batch ${this.batch}`);
      // If the last batch that it builds on is in, all are: that one was checked in the same way.
      if (batch.knows < batch.number - 1 && this.batch !== batch.number - 1)
        throw new StoreFailed('unavailable', `Batch ${batch.number} builds on one that failed`);
      const earlier = this.refusedParts.filter((one) => one.batch > batch.knows);
      // Not parts whose refusal only follows from another: the maker of the batch may know of that one.
      this.refusedSince = new Set(earlier.filter(({ reason }) => reason !== 'earlier').map(({ room }) => room));
      this.added = [];
      this.tables.begin(this.claims.placeOf(batch.number));
      const refused = apart ? this.roomByRoom(batch) : this.allAtOnce(batch);
      const { added } = this;
      if (added.length > 0) this.addTail.run(this.latestId + 1, packRooms(added.map(({ room }) => room)));
      const refusedParts = [...earlier, ...refused.map((one) => ({ batch: batch.number, ...one }))];
      this.claims.noteBatch(batch.number, refusedParts, added.length);
      if (helps) this.fillers.help(added.length);
      this.db.exec('COMMIT');
      this.batch = batch.number;
      this.refusedParts = refusedParts;
      this.latestId += added.length;
      this.fillers.added(added);
      return refused;
    } catch (error) {
      this.stale = true;
      if (this.db.inTransaction) this.db.exec('ROLLBACK');
      if (helps) this.fillers.reset();
      throw error;
    }
  }

  private allAtOnce(batch: HandedBatch): Refused[] {
    const refused: Refused[] = [];
    const owners: (Owners | null)[] = [];
    for (let i = 0; i < batch.rooms.length; i++) owners.push(this.room(batch, i, refused));
    const { room, seq } = batch.messages;
    for (let j = 0; j < room.length; j++) {
      const of = owners[room[j] as number];
      if (of) this.message(batch.messages, j, of.ofMessage(seq[j] as number));
    }
    for (let i = 0; i < owners.length; i++) this.retract(batch, i, owners[i] ?? null);
    for (let i = 0; i < owners.length; i++) this.removeIfOver(batch, i, owners[i]?.key ?? null);
    return refused;
  }

  private roomByRoom(batch: HandedBatch): Refused[] {
    const refused: Refused[] = [];
    const messagesOf: number[][] = batch.rooms.map(() => []);
    batch.messages.room.forEach((room, j) => messagesOf[room]?.push(j));
    batch.rooms.forEach((jid, i) => {
      const addedBefore = this.added.length;
      this.db.exec('SAVEPOINT room');
      try {
        const of = this.room(batch, i, refused);
        if (of) for (const j of messagesOf[i] ?? []) this.message(batch.messages, j, of.ofMessage(batch.messages.seq[j] as number));
        this.retract(batch, i, of);
        this.removeIfOver(batch, i, of?.key ?? null);
      } catch (error) {
        if (!isRowFault(error)) throw error;
        this.db.exec('ROLLBACK TO room');
        this.added.length = addedBefore;
        this.refresh(true);
        refused.push({ room: jid, reason: 'row', detail: messageOf(error) });
      }
      this.db.exec('RELEASE room');
    });
    return refused;
  }

  /** Applies changes and counters of one room. Null: it was refused before anything was written. */
  private room(batch: HandedBatch, i: number, refused: Refused[]): Owners | null {
    const jid = batch.rooms[i] as Batch['rooms'][number];
    if (this.refusedSince.has(jid)) {
      refused.push({ room: jid, reason: 'earlier', detail: 'What it builds on was refused' });
      return null;
    }
    if (batch.lost?.includes(i) || !this.claims.holds(jid, batch.tokens?.[i] ?? null, this.now())) {
      refused.push({ room: jid, reason: 'lost', detail: 'The room is not run under this claim' });
      return null;
    }
    const changes = batch.changes[i] ?? null;
    let key = this.known.find(jid);
    if (changes) {
      for (const change of changes) {
        if (change.table !== 'room') continue;
        const over = change.create && this.known.overLimit(change.row, change.create, key);
        if (over) {
          refused.push({ room: jid, reason: 'limit', detail: over });
          return null;
        }
      }
      // Before all other rows, which need the room's number, and after every limit, so that a refused part leaves nothing.
      const first = changes.find((change) => change.table === 'room');
      if (first) key ??= this.known.add(first.row);
    }
    if (!key) {
      refused.push({ room: jid, reason: 'row', detail: 'There is no such room' });
      return null;
    }
    const moved: Moved[] = [];
    for (const [at, change] of (changes ?? []).entries()) {
      if (change.table === 'rename') {
        moved.push({ key, upToSeq: change.counters.seq, at });
        key = this.rename(key, jid, change);
      } else if (change.table === 'room') this.change(key, jid, change.row);
      else if (change.table === 'audit') this.audit.write(jid, change.row);
      else if (change.table === 'event') this.events.write(jid, change.row);
      else if (change.table === 'audit-erasure') {
        this.audit.forget(jid, change.jid);
        this.events.forget(jid, change.jid);
      } else if (change.table !== 'retraction') this.tables.write(key.id, change);
      if (change.table === 'clear') this.events.clear(jid);
      if (change.table === 'saying') this.known.withSayings.add(key.id);
    }
    const { rev, deliveredRev, seq, stamp, used } = batch.counters;
    this.setCounters.run(rev[i], deliveredRev[i], seq[i], stamp[i], used[i], key.id);
    if (
      this.known.withSayings.has(key.id) &&
      this.dropSayings.run(key.id, deliveredRev[i]).changes > 0 &&
      this.hasSayings.get(key.id) === 0
    ) {
      this.known.withSayings.delete(key.id);
    }
    return new Owners(key, moved);
  }

  /** Within a batch, or `apart`: adds one message, and returns the number of its row. */
  message(m: Batch['messages'], j: number, key: RoomKey): number {
    const seq = m.seq[j] as number;
    const stamp = m.stamp[j] as number;
    // No index would detect this in time.
    if (seq <= key.seq || stamp < key.stamp)
      throw new RowFault(`Message ${seq} at ${stamp} is not behind message ${key.seq} at ${key.stamp}`);
    const id = this.latestId + 1 + this.added.length;
    const occupantId = m.occupantId[j] as string | null;
    const [clientId, payload] = [m.clientId[j] as string | null, m.payload[j] as string];
    this.addMessage.run(
      id,
      key.id,
      seq,
      m.rev[j],
      stamp,
      m.id[j],
      m.nick[j],
      m.sender[j],
      m.jidShown[j] ? 1 : 0,
      occupantId,
      clientId,
      m.lang[j],
      m.inHistory[j] ? 1 : 0,
      payload,
    );
    this.names.putAtOnce({ id, room: key.id, occupantId, clientId, payload });
    key.seq = seq;
    key.stamp = stamp;
    this.added.push({ room: key.id, id, stamp, seq, occupantId });
    return id;
  }

  /** After all other changes of a room: a message may be retracted in the batch that adds it. */
  private retract(batch: Batch, i: number, owners: Owners | null): void {
    if (!owners) return;
    const byRoom = new Map<number, Retraction[]>();
    for (const [at, change] of (batch.changes[i] ?? []).entries()) {
      if (change.table !== 'retraction') continue;
      this.events.retract(change.id);
      const { id } = owners.ofChange(at);
      const ofRoom = byRoom.get(id);
      if (ofRoom) ofRoom.push(change);
      else byRoom.set(id, [change]);
    }
    for (const [key, retractions] of byRoom) {
      this.tables.retract(
        key,
        retractions,
        this.added.filter(({ room }) => room === key).map(({ id }) => id),
      );
    }
  }

  /** The room goes to its new name. Returns what has the old one from now on. */
  private rename(key: RoomKey, jid: RoomJid, change: Rename): RoomKey {
    if (!this.claims.mayName(change.to, this.now())) throw new RowFault(`Another process runs ${change.to}`);
    const taken = this.known.find(change.to);
    const left = this.renamer.rename(key, jid, change, taken);
    this.known.rename(key, change.to, left, jid, taken);
    return left;
  }

  /** A destroyed room whose farewells have all been delivered is removed completely, unless it is remembered. */
  private removeIfOver(batch: Batch, i: number, key: RoomKey | null): void {
    if (!key?.destroyed || key.kept || (batch.counters.deliveredRev[i] as number) < (batch.counters.rev[i] as number)) return;
    this.known.remove(batch.rooms[i] as Batch['rooms'][number], key);
  }

  private change(key: RoomKey, jid: RoomJid, row: RoomRow): void {
    if (row.jid !== jid) throw new RowFault(`The row of ${row.jid} is not one of ${jid}`);
    this.tables.change(key.id, row);
    if (row.archiveFrom > key.archiveFrom) this.tables.erase(key.id, row.archiveFrom);
    const destroyed = row.state === 'destroyed';
    if (destroyed !== key.destroyed) this.known.count(destroyed ? -1 : 1);
    key.destroyed = destroyed;
    key.kept = row.tombstone !== null;
    key.archiveFrom = row.archiveFrom;
  }

  /** `midway`: within an attempt, of which a part stays. */
  private refresh(midway = false): void {
    this.known.refresh(midway);
    const { batch, refused } = this.claims.latest();
    this.batch = batch;
    this.refusedParts = refused;
    if (!midway) this.latestId = this.getLatestId.get() as number;
    this.stale = false;
  }
}
