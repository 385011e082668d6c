/** Who may read what of a room's archive: exactly who may enter (XEP-0313 §6.1.2), as far as the room's options let them. */
import type { FullJid } from '../xmpp/fold';
import { bareOf } from '../xmpp/jid';
import type { StanzaError } from '../xmpp/stanza-error';
import type { ArchiveFilter } from './archive-query';
import { firstRefusal } from './feature';
import { isAdmin } from './roles';
import type { RoomState } from './state';

/** Why this JID (full or bare) may not read the room's archive now; undefined: they may. */
export function refuseReading(room: RoomState, from: FullJid): StanzaError | undefined {
  const jid = bareOf(from);
  const present = room.occupants.session(from) !== undefined;
  return firstRefusal(room.env.features.read, 'read', { room, jid, affiliation: room.affiliationOf(jid), present });
}

/** The part of the archive that they may read, if any. */
export function readablePart(room: RoomState, from: FullJid): Pick<ArchiveFilter, 'upToSeq' | 'stayOf'> {
  const jid = bareOf(from);
  // Whoever may change the option may read without it.
  const all = room.facts.archiveAccess !== 'stays' || isAdmin(room.affiliationOf(jid));
  return { upToSeq: room.seq, ...(all ? {} : { stayOf: jid }) };
}
