/** Changing one's availability (§7.7): the others see the session that is shown first, the sender sees his own change. */
import type { Element } from '../xmpp/xml';
import type { Session } from './occupants';
import { presenceContent, presenceOf, priorityOf, tellOthers, tellSelf } from './presence';
import type { RoomState } from './state';
import type { Turn } from './turn';

/** Plain presence from a session to its own nick. */
export function changeAvailability(state: RoomState, turn: Turn, stanza: Element, session: Session): void {
  const { occupant } = session;
  const shownBefore = occupant.sessions[0];
  session.presence = presenceContent(stanza, state.jid);
  session.priority = priorityOf(stanza);
  state.occupants.order(occupant);
  state.writeSession(turn, session);
  const request = { session, id: stanza.attrs['id'] as string | undefined };
  const shown = occupant.sessions[0];
  if (shown !== session && shown === shownBefore) {
    // The others see another session: only the sender learns that his change arrived.
    const facts = presenceOf(state, occupant, { content: session.presence, realJid: session.address.jid });
    tellSelf(state, turn, occupant.from, facts, [session], occupant.role, request);
    return;
  }
  state.writeOccupant(turn, occupant);
  const facts = presenceOf(state, occupant);
  tellOthers(state, turn, occupant.from, facts, occupant);
  tellSelf(state, turn, occupant.from, facts, occupant.sessions, occupant.role, request);
}
