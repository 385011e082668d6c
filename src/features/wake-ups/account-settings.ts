/**
 * The settings that people keep in their accounts for each chat (XEP-0492) are read for those who have said nothing in the room itself, where the account's server lets
 * Parlour read them (XEP-0356): when they leave or nobody is at their clients any more, when they wish for the default, and once a day while they are away.
 */
import type { AccountAnswer } from '../../room/contract/machine';
import { isAffiliated } from '../../room/occupants/stays';
import { endOf } from '../../room/room-times';
import type { RoomState } from '../../room/state';
import { mayHearAbsent } from '../../room/talking/archive-readers';
import { endWish, hasPlaceForWish, setWish, wishOf } from './wake-wishes';
import type { Turn } from '../../room/turn';
import { isOwnDomain, type BareJid } from '../../xmpp/fold';
import { domainOf } from '../../xmpp/jid';
import type { Nick } from '../../xmpp/nick';
import { accountSettings, isOutdated } from './account-wake';
import { isAtClient } from './away';
import { enrolAgain } from './roll';

const DAY_MS = 86_400_000;
/** People who are asked about because of one message: all of them have their turn within a day as long as a room has a few hundred messages. */
const AT_ONCE = 5;

/** Asks what somebody has set, unless they have said in the room itself what wakes them, or their account is on another server, which is never asked. */
export function askSettings(room: RoomState, turn: Turn, jid: BareJid, nick: Nick | null): void {
  if (!room.facts.persistent || !room.facts.archived || !isOwnDomain(domainOf(jid))) return;
  const wish = wishOf(room, jid);
  if (wish !== undefined && wish.wake !== 'default') return;
  turn.effects.push({ kind: 'ask-settings', jid, belongs: isAffiliated(room, jid), nick });
}

/** Somebody says something: those who are away and have not been asked about for a day are asked about, a few at a time. */
export function askDaily(room: RoomState, turn: Turn): void {
  for (let i = 0; i < AT_ONCE; i++) {
    const first = accountSettings.first(room);
    if (!first || endOf(first[1].asked, DAY_MS, room.time) > room.time) return;
    const [jid, setting] = first;
    const occupant = room.occupants.withId(room.idOf(jid));
    const wish = wishOf(room, jid);
    accountSettings.set(room, turn, jid, null);
    if (wish?.wake !== 'default' || isOutdated(room, setting)) {
      enrolAgain(room, jid, occupant);
      continue;
    }
    accountSettings.set(room, turn, jid, { ...setting, asked: turn.stamp });
    if (!occupant || !isAtClient(occupant)) askSettings(room, turn, jid, wish.nick);
  }
}

/** An account's settings have been read. */
export function settingsRead(room: RoomState, turn: Turn, answer: AccountAnswer): void {
  if (answer.about !== 'settings') return;
  const { asked, wake } = answer;
  const { jid, belongs } = asked;
  const wish = wishOf(room, jid);
  // Whoever was made a member or has lost that meanwhile is asked about again when they have been here.
  if (belongs !== isAffiliated(room, jid) || (wish !== undefined && wish.wake !== 'default')) return;
  if (!belongs && !strangerWishes(room, turn, answer)) return;
  if (!wishOf(room, jid)) return;
  // Behind all others.
  accountSettings.set(room, turn, jid, null);
  accountSettings.set(room, turn, jid, { wake: wake ?? 'none', asked: turn.stamp, read: turn.stamp });
  enrolAgain(room, jid, room.occupants.withId(room.idOf(jid)));
}

/** Whoever does not belong to the room, and was in it, has a wish by what they have set, as long as they have: nothing goes to those who have set nothing. */
function strangerWishes(
  room: RoomState,
  turn: Turn,
  { asked: { jid, nick }, wake }: Extract<AccountAnswer, { about: 'settings' }>,
): boolean {
  if (wake === null || wake === 'nothing') {
    endWish(room, turn, jid);
    return false;
  }
  if (wishOf(room, jid)) return true;
  if (!mayHearAbsent(room, jid) || !hasPlaceForWish(room, jid, false)) return false;
  setWish(room, turn, jid, 'default', nick ?? undefined);
  return true;
}
