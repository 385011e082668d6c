/** Trimming the archive from its old end (urn:xmpp:mamtrim:0): what is trimmed cannot be read from that moment, and is erased behind. */
import { askArchive } from '../../room/ask-archive';
import { stanzaError, type StanzaError } from '../../xmpp/stanza-error';
import type { Element } from '../../xmpp/xml';
import { inWords } from '../../words';
import type { Actor } from '../../room/governing/rights';
import { audit } from '../../room/audit';
import type { ArchiveAnswer } from '../../room/contract/archive-query';
import { unanswered } from '../retraction/find-messages';
import type { MessageRow } from '../../room/contract/rows';
import type { RoomState } from '../../room/state';
import type { Turn } from '../../room/turn';

export interface TrimAsker {
  /** Why whoever asks may not, in the room as it then is, or undefined. */
  readonly refusal: (room: RoomState) => StanzaError | undefined;
  /** Whoever asks, in the room as it then is. */
  readonly actor: (room: RoomState) => Actor;
  /** The stanza that an error answers. */
  readonly stanza: Element | null;
  /** It is decided. */
  readonly done: (room: RoomState, turn: Turn) => void;
  /** It was refused later, and no stanza waits for the error. */
  readonly failed?: (error: StanzaError) => void;
}

/** Trims up to this message and including it, or all there is. Returns the refusal, if any. */
export function trim(room: RoomState, turn: Turn, upToId: string | undefined, asker: TrimAsker): StanzaError | undefined {
  const refusal = asker.refusal(room);
  if (refusal) return refusal;
  if (upToId === undefined) {
    trimTo(room, turn, room.seq, asker);
    return undefined;
  }
  askArchive(turn, {
    stanza: asker.stanza,
    query: { want: 'page', filter: { ids: [upToId], upToSeq: room.seq }, paging: { max: 1 } },
    answered: (then, later, answer) => {
      const found = messageIn(then, answer, asker);
      if ('condition' in found) asker.failed?.(found);
      else trimTo(then, later, found.seq, asker);
      return 'condition' in found ? found : undefined;
    },
  });
  return undefined;
}

/** The message that was asked for, if it still can be trimmed: the room may be another by now, and whoever asks another in it. */
function messageIn(room: RoomState, answer: ArchiveAnswer, asker: TrimAsker): MessageRow | StanzaError {
  const refusal = room.exists ? asker.refusal(room) : stanzaError('item-not-found', inWords('noRoom'));
  const failure = refusal ?? unanswered(answer);
  if (failure) return failure;
  const row = answer.kind === 'page' ? answer.rows[0] : undefined;
  return row && row.seq > (room.row?.archiveFrom ?? 0) ? row : stanzaError('item-not-found', inWords('trimMissing'));
}

function trimTo(room: RoomState, turn: Turn, seq: number, asker: TrimAsker): void {
  if (seq > (room.row?.archiveFrom ?? 0)) {
    audit(room, turn, asker.actor(room), 'trim', [{ before: String(room.row?.archiveFrom ?? 0), after: String(seq) }]);
    room.writeRoom(turn, { archiveFrom: seq });
    // What has not arrived yet could not be read any more to be said again. Messages are what was to go; the subject stays.
    if (room.subject && room.deliveredRev < room.rev) room.writeSaying(turn, { kind: 'subject' });
  }
  asker.done(room, turn);
}
