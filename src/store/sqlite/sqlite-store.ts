/** The Store on SQLite, as the main thread sees it: which thread gets which request, and what happens when one dies. */
import type { Log } from '../../log';
import { ownDomains, type BareJid, type Domain, type FullJid, type RoomJid } from '../../xmpp/fold';
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
import { StoreFailed, StoreRefused } from '../failures';
import type { EventBounds, EventPage } from '../events';
import type { AuditBounds, ImportEnd, ImportKey, ImportSlice, Lag, PersonErasure, RetentionStep } from '../maintenance';
import { storedToken, type Claim, type ClaimToken, type Batch, type Refused } from '../room-store';
import type { Store } from '../store';
import type { StoredToken } from '../tokens';
import type { WakeFormRow, WakeUpChanges, WokenRow } from '../wake-ups';
import { isSearch, type ArchiveAnswer, type ArchiveQuery } from '../../room/contract/archive-query';
import type { RowDeclaration } from '../../room/contract/row-declaration';
import type { StayRow } from '../../room/contract/own-rows';
import type { MessageRow, Millis, RoomRows } from '../../room/contract/rows';
import type { ReadBounds } from './messages/budget';
import { prepareFile } from './files/connection';
import { copyBeside } from './copies/copier';
import { messageOf } from './failure';
import { Keeper } from './keeper';
import { roomWarning } from './files/disk-room';
import { requireAlone, takeLock, type Lock } from './files/lock';
import { refuseForeignLog } from './files/log-mark';
import type { FillBounds } from './writing/fillers';
import { requireNative } from './files/native';
import { realFile } from './files/real-file';
import type { HandedBatch, Latest, ReaderCalls, ThreadData, WriterCalls } from './protocol';
import { ThreadDied, type Thread } from './thread';

/** The part of a logger that the store uses (pino's has it). */
export type StoreLog = Pick<Log, 'info' | 'warn'>;

export interface SqliteStoreOptions {
  /** The database file; made if it is not there. */
  readonly path: string;
  /** `full` (default): commits survive power loss. `normal`: they survive the end of the process only. */
  readonly durability?: 'full' | 'normal';
  readonly log?: StoreLog;
  /** Milliseconds to wait when another program (a backup, a shell) has locked the database. Default 5000. */
  readonly busyTimeout?: number;
  readonly now?: () => Millis;
  /**
   * Milliseconds: other processes may have the database open too, and a room is claimed by one of them, whose claims end so long after it last renewed them.
   * Left out: the database is locked, and all of it claimed, as long as the store is open.
   */
  readonly lease?: Millis;
  /** That of the rooms: a database whose rooms are all of another one is refused. Left out: any will do. */
  readonly domain?: Domain;
  /** All threads are started by `open()`, so that nobody's first question waits for one. Left out: readers start when they are first asked, as commands and tests want it, which ask little. */
  readonly ready?: boolean;
  /** What features keep in rows: their addresses are folded by it. */
  readonly rows?: readonly RowDeclaration[];
  /** How many messages gather before batches help to index them. For tests. */
  readonly fillBounds?: FillBounds;
  /** What a query of an archive may cost. For tests. */
  readonly readBounds?: ReadBounds;
  /** Other scripts for the threads: for tests of how they fail. */
  readonly threads?: { readonly writer?: string; readonly reader?: string; readonly fault?: unknown };
}

/** How often a request is given to a new thread after the one that had it died. */
const LIVES = 3;

export class SqliteStore implements Store, Copies {
  private readonly path: string;
  private readonly busyTimeout: number;
  private readonly log: StoreLog | undefined;
  private readonly writer: Keeper<WriterCalls>;
  private readonly reader: Keeper<ReaderCalls>;
  /** A reader for pages that people ask of archives, and one for searches: loading a room and letting somebody in never wait behind a page, nor pages behind a search. */
  private readonly pager: Keeper<ReaderCalls>;
  private readonly searcher: Keeper<ReaderCalls>;
  private readonly claims = new Map<RoomJid, ClaimToken>();
  private readonly shared: boolean;
  private readonly ready: boolean;
  /** The number of this process among those that have written, and of its claims. */
  private id: number | undefined;
  private claimsMade = 0;
  private readonly now: () => Millis;
  private lock: Lock | null = null;
  /** True while closing: accepted requests are finished, new ones refused. */
  private closing = false;
  /** Writes that have no answer yet. */
  private readonly writes = new Set<Promise<unknown>>();
  /** Set after a death of the writer: the end of the queue in which its unanswered requests, and all later ones, are asked again. Never rejects. */
  private queue: Promise<unknown> | null = null;
  /** The latest batch that failed with its writer. */
  private lost = 0;
  private readonly reads = new Set<Promise<unknown>>();
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
    this.ready = options.ready === true;
    this.now = now;
    this.busyTimeout = busyTimeout;
    this.log = log;
    const again = (thread: string) => (): void =>
      log?.warn({ event: 'store.thread-restarted', thread }, 'a store thread ended; restarting it');
    this.writer = new Keeper<WriterCalls>({
      script: threads?.writer ?? path.join(__dirname, 'writing/writer-thread.js'),
      data,
      open: async (thread) => {
        const { applied, told, id } = await thread.ask('open', { now: now(), ...(this.id === undefined ? {} : { id: this.id }) });
        this.id = id;
        if (applied.length > 0) log?.info({ event: 'store.migrated', applied, path: data.path }, 'database brought up to date');
        for (const what of told) log?.warn({ event: 'store.folded', path: data.path, what }, 'addresses folded');
        if (this.copies.size > 0) await thread.ask('copying', true);
      },
      again: again('writer'),
    });
    const reader = (name: string): Keeper<ReaderCalls> =>
      new Keeper<ReaderCalls>({
        script: threads?.reader ?? path.join(__dirname, 'reading/reader-thread.js'),
        data,
        open: async (thread) => void (await thread.ask('open', null)),
        again: again(name),
      });
    this.reader = reader('reader');
    this.pager = reader('archive reader');
    this.searcher = reader('search reader');
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
      await this.writer.get();
      if (this.ready) await Promise.all([this.reader.get(), this.pager.get(), this.searcher.get()]);
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
    const done = this.inTurn((writer) => writer.ask('commit', handed), batch);
    if (this.listener && batch.changes.some((changes) => changes?.some(({ table }) => table === 'event'))) {
      done.then(
        () => this.listener?.(),
        () => undefined,
      );
    }
    return done;
  }

  async probe(): Promise<void> {
    await this.inTurn((writer) => writer.ask('probe', null));
  }

  retain(step: RetentionStep): Promise<{ next: RoomJid | '' | null; erased: number }> {
    return this.inTurn((writer) => writer.ask('retain', step));
  }

  checkpoint(): Promise<boolean> {
    return this.inTurn((writer) => writer.ask('checkpoint', null));
  }

  async claim(room: RoomJid): Promise<Claim> {
    if (this.claims.has(room)) throw new Error(`${room} is claimed already`);
    const token = storedToken(`${this.id ?? 0}.${++this.claimsMade}`);
    this.claims.set(room, token);
    try {
      if (this.shared) await this.inTurn((writer) => writer.ask('claim', { room, token, now: this.now() }));
      return { token, rows: await this.read('room', room) };
    } catch (error) {
      await this.release(room);
      throw error;
    }
  }

  async release(room: RoomJid): Promise<void> {
    if (this.claims.delete(room) && this.shared && this.lock) await this.inTurn((writer) => writer.ask('release', room));
  }

  messages(room: RoomJid, query: MessageQuery): Promise<MessageRow[]> {
    return this.read('messages', { room, query });
  }

  archive(room: RoomJid, query: ArchiveQuery): Promise<ArchiveAnswer> {
    return this.read('archive', { room, query }, isSearch(query) ? this.searcher : this.pager);
  }

  listRooms(query: RoomListQuery): Promise<RoomListPage> {
    return this.read('listRooms', query);
  }

  listOccupied(query: RoomListQuery): Promise<RoomListPage> {
    return this.read('listOccupied', query, this.searcher);
  }

  findChannels(query: ChannelQuery): Promise<ChannelPage> {
    return this.read('findChannels', query, this.searcher);
  }

  unsaidAfter(after: RoomJid | '', limit: number): Promise<RoomJid[]> {
    return this.read('unsaidAfter', { after, limit });
  }

  dueRooms(now: Millis, limit: number): Promise<{ rooms: RoomJid[]; next: Millis | null }> {
    return this.read('dueRooms', { now, limit });
  }

  roomsOf(jid: FullJid, after: RoomJid | '', limit: number): Promise<RoomJid[]> {
    return this.read('roomsOf', { jid, after, limit });
  }

  seatsOf(jid: FullJid, query: SeatQuery): Promise<Seat[] | null> {
    return this.read('seatsOf', { jid, query });
  }

  registrationsOf(jid: BareJid, query: RegistrationQuery): Promise<Registration[]> {
    return this.read('registrationsOf', { jid, query });
  }

  activityOf(jid: BareJid, limit: number): Promise<RoomActivity[]> {
    return this.read('activityOf', { jid, limit });
  }

  hasRoom(room: RoomJid): Promise<boolean> {
    return this.read('hasRoom', room);
  }

  occupiedAfter(after: RoomJid | '', limit: number): Promise<RoomJid[]> {
    return this.read('occupiedAfter', { after, limit });
  }

  people(limit: number): Promise<{ count: number; jids: BareJid[] }> {
    return this.read('people', limit);
  }

  sessionsAfter(after: FullJid | '', limit: number): Promise<{ jid: FullJid; address: string }[]> {
    return this.read('sessionsAfter', { after, limit });
  }

  async lastBatch(): Promise<number> {
    return (await this.latest()).batch;
  }

  counts(): Promise<{ rooms: number; occupants: number; messages: number }> {
    return this.read('counts', null);
  }

  findRooms(search: RoomSearch): Promise<FoundRooms> {
    return this.read('findRooms', search);
  }

  roomsAfter(after: RoomJid | '', limit: number): Promise<RoomJid[]> {
    return this.read('roomsAfter', { after, limit });
  }

  async noteErasure(jid: BareJid, erasure: PersonErasure | null): Promise<void> {
    // Other requests come between the steps.
    if (!erasure) while (await this.inTurn((writer) => writer.ask('forget', null)));
    await this.inTurn((writer) => writer.ask('noteErasure', { jid, erasure }));
  }

  erasures(): Promise<PersonErasure[]> {
    return this.read('erasures', null);
  }

  audit(query: AuditQuery): Promise<AuditEntry[]> {
    return this.read('audit', query, this.pager);
  }

  boundAudit(bounds: AuditBounds): Promise<boolean> {
    return this.inTurn((writer) => writer.ask('boundAudit', bounds));
  }

  subscribe(names: readonly string[]): Promise<number[]> {
    return this.inTurn((writer) => writer.ask('subscribe', names));
  }

  eventsAfter(number: number, limit: number, bytes: number): Promise<EventPage> {
    return this.read('eventsAfter', { number, limit, bytes }, this.pager);
  }

  async moveCursor(name: string, number: number): Promise<void> {
    await this.inTurn((writer) => writer.ask('moveCursor', { name, number }));
  }

  boundEvents(bounds: EventBounds): Promise<boolean> {
    return this.inTurn((writer) => writer.ask('boundEvents', bounds));
  }

  onEvents(listener: (() => void) | undefined): void {
    this.listener = listener;
  }

  addToken(token: StoredToken): Promise<boolean> {
    return this.inTurn((writer) => writer.ask('addToken', token));
  }

  rehashToken(hash: string, next: string): Promise<boolean> {
    return this.inTurn((writer) => writer.ask('rehashToken', { hash, next }));
  }

  dropToken(name: string): Promise<boolean> {
    return this.inTurn((writer) => writer.ask('dropToken', name));
  }

  tokens(): Promise<StoredToken[]> {
    return this.read('tokens', null);
  }

  async keepWakeUps(changes: WakeUpChanges): Promise<void> {
    await this.inTurn((writer) => writer.ask('keepWakeUps', changes));
  }

  wokenAfter(after: BareJid | '', limit: number): Promise<WokenRow[]> {
    return this.read('wokenAfter', { after, limit }, this.pager);
  }

  woken(jid: BareJid): Promise<WokenRow | null> {
    return this.read('woken', jid);
  }

  wakeForms(): Promise<WakeFormRow[]> {
    return this.read('wakeForms', null);
  }

  roomsKnowing(jid: BareJid, after: RoomJid | '', limit: number): Promise<{ rooms: RoomJid[]; next: RoomJid | null }> {
    return this.read('roomsKnowing', { jid, after, limit }, this.searcher);
  }

  rowsOf(room: RoomJid): Promise<RoomRows | null> {
    return this.read('room', room);
  }

  staysAfter(room: RoomJid, after: Pick<StayRow, 'jid' | 'begin'> | null, limit: number): Promise<StayRow[]> {
    return this.read('staysAfter', { room, after, limit }, this.pager);
  }

  foreignIds(room: RoomJid, ids: readonly string[]): Promise<{ id: string; foreign: string }[]> {
    return this.read('foreignIds', { room, ids }, this.pager);
  }

  beginImport(): Promise<ImportKey> {
    return this.inTurn((writer) => writer.ask('beginImport', null));
  }

  async importSlice(key: ImportKey, slice: ImportSlice): Promise<void> {
    await this.inTurn((writer) => writer.ask('importSlice', { key, slice }));
  }

  endImport(key: ImportKey, end: ImportEnd): Promise<boolean> {
    return this.inTurn((writer) => writer.ask('endImport', { key, end, now: this.now() }));
  }

  async dropImport(key: ImportKey): Promise<void> {
    await this.inTurn((writer) => writer.ask('dropImport', key));
  }

  copyTo(file: string, options: CopyOptions = {}): Promise<Copied> {
    if (!this.lock || this.closing) return Promise.reject(new Error('The store is not open'));
    const ending = new AbortController();
    const give = (): void => ending.abort();
    options.signal?.addEventListener('abort', give, { once: true });
    if (options.signal?.aborted) give();
    const { path, busyTimeout } = this;
    const copied = this.inTurn((writer) => writer.ask('copying', true)).then(() =>
      copyBeside({ path, into: file, busyTimeout }, { ...options, signal: ending.signal }),
    );
    const over = copied.finally(async () => {
      options.signal?.removeEventListener('abort', give);
      this.copies.delete(over);
      // A writer that cannot be asked, or is closed, has forgotten it anyway.
      if (this.copies.size === 0 && !this.closing) await this.inTurn((writer) => writer.ask('copying', false)).catch(() => undefined);
    });
    this.copies.set(over, ending);
    return over;
  }

  lag(): Promise<Lag> {
    return this.read('lag', null);
  }

  async close(): Promise<void> {
    const { lock } = this;
    if (!lock) return;
    this.closing = true;
    for (const ending of this.copies.values()) ending.abort();
    await Promise.allSettled([...this.copies.keys()]);
    await Promise.allSettled([...this.writes]);
    await Promise.allSettled([...this.reads]);
    // The writer last: the last connection that may write folds the log into the database and removes it.
    await Promise.all([this.reader.end(), this.pager.end(), this.searcher.end()]);
    await this.writer.end();
    this.claims.clear();
    this.id = undefined;
    lock.release();
    this.lock = null;
    this.closing = false;
  }

  /**
   * Hands a write to the writer, which takes one after the other. The unanswered requests of a dead writer are asked again in the same order, one at a
   * time, so that it is clear which batch is meant; later ones wait behind them.
   */
  private inTurn<T>(ask: (writer: Thread<WriterCalls>) => Promise<T>, batch?: Batch): Promise<T> {
    // Answers keep their order, also that nothing is taken any more.
    if (!this.lock || this.closing)
      return Promise.allSettled([...this.writes]).then(() => Promise.reject(new Error('The store is not open')));
    const again = (death?: ThreadDied): Promise<T> => this.inQueue(() => this.write(ask, batch, death));
    const result = this.queue
      ? again()
      : this.ask(ask).catch((error: unknown) => {
          if (error instanceof ThreadDied) return again(error);
          throw error;
        });
    this.writes.add(result);
    const forget = (): void => void this.writes.delete(result);
    result.then(forget, forget);
    return result;
  }

  /** The latest batch that is in. */
  private latest(): Promise<Latest> {
    return this.read('latest', this.shared ? (this.id ?? 0) : null);
  }

  private inQueue<T>(write: () => Promise<T>): Promise<T> {
    const result = (this.queue ?? Promise.resolve()).then(write);
    const end: Promise<unknown> = result
      .catch(() => undefined)
      .then(() => {
        if (this.queue === end) this.queue = null;
      });
    this.queue = end;
    return result;
  }

  private async ask<T>(ask: (writer: Thread<WriterCalls>) => Promise<T>): Promise<T> {
    try {
      return await ask(await this.writer.get());
    } catch (error) {
      // It was opened before, so a refusal may pass.
      if (error instanceof StoreRefused) throw new StoreFailed('unavailable', error.message, { cause: error });
      throw error;
    }
  }

  /** Writes, again after each death of the writer, unless the batch turns out to be in. `death`: the one that it has had already. */
  private async write<T>(ask: (writer: Thread<WriterCalls>) => Promise<T>, batch?: Batch, death?: ThreadDied): Promise<T> {
    if (batch && batch.knows < this.lost) throw new StoreFailed('unavailable', `Batch ${batch.number} builds on one that failed`);
    let last = death;
    try {
      for (let life = death ? 1 : 0; ; life++) {
        if (last && batch) {
          const latest = await this.latest();
          // The missing answer of the dead writer: the batch's refusals are in its own transaction.
          if (latest.batch >= batch.number) return latest.refused.filter((one) => one.batch === batch.number) as T;
        }
        if (life === LIVES) break;
        try {
          return await this.ask(ask);
        } catch (error) {
          if (!(error instanceof ThreadDied)) throw error;
          last = error;
        }
      }
      throw new StoreFailed('unavailable', `The store's writer ended ${LIVES} times over one request. ${messageOf(last)}`, { cause: last });
    } catch (error) {
      if (batch) this.lost = batch.number;
      throw error;
    }
  }

  /** Reads; once more if the reader died. */
  private read<K extends keyof ReaderCalls>(call: K, take: ReaderCalls[K]['take'], reader = this.reader): Promise<ReaderCalls[K]['give']> {
    if (!this.lock || (this.closing && call !== 'latest')) return Promise.reject(new Error('The store is not open'));
    const ask = async (): Promise<ReaderCalls[K]['give']> => (await reader.get()).ask(call, take);
    const result = ask()
      .catch((error: unknown) => {
        if (error instanceof ThreadDied) return ask();
        throw error;
      })
      .catch((error: unknown) => {
        if (error instanceof ThreadDied || error instanceof StoreRefused)
          throw new StoreFailed('unavailable', error.message, { cause: error });
        throw error;
      });
    this.reads.add(result);
    const forget = (): void => void this.reads.delete(result);
    result.then(forget, forget);
    return result;
  }
}
