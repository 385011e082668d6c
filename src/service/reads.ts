/** Messages that rooms themselves need, for those who enter and to say again: read after the commit, answered with an input. */
import type { MessagesInput, ReadMessages } from '../room/machine';
import type { MessageRow } from '../room/rows';
import type { MessageQuery, Store } from '../store/store';
import type { Clock } from './clock';
import type { Log } from './log';
import type { Slot } from './slot';

export interface ReadsOptions {
  readonly store: Pick<Store, 'messages'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly retryMs: number;
}

export class Reads {
  constructor(
    private readonly options: ReadsOptions,
    private readonly answered: (slot: Slot, input: MessagesInput) => void,
  ) {}

  /** Starts a read. The answer of a history that cannot be read is empty, so that the joiner gets in; saying again is tried until it works. */
  run(slot: Slot, effect: ReadMessages): void {
    slot.reads++;
    const { generation, round } = slot;
    const isVoid = (): boolean => slot.generation !== generation || (effect.purpose === 'say-again' && slot.round !== round);
    const finish = (rows: readonly MessageRow[]): void => {
      // A new machine begins with no reads.
      if (slot.generation === generation) slot.reads--;
      if (!isVoid()) this.answered(slot, { kind: 'messages', effect, rows });
    };
    const attempt = (): void => {
      if (isVoid()) {
        finish([]);
        return;
      }
      this.options.store.messages(slot.jid, queryOf(effect)).then(finish, (error: unknown) => {
        this.options.log.error({ room: slot.jid, purpose: effect.purpose, err: error }, 'the archive could not be read');
        if (effect.purpose === 'history') finish([]);
        else this.options.clock.after(this.options.retryMs, attempt);
      });
    };
    attempt();
  }
}

function queryOf(effect: ReadMessages): MessageQuery {
  return {
    upToSeq: effect.upToSeq,
    limit: effect.limit,
    ...(effect.afterRev === undefined ? {} : { afterRev: effect.afterRev }),
    ...(effect.since === undefined ? {} : { since: effect.since }),
    ...(effect.stayOf === undefined ? {} : { stayOf: effect.stayOf }),
    ...(effect.purpose === 'history' ? { historyOnly: true } : {}),
  };
}
