/** Telling those in the room that somebody's affiliation changed who is not there (§9.3-10.8 "from the room itself"). */
import type { Announcement } from '../contract/saying';
import { NS } from '../../xmpp/ns';
import { attributes, escapeText } from '../../xmpp/xml';
import { sayToAll } from './presence';
import type { RoomState } from '../state';
import type { Turn } from '../turn';

/** Tells those entitled, and remembers it until it is delivered. */
export function announceAffiliation(state: RoomState, turn: Turn, announcement: Announcement): void {
  if (state.occupants.count === 0) return;
  state.writeSaying(turn, { kind: 'affiliation', ...announcement });
  sayAnnouncement(state, turn, announcement);
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
