/** Whom somebody means by an address that they wrote: a bare JID, folded, or an occupant as clients show them. */
import { foldBare, type BareJid } from '../../xmpp/fold';
import { domainOf } from '../../xmpp/jid';
import { prepareBareJid } from '../../xmpp/prepare';
import type { Occupant } from '../occupants/occupants';
import type { RoomState } from '../state';

/** A bare JID: valid if it can be an address, or if the room has it from a stanza, whatever it looks like. Undefined: not a JID. */
export function writtenJid(state: RoomState, raw: string): BareJid | undefined {
  const prepared = prepareBareJid(raw);
  if (prepared !== undefined) return prepared;
  const jid = foldBare(raw.trim());
  return state.affiliationRow(jid) || state.occupants.withId(state.idOf(jid)) ? jid : undefined;
}

/**
 * Somebody by address: the room's own address with a nickname, in any spelling, means the occupant, since clients write what they see. `nobody`: nobody is in the room under that
 * nickname; `malformed`: it is no JID. Whether the address can be a person's is for whoever asks (`isOfService`).
 */
export function writtenAddress(
  state: RoomState,
  raw: string,
): { readonly jid: BareJid; readonly occupant?: Occupant } | 'nobody' | 'malformed' {
  const written = raw.trim();
  const jid = writtenJid(state, written);
  if (jid === undefined) return 'malformed';
  const slash = written.indexOf('/');
  if (jid !== state.jid || slash < 0) return { jid };
  const occupant = state.occupants.withNick(written.slice(slash + 1));
  return occupant ? { jid: occupant.jid, occupant } : 'nobody';
}

/** Whether an address is one of the rooms' domain: no person's (found H5). */
export const isOfService = (state: RoomState, jid: BareJid): boolean => domainOf(jid) === domainOf(state.jid);
