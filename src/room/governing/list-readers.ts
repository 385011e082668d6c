/** Who may read which list of affiliations; whoever may not is told of nobody whether they are on it. */
import type { Asker } from './rights';
import { isAdmin, type Affiliation } from './roles';
import type { RoomState } from '../state';

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
