/** Nicks that people reserve without belonging to the room: kept until 90 days after their last visit, or along with an affiliation that they get. */
import type { Feature } from '../../room/contract/feature';
import { renew } from '../../room/kept-rows';
import { dropOver, freeNick, reservations, reservedNick, reserversOf } from '../../room/occupants/reserved-nicks';

export const reservedNicks: Feature = {
  name: 'reserved-nicks',
  rows: [reservations],
  left: (room, turn, { jid }) => {
    if (room.facts.persistent || room.occupants.count > 0) renew(room, turn, reservations, jid);
  },
  affiliated: ({ room, turn, jid, after }) => {
    if (after === 'outcast') {
      // A ban of a domain is one of its people.
      for (const one of jid.includes('@') ? [jid] : reserversOf(room, jid))
        if (room.affiliationOf(one) === 'outcast') freeNick(room, turn, one);
      return;
    }
    const row = room.affiliationRow(jid);
    if (!row) return;
    const nick = reservedNick(room, jid);
    if (nick !== undefined && row.nick === null) room.setAffiliation(turn, jid, { ...row, nick });
    freeNick(room, turn, jid);
  },
  over: (room, _turn, row) => {
    dropOver(room, row);
  },
};
