/** Archive queries: the right to read is checked at the question and again at the answer, since it may have changed. */
import { Remembered } from '../../room/contract/memory';
import { askArchive } from '../../room/ask-archive';
import type { FullJid } from '../../xmpp/fold';
import { stanzaError, type StanzaError } from '../../xmpp/stanza-error';
import type { Element } from '../../xmpp/xml';
import { inWords } from '../../words';
import { refuseReading } from '../../room/talking/archive-readers';
import type { ArchiveAnswer, ArchiveQuery } from '../../room/contract/archive-query';
import { endOf } from '../../room/room-times';
import type { Millis } from '../../room/contract/rows';
import type { RoomState } from '../../room/state';
import { absence } from '../../room/configuring/tombstone';
import type { Turn } from '../../room/turn';

/** Questions of one client to one room that may be under way. */
const MAX_UNDER_WAY = 5;
/** After this long, in milliseconds, a question does not count any more: its answer was refused on its way to the room, or is lost. */
const FORGOTTEN_MS = 60_000;
/** When those under way were asked, by who asked. */
const underWay = new Remembered<Map<string, Millis[]>>('questions under way');

/** One question of somebody to an archive. */
export interface Reading<Want extends ArchiveQuery['want']> {
  /** The IQ that waits for the answer. */
  readonly stanza: Element;
  /** Who asks: full JID, or bare for servers. */
  readonly from: FullJid;
  /** The query, restricted to what the asker may read now. */
  readonly query: (room: RoomState) => Extract<ArchiveQuery, { want: Want }>;
  /** Says what was asked for. */
  readonly answered: (room: RoomState, turn: Turn, answer: Extract<ArchiveAnswer, { kind: Want }>) => void;
}

/** Why somebody gets nothing from the archive now, or undefined. */
export function readingRefusal(room: RoomState, turn: Turn, from: FullJid): StanzaError | undefined {
  if (!room.exists) return absence(room, turn);
  if (room.locked && room.affiliationOf(from) !== 'owner') return stanzaError('item-not-found', inWords('noRoom'));
  return refuseReading(room, from);
}

/** Queries the archive, if the asker may. Returns the refusal, if any; a later one answers the stanza when the archive has spoken. */
export function readArchive<Want extends ArchiveQuery['want']>(
  room: RoomState,
  turn: Turn,
  reading: Reading<Want>,
): StanzaError | undefined {
  const { from, stanza } = reading;
  const refusal = readingRefusal(room, turn, from);
  if (refusal) return refusal;
  const done = begin(room, from, turn.now);
  if (!done) return stanzaError('resource-constraint', inWords('iqTooMany'));
  const query = reading.query(room);
  const asked = essence(room, query);
  askArchive(turn, {
    query,
    stanza,
    stranger: room.affiliationOf(from) === 'none' && !room.occupants.session(from),
    answered: (present, later, answer) => {
      done();
      const late = readingRefusal(present, later, from);
      if (late) return late;
      // The asker may see more or less than at the question, or this is another room of the same name: the query has changed.
      if (essence(present, reading.query(present)) !== asked) return readArchive(present, later, reading);
      return finish(present, later, reading, query.want, answer);
    },
  });
  return undefined;
}

function finish<Want extends ArchiveQuery['want']>(
  room: RoomState,
  turn: Turn,
  reading: Reading<Want>,
  want: Want,
  answer: ArchiveAnswer,
): StanzaError | undefined {
  switch (answer.kind) {
    case 'busy':
      return stanzaError('resource-constraint', inWords('tooBusy'));
    case 'failed':
      return stanzaError('internal-server-error', inWords('archiveFailed'), { type: 'wait' });
    case 'too-long':
      return stanzaError('not-acceptable', inWords('archiveTooLong'));
    case 'item-not-found':
      return stanzaError('item-not-found', inWords('archiveNoMessage', { id: answer.id }));
    default:
      if (answer.kind !== want) throw new Error(`The archive was asked for ${want} and gave ${answer.kind}.`);
      reading.answered(room, turn, answer as Extract<ArchiveAnswer, { kind: Want }>);
      return undefined;
  }
}

/** A question without the number up to which it reads: two that are equal in this mean the same to the same room. */
function essence(room: RoomState, query: ArchiveQuery): string {
  return JSON.stringify([room.row?.archiveFrom, query], (key, value: unknown) => (key === 'upToSeq' ? undefined : value));
}

/** Counts a query in; undefined if the asker has too many under way. The function counts it out. */
function begin(room: RoomState, from: FullJid, now: Millis): (() => void) | undefined {
  let questions = room.memory.get(underWay);
  if (!questions) room.memory.set(underWay, (questions = new Map<string, Millis[]>()));
  const mine = (questions.get(from) ?? []).filter((at) => endOf(at, FORGOTTEN_MS, now) > now);
  if (mine.length >= MAX_UNDER_WAY) return undefined;
  questions.set(from, [...mine, now]);
  return () => {
    const left = questions.get(from)?.toSpliced(0, 1) ?? [];
    if (left.length > 0) questions.set(from, left);
    else questions.delete(from);
  };
}
