/** Erasing people from every room of the service, in the background: one person at a time, one room after another. */
import type { Command, CommandOutcome } from '../room/commands';
import type { Clock } from '../service/clock';
import type { Log } from '../service/log';
import type { Store } from '../store/store';

/** Rooms read at a time. */
const PAGE = 100;
/** Between two rooms: each may have to be loaded, and the people in others come first. */
const PAUSE_MS = 5;
/** Rooms between two lines in the log. */
const LOG_EVERY = 1_000;
/** How often a room that could not do it is tried, and the time between. */
const ATTEMPTS = 5;
const RETRY_MS = 5_000;
/** How long the asker waits for the end of it; clients give up an IQ after half a minute or so. */
const PATIENCE_MS = 10_000;

export interface ErasuresOptions {
  readonly store: Pick<Store, 'roomsAfter'>;
  readonly clock: Clock;
  readonly log: Log;
  /** Runs a command in a room; answers when its outcome is certain. */
  readonly command: (room: string, command: Command) => Promise<CommandOutcome>;
}

/** How far it has come. */
export interface Progress {
  /** Rooms that were looked at. */
  rooms: number;
  /** Messages that were erased in them. */
  messages: number;
  /** Rooms that could not do it. */
  failed: number;
  state: 'waiting' | 'erasing' | 'done' | 'cut';
}

export class Erasures {
  /** The end of the queue. Never rejects. */
  private last: Promise<unknown> = Promise.resolve();

  constructor(private readonly options: ErasuresOptions) {}

  /**
   * Erases this bare JID from every room. Answers how far it came, at the end or after a while; `told` is then called at the end.
   * What he says in a room behind the walk meanwhile is not erased: he is to be locked out first.
   */
  async erase(jid: string, told: (progress: Progress) => void): Promise<Progress> {
    const { clock } = this.options;
    const progress: Progress = { rooms: 0, messages: 0, failed: 0, state: 'waiting' };
    const whole = this.last.then(() => this.walk(jid, progress));
    this.last = whole;
    let cancel = (): void => undefined;
    const late = new Promise<'late'>((resolve) => {
      cancel = clock.after(PATIENCE_MS, () => {
        resolve('late');
      });
    });
    if ((await Promise.race([whole, late])) === 'late') void whole.then(() => told(progress));
    cancel();
    return { ...progress };
  }

  /** Never rejects. */
  private async walk(jid: string, progress: Progress): Promise<void> {
    const { store, log } = this.options;
    progress.state = 'erasing';
    let room = '';
    try {
      for (let page = await store.roomsAfter(room, PAGE); page.length > 0; page = await store.roomsAfter(room, PAGE)) {
        for (room of page) {
          await this.eraseFrom(room, jid, progress);
          progress.rooms++;
          if (progress.rooms % LOG_EVERY === 0) log.info({ person: jid, ...progress, room }, 'a person is being erased');
          await this.pause(PAUSE_MS);
        }
      }
      progress.state = 'done';
      log.info({ person: jid, rooms: progress.rooms, messages: progress.messages, failed: progress.failed }, 'a person was erased');
    } catch (error) {
      progress.state = 'cut';
      log.error({ person: jid, room, err: error }, 'the rooms could not be read: a person was not erased from those behind this one');
    }
  }

  private async eraseFrom(room: string, jid: string, progress: Progress): Promise<void> {
    const { command, log } = this.options;
    for (let attempt = 1; ; attempt++) {
      const outcome = await command(room, { name: 'erase-person', jid });
      if (outcome.ok) {
        progress.messages += outcome.erased ?? 0;
        if (outcome.erased) log.info({ person: jid, room, messages: outcome.erased }, 'a person was erased from a room');
        return;
      }
      if (attempt === ATTEMPTS) {
        progress.failed++;
        log.error({ person: jid, room, reason: outcome.error.text }, 'a person could not be erased from a room');
        return;
      }
      await this.pause(RETRY_MS);
    }
  }

  private pause(ms: number): Promise<void> {
    return new Promise((resolve) => this.options.clock.after(ms, resolve));
  }
}
