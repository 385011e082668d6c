/** Changing one's availability (§7.7): the others see the session that is shown first, the sender sees their own change. */
import { resourceOf } from '../../xmpp/jid';
import type { Element } from '../../xmpp/xml';
import type { StanzaError } from '../../xmpp/stanza-error';
import { firstRefusal } from '../contract/feature-set';
import type { Session } from './occupants';
import { presenceOf, presenceRest, priorityOf, sayTo, shownContent, showToOthers, tellSelf } from './presence';
import type { RoomState } from '../state';
import type { Turn } from '../turn';
import type { StatusCode } from './status';

/** Plain presence from a session to its own nick; `selfCodes` for the sender, besides 110. Returns the refusal, if any. */
export function changeAvailability(
  state: RoomState,
  turn: Turn,
  stanza: Element,
  session: Session,
  selfCodes: readonly StatusCode[] = [],
): StanzaError | undefined {
  const { occupant } = session;
  const refusal = firstRefusal(state.env.features.appear, 'appear', { room: state, stanza, occupant, nick: undefined });
  if (refusal) return refusal;
  // A sender who uses their present nick knows it, so the nick they once asked for means another person from now on (§7.6).
  if (resourceOf(stanza.attrs['to'] as string) === occupant.nick) session.askedNick = null;
  const shownBefore = occupant.sessions[0];
  session.presence = shownContent(state, turn, stanza, occupant.role);
  session.priority = priorityOf(stanza);
  state.occupants.order(occupant);
  state.writeSession(turn, session);
  for (const feature of state.env.features.appeared) feature.appeared?.(state, turn, occupant);
  const request = { session, id: stanza.attrs['id'] as string | undefined };
  const shown = occupant.sessions[0];
  if (shown !== session && shown === shownBefore) {
    // The others see another session: only the sender learns that the change arrived.
    const facts = presenceOf(state, occupant, { content: session.presence, realJid: session.jid, selfCodes });
    tellSelf(state, turn, occupant, facts, { sessions: [session], request });
    return undefined;
  }
  state.writeOccupant(turn, occupant);
  const facts = presenceOf(state, occupant, { selfCodes });
  showToOthers(state, turn, occupant, facts);
  tellSelf(state, turn, occupant, facts, { request });
  return undefined;
}

/** §17.3 (MAY): a probe to an occupant JID from somebody in the room is answered with that occupant's presence. */
export function answerProbe(state: RoomState, turn: Turn, session: Session, nick: string): void {
  const occupant = state.occupants.withNick(nick);
  if (!occupant) return;
  if (occupant === session.occupant) {
    tellSelf(state, turn, occupant, presenceOf(state, occupant), { sessions: [session] });
    return;
  }
  if (!occupant.visible) return;
  const rest = presenceRest(state, presenceOf(state, occupant), {
    jid: state.seesJids(session.occupant.role),
    self: false,
    moderator: session.occupant.role === 'moderator',
    affiliation: state.affiliationOf(session.occupant.jid),
  });
  sayTo(state, turn, session, { name: 'presence', from: occupant.from, rest });
}
