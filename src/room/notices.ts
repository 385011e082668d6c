/** Notices of configuration changes (§10.2.1): a groupchat message from the room with one status code. */
import { NS } from '../xmpp/ns';
import { sayToAll } from './presence';
import type { RoomState } from './state';
import { statusXml } from './status';
import type { Turn } from './turn';

/** The `rest` (see Outgoing) of a notice. §10.2.1: the element "shall contain only a `<status/>`", so each code has its own. */
export function noticeRest(code: number): string {
  return ` type="groupchat"><x xmlns="${NS.mucUser}">${statusXml(code)}</x></message>`;
}

/** Tells everybody present, and remembers it until it is delivered. */
export function notify(state: RoomState, turn: Turn, codes: readonly number[]): void {
  if (codes.length === 0) return;
  state.writeSaying(turn, { kind: 'notice', codes });
  const { everyone, entering } = state.occupants.audiences;
  for (const code of codes) sayToAll(state, turn, { name: 'message', from: state.jid, rest: noticeRest(code) }, everyone, entering);
}
