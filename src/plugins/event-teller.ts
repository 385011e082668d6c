/** Tells one plug-in its events: one after the other, again until it has taken each, from where it was when Parlour last ended. */
import { setTimeout as delay } from 'node:timers/promises';
import type { EventEntry, Events } from '../store/events';
import type { Log } from '../log';
import type { EventSubscription, GapEvent, RoomEvent } from './api-events';
import type { Guard } from './guard';

/** Events, and about how many bytes, that are read at a time. */
const PAGE = 50;
const PAGE_BYTES = 1_000_000;
/** How long what was read is told without reading it again, in milliseconds: it may be taken back meanwhile. */
const FRESH_MS = 1_000;
/** How often it is noted up to where it has been told, in milliseconds, while there is more. */
const NOTE_EVERY_MS = 1_000;
/** Milliseconds until an event that was not taken is told again: doubled each time. */
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 300_000;
/** After so many milliseconds over one event the operator is told. */
const SLOW_MS = 60_000;

/** A plug-in that takes events. */
export interface Subscriber {
  readonly name: string;
  readonly events: EventSubscription;
  readonly guard: Guard;
  /** Those of `events`, folded; undefined: all. They become others when it takes another configuration. */
  rooms: ReadonlySet<string> | undefined;
}

export class Teller {
  private readonly kinds: ReadonlySet<string>;
  private readonly ending = new AbortController();
  private running: Promise<void> | undefined;
  private noted: number;
  private notedAt = 0;
  /** There may be events that it has not seen. */
  private more = true;
  /** Ends a pause. */
  private wakeUp: (() => void) | undefined;
  private isWaiting = false;

  /** @param cursor up to which number it has been told. */
  constructor(
    private readonly who: Subscriber,
    private readonly store: Pick<Events, 'eventsAfter' | 'moveCursor'>,
    private readonly log: Log,
    private cursor: number,
  ) {
    this.kinds = new Set(who.events.kinds);
    this.noted = cursor;
  }

  start(): void {
    this.running ??= this.run();
  }

  /** Something was committed. */
  wake(): void {
    this.more = true;
    if (!this.isWaiting) this.wakeUp?.();
  }

  /** What failed is tried again at once. */
  tryAgain(): void {
    this.more = true;
    this.wakeUp?.();
  }

  /** Ends when what is under way has ended, and it is noted. */
  async stop(): Promise<void> {
    this.ending.abort();
    this.wakeUp?.();
    await this.running;
  }

  private async run(): Promise<void> {
    for (let failures = 0; !this.ending.signal.aborted;) {
      this.more = false;
      const outcome = await this.page();
      if (outcome === 'failed') {
        this.isWaiting = true;
        await this.pause(Math.min(FIRST_WAIT_MS * 2 ** failures++, LONGEST_WAIT_MS));
        this.isWaiting = false;
        continue;
      }
      failures = 0;
      if (outcome === 'told') continue;
      await this.note();
      if (!this.more) await this.pause();
    }
    await this.note();
  }

  /** Tells the next events. `idle`: there is none. */
  private async page(): Promise<'told' | 'failed' | 'idle'> {
    let page;
    try {
      page = await this.store.eventsAfter(this.cursor, PAGE, PAGE_BYTES);
    } catch (error) {
      this.log.warn(
        { event: 'plugin.events-unread', plugin: this.who.name, err: error },
        'events for a plug-in could not be read; retrying',
      );
      return 'failed';
    }
    if (page.removedUpTo > this.cursor) {
      if (!(await this.tell({ kind: 'gap', number: page.removedUpTo }))) return 'failed';
      this.cursor = page.removedUpTo;
      return 'told';
    }
    const readAt = performance.now();
    for (const event of page.events) {
      if (this.ending.signal.aborted || performance.now() - readAt > FRESH_MS) return 'told';
      if (this.wants(event) && !(await this.tell(told(event)))) return 'failed';
      this.cursor = event.number;
      if (performance.now() - this.notedAt > NOTE_EVERY_MS) await this.note();
    }
    return page.events.length === 0 ? 'idle' : 'told';
  }

  private wants({ kind, room }: EventEntry): boolean {
    return this.kinds.has(kind) && (this.who.rooms?.has(room) ?? true);
  }

  /** False: it has not taken it. A plug-in that is disabled takes nothing. */
  private async tell(event: RoomEvent | GapEvent): Promise<boolean> {
    const { name, events, guard } = this.who;
    if (guard.state.disabled) return false;
    const slow = setTimeout(() => {
      this.log.warn(
        { event: 'plugin.event-slow', plugin: name, number: event.number },
        'a plug-in takes long over one event; its others wait',
      );
    }, SLOW_MS);
    try {
      await events.handle(event, this.ending.signal);
      return true;
    } catch (error) {
      // Ending is no failure: it is told again after the restart.
      if (!this.ending.signal.aborted) guard.lateFailure('events', error);
      return false;
    } finally {
      clearTimeout(slow);
    }
  }

  /** Saves up to where it has been told. If that fails it is told again after a restart. */
  private async note(): Promise<void> {
    this.notedAt = performance.now();
    const { cursor } = this;
    if (cursor === this.noted) return;
    try {
      await this.store.moveCursor(this.who.name, cursor);
      this.noted = cursor;
    } catch (error) {
      this.log.warn(
        { event: 'plugin.events-unread', plugin: this.who.name, err: error },
        'it could not be noted which events a plug-in has taken',
      );
    }
  }

  /** Until it is woken, or so many milliseconds have passed. */
  private async pause(ms?: number): Promise<void> {
    if (this.ending.signal.aborted) return;
    const woken = new Promise<void>((resolve) => (this.wakeUp = resolve));
    const timer = new AbortController();
    const late = ms === undefined ? [] : [delay(ms, undefined, { signal: timer.signal, ref: false }).catch(() => undefined)];
    await Promise.race([woken, ...late]);
    timer.abort();
    this.wakeUp = undefined;
  }
}

const told = ({ number, at, room, kind, value }: EventEntry): RoomEvent => Object.freeze({ ...value, number, at, room, kind }) as RoomEvent;
