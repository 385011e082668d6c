/** Up to where everybody has read: the last marker of each occupant (XEP-0333), for who asks. The markers themselves pass as they are. */
import { NS } from '../../xmpp/ns';
import { formatDateTime } from '../../xmpp/dates';
import { iqResult, stanzaError, type StanzaError } from '../../xmpp/stanza-error';
import { attributes, localName, namespaceOf, parseContent } from '../../xmpp/xml';
import { readablePart, refuseReading } from '../../room/talking/archive-readers';
import type { Feature, IqRequest, Said } from '../../room/contract/feature';
import { featureRows } from '../../room/contract/feature-rows';
import { findById } from '../retraction/find-messages';
import type { RoomState } from '../../room/state';
import { stampOf } from '../../room/talking/ids';
import type { Turn } from '../../room/turn';
import type { Millis } from '../../room/contract/rows';
import { inWords } from '../../words';
import { isArchived } from './archive';

/** What a payload with a marker holds. */
const MARKER = /displayed|acknowledged/;

interface Marker {
  /** The stanza-id of the message that was read. */
  readonly id: string;
  readonly at: Millis;
}

const FEATURE = 'markers';
/** Occupants whose marker is kept, which bounds the answer; of too many the first are forgotten. */
const MAX = 500;

/** By occupant-id. */
const rows = featureRows<Marker>({
  name: FEATURE,
  says: 'up to which message everybody has read, by occupant-id',
  key: ['occupant-id'],
  value: { members: { id: 'text', at: 'time' }, optional: [] },
  travels: ['room', 'person'],
  erasing: 'forgets',
  folding: { latest: { member: 'at' } },
  most: MAX,
  lifetime: { until: 'they are banned, or the room archives nothing any more' },
});

export const markers: Feature = {
  name: FEATURE,
  rows: [rows.declaration],
  disco: (options) => (isArchived(options) ? [NS.readMarkers] : []),
  // Markers refer to stanza-ids (§4.3), and only what is archived has one.
  listens: isArchived,
  said,
  iq: { [`markers ${NS.readMarkers}`]: answer },
  affiliated: ({ room, turn, jid, after }) => {
    if (after === 'outcast') rows.set(room, turn, room.idOf(jid), null);
  },
  reconfigured: (room, turn) => {
    if (!room.facts.archived) for (const id of rows.keys(room)) rows.set(room, turn, id, null);
  },
};

function said({ room, turn, occupant, payload }: Said): void {
  // Many clients ask for a marker with every message, in the same namespace: that must not cost a parse. A visitor's word is not worth a row.
  if (!occupant || occupant.role === 'visitor' || !payload.includes(NS.markers) || !MARKER.test(payload)) return;
  const id = markedIn(payload);
  if (id === undefined) return;
  if (stampOf(id) !== undefined || !room.hasForeignIds) note(room, turn, occupant.id, id);
  else {
    // It was brought along with the room, and has an id of ours beside that.
    findById({ turn, stanza: null, upToSeq: room.seq }, id, (then, later, row) => {
      if (row && then.facts.archived) note(then, later, occupant.id, row.id);
      return undefined;
    });
  }
}

/** Keeps a marker; what counts is the place of the message, by the time in our id for it. */
function note(room: RoomState, turn: Turn, reader: string, id: string): void {
  const stamp = stampOf(id);
  if (stamp === undefined || stamp > room.stamp) return;
  const before = rows.get(room, reader);
  // §5: markers only move forward. Whether a message of an id of ours is there is not looked up: that would be a read for each marker.
  if (before && (before.id === id || (stampOf(before.id) ?? 0) > stamp)) return;
  rows.keep(room, turn, reader, { id, at: turn.stamp });
}

/** The id in a `<displayed/>`, or in an `<acknowledged/>` of earlier versions. */
function markedIn(payload: string): string | undefined {
  const marker = parseContent(payload).find(
    (element) => namespaceOf(element) === NS.markers && ['displayed', 'acknowledged'].includes(localName(element)),
  );
  return marker?.attrs['id'] as string | undefined;
}

/** Answers `<markers/>` with all that are kept, the earliest first. */
function answer({ room, turn, stanza, from }: IqRequest): StanzaError | undefined {
  if (stanza.attrs['type'] !== 'get') return stanzaError('not-allowed', inWords('markersRead'));
  const refusal = refuseReading(room, from);
  if (refusal) return refusal;
  // People who read only their own stays are not told of messages that may lie before them.
  const limited = readablePart(room, from).stayOf;
  const own = limited === undefined ? undefined : room.idOf(limited);
  const told = rows.entries(room).filter(([occupant]) => own === undefined || occupant === own);
  const all = told.sort(([a, { at: first }], [b, { at: second }]) => first - second || (a < b ? -1 : 1));
  const xml = all.map(([occupant, { id, at }]) => `<marker${attributes({ 'occupant-id': occupant, id, stamp: formatDateTime(at) })}/>`);
  turn.say(iqResult(stanza, `<markers xmlns="${NS.readMarkers}">${xml.join('')}</markers>`));
  return undefined;
}
