/** Retracting one's own messages (XEP-0424): who wrote it is checked in the archive, where a tombstone takes its place. */
import type { FullJid } from '../../xmpp/fold';
import { NS } from '../../xmpp/ns';
import { stanzaError, type StanzaError } from '../../xmpp/stanza-error';
import { escapeAttribute } from '../../xmpp/xml';
import type { Feature, Utterance } from '../../room/contract/feature';
import { readablePart, refuseReading } from '../../room/talking/archive-readers';
import { findById, findVersions, type Search, type Versions } from './find-messages';
import { messageId, stampOf } from '../../room/talking/ids';
import type { Session } from '../../room/occupants/occupants';
import { bury, retractionRefusal, type Taken } from './retraction-rules';
import { retractedId, retractionPayload } from '../../room/retracting/retraction-xml';
import { sayMessage, speak } from '../../room/talking/speak';
import type { RoomState } from '../../room/state';
import type { Turn } from '../../room/turn';
import { inWords } from '../../words';

export const retraction: Feature = {
  name: 'retraction',
  disco: () => [NS.retract, `${NS.retract}#tombstone`, NS.retract0, `${NS.retract0}#tombstone`],
  speak: ({ stanza, occupant }) => {
    const id = retractedId(stanza);
    if (id === undefined) return undefined;
    // Whose messages wait for a moderator cannot take them back without one either: a retraction may have any body.
    if (occupant.role === 'visitor') return stanzaError('forbidden', inWords('noVoice'));
    return id === '' ? stanzaError('bad-request', inWords('retractWhich')) : undefined;
  },
  changeSubject: ({ stanza }) =>
    retractedId(stanza) === undefined ? undefined : stanzaError('bad-request', inWords('retractAndSubject'), { type: 'modify' }),
  detain: (utterance) => {
    const id = retractedId(utterance.stanza);
    if (id === undefined) return false;
    look(utterance, id);
    return true;
  },
};

/**
 * Looks the message up with its versions: among the sender's own by the room's id for it (§5.1) or the one that they gave it themselves.
 * Of others' messages it is only told that they are, or whose they are.
 */
function look({ room, turn, stanza, occupant, session }: Utterance, id: string): void {
  const search: Search = { turn, stanza, upToSeq: room.seq };
  const request: Request = { search, id, from: session.jid, occupantId: occupant.id };
  findVersions(search, occupant.id, escapeAttribute(id), (then, later, versions) => {
    if (versions.rows.length > 0 || (stampOf(id) === undefined && !then.hasForeignIds)) return check(then, later, request, versions);
    findById({ ...search, turn: later }, id, (last, latest, other) => check(last, latest, request, { start: other ?? null, rows: [] }));
    return undefined;
  });
}

interface Request {
  readonly search: Search;
  readonly id: string;
  /** Full JID. */
  readonly from: FullJid;
  readonly occupantId: string;
}

/** The occupant who retracts, if they are still in and may still speak. */
function senderOf(room: RoomState, { from, occupantId }: Request): Session | StanzaError {
  const session = room.occupants.session(from);
  if (!session || session.occupant.id !== occupantId) return stanzaError('not-acceptable', inWords('notOccupant'));
  return session.occupant.role === 'visitor' ? stanzaError('forbidden', inWords('noVoice')) : session;
}

function check(room: RoomState, turn: Turn, request: Request, { start, rows }: Versions): StanzaError | undefined {
  const session = senderOf(room, request);
  if ('condition' in session) return session;
  // People do not learn of others' messages that they may not read.
  const limited = readablePart(room, request.from).stayOf !== undefined || refuseReading(room, request.from) !== undefined;
  const hidden = start !== null && start.occupantId !== request.occupantId && limited;
  if (start && !hidden)
    return retractionRefusal(room, start, session.occupant) ?? retract(room, turn, request, session, { row: start, versions: rows });
  // It is lost, but not all that was made of it.
  const left = rows.filter((row) => !retractionRefusal(room, row, session.occupant));
  if (left.length > 0) return retract(room, turn, request, session, { row: undefined, versions: left });
  if (room.facts.archived) return stanzaError('item-not-found', inWords('retractMissing'));
  // Nothing is kept here, so nothing can be looked up: clients check themselves who wrote what.
  speak(room, turn, request.search.stanza as NonNullable<Search['stanza']>, session, 'nowhere');
  return undefined;
}

/** Said to all and kept, whatever its hints say (§5: "MUST store the retraction message"), while the message gives way to its tombstone. */
function retract(room: RoomState, turn: Turn, request: Request, { occupant, jid }: Session, taken: Taken): undefined {
  const stanza = request.search.stanza as NonNullable<Search['stanza']>;
  // The tombstone names the retraction by its `id` attribute, so it must have one.
  const clientId = (stanza.attrs['id'] as string | undefined) ?? messageId(turn.stamp, room.env.random);
  const lang = (stanza.attrs['xml:lang'] as string | undefined) ?? null;
  bury(room, turn, taken, clientId);
  const payload = retractionPayload(stanza, room, taken.row?.id ?? request.id);
  sayMessage(room, turn, occupant, { clientId, lang, payload, archived: true, inHistory: true, sender: jid });
  return undefined;
}
