/** People who are away are woken: whose wish begins and ends when, and what else of the room's life matters for it. */
import type { AffiliationChange, Feature } from '../../room/contract/feature';
import type { Occupant } from '../../room/occupants/occupants';
import { isAffiliated } from '../../room/occupants/stays';
import type { RoomState } from '../../room/state';
import type { Turn } from '../../room/turn';
import { endWish, hasPlaceForWish, meetWisher, noteWisher, ROWS_OF_WISHERS, setWish, wishersOf, wishOf, wishRows } from './wake-wishes';
import { accountKey, isOwnDomain, type BareJid } from '../../xmpp/fold';
import { domainOf, storedBare } from '../../xmpp/jid';
import { isArchived } from '../archive/archive';
import { askSettings, settingsRead } from './account-settings';
import { accountSettings } from './account-wake';
import { awayRows, isAtClient, noteAway } from './away';
import { heard, nextRing, wakeRested } from './ringing';
import { tellThem } from '../restraints/who';
import { inWords } from '../../words';
import { enrolAgain, unheardMentions } from './roll';
import { rung } from './rung';
import { wakeOption } from './wake-option';

export const wakeUps: Feature = {
  name: 'wake-ups',
  rows: [wishRows, rung.declaration, awayRows, accountSettings.declaration],
  options: [wakeOption],
  // What is not kept is not there when they come.
  listens: isArchived,
  said: heard,
  entered: (room, turn, { jid, nick }) => {
    meetWisher(room, turn, jid, nick);
    if (isAffiliated(room, jid)) begin(room, turn, { jid, nick });
  },
  joined: (room, turn, occupant) => {
    tellMissed(room, turn, occupant);
    seen(room, turn, occupant, true);
  },
  appeared: (room, turn, occupant) => seen(room, turn, occupant, isAtClient(occupant)),
  left: (room, turn, { jid, nick }, removed) => {
    if (!room.facts.persistent && room.occupants.count === 0) return;
    // What somebody else did is no sign of theirs.
    if (!removed || isAffiliated(room, jid)) askSettings(room, turn, jid, nick);
    if (!wishOf(room, jid)) return;
    noteWisher(room, turn, jid, nick);
    noteAway(room, turn, jid, undefined);
    enrolAgain(room, jid, undefined);
  },
  affiliated,
  told: settingsRead,
  // Errors end no wish, since servers answer alike for whom they do not have and for what they do not take; but this one tells.
  bounced: (room, turn, { jid, nick, condition }) => {
    if (nick === undefined && condition === 'gone') endWish(room, turn, storedBare(jid));
    return false;
  },
  over: (room, turn, { rows, key }) => {
    if (rows === wishRows.name) for (const name of ROWS_OF_WISHERS) room.setFeatureValue(turn, name, key, null);
  },
  deadline: nextRing,
  due: wakeRested,
};

/** Whoever belongs to the room is told what the room tells those who say nothing, from the first time that they are in it. */
function begin(room: RoomState, turn: Turn, { jid, nick }: Pick<Occupant, 'jid' | 'nick'>): void {
  if (!wishOf(room, jid) && hasPlaceForWish(room, jid, true)) setWish(room, turn, jid, 'default', nick);
}

/** Whoever was mentioned since they were woken, and was not woken again for it, is told how often when they come: the messages are in the archive. */
function tellMissed(room: RoomState, turn: Turn, occupant: Occupant): void {
  const count = unheardMentions(room, occupant.jid);
  if (count > 0) tellThem(room, turn, occupant, inWords('wakeMentions', { count }));
}

/** Somebody in the room shows a sign of life, or (`isHere`: false) is at no client any more. */
function seen(room: RoomState, turn: Turn, occupant: Occupant, isHere: boolean): void {
  const { jid } = occupant;
  if (!wishOf(room, jid)) return;
  if (isHere) rung.set(room, turn, jid, null);
  noteAway(room, turn, jid, occupant);
  if (!isHere) askSettings(room, turn, jid, occupant.nick);
  enrolAgain(room, jid, occupant);
}

/** Losing an affiliation ends a wish, also for those whom their domain's gave it; and a ban does for all addresses for which it is in force. */
function affiliated({ room, turn, jid, after, present }: AffiliationChange): void {
  if (!jid.includes('@')) {
    for (const one of after === 'none' || after === 'outcast' ? wishersOf(room, jid) : [])
      if (!isAffiliated(room, one)) endWish(room, turn, one);
  } else if (after === 'none' || after === 'outcast') {
    endWish(room, turn, jid);
    if (after === 'outcast') endAlike(room, turn, jid);
  } else if (present) {
    const occupant = room.occupants.withId(room.idOf(jid));
    if (occupant) begin(room, turn, occupant);
  }
}

/** Somebody is banned: in every spelling that may be their account (rule 7). */
function endAlike(room: RoomState, turn: Turn, jid: BareJid): void {
  const [domain, key] = [domainOf(jid), accountKey(jid)];
  if (isOwnDomain(domain)) return;
  for (const one of wishersOf(room, domain)) if (accountKey(one) === key && room.affiliationOf(one) === 'outcast') endWish(room, turn, one);
}
