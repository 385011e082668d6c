/** Who is told of events: each plug-in by a teller of its own, so that a slow one keeps nobody else; and the bounds of what waits. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Log } from '../log';
import type { Events } from '../store/events';
import { Teller, type Subscriber } from './event-teller';

/** How much is kept of what somebody has not been told: days, events, and bytes in them. */
export interface EventsKept {
  readonly days: number;
  readonly rows: number;
  readonly bytes: number;
}

const DAY_MS = 24 * 3600_000;
/** Milliseconds between two looks at the bounds, and between two steps of removing. */
const SWEEP_EVERY_MS = 60_000;
const PAUSE_MS = 50;

export class EventHub {
  private tellers: readonly Teller[] = [];
  private store: Events | undefined;
  private sweeping: Promise<void> | undefined;
  private readonly ending = new AbortController();

  constructor(
    private readonly subscribers: readonly Subscriber[],
    private readonly log: Log,
    private readonly now: () => number = Date.now,
  ) {}

  /** Says who is told from now on, before anything happens in rooms; nobody is told yet. Throws StoreFailed. */
  async open(store: Events, kept: EventsKept): Promise<void> {
    this.store = store;
    const cursors = await store.subscribe(this.subscribers.map(({ name }) => name));
    this.tellers = this.subscribers.map((who, i) => new Teller(who, store, this.log, cursors[i] ?? 0));
    if (this.tellers.length > 0) store.onEvents(() => this.tellers.forEach((teller) => teller.wake()));
    this.sweeping = this.sweep(store, kept);
  }

  start(): void {
    for (const teller of this.tellers) teller.start();
  }

  tryAgain(): void {
    for (const teller of this.tellers) teller.tryAgain();
  }

  /** Ends when nobody is told any more, and it is noted up to where each has been. */
  async stop(): Promise<void> {
    this.store?.onEvents(undefined);
    this.ending.abort();
    await Promise.all([this.sweeping, ...this.tellers.map((teller) => teller.stop())]);
  }

  /** Keeps to the bounds; where nobody is told, removes what is left and ends. */
  private async sweep(store: Events, { days, rows, bytes }: EventsKept): Promise<void> {
    for (;;) {
      let more = false;
      try {
        more = await store.boundEvents({ before: this.now() - days * DAY_MS, rows, bytes });
      } catch (error) {
        this.log.warn({ event: 'plugin.events-kept', err: error }, 'old events could not be removed; retrying');
      }
      if (more) for (const teller of this.tellers) teller.wake();
      else if (this.tellers.length === 0) return;
      await delay(more ? PAUSE_MS : SWEEP_EVERY_MS, undefined, { signal: this.ending.signal, ref: false }).catch(() => undefined);
      if (this.ending.signal.aborted) return;
    }
  }
}
