/** Whether whoever belongs to the room keeps the nickname that they first go by in it (`{urn:parlour:room}reservenicks`), unless another one was reserved for them. */
import { audit } from '../../room/audit';
import { BY_ITSELF } from '../../room/contract/audit';
import { booleanOption } from '../../room/contract/options';
import type { Feature } from '../../room/contract/feature';
import type { Actor } from '../../room/governing/rights';
import type { Occupant } from '../../room/occupants/occupants';
import { holderOf } from '../../room/occupants/reserved-nicks';
import type { RoomState } from '../../room/state';
import type { Turn } from '../../room/turn';
import { inWords } from '../../words';

const option = booleanOption({ var: '{urn:parlour:room}reservenicks', label: inWords('labelReserveNicks'), initial: false });

const ITSELF: Actor = { jid: null, affiliation: 'owner', role: 'moderator', nick: undefined, by: BY_ITSELF };

/** Reserves the nick that somebody goes by; only those have one who are listed themselves, not by their domain. */
function keep(room: RoomState, turn: Turn, { jid, nick }: Occupant): void {
  if (!room.options.get(option)) return;
  const row = room.affiliationRow(jid);
  if (!row || row.affiliation === 'outcast' || row.nick !== null || (holderOf(room, nick)?.jid ?? jid) !== jid) return;
  room.setAffiliation(turn, jid, { ...row, nick });
  const { affiliation } = row;
  audit(room, turn, ITSELF, 'set-affiliations', [{ object: jid, before: affiliation, after: `${affiliation} (${nick})` }]);
}

export const firstNicks: Feature = {
  name: 'first-nicks',
  options: [option],
  entered: keep,
  affiliated: ({ room, turn, jid, present }) => {
    const occupant = present ? room.occupants.withId(room.idOf(jid)) : undefined;
    if (occupant) keep(room, turn, occupant);
  },
  reconfigured: (room, turn) => {
    for (const occupant of room.occupants.all()) keep(room, turn, occupant);
  },
};
