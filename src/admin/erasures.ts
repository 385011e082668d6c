/** Erasing people from every room of the service, in the background: one person at a time, one room after another, over restarts. */
import type { BareJid, RoomJid } from '../xmpp/fold';
import type { By } from '../room/contract/audit';
import type { Execute } from '../room/contract/commands';
import type { Clock } from '../service/clock';
import type { Log } from '../log';
import type { Directory } from '../store/directory';
import type { Maintenance, PersonErasure } from '../store/maintenance';

/** Rooms read at a time; the progress is saved after each. */
const PAGE = 100;
/** Between two rooms: each may have to be loaded, and the people in others come first. */
const PAUSE_MS = 5;
/** Rooms between two lines in the log. */
const LOG_EVERY = 1_000;
/** How often a room that failed is tried, and the time between; also between attempts to reach the store. */
const ATTEMPTS = 5;
const RETRY_MS = 5_000;
/** How long the asker waits for the result; clients give up an IQ after about half a minute. */
const PATIENCE_MS = 10_000;
/** Results that are remembered. */
const REMEMBERED = 100;

/** How far an erasure is. */
export interface ErasureState extends PersonErasure {
  readonly finished: boolean;
}

export interface ErasuresOptions {
  readonly store: Pick<Directory, 'roomsAfter'> & Pick<Maintenance, 'noteErasure' | 'erasures'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly execute: Execute;
  /** Forgets what the service knows of them beside rooms; the store does when it is noted that they are erased. */
  readonly forget: (jid: BareJid) => void;
  /** Tells the asker that it is done. Not called if `erase` has returned the result. */
  readonly tell: (erasure: PersonErasure) => void;
}

export class Erasures {
  /** The end of the queue. Never rejects. */
  private last: Promise<unknown> = Promise.resolve();
  private stopped = false;
  /** Those under way and the latest results, by whom they erase. */
  private readonly states = new Map<BareJid, ErasureState>();
  /** The latest for a person that was asked for and has not begun. */
  private readonly waiting = new Map<BareJid, PersonErasure>();

  constructor(private readonly options: ErasuresOptions) {}

  /** Resumes what was unfinished when the program ended. Rejects if the store fails. */
  async resume(): Promise<void> {
    const { store, log, tell } = this.options;
    for (const erasure of await store.erasures()) {
      log.info({ event: 'erasure.resumed', person: erasure.jid, room: erasure.after }, 'resuming erasure');
      void this.queue(erasure).then((end) => end && tell(end));
    }
  }

  /** Those under way, and results since the start, the oldest first. */
  list(): ErasureState[] {
    return [...this.states.values()];
  }

  /** Stops before the next room; unfinished erasures are resumed after the next start. */
  stop(): void {
    this.stopped = true;
  }

  /**
   * Saves the request, then erases this bare JID from every room. Returns the result, or undefined if it takes longer: then
   * `tell` is called. Messages sent meanwhile to a room that is already done are not erased: close the account first. Rejects if
   * the store fails.
   */
  async erase(jid: BareJid, askedBy: By): Promise<PersonErasure | undefined> {
    const { store, clock, tell } = this.options;
    const erasure: PersonErasure = { jid, askedBy, askedAt: clock.now(), after: '', rooms: 0, messages: 0, failed: 0 };
    await store.noteErasure(jid, erasure);
    const whole = this.queue(erasure);
    let cancel = (): void => undefined;
    const late = new Promise<undefined>((resolve) => {
      cancel = clock.after(PATIENCE_MS, () => {
        resolve(undefined);
      });
    });
    const end = await Promise.race([whole, late]);
    cancel();
    if (!end) void whole.then((over) => over && tell(over));
    return end;
  }

  private note(erasure: PersonErasure, finished: boolean): void {
    const { states } = this;
    if (finished) states.delete(erasure.jid);
    states.set(erasure.jid, { ...erasure, finished });
    for (const [jid, state] of states) {
      if (states.size <= REMEMBERED) return;
      if (state.finished) states.delete(jid);
    }
  }

  private queue(erasure: PersonErasure): Promise<PersonErasure | undefined> {
    this.note(erasure, false);
    this.waiting.set(erasure.jid, erasure);
    const whole = this.last.then(() => this.walk(erasure));
    this.last = whole;
    return whole;
  }

  /** Never rejects. undefined: it is resumed after the next start. */
  private async walk(begun: PersonErasure): Promise<PersonErasure | undefined> {
    const { store, log } = this.options;
    let erasure = begun;
    const { jid } = erasure;
    if (this.waiting.get(jid) === begun) this.waiting.delete(jid);
    // Who is asked for again meanwhile is erased from the beginning once more, also after a crash.
    const save = (sofar: PersonErasure | null): Promise<void | undefined> =>
      this.insist(erasure, () => store.noteErasure(jid, this.waiting.get(jid) ?? sofar));
    for (;;) {
      const from = erasure;
      const page = await this.insist(erasure, () => store.roomsAfter(from.after, PAGE));
      if (page === undefined || page.length === 0) break;
      for (const room of page) {
        if (this.stopped) return undefined;
        const erased = await this.eraseFrom(room, erasure);
        const { rooms, messages, failed } = erasure;
        erasure = {
          ...erasure,
          after: room,
          rooms: rooms + 1,
          messages: messages + (erased ?? 0),
          failed: failed + (erased === null ? 1 : 0),
        };
        this.note(erasure, false);
        // Erased messages are not counted again after a crash.
        const sofar = erasure;
        if (erased) await save(sofar);
        if (erasure.rooms % LOG_EVERY === 0) log.info({ event: 'erasure.progress', ...fieldsOf(erasure) }, 'erasing a person');
        await this.pause(PAUSE_MS);
      }
      await save(erasure);
    }
    this.options.forget(jid);
    await save(null);
    if (this.stopped) return undefined;
    this.note(erasure, true);
    log.info({ event: 'erasure.finished', ...fieldsOf(erasure) }, 'a person was erased');
    return erasure;
  }

  /** How many messages; null: the room failed. */
  private async eraseFrom(room: RoomJid, { jid, askedBy }: PersonErasure): Promise<number | null> {
    const { execute, log } = this.options;
    for (let attempt = 1; ; attempt++) {
      const outcome = await execute({ actor: askedBy, room, command: { name: 'erase-person', jid } });
      if (outcome.ok) {
        if (outcome.erased)
          log.info({ event: 'erasure.room', person: jid, room, messages: outcome.erased }, 'a person was erased from a room');
        return outcome.erased ?? 0;
      }
      if (this.stopped) return null;
      if (attempt === ATTEMPTS) {
        log.error(
          { event: 'erasure.failed', person: jid, room, reason: String(outcome.error.text) },
          'a person could not be erased from a room',
        );
        return null;
      }
      await this.pause(RETRY_MS);
    }
  }

  /** Asks the store until it answers, or (undefined) until the program stops. */
  private async insist<T>(erasure: PersonErasure, ask: () => Promise<T>): Promise<T | undefined> {
    while (!this.stopped) {
      try {
        return await ask();
      } catch (error) {
        this.options.log.error({ event: 'erasure.waiting', ...fieldsOf(erasure), err: error }, 'the store failed while erasing a person');
        await this.pause(RETRY_MS);
      }
    }
    return undefined;
  }

  private pause(ms: number): Promise<void> {
    return new Promise((resolve) => this.options.clock.after(ms, resolve));
  }
}

function fieldsOf({ jid, after, rooms, messages, failed }: PersonErasure): object {
  return { person: jid, room: after, rooms, messages, failed };
}
