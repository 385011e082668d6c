/** Who may change whose affiliation and role, and read which list (§5, §8, §9, §10.3-10.8; notes on which error goes first stand at each rule). */
import type { Nick } from '../../xmpp/nick';
import type { BareJid } from '../../xmpp/fold';
import type { By } from '../contract/audit';
import { stanzaError, type StanzaError } from '../../xmpp/stanza-error';
import { inWords } from '../../words';
import { compareAffiliations, isAdmin, type Affiliation, type Role } from './roles';
import type { RoomState } from '../state';

/** The asker: affiliation, and role if in the room. */
export interface Asker {
  /** Bare JID; null for those who run the service. */
  readonly jid: BareJid | null;
  readonly affiliation: Affiliation;
  readonly role: Role;
}

/** Who acts: an asker with their nick, if they are in the room. */
export interface Actor extends Asker {
  readonly nick: Nick | undefined;
  /** For the audit trail, where it cannot be told from the rest. */
  readonly by?: By;
}

/** Whether they may do everything: a token may be bound to what an admin may. */
const isService = ({ jid, affiliation }: Asker): boolean => jid === null && affiliation === 'owner';

/** Why the asker may not make this change of affiliation, or undefined. The last owner is looked after elsewhere. */
export function affiliationRefusal(
  asker: Asker,
  target: { readonly jid: BareJid; readonly affiliation: Affiliation },
  wanted: Affiliation,
): StanzaError | undefined {
  if (isService(asker)) return undefined;
  if (!isAdmin(asker.affiliation)) return stanzaError('forbidden', inWords('adminsOnly'));
  // §9.1: "If an admin or owner attempts to ban himself, the service MUST deny the request and return a <conflict/>".
  if (wanted === 'outcast' && target.jid === asker.jid) return stanzaError('conflict', inWords('selfBan'));
  if (asker.affiliation === 'owner') return undefined;
  if (isAdmin(target.affiliation) && wanted === 'outcast') return stanzaError('not-allowed', inWords('above'));
  if (isAdmin(target.affiliation) || isAdmin(wanted)) return stanzaError('forbidden', inWords('ownersOnly'));
  return undefined;
}

/** Why the asker may not give somebody in the room this role, or undefined. */
export function roleRefusal(
  asker: Asker,
  target: { readonly jid: BareJid; readonly affiliation: Affiliation; readonly role: Role },
  wanted: Role,
): StanzaError | undefined {
  if (isService(asker)) return undefined;
  const admin = isAdmin(asker.affiliation);
  if (!admin && asker.role !== 'moderator') return stanzaError('forbidden', inWords('moderatorsOnly'));
  if (target.jid === asker.jid && wanted === 'none') return undefined;
  // §8.2, §8.4, §9.7: somebody of higher affiliation is out of reach, and this is said before anything else.
  if (compareAffiliations(target.affiliation, asker.affiliation) > 0) return stanzaError('not-allowed', inWords('above'));
  // §8.4, §9.7: voice and moderator status are never taken from an admin or owner by a role.
  if (isAdmin(target.affiliation) && wanted !== 'none') return stanzaError('not-allowed', inWords('keepsRole'));
  if (admin) return undefined;
  // §9.6-9.7: moderators are made and unmade by admins; §8.2: a moderator kicks participants and visitors.
  if (wanted === 'moderator') return stanzaError('forbidden', inWords('adminsOnly'));
  if (target.role === 'moderator')
    return wanted === 'none' ? stanzaError('not-allowed', inWords('above')) : stanzaError('forbidden', inWords('adminsOnly'));
  return undefined;
}

/**
 * §9.2, §9.5: admins read the ban and member lists. §10.5, §10.8: owners read the owner and admin lists; in a non-anonymous room
 * whoever may read the member list may read those too, since they tell nothing new there (1.35.0).
 */
export function mayReadAffiliations(state: RoomState, actor: Asker, affiliation: Affiliation): boolean {
  if (actor.affiliation === 'owner') return true;
  if (affiliation === 'outcast') return isAdmin(actor.affiliation);
  if (!state.facts.jidsVisible) return affiliation === 'member' && isAdmin(actor.affiliation);
  if (isAdmin(actor.affiliation)) return true;
  // §9.5: members may read it from outside too, by the role they would have.
  const fromOutside = actor.role === 'none' && actor.affiliation !== 'none';
  return state.facts.listReaders.has(fromOutside ? state.roleFor(actor.affiliation) : actor.role);
}
