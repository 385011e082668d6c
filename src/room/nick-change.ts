/** Changing one's nickname (§7.6): for all sessions of the occupant at once. */
import type { Element } from '../xmpp/xml';
import type { StanzaError } from '../xmpp/stanza-error';
import { nickRefusal } from './nicks';
import type { Session } from './occupants';
import { presenceContent, presenceOf, priorityOf, tellOthers, tellSelf } from './presence';
import type { RoomState } from './state';
import type { Turn } from './turn';

/** Presence from a session to another nick than its own. Returns the refusal, if any. */
export function changeNick(state: RoomState, turn: Turn, stanza: Element, session: Session, nick: string): StanzaError | undefined {
  const { occupant } = session;
  const refusal = nickRefusal(state, occupant.jid, nick);
  if (refusal) return refusal;
  const request = { session, id: stanza.attrs['id'] as string | undefined };
  const former = { nick: occupant.nick, from: occupant.from };
  const gone = presenceOf(state, occupant, { unavailable: true, newNick: nick, codes: [303], content: '' });
  state.occupants.rename(occupant, nick);
  session.presence = presenceContent(stanza, state.jid);
  session.priority = priorityOf(stanza);
  state.occupants.order(occupant);
  for (const each of occupant.sessions) {
    each.askedNick = null;
    state.writeSession(turn, each);
  }
  const jids = occupant.sessions.map((each) => each.address.jid);
  state.writeSaying(turn, { kind: 'presence', nick: former.nick, facts: gone, jids, role: occupant.role });
  state.writeOccupant(turn, occupant);
  tellOthers(state, turn, former.from, gone, occupant);
  tellSelf(state, turn, former.from, gone, occupant.sessions, occupant.role);
  const here = presenceOf(state, occupant);
  tellOthers(state, turn, occupant.from, here, occupant);
  tellSelf(state, turn, occupant.from, here, occupant.sessions, occupant.role, request);
  return undefined;
}
