/** What a room's configuration comes to, for the room itself. */
import type { Language } from '../../words';
import type { Role } from '../governing/roles';

/** What the state machine itself must know of a room's options. */
export interface Facts {
  readonly name: string;
  /** In which the room speaks to everybody at once. */
  readonly language: Language;
  readonly listed: boolean;
  /** What search shows of it, JSON (`channel.ts`); null: it is not to be found. */
  readonly channel: string | null;
  readonly persistent: boolean;
  readonly membersOnly: boolean;
  readonly moderated: boolean;
  /** Moderated, and who has no affiliation comes in without voice. */
  readonly visitorsByDefault: boolean;
  /** Whether visitors may send a status text with their presence. */
  readonly visitorStatus: boolean;
  /** Non-anonymous: everybody sees real JIDs; else moderators do. */
  readonly jidsVisible: boolean;
  /** Messages a joiner may get at most. */
  readonly history: number;
  /** Whether what is said is archived. */
  readonly archived: boolean;
  /** Who reads it: everyone who may enter, affiliated people, or everyone but only messages from while they belonged to the room. */
  readonly archiveAccess: 'entrants' | 'members' | 'stays';
  /** The owner's bounds of what is kept; null: the service's. */
  readonly keepDays: number | null;
  readonly keepMessages: number | null;
  /** Roles whose presence the others see (§7.2.2); everybody sees their own. */
  readonly broadcast: ReadonlySet<Role>;
  /** Whether a joiner is shown unavailable presence of affiliated people who are not there (102, 103). */
  readonly absentShown: boolean;
  /** Roles that may read the lists of affiliations where JIDs are no secret (§7.11, §9.5). */
  readonly listReaders: ReadonlySet<Role>;
  /** Whether the lists of affiliations have versions (XEP-0463). */
  readonly listVersions: boolean;
  /** Whether strangers see the occupants in disco#items (§6.5). */
  readonly occupantsPublic: boolean;
  /** Whether requests to occupants are passed on, beside vCards and avatars (§17.4). */
  readonly relaysIq: boolean;
  /** The password to enter with, or undefined if none is needed. */
  readonly password: string | undefined;
}
