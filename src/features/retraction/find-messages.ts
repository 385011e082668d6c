/** Finding archived messages for somebody who waits: one by an id, an occupant's newest of a kind, and all versions of one. */
import { askArchive } from '../../room/ask-archive';
import type { Element } from '../../xmpp/xml';
import { stanzaError, type StanzaError } from '../../xmpp/stanza-error';
import { nickKey } from '../../xmpp/nick';
import { inWords } from '../../words';
import type { ArchiveAnswer, ArchiveFilter, ArchivePaging } from '../../room/contract/archive-query';
import type { MessageRow, Millis, OccupantId } from '../../room/contract/rows';
import type { RoomState } from '../../room/state';
import type { Turn } from '../../room/turn';

/** Rows at a time, and how many times one occupant's messages are looked through: 1000 of an occupant's messages are the most that a search sees. */
export const PAGE = 100;
const PAGES = 10;

/** What goes on when the archive has answered, in the room as it then is. */
type Next<T> = (room: RoomState, turn: Turn, found: T) => StanzaError | undefined;

/** Who waits: the stanza that an error answers. */
export interface Search {
  readonly turn: Turn;
  readonly stanza: Element | null;
  /** The room's number when it was asked for. */
  readonly upToSeq: number;
  /** Told of an error that no stanza waits for. */
  readonly refused?: (error: StanzaError) => void;
}

/** Why there is no answer, if there is none. */
export function unanswered(answer: ArchiveAnswer): StanzaError | undefined {
  if (answer.kind === 'busy') return stanzaError('resource-constraint', inWords('tooBusy'));
  if (answer.kind === 'too-long') return stanzaError('resource-constraint', inWords('archiveTooLong'));
  if (answer.kind === 'failed') return stanzaError('internal-server-error', inWords('internal'), { type: 'wait' });
  return undefined;
}

/** Asks for a page. What the archive does not have any more counts as an empty one, since it may go at any time. */
function readPage(search: Search, filter: Omit<ArchiveFilter, 'upToSeq'>, paging: ArchivePaging, next: Next<Page>): void {
  askArchive(search.turn, {
    stanza: search.stanza,
    query: { want: 'page', filter: { ...filter, upToSeq: search.upToSeq }, paging },
    answered: (room, turn, answer) =>
      told(search, unanswered(answer) ?? next(room, turn, answer.kind === 'page' ? answer : { rows: [], complete: true })),
  });
}

/** Passes a refusal on to whoever is told of it. */
function told(search: Search, refusal: StanzaError | undefined): StanzaError | undefined {
  if (refusal) search.refused?.(refusal);
  return refusal;
}

/** Goes on when everything decided until now is committed. */
export function whenCertain(search: Search, turn: Turn, then: () => void): void {
  askArchive(turn, {
    stanza: search.stanza,
    query: { want: 'ends', filter: { upToSeq: search.upToSeq } },
    answered: () => {
      then();
      return undefined;
    },
  });
}

interface Page {
  readonly rows: readonly MessageRow[];
  readonly complete: boolean;
}

/** The message with this stanza-id. */
export function findById(search: Search, id: string, next: Next<MessageRow | undefined>): void {
  readPage(search, { ids: [id] }, { max: 1 }, (room, turn, { rows }) => next(room, turn, rows[0]));
}

interface Own {
  readonly occupantId: OccupantId;
  readonly isWanted: (row: MessageRow) => boolean;
  /** Only what was said before the message of this stanza-id. */
  readonly before?: string;
  /** How many pages are looked through. */
  readonly pages?: number;
}

/** The newest of an occupant's messages that is wanted. */
export function findOwn(search: Search, own: Own, next: Next<MessageRow | undefined>): void {
  const { occupantId, isWanted, before = '', pages = PAGES } = own;
  readPage(search, { occupantId }, { max: PAGE, before }, (room, turn, { rows, complete }) => {
    const found = rows.findLast(isWanted);
    const first = rows[0];
    if (found || complete || !first || pages === 1) return next(room, turn, found);
    findOwn({ ...search, turn }, { ...own, before: first.id, pages: pages - 1 }, next);
    return undefined;
  });
}

/** Pages looked through for who spoke under a nickname, and how many people are enough to ask who is meant. */
const SPEAKER_PAGES = 50;
const MOST_SPEAKERS = 10;

interface Speakers {
  readonly nick: string;
  readonly start: Millis;
  /** Only what was said before the message of this stanza-id. */
  readonly before?: string;
  /** How many pages are looked through. */
  readonly pages?: number;
  /** What pages before had. */
  readonly found?: readonly MessageRow[];
}

/** The latest message of each who spoke under a nickname since `start`, the newest first. */
export function findSpeakers(search: Search, speakers: Speakers, next: Next<readonly MessageRow[]>): void {
  const { nick, start, before = '', pages = SPEAKER_PAGES, found = [] } = speakers;
  readPage(search, { start }, { max: PAGE, before }, (room, turn, { rows, complete }) => {
    const all = [...found];
    for (const row of [...rows].reverse()) {
      if (row.nick === null || row.sender === null || nickKey(row.nick) !== nickKey(nick)) continue;
      if (!all.some(({ occupantId }) => occupantId === row.occupantId)) all.push(row);
    }
    const first = rows[0];
    if (complete || !first || pages === 1 || all.length >= MOST_SPEAKERS) return next(room, turn, all);
    findSpeakers({ ...search, turn }, { ...speakers, before: first.id, pages: pages - 1, found: all }, next);
    return undefined;
  });
}

/**
 * Somebody's message of this name with what belongs to it (XEP-0308): what it corrects, if it is a correction itself, and all corrections by the
 * same author, each by any id of the message or of an earlier correction. Also if the message itself is lost. One look-up.
 */
export function findVersions(search: Search, occupantId: OccupantId, name: string, next: Next<Versions>): void {
  askArchive(search.turn, {
    stanza: search.stanza,
    query: { want: 'versions', filter: { upToSeq: search.upToSeq }, occupantId, name },
    answered: (room, turn, answer) =>
      told(search, unanswered(answer) ?? next(room, turn, answer.kind === 'versions' ? answer : { start: null, rows: [] })),
  });
}

/** `start`: the message of the name, if it is there; `rows`: all versions that are, oldest first. */
export interface Versions {
  readonly start: MessageRow | null;
  readonly rows: readonly MessageRow[];
}

/** All versions of a message that is there. */
export function findVersionsOf(
  room: RoomState,
  search: Search,
  row: MessageRow,
  next: Next<readonly MessageRow[]>,
): StanzaError | undefined {
  // What the room itself said cannot be corrected.
  if (row.occupantId === null) return next(room, search.turn, [row]);
  findVersions(search, row.occupantId, row.id, (then, turn, { rows }) => next(then, turn, rows));
  return undefined;
}
