/**
 * Messages that rooms themselves need, for those who enter and to say again: read after the commit, answered with an input. Histories are
 * read a few at a time and only while what was said before is taken by the link, so that however many enter, little waits in memory.
 */
import type { Link } from '../link/link';
import type { MessagesInput, ReadMessages } from '../room/machine';
import type { MessageRow } from '../room/rows';
import type { MessageQuery, Store } from '../store/store';
import type { Clock } from './clock';
import type { Log } from './log';
import type { Slot } from './slot';

/** Histories with the store at the same time, over all rooms. */
const AT_A_TIME = 4;
/** Bytes that may wait for the link, or for a commit, before the next history is read. */
const AHEAD_BYTES = 4 * 1024 * 1024;
/** Until it is looked again whether the link has taken what waited. */
const LOOK_MS = 20;

interface WaitingRead {
  readonly slot: Slot;
  readonly generation: number;
  readonly start: () => void;
}

export interface ReadsOptions {
  readonly link: Pick<Link, 'queued' | 'congested'>;
  /** Bytes undecided or uncommitted. */
  readonly pressure: { readonly bytes: number };
  readonly store: Pick<Store, 'messages'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly retryMs: number;
}

export class Reads {
  private waiting: WaitingRead[] = [];
  /** The first of `waiting` that has not been started. */
  private first = 0;
  private running = 0;
  private looking = false;

  constructor(
    private readonly options: ReadsOptions,
    private readonly answered: (slot: Slot, input: MessagesInput) => void,
  ) {}

  /** Starts a read. The answer of a history that cannot be read is empty, so that the joiner gets in; saying again is tried until it works. */
  run(slot: Slot, effect: ReadMessages): void {
    slot.reads++;
    const { generation, round } = slot;
    const isVoid = (): boolean => slot.generation !== generation || (effect.purpose === 'say-again' && slot.round !== round);
    const isHistory = effect.purpose === 'history';
    const finish = (rows: readonly MessageRow[]): void => {
      // A new machine begins with no reads.
      if (slot.generation === generation) slot.reads--;
      try {
        if (!isVoid()) this.answered(slot, { kind: 'messages', effect, rows });
      } finally {
        if (isHistory) this.done();
      }
    };
    const attempt = (): void => {
      if (isVoid()) {
        finish([]);
        return;
      }
      // Whoever is only told who is there needs nothing of the archive.
      const read = effect.limit <= 0 ? Promise.resolve([]) : this.options.store.messages(slot.jid, queryOf(effect));
      read.then(finish, (error: unknown) => {
        this.options.log.error({ room: slot.jid, purpose: effect.purpose, err: error }, 'the archive could not be read');
        if (effect.purpose === 'history') finish([]);
        else this.options.clock.after(this.options.retryMs, attempt);
      });
    };
    if (!isHistory) {
      attempt();
      return;
    }
    this.waiting.push({ slot, generation, start: attempt });
    this.next();
  }

  /** The link has taken what waited for it, or is gone. */
  drained(): void {
    this.next();
  }

  private done(): void {
    this.running--;
    this.next();
  }

  private next(): void {
    while (this.first < this.waiting.length && this.running < AT_A_TIME) {
      if (this.full()) {
        this.lookLater();
        return;
      }
      const { slot, generation, start } = this.waiting[this.first++] as WaitingRead;
      if (this.first > 64 && this.first * 2 > this.waiting.length) {
        this.waiting = this.waiting.slice(this.first);
        this.first = 0;
      }
      // A room that was made anew asks again.
      if (slot.generation !== generation) continue;
      this.running++;
      start();
    }
  }

  private full(): boolean {
    const { link, pressure } = this.options;
    return link.congested || link.queued > AHEAD_BYTES || pressure.bytes > AHEAD_BYTES;
  }

  private lookLater(): void {
    if (this.looking) return;
    this.looking = true;
    this.options.clock.after(LOOK_MS, () => {
      this.looking = false;
      this.next();
    });
  }
}

function queryOf(effect: ReadMessages): MessageQuery {
  return {
    upToSeq: effect.upToSeq,
    limit: effect.limit,
    ...(effect.afterRev === undefined ? {} : { afterRev: effect.afterRev }),
    ...(effect.since === undefined ? {} : { since: effect.since }),
    ...(effect.stayOf === undefined ? {} : { stayOf: effect.stayOf }),
    ...(effect.maxBytes === undefined ? {} : { maxBytes: effect.maxBytes }),
    ...(effect.purpose === 'history' ? { historyOnly: true } : {}),
  };
}
