/** Who of those that belong to a room, or are to be woken, has an occupant-id: ids cannot be computed back, so those of all are kept in mind once one is asked for. */
import { Remembered } from '../../room/contract/memory';
import type { BareJid } from '../../xmpp/fold';
import type { Feature } from '../../room/contract/feature';
import { formerIds, presentId } from '../../room/talking/former-ids';
import { wishers } from '../wake-ups/wake-wishes';
import type { OccupantId } from '../../room/contract/rows';
import type { RoomState } from '../../room/state';

interface Known {
  /** The room's secret: a new room of the same name gives other ids. */
  readonly secret: string;
  /** Bare JIDs by occupant-id. Whether they belong to the room still is to be looked up. */
  readonly jids: Map<OccupantId, BareJid>;
}

const known = new Remembered<Known>('people by occupant-id');
/** People who are kept in mind beside twice those whom it is about. */
const SPARE = 100;

/** The bare JID of somebody with this occupant-id who has an affiliation, or is to be woken, and is not in the room, or undefined. */
export function absentWithId(room: RoomState, id: OccupantId): BareJid | undefined {
  const present = presentId(room, id);
  if (room.occupants.withId(present)) return undefined;
  return idsOf(room).get(present);
}

function idsOf(room: RoomState): Map<OccupantId, BareJid> {
  const secret = room.row?.secret ?? '';
  const there = room.memory.get(known);
  if (there?.secret === secret) return there.jids;
  const jids = new Map(
    [...[...room.affiliationRows()].map(({ jid }) => jid), ...wishers(room)].map((jid) => [room.idOf(jid), jid] as const),
  );
  room.memory.set(known, { secret, jids });
  return jids;
}

/** Somebody belongs to the room, or has made a wish, from now on. */
export function noteId(room: RoomState, jid: BareJid): void {
  const there = room.memory.get(known);
  if (!there || there.secret !== room.row?.secret) return;
  there.jids.set(room.idOf(jid), jid);
  // Whoever belongs to it no more is still in it; what has grown too large is made anew when it is asked for.
  if (there.jids.size > 2 * (room.affiliations.size + wishers(room).length) + SPARE) room.memory.forget(known);
}

export const knownIds: Feature = {
  name: 'known-ids',
  rows: [formerIds],
  affiliated: ({ room, jid }) => {
    noteId(room, jid);
  },
};
