/** Writes the events that plug-ins want to be told of, in the decision itself; a kind or a room that nobody asked for costs a look into a map. */
import type { Feature } from '../room/contract/feature';
import type { EventKind, EventValue } from '../room/contract/events';
import type { Millis } from '../room/contract/rows';
import type { Occupant } from '../room/occupants/occupants';
import type { RoomState } from '../room/state';
import type { Turn } from '../room/turn';
import { foldBare } from '../xmpp/fold';
import { localName, namespaceOf, parseContent, textOf } from '../xmpp/xml';
import type { EventSubscription } from './api-events';
import { bodyOf } from './markup-out';

/** In which rooms somebody wants events of one kind. */
type Wanted = 'all' | ReadonlySet<string>;

/** The rooms that a plug-in wants to be told of, folded; undefined: all. */
export const roomsOf = ({ rooms }: EventSubscription): ReadonlySet<string> | undefined => rooms && new Set(rooms.map(foldBare));

/** What somebody wants to be told of. Their kinds stay; their rooms may become others. */
export interface Wish {
  readonly events: Pick<EventSubscription, 'kinds'>;
  readonly rooms: ReadonlySet<string> | undefined;
}

/** The feature that writes what these want to be told. `renew`: looks at their rooms again. */
export function eventsFeature(wishes: readonly Wish[]): { readonly feature: Feature; readonly renew: () => void } {
  let wanted = wantedBy(wishes);
  const feature = writing((kind, room) => {
    const rooms = wanted.get(kind);
    return rooms !== undefined && (rooms === 'all' || rooms.has(room));
  }, wanted);
  return { feature, renew: () => void (wanted = wantedBy(wishes)) };
}

/** `kinds`: that are wanted in any room, now or later. */
function writing(wants: (kind: EventKind, room: string) => boolean, kinds: Pick<ReadonlySet<EventKind>, 'has'>): Feature {
  const note = (room: RoomState, turn: Turn, kind: EventKind, value: EventValue, at: Millis = turn.stamp): void => {
    if (wants(kind, room.jid)) turn.write({ table: 'event', row: { at, kind, value } });
  };
  const said = kinds.has('message') || kinds.has('subject');
  return {
    name: 'events of plug-ins',
    ...(said && {
      said: ({ room, turn, occupant, payload, row }) => {
        // What the room itself says is no news to those who make it speak.
        if (!occupant || !(wants('message', room.jid) || wants('subject', room.jid))) return;
        const id = row ? { id: row.id } : {};
        const content = parseContent(payload);
        const body = bodyOf(content);
        const subject = body === undefined ? content.find((one) => localName(one) === 'subject' && namespaceOf(one) === '') : undefined;
        const text = subject ? textOf(subject) : body;
        const words = text === undefined ? {} : { body: text };
        note(room, turn, subject ? 'subject' : 'message', { ...personOf(occupant), ...id, ...words }, row?.stamp);
      },
    }),
    ...(kinds.has('retracted') && { buried: (room, turn, id) => note(room, turn, 'retracted', { id }) }),
    ...(kinds.has('entered') && { entered: (room, turn, occupant) => note(room, turn, 'entered', personOf(occupant)) }),
    ...(kinds.has('left') && {
      left: (room, turn, occupant, removed) => note(room, turn, 'left', { ...personOf(occupant), removed }),
    }),
    ...(kinds.has('affiliation') && {
      affiliated: ({ room, turn, jid, before, after }) => note(room, turn, 'affiliation', { jid, before, after }),
    }),
    ...(kinds.has('created') && { created: (room, turn, jid) => note(room, turn, 'created', { jid }) }),
    ...(kinds.has('configured') && { reconfigured: (room, turn) => note(room, turn, 'configured', {}) }),
    ...(kinds.has('destroyed') && { ended: (room, turn) => note(room, turn, 'destroyed', {}) }),
    ...(kinds.has('renamed') && { renamed: (room, turn, to) => note(room, turn, 'renamed', { to }) }),
  };
}

const personOf = ({ jid, nick, id }: Occupant): Pick<EventValue, 'jid' | 'nick' | 'occupantId'> => ({ jid, nick, occupantId: id });

function wantedBy(wishes: readonly Wish[]): ReadonlyMap<EventKind, Wanted> {
  const wanted = new Map<EventKind, Wanted>();
  for (const { events, rooms } of wishes) {
    for (const kind of events.kinds) {
      const before = wanted.get(kind);
      wanted.set(kind, rooms === undefined || before === 'all' ? 'all' : new Set([...(before ?? []), ...rooms]));
    }
  }
  return wanted;
}
