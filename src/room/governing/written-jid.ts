/** A bare JID that somebody wrote: folded; valid if it can be an address, or if the room has it from a stanza, whatever it looks like. */
import { foldBare, type BareJid } from '../../xmpp/fold';
import { prepareBareJid } from '../../xmpp/prepare';
import type { RoomState } from '../state';

/** Undefined: not a JID. */
export function writtenJid(state: RoomState, raw: string): BareJid | undefined {
  const prepared = prepareBareJid(raw);
  if (prepared !== undefined) return prepared;
  const jid = foldBare(raw.trim());
  return state.affiliationRow(jid) || state.occupants.withId(state.idOf(jid)) ? jid : undefined;
}
