/** Presence of affiliated people who are not there, where the room shows it (§10.2.1: 102, 103). */
import type { Outgoing } from '../../xmpp/outgoing';
import { presenceRest } from './presence';
import type { RoomState } from '../state';

/** Absent people who are shown: everybody who enters is sent them, each time. */
const MAX_SHOWN = 1000;

/**
 * Unavailable presence of everybody who has a reserved nickname here and is not in: without one there is no occupant JID that it
 * could come from. §17.3: a JID in it would have to be a full one, and somebody absent has none.
 */
export function absentPeople(state: RoomState): Omit<Outgoing, 'to'>[] {
  const presences: Omit<Outgoing, 'to'>[] = [];
  for (const { jid, nick, affiliation } of state.affiliations.withNick()) {
    if (nick === null || affiliation === 'outcast') continue;
    if (presences.length === MAX_SHOWN) break;
    const occupantId = state.idOf(jid);
    if (state.occupants.withId(occupantId)) continue;
    const facts = { unavailable: true, affiliation, role: 'none', codes: [], occupantId, content: '' } as const;
    presences.push({ name: 'presence', from: `${state.jid}/${nick}`, rest: presenceRest(state, facts, { jid: false, self: false }) });
  }
  return presences;
}
