/** The Store on SQLite, as the main thread sees it: which thread gets which request. How they are asked: `requests.ts`. */
import { ownDomains, type BareJid, type FullJid, type RoomJid } from '../../xmpp/fold';
import path from 'node:path';
import type { MessageQuery } from '../archive';
import type {
  AuditEntry,
  AuditQuery,
  Registration,
  RegistrationQuery,
  RoomActivity,
  ChannelPage,
  ChannelQuery,
  RoomListPage,
  RoomListQuery,
  Seat,
  SeatQuery,
  FoundRooms,
  RoomSearch,
} from '../directory';
import type { Copied, Copies, CopyOptions } from '../copies';
import { StoreRefused } from '../failures';
import type { EventBounds, EventPage } from '../events';
import type { AuditBounds, ImportEnd, ImportKey, ImportSlice, Lag, PersonErasure, RetentionStep } from '../maintenance';
import { storedToken, type Claim, type ClaimToken, type Batch, type Refused } from '../room-store';
import type { Store } from '../store';
import type { StoredToken } from '../tokens';
import type { WakeFormRow, WakeUpChanges, WokenRow } from '../wake-ups';
import { isSearch, type ArchiveAnswer, type ArchiveQuery } from '../../room/contract/archive-query';
import type { StayRow } from '../../room/contract/own-rows';
import type { MessageRow, Millis, RoomRows } from '../../room/contract/rows';
import { prepareFile } from './files/connection';
import { copyBeside } from './copies/copier';
import { roomWarning } from './files/disk-room';
import { requireAlone, takeLock, type Lock } from './files/lock';
import { refuseForeignLog } from './files/log-mark';
import { requireNative } from './files/native';
import { realFile } from './files/real-file';
import type { SqliteStoreOptions, StoreLog } from './options';
import type { HandedBatch, ThreadData } from './protocol';
import { Requests } from './requests';
import { ThreadDied } from './thread';

export class SqliteStore implements Store, Copies {
  private readonly path: string;
  private readonly busyTimeout: number;
  private readonly log: StoreLog | undefined;
  private readonly requests: Requests;
  private readonly claims = new Map<RoomJid, ClaimToken>();
  private readonly shared: boolean;
  private claimsMade = 0;
  private readonly now: () => Millis;
  private lock: Lock | null = null;
  private listener: (() => void) | undefined;
  /** Copies that are being made, and what gives each up. */
  private readonly copies = new Map<Promise<unknown>, AbortController>();

  constructor(options: SqliteStoreOptions) {
    const { durability = 'full', busyTimeout = 5_000, now = Date.now, threads, log, rows, domain, lease, fillBounds, readBounds } = options;
    const own = ownDomains();
    const data: ThreadData = {
      path: realFile(path.resolve(options.path)),
      durability,
      busyTimeout,
      fault: threads?.fault,
      ...(own ? { ownDomains: own } : {}),
      ...(rows ? { rows } : {}),
      ...(domain === undefined ? {} : { domain }),
      ...(lease === undefined ? {} : { lease }),
      ...(fillBounds ? { fillBounds } : {}),
      ...(readBounds ? { readBounds } : {}),
    };
    this.path = data.path;
    this.shared = lease !== undefined;
    this.now = now;
    this.busyTimeout = busyTimeout;
    this.log = log;
    const isCopying = (): boolean => this.copies.size > 0;
    this.requests = new Requests({ data, threads, log, now, shared: this.shared, ready: options.ready === true, isCopying });
  }

  async open(): Promise<void> {
    if (this.lock) throw new Error('The store is open already');
    requireNative();
    prepareFile(this.path);
    this.lock = this.shared ? { release: () => undefined } : takeLock(this.path);
    try {
      refuseForeignLog(this.path);
      if (!this.shared) requireAlone(this.path, this.busyTimeout);
      const warning = roomWarning(this.path);
      if (warning !== undefined) this.log?.warn({ event: 'store.low-disk', path: this.path }, warning);
      await this.requests.start();
    } catch (error) {
      await this.close();
      if (!(error instanceof ThreadDied)) throw error;
      throw new StoreRefused('unreadable', `The database "${this.path}" could not be opened. ${error.message}`, { cause: error });
    }
  }

  commit(batch: Batch): Promise<readonly Refused[]> {
    const { tokens, ...rest } = batch;
    const lost: number[] = [];
    batch.rooms.forEach((room, i) => {
      if ((tokens?.[i] ?? null) !== (this.claims.get(room) ?? null)) lost.push(i);
    });
    // The writer looks at tokens only where others may have claims.
    const handed: HandedBatch = { ...(this.shared ? batch : rest), ...(lost.length > 0 ? { lost } : {}) };
    const done = this.requests.inTurn((writer) => writer.ask('commit', handed), batch);
    if (this.listener && batch.changes.some((changes) => changes?.some(({ table }) => table === 'event'))) {
      done.then(
        () => this.listener?.(),
        () => undefined,
      );
    }
    return done;
  }

  async probe(): Promise<void> {
    await this.requests.inTurn((writer) => writer.ask('probe', null));
  }

  retain(step: RetentionStep): Promise<{ next: RoomJid | '' | null; erased: number }> {
    return this.requests.inTurn((writer) => writer.ask('retain', step));
  }

  checkpoint(): Promise<boolean> {
    return this.requests.inTurn((writer) => writer.ask('checkpoint', null));
  }

  async claim(room: RoomJid): Promise<Claim> {
    if (this.claims.has(room)) throw new Error(`${room} is claimed already`);
    const token = storedToken(`${this.requests.id ?? 0}.${++this.claimsMade}`);
    this.claims.set(room, token);
    try {
      if (this.shared) await this.requests.inTurn((writer) => writer.ask('claim', { room, token, now: this.now() }));
      return { token, rows: await this.requests.read('room', room) };
    } catch (error) {
      await this.release(room);
      throw error;
    }
  }

  async release(room: RoomJid): Promise<void> {
    if (this.claims.delete(room) && this.shared && this.lock) await this.requests.inTurn((writer) => writer.ask('release', room));
  }

  messages(room: RoomJid, query: MessageQuery): Promise<MessageRow[]> {
    return this.requests.read('messages', { room, query });
  }

  archive(room: RoomJid, query: ArchiveQuery): Promise<ArchiveAnswer> {
    return this.requests.read('archive', { room, query }, isSearch(query) ? this.requests.searcher : this.requests.pager);
  }

  listRooms(query: RoomListQuery): Promise<RoomListPage> {
    return this.requests.read('listRooms', query);
  }

  listOccupied(query: RoomListQuery): Promise<RoomListPage> {
    return this.requests.read('listOccupied', query, this.requests.searcher);
  }

  findChannels(query: ChannelQuery): Promise<ChannelPage> {
    return this.requests.read('findChannels', query, this.requests.searcher);
  }

  unsaidAfter(after: RoomJid | '', limit: number): Promise<RoomJid[]> {
    return this.requests.read('unsaidAfter', { after, limit });
  }

  dueRooms(now: Millis, limit: number): Promise<{ rooms: RoomJid[]; next: Millis | null }> {
    return this.requests.read('dueRooms', { now, limit });
  }

  roomsOf(jid: FullJid, after: RoomJid | '', limit: number): Promise<RoomJid[]> {
    return this.requests.read('roomsOf', { jid, after, limit });
  }

  seatsOf(jid: FullJid, query: SeatQuery): Promise<Seat[] | null> {
    return this.requests.read('seatsOf', { jid, query });
  }

  registrationsOf(jid: BareJid, query: RegistrationQuery): Promise<Registration[]> {
    return this.requests.read('registrationsOf', { jid, query });
  }

  activityOf(jid: BareJid, limit: number): Promise<RoomActivity[]> {
    return this.requests.read('activityOf', { jid, limit });
  }

  hasRoom(room: RoomJid): Promise<boolean> {
    return this.requests.read('hasRoom', room);
  }

  occupiedAfter(after: RoomJid | '', limit: number): Promise<RoomJid[]> {
    return this.requests.read('occupiedAfter', { after, limit });
  }

  people(limit: number): Promise<{ count: number; jids: BareJid[] }> {
    return this.requests.read('people', limit);
  }

  sessionsAfter(after: FullJid | '', limit: number): Promise<{ jid: FullJid; address: string }[]> {
    return this.requests.read('sessionsAfter', { after, limit });
  }

  async lastBatch(): Promise<number> {
    return (await this.requests.latest()).batch;
  }

  counts(): Promise<{ rooms: number; occupants: number; messages: number }> {
    return this.requests.read('counts', null);
  }

  findRooms(search: RoomSearch): Promise<FoundRooms> {
    return this.requests.read('findRooms', search);
  }

  roomsAfter(after: RoomJid | '', limit: number): Promise<RoomJid[]> {
    return this.requests.read('roomsAfter', { after, limit });
  }

  async noteErasure(jid: BareJid, erasure: PersonErasure | null): Promise<void> {
    // Other requests come between the steps.
    if (!erasure) while (await this.requests.inTurn((writer) => writer.ask('forget', null)));
    await this.requests.inTurn((writer) => writer.ask('noteErasure', { jid, erasure }));
  }

  erasures(): Promise<PersonErasure[]> {
    return this.requests.read('erasures', null);
  }

  audit(query: AuditQuery): Promise<AuditEntry[]> {
    return this.requests.read('audit', query, this.requests.pager);
  }

  boundAudit(bounds: AuditBounds): Promise<boolean> {
    return this.requests.inTurn((writer) => writer.ask('boundAudit', bounds));
  }

  subscribe(names: readonly string[]): Promise<number[]> {
    return this.requests.inTurn((writer) => writer.ask('subscribe', names));
  }

  eventsAfter(number: number, limit: number, bytes: number): Promise<EventPage> {
    return this.requests.read('eventsAfter', { number, limit, bytes }, this.requests.pager);
  }

  async moveCursor(name: string, number: number): Promise<void> {
    await this.requests.inTurn((writer) => writer.ask('moveCursor', { name, number }));
  }

  boundEvents(bounds: EventBounds): Promise<boolean> {
    return this.requests.inTurn((writer) => writer.ask('boundEvents', bounds));
  }

  onEvents(listener: (() => void) | undefined): void {
    this.listener = listener;
  }

  addToken(token: StoredToken): Promise<boolean> {
    return this.requests.inTurn((writer) => writer.ask('addToken', token));
  }

  rehashToken(hash: string, next: string): Promise<boolean> {
    return this.requests.inTurn((writer) => writer.ask('rehashToken', { hash, next }));
  }

  dropToken(name: string): Promise<boolean> {
    return this.requests.inTurn((writer) => writer.ask('dropToken', name));
  }

  tokens(): Promise<StoredToken[]> {
    return this.requests.read('tokens', null);
  }

  async keepWakeUps(changes: WakeUpChanges): Promise<void> {
    await this.requests.inTurn((writer) => writer.ask('keepWakeUps', changes));
  }

  wokenAfter(after: BareJid | '', limit: number): Promise<WokenRow[]> {
    return this.requests.read('wokenAfter', { after, limit }, this.requests.pager);
  }

  woken(jid: BareJid): Promise<WokenRow | null> {
    return this.requests.read('woken', jid);
  }

  wakeForms(): Promise<WakeFormRow[]> {
    return this.requests.read('wakeForms', null);
  }

  roomsKnowing(jid: BareJid, after: RoomJid | '', limit: number): Promise<{ rooms: RoomJid[]; next: RoomJid | null }> {
    return this.requests.read('roomsKnowing', { jid, after, limit }, this.requests.searcher);
  }

  rowsOf(room: RoomJid): Promise<RoomRows | null> {
    return this.requests.read('room', room);
  }

  staysAfter(room: RoomJid, after: Pick<StayRow, 'jid' | 'begin'> | null, limit: number): Promise<StayRow[]> {
    return this.requests.read('staysAfter', { room, after, limit }, this.requests.pager);
  }

  foreignIds(room: RoomJid, ids: readonly string[]): Promise<{ id: string; foreign: string }[]> {
    return this.requests.read('foreignIds', { room, ids }, this.requests.pager);
  }

  beginImport(): Promise<ImportKey> {
    return this.requests.inTurn((writer) => writer.ask('beginImport', null));
  }

  async importSlice(key: ImportKey, slice: ImportSlice): Promise<void> {
    await this.requests.inTurn((writer) => writer.ask('importSlice', { key, slice }));
  }

  endImport(key: ImportKey, end: ImportEnd): Promise<boolean> {
    return this.requests.inTurn((writer) => writer.ask('endImport', { key, end, now: this.now() }));
  }

  async dropImport(key: ImportKey): Promise<void> {
    await this.requests.inTurn((writer) => writer.ask('dropImport', key));
  }

  copyTo(file: string, options: CopyOptions = {}): Promise<Copied> {
    if (!this.requests.isOpen) return Promise.reject(new Error('The store is not open'));
    const ending = new AbortController();
    const give = (): void => ending.abort();
    options.signal?.addEventListener('abort', give, { once: true });
    if (options.signal?.aborted) give();
    const { path, busyTimeout } = this;
    const copied = this.requests
      .inTurn((writer) => writer.ask('copying', true))
      .then(() => copyBeside({ path, into: file, busyTimeout }, { ...options, signal: ending.signal }));
    const over = copied.finally(async () => {
      options.signal?.removeEventListener('abort', give);
      this.copies.delete(over);
      // A writer that cannot be asked, or is closed, has forgotten it anyway.
      if (this.copies.size === 0 && this.requests.isOpen)
        await this.requests.inTurn((writer) => writer.ask('copying', false)).catch(() => undefined);
    });
    this.copies.set(over, ending);
    return over;
  }

  lag(): Promise<Lag> {
    return this.requests.read('lag', null);
  }

  async close(): Promise<void> {
    const { lock } = this;
    if (!lock) return;
    this.requests.refuse();
    for (const ending of this.copies.values()) ending.abort();
    await Promise.allSettled([...this.copies.keys()]);
    await this.requests.end();
    this.claims.clear();
    lock.release();
    this.lock = null;
  }
}
