/** What features from outside add to a stanza, by who gets it. */
import type { Affiliation, Role } from '../governing/roles';

/** Finished XML: for everybody, the occupant's own clients, who may see real JIDs, moderators. */
export interface Additions {
  readonly all: string;
  readonly self: string;
  readonly entitled: string;
  readonly moderators: string;
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
