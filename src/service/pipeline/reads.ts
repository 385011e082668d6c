/**
 * Messages that rooms themselves need, for those who enter and to say again: read after the commit, answered with an input. Histories are
 * read a few at a time, of one room after the other, and only while what that room said before is taken by the link, so that however many
 * enter, little waits in memory, and nobody waits for those who enter another room.
 */
import type { Link } from '../../link/link';
import type { MessagesInput, ReadMessages } from '../../room/contract/machine';
import type { MessageRow } from '../../room/contract/rows';
import type { Archive, MessageQuery } from '../../store/archive';
import type { Clock } from '../clock';
import type { Loads } from '../life/loads';
import type { Log } from '../../log';
import type { Slot } from '../life/slot';

/** Histories with the store at the same time, over all rooms. */
const AT_A_TIME = 4;
/** Bytes of a room, weighed, that may wait for the link, or for a commit, before its next history is read: 4 MiB of what goes to one. */
const AHEAD_BYTES = 16 * 1024 * 1024;
/** Until it is looked again whether the link has taken what waited. */
const LOOK_MS = 20;

interface WaitingRead {
  readonly generation: number;
  readonly start: () => void;
}

/** What waits of one room; `first` is the first that has not been started. */
interface Queue {
  waiting: WaitingRead[];
  first: number;
}

export interface ReadsOptions {
  readonly link: Pick<Link, 'congested'>;
  readonly loads: Pick<Loads, 'of'>;
  readonly store: Pick<Archive, 'messages'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly retryMs: number;
}

export class Reads {
  /** By room, in the order of their turns. */
  private readonly queues = new Map<Slot, Queue>();
  private running = 0;
  private looking = false;

  constructor(
    private readonly options: ReadsOptions,
    private readonly answered: (slot: Slot, input: MessagesInput) => void,
  ) {}

  /** Starts a read. The answer of a history that cannot be read is empty, so that the joiner gets in; saying again is tried until it works. */
  run(slot: Slot, effect: ReadMessages): void {
    slot.reads++;
    const { life, ledger } = slot;
    const { generation } = life;
    const { attempt: sayingAgain } = ledger;
    const isVoid = (): boolean => life.generation !== generation || (effect.purpose === 'say-again' && ledger.attempt !== sayingAgain);
    const isHistory = effect.purpose === 'history';
    const finish = (rows: readonly MessageRow[]): void => {
      // A new machine begins with no reads.
      if (life.generation === generation) slot.reads--;
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
        this.options.log.error(
          { event: 'archive.unreadable', room: slot.jid, purpose: effect.purpose, err: error },
          'the archive could not be read',
        );
        if (effect.purpose === 'history') finish([]);
        else this.options.clock.after(this.options.retryMs, attempt);
      });
    };
    if (!isHistory) {
      if (effect.purpose === 'say-again' && effect.goesOn) this.inTurn(slot, isVoid, attempt);
      else attempt();
      return;
    }
    const queue = this.queues.get(slot);
    if (queue) queue.waiting.push({ generation, start: attempt });
    else this.queues.set(slot, { waiting: [{ generation, start: attempt }], first: 0 });
    this.next();
  }

  /** The link has taken what waited for it, or is gone. */
  drained(): void {
    this.next();
  }

  /** Others have their turn before the next slice, and the link has taken what was said before. */
  private inTurn(slot: Slot, isVoid: () => boolean, attempt: () => void): void {
    const ms = this.full(slot) ? LOOK_MS : 0;
    this.options.clock.after(ms, () => {
      if (!isVoid() && this.full(slot)) this.inTurn(slot, isVoid, attempt);
      else attempt();
    });
  }

  private done(): void {
    this.running--;
    this.next();
  }

  private next(): void {
    // Each round starts one of each room that has room for it.
    for (let started = true; started && this.running < AT_A_TIME;) {
      started = false;
      for (const [slot, queue] of [...this.queues]) {
        if (this.running >= AT_A_TIME) return;
        if (this.full(slot)) continue;
        this.queues.delete(slot);
        started = this.start(slot, queue) || started;
        // Behind the others.
        if (queue.first < queue.waiting.length) this.queues.set(slot, queue);
      }
    }
    if (this.queues.size > 0 && this.running < AT_A_TIME) this.lookLater();
  }

  /** Starts the first that is wanted: a room that was made anew asks again. */
  private start(slot: Slot, queue: Queue): boolean {
    while (queue.first < queue.waiting.length) {
      const { generation, start } = queue.waiting[queue.first++] as WaitingRead;
      if (queue.first > 64 && queue.first * 2 > queue.waiting.length) {
        queue.waiting = queue.waiting.slice(queue.first);
        queue.first = 0;
      }
      if (slot.life.generation !== generation) continue;
      this.running++;
      start();
      return true;
    }
    return false;
  }

  private full(slot: Slot): boolean {
    const { link, loads } = this.options;
    return link.congested || loads.of(slot) > AHEAD_BYTES;
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
    ...(effect.purpose === 'history' ? { historyOnly: true } : { oldestFirst: effect.oldestFirst === true }),
  };
}
