/** What people ask of archives: a few at a time, with pauses while others wait, so that many pages do not hold up what is said. */
import type { ArchiveAnswer } from '../room/archive-query';
import type { ArchiveInput, ReadArchive } from '../room/machine';
import type { Store } from '../store/store';
import type { Clock } from './clock';
import type { Log } from './log';

/** With the store or waiting for it; more are refused. */
const MAX_QUERIES = 1_000;
/** With the store at the same time: while it looks for one page, the one before is written. */
const AT_A_TIME = 2;
/** Milliseconds between an answer and the next question, where one waits: live messages get their turn. */
const PAUSE_MS = 6;

export interface ArchiveQueriesOptions {
  readonly store: Pick<Store, 'archive'>;
  readonly clock: Clock;
  readonly log: Log;
}

interface Waiting {
  readonly room: string;
  readonly effect: ReadArchive;
}

export class ArchiveQueries {
  private readonly waiting: Waiting[] = [];
  /** With the store, or pausing. */
  private busy = 0;

  constructor(
    private readonly options: ArchiveQueriesOptions,
    private readonly answered: (room: string, input: ArchiveInput) => void,
  ) {}

  /** Asks the archive for somebody. Its one answer, whatever it is, becomes an input of the room, which may have been let go meanwhile. */
  ask(room: string, effect: ReadArchive): void {
    if (this.busy < AT_A_TIME) this.run({ room, effect });
    else if (this.waiting.length < MAX_QUERIES) this.waiting.push({ room, effect });
    // Not within the call: what the room says besides in the same decision goes first.
    else queueMicrotask(() => this.answered(room, { kind: 'archive', effect, answer: { kind: 'busy' } }));
  }

  private run({ room, effect }: Waiting): void {
    this.busy++;
    void this.options.store
      .archive(room, effect.query)
      .catch((error: unknown): ArchiveAnswer => {
        this.options.log.error({ room, err: error }, 'the archive could not be read');
        return { kind: 'failed' };
      })
      .then((answer) => {
        if (this.waiting.length > 0) this.options.clock.after(PAUSE_MS, () => this.next());
        else this.busy--;
        this.answered(room, { kind: 'archive', effect, answer });
      });
  }

  private next(): void {
    this.busy--;
    const next = this.waiting.shift();
    if (next) this.run(next);
  }
}
