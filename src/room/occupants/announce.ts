/** Telling those in the room that somebody's affiliation changed who is not there (§9.3-10.8 "from the room itself"). */
import type { Announcement, ListChange } from '../contract/saying';
import { groupsByVersion, withoutOwn, type Group } from './groups';
import type { Occupant } from './occupants';
import { NS } from '../../xmpp/ns';
import { attributes, escapeText } from '../../xmpp/xml';
import { sayToAll } from './presence';
import type { RoomState } from '../state';
import type { Turn } from '../turn';

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
