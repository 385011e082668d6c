/** Requests to the threads of a store: writes one after the other, reads beside them, and what is asked again when a thread dies. */
import path from 'node:path';
import type { Millis } from '../../room/contract/rows';
import { StoreFailed, StoreRefused } from '../failures';
import type { Batch } from '../room-store';
import { messageOf } from './failure';
import { Keeper } from './keeper';
import type { SqliteStoreOptions, StoreLog } from './options';
import type { Latest, ReaderCalls, ThreadData, WriterCalls } from './protocol';
import { ThreadDied, type Thread } from './thread';

/** How often a request is given to a new thread after the one that had it died. */
const LIVES = 3;

interface RequestsOptions {
  readonly data: ThreadData;
  /** Other scripts for the threads: for tests. */
  readonly threads: SqliteStoreOptions['threads'];
  readonly log: StoreLog | undefined;
  readonly now: () => Millis;
  /** Whether other processes may have the database open too. */
  readonly shared: boolean;
  /** Whether much will be asked at once: a reader for each kind of question. Otherwise one has them all. */
  readonly ready: boolean;
  /** Whether a copy is being made: a new writer is told. */
  readonly isCopying: () => boolean;
}

export class Requests {
  /** The number of this process among those that have written, and of its claims. */
  id: number | undefined;
  /** A reader for pages that people ask of archives, and one for searches: loading a room and letting somebody in never wait behind a page, nor pages behind a search. */
  readonly pager: Keeper<ReaderCalls>;
  readonly searcher: Keeper<ReaderCalls>;
  private readonly reader: Keeper<ReaderCalls>;
  private readonly writer: Keeper<WriterCalls>;
  private readonly shared: boolean;
  private readonly ready: boolean;
  /** While closing, accepted requests are finished and new ones refused. */
  private state: 'closed' | 'open' | 'closing' = 'closed';
  /** Writes that have no answer yet. */
  private readonly writes = new Set<Promise<unknown>>();
  /** Set after a death of the writer: the end of the queue in which its unanswered requests, and all later ones, are asked again. Never rejects. */
  private queue: Promise<unknown> | null = null;
  /** The latest batch that failed with its writer. */
  private lost = 0;
  private readonly reads = new Set<Promise<unknown>>();

  constructor({ data, threads, log, now, shared, ready, isCopying }: RequestsOptions) {
    this.shared = shared;
    this.ready = ready;
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
        if (isCopying()) await thread.ask('copying', true);
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
    this.pager = ready ? reader('archive reader') : this.reader;
    this.searcher = ready ? reader('search reader') : this.reader;
  }

  /** Whether requests are taken. */
  get isOpen(): boolean {
    return this.state === 'open';
  }

  /** Starts the writer, and with `ready` the readers too; takes requests from now on. `end()` also if it throws. */
  async start(): Promise<void> {
    this.state = 'open';
    await this.writer.get();
    if (this.ready) await Promise.all(this.readers().map((reader) => reader.get()));
  }

  private readers(): Keeper<ReaderCalls>[] {
    return [...new Set([this.reader, this.pager, this.searcher])];
  }

  /** Takes no more requests. */
  refuse(): void {
    this.state = 'closing';
  }

  /** Resolves when what was taken is answered and the threads have ended. */
  async end(): Promise<void> {
    await Promise.allSettled([...this.writes]);
    await Promise.allSettled([...this.reads]);
    // The writer last: the last connection that may write folds the log into the database and removes it.
    await Promise.all(this.readers().map((reader) => reader.end()));
    await this.writer.end();
    this.id = undefined;
    this.state = 'closed';
  }

  /**
   * Hands a write to the writer, which takes one after the other. The unanswered requests of a dead writer are asked again in the same order, one at a
   * time, so that it is clear which batch is meant; later ones wait behind them.
   */
  inTurn<T>(ask: (writer: Thread<WriterCalls>) => Promise<T>, batch?: Batch): Promise<T> {
    // Answers keep their order, also that nothing is taken any more.
    if (this.state !== 'open') return Promise.allSettled([...this.writes]).then(() => Promise.reject(new Error('The store is not open')));
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
  latest(): Promise<Latest> {
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
  read<K extends keyof ReaderCalls>(call: K, take: ReaderCalls[K]['take'], reader = this.reader): Promise<ReaderCalls[K]['give']> {
    if (this.state === 'closed' || (this.state === 'closing' && call !== 'latest'))
      return Promise.reject(new Error('The store is not open'));
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
