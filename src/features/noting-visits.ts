/** Remembers what was the latest message when somebody who belongs to the room was last in it. */
import type { Feature } from '../room/contract/feature';
import { lastVisits } from '../room/occupants/last-visits';

export const visits: Feature = {
  name: 'last-visits',
  rows: [lastVisits.declaration],
  left: (room, turn, { jid }) => {
    if (!room.facts.persistent && room.occupants.count === 0) return;
    const row = room.affiliationRow(jid);
    if (row && row.affiliation !== 'outcast' && lastVisits.get(room, jid) !== room.seq) lastVisits.set(room, turn, jid, room.seq);
  },
  affiliated: ({ room, turn, jid, after }) => {
    if (after === 'none' || after === 'outcast') lastVisits.set(room, turn, jid, null);
  },
};
