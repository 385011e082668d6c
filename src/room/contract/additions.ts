/** What features from outside add to a stanza, by who gets it. */
import type { Affiliation, Role } from '../governing/roles';

/** Finished XML for those whose affiliation is that or a higher one. */
interface ByAffiliation {
  readonly members: string;
  readonly admins: string;
  readonly owners: string;
}

/** Finished XML that is added to a message: for everybody, and beside it for some. */
export interface MessageAdditions extends ByAffiliation {
  readonly all: string;
  readonly moderators: string;
}

/** Finished XML that is added to presence: also for the occupant's own clients, and for who may see real JIDs. */
export interface Additions extends MessageAdditions {
  readonly self: string;
  readonly entitled: string;
}

export const NOTHING_ADDED: Additions = { all: '', self: '', entitled: '', moderators: '', members: '', admins: '', owners: '' };

/** Whether it matters which affiliation somebody has who gets it. */
export const differsByAffiliation = ({ members, admins, owners }: ByAffiliation): boolean =>
  members !== '' || admins !== '' || owners !== '';

/** What of it somebody of this affiliation gets because of that. */
export function addedForAffiliation({ members, admins, owners }: ByAffiliation, affiliation: Affiliation): string {
  if (affiliation === 'owner') return members + admins + owners;
  if (affiliation === 'admin') return members + admins;
  return affiliation === 'member' ? members : '';
}

/** Both, the second behind the first; of one kind. */
export function bothAdditions<T extends MessageAdditions>(a: T, b: T): T {
  return Object.fromEntries(
    Object.entries(a).map(([audience, text]) => [audience, text + (b[audience as keyof T] as string)]),
  ) as unknown as T;
}

/** What was added, and what it was made of. */
export interface KeptAdditions {
  readonly added: Additions | undefined;
  readonly nick: string;
  readonly role: Role;
  readonly affiliation: Affiliation;
  readonly sessions: number;
  readonly rows: number;
  readonly options: unknown;
}
