/** Forgetting an account that was deleted: whoever gets its address later is somebody else. What it said stays, and so does a ban. */
import type { BareJid } from '../../xmpp/fold';
import { audit } from '../../room/audit';
import type { Actor } from '../../room/governing/rights';
import { forgetRows } from '../../room/kept-rows';
import { endIfEmpty } from '../../room/occupants/leave';
import { reservedNick } from '../../room/occupants/reserved-nicks';
import type { RoomState } from '../../room/state';
import { idsOf } from '../../room/talking/former-ids';
import type { Turn } from '../../room/turn';
import { takeAway } from './take-away';

/** All in one decision. A room that ended knows nobody but its creator. `service`: in whose name. */
export function forgetAccount(room: RoomState, turn: Turn, jid: BareJid, service: Actor): void {
  if (!room.row) return;
  const occupantId = room.idOf(jid);
  const nicks = [room.occupants.withId(occupantId)?.nick, reservedNick(room, jid)].flatMap((nick) => nick ?? []);
  const account = { jid, occupantId, ids: idsOf(room, occupantId), nicks: new Set(nicks) };
  const { length } = turn.writes;
  takeAway(room, turn, account, { leave: 'forgetting', service });
  if (!room.exists) return;
  forgetRows(room, turn, account);
  // One is always written: that nothing is known of their stays.
  if (turn.writes.length > length + 1) audit(room, turn, service, 'forget', [{ object: jid }]);
  endIfEmpty(room, turn);
}
