/** What rooms hold of an account beside its messages is taken away: by erasing a person, and by forgetting an account. */
import { say, type Key } from '../../words';
import type { BareJid } from '../../xmpp/fold';
import { setAffiliations } from '../../room/governing/affiliations';
import type { Actor } from '../../room/governing/rights';
import type { Named } from '../../room/contract/declared-rows';
import { remove } from '../../room/occupants/leave';
import { STATUS } from '../../room/occupants/status';
import type { RoomState } from '../../room/state';
import type { Turn } from '../../room/turn';

/** Somebody, as a room knows them now. */
export interface Known extends Named {
  readonly jid: BareJid;
  readonly occupantId: string;
}

/** The sentence for those who see them go. */
export type WhyGone = Extract<Key, 'personErased' | 'accountForgotten'>;

/** They are put out (307), and their affiliation goes with their nick unless it is a ban, which keeps them out; so do the options that name them, and their stays. */
export function takeAway(room: RoomState, turn: Turn, { jid, occupantId }: Known, service: Actor, why: WhyGone): void {
  const occupant = room.occupants.withId(occupantId);
  if (occupant)
    remove(room, turn, occupant, {
      affiliation: room.affiliationOf(jid),
      codes: [STATUS.kicked],
      reason: say(why).in(room.facts.language),
    })();
  // Also the last owner: a room without one is the service administrators'.
  const row = room.affiliationRow(jid);
  if (row && row.affiliation !== 'outcast') setAffiliations(room, turn, service, [{ jid, affiliation: 'none' }])();
  const options = room.options.without((value) => value === jid || value.startsWith(`${jid}/`));
  if (options) room.setOptions(turn, options);
  turn.write({ table: 'stay', jid, event: 'forgotten', seq: room.seq });
}
