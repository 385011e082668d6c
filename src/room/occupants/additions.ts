/** What features from outside add to the presence of somebody in the room: made once, kept until something that it depends on has changed. */
import { addedForAffiliation, bothAdditions, type Additions } from '../contract/additions';
import type { Affiliation } from '../governing/roles';
import type { RoomState } from '../state';
import type { Occupant } from './occupants';

/** Whether any feature adds something in this room. */
function addsAnything(state: RoomState): boolean {
  for (const feature of state.env.features.addToPresence) if (feature.adds?.(state) ?? true) return true;
  return false;
}

/** What is added to this occupant's presence, by who gets it; undefined: nothing. Without such features it costs nothing. */
export function additionsTo(state: RoomState, occupant: Occupant, affiliation: Affiliation): Additions | undefined {
  const features = state.env.features.addToPresence;
  if (!addsAnything(state)) return undefined;
  // The version of each rises with each change, and so does their sum.
  let rows = 0;
  for (const { rowsRead = [] } of features) for (const name of rowsRead) rows += state.kept.versionOf(name);
  const { nick, role } = occupant;
  const { options } = state;
  const sessions = occupant.sessions.length;
  const kept = occupant.additions;
  const isKept =
    kept?.rows === rows &&
    kept.options === options &&
    kept.nick === nick &&
    kept.role === role &&
    kept.affiliation === affiliation &&
    kept.sessions === sessions;
  if (isKept) return kept.added;
  let added: Additions | undefined;
  for (const feature of features) {
    const more = feature.addToPresence?.(state, occupant);
    if (more) added = added ? bothAdditions(added, more) : more;
  }
  occupant.additions = { added, nick, role, affiliation, sessions, rows, options };
  return added;
}

/** Who gets a presence: whether they may see real JIDs, are the occupant themselves, are moderators, and which affiliation they have. */
export interface Audience {
  readonly jid: boolean;
  readonly self: boolean;
  readonly moderator?: boolean;
  readonly affiliation?: Affiliation;
}

/** What of it one audience gets. */
export function addedFor(added: Additions, { jid, self, moderator = false, affiliation = 'none' }: Audience): string {
  const own = added.all + (self ? added.self : '') + (jid ? added.entitled : '') + (moderator ? added.moderators : '');
  return own + addedForAffiliation(added, affiliation);
}
