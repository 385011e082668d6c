/** Who is in the room by role and affiliation: for what features from outside add for some of them. Nothing else asks, and without such features it costs nothing. */
import type { Address } from '../../xmpp/outgoing';
import { Remembered } from '../contract/memory';
import type { ListChange } from '../contract/saying';
import { changeMark } from '../governing/list-versions';
import type { Affiliation } from '../governing/roles';
import type { RoomState } from '../state';
import { isEntering, type Audiences, type Entering, type Occupant } from './occupants';

/** Those who get the same: moderators or not, of one affiliation, and with the same version of the lists. */
export interface Group {
  readonly moderator: boolean;
  readonly affiliation: Affiliation;
  readonly to: readonly Address[];
  /** For whom it is held. */
  readonly entering: readonly Entering[];
  /** What tells the version of the lists (XEP-0463), finished XML. */
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
export function isIn(state: RoomState, { moderator, affiliation }: Group, occupant: Occupant): boolean {
  return (occupant.role === 'moderator') === moderator && state.affiliationOf(occupant.jid) === affiliation;
}

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

/** Everybody but `subject`, by what they are to be told of a change of the lists: with its version, or without. */
export function groupsByVersion(state: RoomState, change: ListChange, subject: Occupant | null): Group[] {
  change.said = true;
  const groups = new Map<string, { moderator: boolean; affiliation: Affiliation; mark: string; to: Address[]; entering: Entering[] }>();
  for (const occupant of state.occupants.all()) {
    if (occupant === subject) continue;
    const moderator = occupant.role === 'moderator';
    const affiliation = state.affiliationOf(occupant.jid);
    for (const session of occupant.sessions) {
      const held = isEntering(session);
      // Who will enter anew hears it then.
      if (held && state.occupants.isEnteringAside) continue;
      const mark = changeMark(state, session, change);
      const key = `${moderator} ${affiliation} ${mark}`;
      const group = groups.get(key) ?? { moderator, affiliation, mark, to: [], entering: [] };
      groups.set(key, group);
      if (held) group.entering.push(session);
      else group.to.push(session.address);
    }
  }
  return [...groups.values()];
}
