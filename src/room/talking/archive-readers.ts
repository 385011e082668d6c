/** Who may read what of a room's archive: exactly who may enter (XEP-0313 §6.1.2), as far as the room's options let them. */
import type { BareJid, FullJid } from '../../xmpp/fold';
import { bareOf } from '../../xmpp/jid';
import type { StanzaError } from '../../xmpp/stanza-error';
import type { ArchiveFilter } from '../contract/archive-query';
import { firstRefusal } from '../contract/feature-set';
import { isAdmin } from '../governing/roles';
import { isAffiliated } from '../occupants/stays';
import type { RoomState } from '../state';

/** Why this JID (full or bare) may not read the room's archive now; undefined: they may. */
export function refuseReading(room: RoomState, from: FullJid): StanzaError | undefined {
  const jid = bareOf(from);
  const present = room.occupants.session(from) !== undefined;
  return firstRefusal(room.env.features.read, 'read', { room, jid, affiliation: room.affiliationOf(jid), present });
}

/**
 * Whether what is said now may be sent to somebody who is not in the room (bare JID): they may read the archive, and what is said meanwhile is in the part
 * of it that is theirs.
 */
export function mayHearAbsent(room: RoomState, jid: BareJid): boolean {
  if (refuseReading(room, jid) !== undefined) return false;
  return readablePart(room, jid).stayOf === undefined || isAffiliated(room, jid);
}

/** The part of the archive that they may read, if any. */
export function readablePart(room: RoomState, from: FullJid): Pick<ArchiveFilter, 'upToSeq' | 'stayOf'> {
  const jid = bareOf(from);
  // Whoever may change the option may read without it.
  const all = room.facts.archiveAccess !== 'stays' || isAdmin(room.affiliationOf(jid));
  return { upToSeq: room.seq, ...(all ? {} : { stayOf: jid }) };
}
