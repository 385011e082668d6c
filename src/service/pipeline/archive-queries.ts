/**
 * Archive queries: a few at a time, in turns among the askers, with pauses while others wait, so that many pages do not
 * delay live messages. Searches and other queries have separate lines: they are answered by different readers.
 */
import { isSearch, type ArchiveAnswer } from '../../room/contract/archive-query';
import type { ArchiveInput, ReadArchive } from '../../room/contract/machine';
import type { Archive } from '../../store/archive';
import { foldBare, type RoomJid, type Domain } from '../../xmpp/fold';
import { bytesInMemory } from '../../xmpp/bytes-in-memory';
import { domainOf } from '../../xmpp/jid';
import type { Clock } from '../clock';
import { FairQueue } from './fair-queue';
import type { Log } from '../../log';
import type { Pressure } from '../budget/pressure';

/** Queries that may wait, in each line and of one asker: enough for a client that enters 200 rooms at once. More are refused. */
const BOUNDS = { most: 1_000, mostOfOne: 256 };
/** Charged for each beside what its stanza and its query take. */
const OVERHEAD = 1_000;
/** With the store at the same time, of each line: while it looks for one page, the one before is written. */
const AT_A_TIME = 2;
/** Milliseconds between an answer and the next question, where one waits: live messages get their turn. */
const PAUSE_MS = 6;

export interface ArchiveQueriesOptions {
  readonly store: Pick<Archive, 'archive'>;
  readonly clock: Clock;
  readonly log: Log;
  /** What waits counts with all that is undecided. */
  readonly pressure: Pick<Pressure, 'add' | 'remove'>;
  /** Whether a domain is the server's own: strangers there take turns as accounts. */
  readonly isLocal: (domain: Domain) => boolean;
}

interface Waiting {
  readonly room: RoomJid;
  readonly effect: ReadArchive;
  /** Bytes of memory. */
  readonly memory: number;
}

interface Line {
  readonly waiting: FairQueue<Waiting>;
  /** With the store, or pausing. */
  busy: number;
}

export class ArchiveQueries {
  private readonly searches: Line = { waiting: new FairQueue(BOUNDS), busy: 0 };
  private readonly others: Line = { waiting: new FairQueue(BOUNDS), busy: 0 };

  constructor(
    private readonly options: ArchiveQueriesOptions,
    private readonly answered: (room: RoomJid, input: ArchiveInput) => void,
  ) {}

  /** Asks the archive for somebody. Its one answer, whatever it is, becomes an input of the room, which may have been let go meanwhile. */
  ask(room: RoomJid, effect: ReadArchive): void {
    const memory = OVERHEAD + (effect.stanza ? bytesInMemory(effect.stanza, 0) : 0) + 2 * JSON.stringify(effect.query).length;
    this.options.pressure.add(memory);
    const line = isSearch(effect.query) ? this.searches : this.others;
    if (line.busy < AT_A_TIME) {
      this.run(line, { room, effect, memory });
      return;
    }
    const { group, who } = shareOf(room, effect, this.options.isLocal);
    const dropped = line.waiting.add(group, who, { room, effect, memory });
    if (!dropped) return;
    // Not within the call: what the room says besides in the same decision goes first.
    queueMicrotask(() => this.answer(dropped, { kind: 'busy' }));
  }

  private answer({ room, effect, memory }: Waiting, answer: ArchiveAnswer): void {
    this.options.pressure.remove(memory);
    this.answered(room, { kind: 'archive', effect, answer });
  }

  private run(line: Line, asked: Waiting): void {
    const { room, effect } = asked;
    line.busy++;
    void this.options.store
      .archive(room, effect.query)
      .catch((error: unknown): ArchiveAnswer => {
        this.options.log.error({ event: 'archive.unreadable', room, err: error }, 'the archive could not be read');
        return { kind: 'failed' };
      })
      .then((answer) => {
        if (line.waiting.length > 0) this.options.clock.after(PAUSE_MS, () => this.next(line));
        else line.busy--;
        this.answer(asked, answer);
      });
  }

  private next(line: Line): void {
    line.busy--;
    const next = line.waiting.next();
    if (next) this.run(line, next);
  }
}

/** Who takes turns with whom: accounts, but strangers of one foreign domain are as one, for anybody may have any number of accounts there. */
function shareOf(
  room: RoomJid,
  { stanza, stranger, asker }: ReadArchive,
  isLocal: (domain: Domain) => boolean,
): { group: string; who: string } {
  const from = (stanza?.attrs['from'] as string | undefined) ?? asker;
  // The rooms' own work: nobody waits for it.
  if (from === undefined) return { group: '', who: room };
  const who = foldBare(from);
  const domain = domainOf(who);
  return { group: stranger && !isLocal(domain) ? domain : who, who };
}
