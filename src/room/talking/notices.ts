/** Notices of configuration changes (§10.2.1): a groupchat message from the room with one status code. */
import { NS } from '../../xmpp/ns';
import { sayToAll } from '../occupants/presence';
import { sayAsRoom } from './speak';
import type { RoomState } from '../state';
import { statusXml, type StatusCode } from '../occupants/status';
import type { Turn } from '../turn';

/** The content of a notice. §10.2.1: the element "shall contain only a `<status/>`", so each code has its own. */
const noticePayload = (state: RoomState, code: StatusCode): string =>
  `<x xmlns="${NS.mucUser}">${statusXml(code, state.env.policy.rooms.conditions)}</x>`;

/** The `rest` (see Outgoing) of a notice that is not archived. */
export function noticeRest(state: RoomState, code: StatusCode): string {
  return ` type="groupchat">${noticePayload(state, code)}</message>`;
}

/** Tells everybody present, and remembers it until it is delivered; for good, where that is wanted. */
export function notify(state: RoomState, turn: Turn, codes: readonly StatusCode[]): void {
  if (codes.length === 0) return;
  const archived = keepsEvents(state);
  state.writeSaying(turn, { kind: 'notice', codes, ...(archived ? { archived } : {}) });
  const { everyone, entering } = state.occupants.audiences;
  for (const code of codes) {
    if (archived) sayAsRoom(state, turn, { clientId: null, lang: null, payload: noticePayload(state, code), inHistory: false });
    else sayToAll(state, turn, { name: 'message', from: state.jid, rest: noticeRest(state, code), kind: 'fan-out' }, everyone, entering);
  }
}

/** Whether changes of the room are kept with what is said in it. */
export function keepsEvents(state: RoomState): boolean {
  return state.facts.archived && state.env.policy.kept.events;
}
