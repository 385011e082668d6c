/** One run of a thread, seen from outside: requests go in, answers come out, and when it dies pending requests are rejected. */
import { Worker } from 'node:worker_threads';
import { messageOf } from './failure';
import { fromPlain, type Calls, type Envelope, type Reply, type ThreadData } from './protocol';

/** The thread ended while a request was with it; whether the request was carried out is not known. */
export class ThreadDied extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ThreadDied';
  }
}

interface Waiting {
  resolve(give: unknown): void;
  reject(error: Error): void;
}

export class Thread<C extends Calls<C>> {
  private readonly worker: Worker;
  private readonly waiting = new Map<number, Waiting>();
  private lastId = 0;
  /** Why it ended, once it has. */
  private ended: ThreadDied | null = null;
  private readonly exit: Promise<void>;

  constructor(script: string, data: ThreadData) {
    this.worker = new Worker(script, { workerData: data, name: script });
    this.worker.on('message', (reply: Reply) => this.answer(reply));
    let cause: unknown;
    this.worker.on('error', (error) => (cause = error));
    this.exit = new Promise((resolve) => {
      this.worker.on('exit', (code) => {
        this.ended = new ThreadDied(`A thread of the store ended with code ${code}${cause === undefined ? '' : `: ${messageOf(cause)}`}`, {
          cause,
        });
        for (const waiting of this.waiting.values()) waiting.reject(this.ended);
        this.waiting.clear();
        resolve();
      });
    });
  }

  /** False once it has ended: make another. */
  get alive(): boolean {
    return this.ended === null;
  }

  /** Asks and waits. Rejects with StoreFailed, StoreRefused, ThreadDied, or an Error for a bug of ours. */
  ask<K extends keyof C & string>(call: K, take: C[K]['take']): Promise<C[K]['give']> {
    if (this.ended) return Promise.reject(this.ended);
    const id = ++this.lastId;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      const envelope: Envelope = { id, call, take };
      this.worker.postMessage(envelope);
    });
  }

  /** Lets it finish its requests, then ends it. Safe if it is dead. */
  async close(): Promise<void> {
    if (this.ended) return;
    const answered = this.ask('close' as keyof C & string, null);
    await Promise.race([answered, this.exit]).catch(() => this.worker.terminate());
    await this.exit;
  }

  /** Ends it at once. */
  async kill(): Promise<void> {
    await this.worker.terminate();
    await this.exit;
  }

  private answer(reply: Reply): void {
    const waiting = this.waiting.get(reply.id);
    this.waiting.delete(reply.id);
    if ('error' in reply) waiting?.reject(fromPlain(reply.error));
    else waiting?.resolve(reply.give);
  }
}
