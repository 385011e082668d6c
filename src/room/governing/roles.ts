/** Affiliations and roles, their order, and what follows from one to the other (XEP-0045 §5). */

export type Affiliation = 'owner' | 'admin' | 'member' | 'none' | 'outcast';
export type Role = 'moderator' | 'participant' | 'visitor' | 'none';

const AFFILIATION_ORDER: Record<Affiliation, number> = { outcast: 0, none: 1, member: 2, admin: 3, owner: 4 };
const ROLE_ORDER: Record<Role, number> = { none: 0, visitor: 1, participant: 2, moderator: 3 };

/** Positive if `a` stands above `b`, 0 if level (§5.2). */
export function compareAffiliations(a: Affiliation, b: Affiliation): number {
  return AFFILIATION_ORDER[a] - AFFILIATION_ORDER[b];
}

/** Whether the affiliation is admin or owner. */
export function isAdmin(affiliation: Affiliation): boolean {
  return affiliation === 'admin' || affiliation === 'owner';
}

export function isAffiliation(text: string): text is Affiliation {
  return Object.hasOwn(AFFILIATION_ORDER, text);
}

export function isRole(text: string): text is Role {
  return Object.hasOwn(ROLE_ORDER, text);
}
