/** Nicks that people reserve without belonging to the room: kept until 90 days after their last visit, or along with an affiliation that they get. */
import type { Feature } from '../../room/contract/feature';
import { setOffline } from '../../room/talking/offline-delivery';
import {
  endReservations,
  nextEnd,
  noteVisit,
  release,
  reservations,
  reservedNick,
  reserversOf,
} from '../../room/registering/reserved-nicks';

export const reservedNicks: Feature = {
  name: 'reserved-nicks',
  rows: [reservations],
  left: (room, turn, { jid }) => {
    if (room.facts.persistent || room.occupants.count > 0) noteVisit(room, turn, jid);
  },
  affiliated: ({ room, turn, jid, after }) => {
    if (after === 'outcast') {
      // A ban of a domain is one of its people.
      for (const one of jid.includes('@') ? [jid] : reserversOf(room, jid))
        if (room.affiliationOf(one) === 'outcast') release(room, turn, one);
      return;
    }
    const row = room.affiliationRow(jid);
    if (!row) return;
    const nick = reservedNick(room, jid);
    if (nick !== undefined && row.nick === null) room.setAffiliation(turn, jid, { ...row, nick });
    release(room, turn, jid);
  },
  deadline: nextEnd,
  due: (room, turn) => {
    for (const jid of endReservations(room, turn)) if (!room.affiliationRow(jid)) setOffline(room, turn, jid, false);
  },
};
