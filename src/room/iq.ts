/** IQ requests to a room and its occupants (§6, §8-10, §17.4): which handler answers, each with exactly one answer. */
import type { FullJid } from '../xmpp/fold';
import { NS } from '../xmpp/ns';
import { childElements, localName, namespaceOf, type Element } from '../xmpp/xml';
import { iqResult, stanzaError, type StanzaError } from '../xmpp/stanza-error';
import { inWords } from '../words';
import { adminIq } from './governing/admin-iq';
import { roomInfo, roomItems } from './configuring/discovery';
import { ownerIq } from './configuring/owner-iq';
import { relay } from './talking/relay';
import type { RoomState } from './state';
import { absence } from './configuring/tombstone';
import type { Turn } from './turn';

/** Requests that every room answers itself, by `name namespace` of the payload. */
export const ROOM_REQUESTS = [
  `query ${NS.mucAdmin}`,
  `query ${NS.mucOwner}`,
  `query ${NS.discoInfo}`,
  `query ${NS.discoItems}`,
  `ping ${NS.ping}`,
] as const;

/** A get or set to the room itself. Returns the refusal, if any. */
export function iqToRoom(state: RoomState, turn: Turn, iq: Element, from: FullJid): StanzaError | undefined {
  const payloads = childElements(iq);
  const payload = payloads[0];
  // RFC 6120 §8.2.3: a request has exactly one child element.
  if (!payload || payloads.length > 1) return stanzaError('bad-request', inWords('iqMalformed'));
  if (!state.exists) return absence(state, turn);
  const ns = namespaceOf(payload);
  // §7.2.10: until it is configured, a room exists for its owner only, whatever is asked.
  if (state.locked && state.affiliationOf(from) !== 'owner') return stanzaError('item-not-found', inWords('noRoom'));
  const get = iq.attrs['type'] === 'get';
  const node = payload.attrs['node'] as string | undefined;
  switch (`${localName(payload)} ${ns}`) {
    case `query ${NS.mucAdmin}`:
      return adminIq(state, turn, iq, payload, from);
    case `query ${NS.mucOwner}`:
      return ownerIq(state, turn, iq, payload, from);
    case `query ${NS.discoInfo}`:
      if (get) return roomInfo(state, turn, iq, node, from);
      break;
    case `query ${NS.discoItems}`:
      if (get) return roomItems(state, turn, iq, node, from);
      break;
    case `ping ${NS.ping}`:
      if (get) {
        turn.say(iqResult(iq, ''));
        return undefined;
      }
      break;
  }
  const handler = state.env.features.iq.get(`${localName(payload)} ${ns}`);
  return handler ? handler({ room: state, turn, stanza: iq, from, payload }) : stanzaError('service-unavailable', inWords('iqUnknown'));
}

/** A get or set to an occupant JID. Returns the refusal, if any. */
export function iqToOccupant(state: RoomState, turn: Turn, iq: Element, from: FullJid, nick: string): StanzaError | undefined {
  const payloads = childElements(iq);
  const payload = payloads[0];
  if (!payload || payloads.length > 1) return stanzaError('bad-request', inWords('iqMalformed'));
  const ns = namespaceOf(payload);
  // XEP-0410 §3.3: whoever is not in learns it by this very condition, also where there is no room any more.
  const session = state.occupants.session(from);
  if (!session) {
    // §6.6: "If a non-occupant attempts to send a disco request to an address of the form <room@service/nick>, … <bad-request/>".
    if (ns === NS.discoInfo || ns === NS.discoItems) return stanzaError('bad-request', inWords('discoOccupant'));
    return stanzaError('not-acceptable', inWords('notOccupant'), { type: 'cancel' });
  }
  const target = state.occupants.withNick(nick);
  const own = target === session.occupant || session.askedNick === nick;
  if (own && localName(payload) === 'ping' && ns === NS.ping && iq.attrs['type'] === 'get') {
    // XEP-0410: the service answers itself, for the full JID that asks.
    turn.say(iqResult(iq, ''));
    return undefined;
  }
  const asked = target ?? (own ? session.occupant : undefined);
  return asked ? relay(state, turn, { iq, payload, session, asked }) : stanzaError('item-not-found', inWords('noSuchNick'));
}
