/** Changing one's nickname (§7.6): for all sessions of the occupant at once. */
import type { Element } from '../../xmpp/xml';
import type { StanzaError } from '../../xmpp/stanza-error';
import { tidyNick, type Nick } from '../../xmpp/nick';
import { changeAvailability } from './availability';
import { nickRefusal } from './nicks';
import { firstRefusal } from '../contract/feature-set';
import type { Occupant, Session } from './occupants';
import { presenceOf, priorityOf, shownContent, showToOthers, tellOthers, tellSelf } from './presence';
import type { RoomState } from '../state';
import type { Turn } from '../turn';
import { STATUS } from './status';

/**
 * Presence from a session to another nick than its own, which the room may modify: spaces are tidied, and 210 says so (§7.6).
 * Returns the refusal, if any.
 */
export function changeNick(state: RoomState, turn: Turn, stanza: Element, session: Session, asked: string): StanzaError | undefined {
  const { occupant } = session;
  const nick = tidyNick(asked);
  if (nick === occupant.nick) {
    session.askedNick = asked;
    return changeAvailability(state, turn, stanza, session, [STATUS.nickAssigned]);
  }
  const appearance = { room: state, stanza, occupant, nick };
  const refusal = firstRefusal(state.env.features.appear, 'appear', appearance) ?? nickRefusal(state, occupant.jid, nick);
  if (refusal) return refusal;
  session.presence = shownContent(state, turn, stanza, occupant.role);
  session.priority = priorityOf(stanza);
  rename(state, turn, occupant, nick, { session, id: stanza.attrs['id'] as string | undefined, asked });
  return undefined;
}

/**
 * Gives an occupant another nick, which must be allowed. `request`: the session that asked, for which nick, and the id of its stanza.
 * Where the nick is not the one asked for, or nobody asked, the room says that it assigned it (210, §7.6, §7.10).
 */
export function rename(
  state: RoomState,
  turn: Turn,
  occupant: Occupant,
  nick: Nick,
  request?: { readonly session: Session; readonly id: string | undefined; readonly asked: string },
): void {
  const former = { nick: occupant.nick, from: occupant.from };
  const gone = presenceOf(state, occupant, { unavailable: true, newNick: nick, codes: [STATUS.newNick], content: '' });
  state.occupants.rename(occupant, nick);
  state.occupants.order(occupant);
  for (const each of occupant.sessions) {
    each.askedNick = request?.session === each && request.asked !== nick ? request.asked : null;
    state.writeSession(turn, each);
  }
  const jids = occupant.sessions.map((each) => each.address.jid);
  const { visible } = occupant;
  state.writeSaying(turn, {
    kind: 'presence',
    nick: former.nick,
    facts: gone,
    jids,
    role: occupant.role,
    ...(visible ? {} : { selfOnly: true }),
  });
  state.writeOccupant(turn, occupant);
  if (visible) tellOthers(state, turn, former.from, gone, occupant);
  tellSelf(state, turn, occupant, gone, { from: former.from });
  // §7.10: 210 "in the updated presence notification that it sends to all users".
  const here = presenceOf(
    state,
    occupant,
    request ? { selfCodes: request.asked === nick ? [] : [STATUS.nickAssigned] } : { codes: [STATUS.nickAssigned] },
  );
  showToOthers(state, turn, occupant, here);
  tellSelf(state, turn, occupant, here, { request });
}
