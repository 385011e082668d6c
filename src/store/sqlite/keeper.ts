/** Keeps one thread of the store running: started when it is first needed, and again after it died. */
import type { Calls, ThreadData } from './protocol';
import { Thread } from './thread';

export interface KeeperOptions<C extends Calls<C>> {
  /** The thread's compiled file. */
  readonly script: string;
  readonly data: ThreadData;
  /** Asks a new thread to open; if that rejects, the thread is not used. */
  readonly open: (thread: Thread<C>) => Promise<void>;
  /** Told when a thread is about to take the place of a dead one. */
  readonly again: () => void;
}

export class Keeper<C extends Calls<C>> {
  private current: Thread<C> | null = null;
  private starting: Promise<Thread<C>> | null = null;

  constructor(private readonly options: KeeperOptions<C>) {}

  /** The running thread, opened. Rejects with the error that kept it from opening. */
  get(): Promise<Thread<C>> {
    if (this.current?.alive) return Promise.resolve(this.current);
    if (this.current && !this.starting) this.options.again();
    this.starting ??= this.start().finally(() => (this.starting = null));
    return this.starting;
  }

  /** Ends the thread when it has done what it was asked. */
  async end(): Promise<void> {
    if (this.starting) await this.starting.then(undefined, () => undefined);
    await this.current?.close();
    this.current = null;
  }

  private async start(): Promise<Thread<C>> {
    const thread = new Thread<C>(this.options.script, this.options.data);
    try {
      await this.options.open(thread);
    } catch (error) {
      await thread.close();
      throw error;
    }
    this.current = thread;
    return thread;
  }
}
