/** Saying an occupant's message to all: its archive row and the one template that goes to everybody. */
import type { Element } from '../xmpp/xml';
import { messageId } from './ids';
import { messagePayload, messageRest } from './message-xml';
import type { Session } from './occupants';
import { sayToAll } from './presence';
import type { MessageRow } from './rows';
import type { RoomState } from './state';
import type { Turn } from './turn';

/** Says an occupant's message to all, archived or not. Returns the archived row. */
export function speak(
  state: RoomState,
  turn: Turn,
  stanza: Element,
  session: Session,
  archived: boolean,
  inHistory: boolean,
): MessageRow | undefined {
  const { occupant } = session;
  const clientId = (stanza.attrs['id'] as string | undefined) ?? null;
  const lang = (stanza.attrs['xml:lang'] as string | undefined) ?? null;
  const payload = messagePayload(stanza, state.jid);
  const id = archived ? messageId(turn.stamp, state.env.random) : null;
  let row: MessageRow | undefined;
  if (id !== null) {
    state.seq += 1;
    row = {
      seq: state.seq,
      rev: state.raise(),
      stamp: turn.stamp,
      id,
      nick: occupant.nick,
      sender: occupant.jid,
      occupantId: occupant.id,
      clientId,
      lang,
      inHistory,
      payload,
    };
    turn.write({ table: 'message', row });
  }
  const rest = messageRest({ id, clientId, lang, occupantId: occupant.id, payload }, state.jid);
  const { everyone, entering } = state.occupants.audiences;
  sayToAll(state, turn, { name: 'message', from: occupant.from, rest }, everyone, entering);
  return row;
}
