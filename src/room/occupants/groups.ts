/** Who is in the room by role and affiliation: for what features from outside add for some of them. Nothing else asks, and without such features it costs nothing. */
import type { Address, Outgoing } from '../../xmpp/outgoing';
import { Remembered } from '../contract/memory';
import type { ListChange } from '../contract/saying';
import { changeMark, heldReach, listLog, type ListReach } from '../governing/list-versions';
import type { Affiliation } from '../governing/roles';
import type { RoomState } from '../state';
import { isEntering, type Audiences, type Entering, type Occupant, type Session } from './occupants';

/** Those who get the same: moderators or not, of one affiliation, and with the same version of the lists. */
export interface Group {
  readonly moderator: boolean;
  readonly affiliation: Affiliation;
  readonly to: readonly Address[];
  /** For whom it is held. */
  readonly entering: readonly Entering[];
  /** What they have of the lists (XEP-0463), null: nothing; undefined: it makes no difference. */
  readonly reach?: ListReach | null;
  /** What tells the version of the lists, finished XML. */
  readonly mark?: string;
}

/** The groups, and what they follow from. */
interface Grouped {
  readonly audiences: Audiences;
  readonly affiliations: number;
  readonly features: unknown;
  readonly groups: readonly Group[];
}

const grouped = new Remembered<Grouped>('who is in by role and affiliation');

/** Every group that somebody is in. */
export function groupsOf(state: RoomState): readonly Group[] {
  const { audiences } = state.occupants;
  const affiliations = state.affiliations.changes;
  // Service administrators, who count as owners, may be others with other rules.
  const { features } = state.env;
  const known = state.memory.get(grouped);
  if (known?.audiences === audiences && known.affiliations === affiliations && known.features === features) return known.groups;
  return state.memory.set(grouped, { audiences, affiliations, features, groups: make(state, audiences) }).groups;
}

/** Whether somebody belongs to a group. */
function isIn(state: RoomState, { moderator, affiliation }: Group, occupant: Occupant): boolean {
  return (occupant.role === 'moderator') === moderator && state.affiliationOf(occupant.jid) === affiliation;
}

/** The exception that leaves out somebody's own live sessions of those of a group, if there are any. */
export function withoutOwn(state: RoomState, group: Group, subject: Occupant | null): Pick<Outgoing, 'except'> {
  if (!subject || !isIn(state, group, subject)) return {};
  const { reach } = group;
  const isOwn = (session: Session): boolean => !isEntering(session) && (reach === undefined || reach === heldNow(state, session));
  const own = subject.sessions.filter(isOwn).map((session) => session.address);
  return own.length === 0 ? {} : { except: own };
}

const heldNow = (state: RoomState, session: Session): ListReach | null => heldReach(state, session) ?? null;

function make(state: RoomState, audiences: Audiences): Group[] {
  const groups = new Map<string, { moderator: boolean; affiliation: Affiliation; to: Address[]; entering: Entering[] }>();
  const groupOf = (occupant: Occupant) => {
    const moderator = occupant.role === 'moderator';
    const affiliation = state.affiliationOf(occupant.jid);
    const key = `${moderator} ${affiliation}`;
    const group = groups.get(key) ?? { moderator, affiliation, to: [], entering: [] };
    groups.set(key, group);
    return group;
  };
  for (const occupant of state.occupants.all()) {
    const group = groupOf(occupant);
    for (const session of occupant.sessions) if (!isEntering(session)) group.to.push(session.address);
  }
  for (const session of audiences.entering) groupOf(session.occupant).entering.push(session);
  return [...groups.values()];
}

/** The groups by what they have of the lists, and what they follow from. */
interface Versioned extends Grouped {
  readonly facts: unknown;
  readonly occupants: number;
  readonly log: number;
}

const versioned = new Remembered<Versioned>('who is in by role, affiliation and version of the lists');

/** Everybody, by what they are to be told of a change of the lists: with its version, or without. Who is in which group is found once for all changes of a request. */
export function groupsByVersion(state: RoomState, change: ListChange): Group[] {
  change.said = true;
  return versionedGroups(state).map((group) => ({ ...group, mark: changeMark(change, group.reach) }));
}

function versionedGroups(state: RoomState): readonly Group[] {
  const now = {
    audiences: state.occupants.audiences,
    affiliations: state.affiliations.changes,
    features: state.env.features,
    facts: state.facts,
    occupants: state.occupants.changes,
    log: listLog(state),
  };
  const known = state.memory.get(versioned);
  const same =
    known?.audiences === now.audiences &&
    known.affiliations === now.affiliations &&
    known.features === now.features &&
    known.facts === now.facts &&
    known.occupants === now.occupants &&
    known.log === now.log;
  if (same) return known.groups;
  const groups = new Map<string, Group & { readonly to: Address[]; readonly entering: Entering[] }>();
  for (const occupant of state.occupants.all()) {
    const moderator = occupant.role === 'moderator';
    const affiliation = state.affiliationOf(occupant.jid);
    for (const session of occupant.sessions) {
      const reach = heldNow(state, session);
      const key = `${moderator} ${affiliation} ${reach ?? ''}`;
      const group = groups.get(key) ?? { moderator, affiliation, reach, to: [], entering: [] };
      groups.set(key, group);
      if (isEntering(session)) group.entering.push(session);
      else group.to.push(session.address);
    }
  }
  return state.memory.set(versioned, { ...now, groups: [...groups.values()] }).groups;
}
