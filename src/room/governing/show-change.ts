/** Telling everybody that somebody's role or affiliation changed, also of people who are not there (§9.3-10.8 "from the room itself"), and a new moderator who the others are. */
import type { Occupant } from '../occupants/occupants';
import { presenceOf, presenceRest, sayTo, showToOthers, tellSelf, sayToAll } from '../occupants/presence';
import type { PresenceFacts, Announcement, ListChange } from '../contract/saying';
import type { RoomState } from '../state';
import type { Turn } from '../turn';
import { groupsByVersion, withoutOwn, type Group } from '../occupants/groups';
import { NS } from '../../xmpp/ns';
import { attributes, escapeText } from '../../xmpp/xml';

/** Whether this very occupant is still in. */
export function isPresent(state: RoomState, occupant: Occupant): boolean {
  return state.occupants.withId(occupant.id) === occupant;
}

/** An occupant's presence to all, the occupant included, after a change by somebody else. */
export function showChange(state: RoomState, turn: Turn, occupant: Occupant, why: Partial<PresenceFacts>): void {
  state.writeOccupant(turn, occupant);
  const facts = presenceOf(state, occupant, why);
  showToOthers(state, turn, occupant, facts);
  tellSelf(state, turn, occupant, facts);
}

/** Shows a new moderator what moderators see, and sends the requests that wait for one. */
export function welcomeModerator(state: RoomState, turn: Turn, moderator: Occupant): void {
  introduce(state, turn, moderator);
  for (const feature of state.env.features.promoted) feature.promoted?.(state, turn, moderator);
}

/** Shows somebody who has a higher affiliation what features add for it. */
export function welcomeAffiliated(state: RoomState, turn: Turn, occupant: Occupant): void {
  if (state.env.features.addToPresence.some(({ addsByAffiliation }) => addsByAffiliation)) introduce(state, turn, occupant);
}

/** In a semi-anonymous room a new moderator is shown the real JIDs that they may see from now on (§8). */
export function introduce(state: RoomState, turn: Turn, reader: Occupant): void {
  // What features add for moderators they have not seen either.
  if (state.facts.jidsVisible && state.env.features.addToPresence.every(({ addsToAll }) => addsToAll)) return;
  const affiliation = state.affiliationOf(reader.jid);
  const audience = { jid: state.seesJids(reader.role), self: false, moderator: reader.role === 'moderator', affiliation };
  for (const other of state.occupants.all()) {
    if (other === reader || !other.visible) continue;
    const rest = presenceRest(state, presenceOf(state, other), audience);
    for (const session of reader.sessions) sayTo(state, turn, session, { name: 'presence', from: other.from, rest, kind: 'fan-out' });
  }
}

/** Tells those entitled, with the version of the lists if they have one, and remembers it until it is delivered. */
export function announceAffiliation(state: RoomState, turn: Turn, announcement: Announcement, lists?: ListChange): void {
  if (state.occupants.count === 0) return;
  state.writeSaying(turn, { kind: 'affiliation', ...announcement });
  if (lists) sayVersioned(state, turn, announcement, lists);
  else sayAnnouncement(state, turn, announcement);
}

/** The same with the version of the lists, to those who have one; to the others who are entitled without. */
function sayVersioned(state: RoomState, turn: Turn, announcement: Announcement, lists: ListChange): void {
  for (const group of groupsByVersion(state, lists))
    if (group.mark !== '' || group.moderator || state.facts.jidsVisible) sayItem(state, turn, announcement, group);
}

/** Tells those alone who have a version of the lists, but not `subject`: what was said of the change to everybody did not reach them, or there was nothing to say. */
export function announceVersion(
  state: RoomState,
  turn: Turn,
  announcement: Announcement,
  lists: ListChange,
  subject: Occupant | null,
): void {
  for (const group of groupsByVersion(state, lists)) if (group.mark !== '') sayItem(state, turn, announcement, group, subject);
}

function sayItem(state: RoomState, turn: Turn, announcement: Announcement, group: Group, subject: Occupant | null = null): void {
  const { mark = '', to, entering } = group;
  const rest = `><x xmlns="${NS.mucUser}">${mark}${absentItem(announcement)}</x></message>`;
  const held = entering.filter(({ occupant }) => occupant !== subject);
  sayToAll(state, turn, { name: 'message', from: state.jid, rest, kind: 'fan-out', ...withoutOwn(state, group, subject) }, to, held);
}

/** The item of somebody who is not there. */
export function absentItem({ jid, affiliation, reason }: Announcement): string {
  const head = `<item${attributes({ affiliation, jid, role: 'none' })}`;
  return reason === undefined || reason === '' ? `${head}/>` : `${head}><reason>${escapeText(reason)}</reason></item>`;
}

/** §10.3 example: type normal, role none. */
export function sayAnnouncement(state: RoomState, turn: Turn, { jid, affiliation, reason }: Announcement): void {
  const { everyone, moderators, entering } = state.occupants.audiences;
  const rest = `><x xmlns="${NS.mucUser}">${absentItem({ jid, affiliation, reason })}</x></message>`;
  const entitled = state.facts.jidsVisible ? everyone : moderators;
  const held = entering.filter((session) => state.seesJids(session.occupant.role));
  sayToAll(state, turn, { name: 'message', from: state.jid, rest, kind: 'fan-out' }, entitled, held);
}
