/** Private messages (§7.5): from one occupant to all sessions of another. Not archived. */
import type { FullJid } from '../../xmpp/fold';
import { langOf } from '../../xmpp/lengths';
import { NS } from '../../xmpp/ns';
import { attributes, type Element } from '../../xmpp/xml';
import { stanzaError, type StanzaError } from '../../xmpp/stanza-error';
import { inWords } from '../../words';
import { firstRefusal } from '../contract/feature-set';
import { messagePayload } from './message-xml';
import { sayToAll } from '../occupants/presence';
import { isEntering } from '../occupants/occupants';
import type { RoomState } from '../state';
import { absence } from '../configuring/tombstone';
import type { Turn } from '../turn';

/** A message to an occupant JID. Returns the refusal, if any. */
export function privateMessage(state: RoomState, turn: Turn, stanza: Element, from: FullJid, nick: string): StanzaError | undefined {
  if (!state.exists) return absence(state, turn);
  const sender = state.occupants.session(from)?.occupant;
  if (!sender) return stanzaError('not-acceptable', inWords('notOccupant'));
  const type = stanza.attrs['type'] as string | undefined;
  if (type === 'groupchat') return stanzaError('bad-request', inWords('groupchatToOne'));
  const recipient = state.occupants.withNick(nick);
  if (!recipient) return stanzaError('item-not-found', inWords('noSuchNick'));
  const refusal = firstRefusal(state.env.features.whisper, 'whisper', { room: state, stanza, occupant: sender, recipient });
  if (refusal) return refusal;
  state.used = turn.stamp;
  const head = attributes({ type, id: stanza.attrs['id'] as string, 'xml:lang': langOf(stanza) });
  // `<x/>` lets the recipient's server tell it from one-to-one chat when it makes carbons (XEP-0280 §6.1).
  const inner = `${messagePayload(stanza, state, 'private')}<x xmlns="${NS.mucUser}"/><occupant-id xmlns="${NS.occupantId}" id="${sender.id}"/>`;
  const live = recipient.sessions.filter((session) => !isEntering(session)).map((session) => session.address);
  const entering = recipient.sessions.filter(isEntering);
  sayToAll(state, turn, { name: 'message', from: sender.from, rest: `${head}>${inner}</message>` }, live, entering);
  return undefined;
}
