/** What features from outside add to the presence of somebody in the room: made once, kept until something that it depends on has changed. */
import type { Additions } from '../contract/additions';
import type { Affiliation } from '../governing/roles';
import type { RoomState } from '../state';
import type { Occupant } from './occupants';

/** What is added to this occupant's presence, by who gets it; undefined: nothing. Without such features it costs nothing. */
export function additionsTo(state: RoomState, occupant: Occupant, affiliation: Affiliation): Additions | undefined {
  const features = state.env.features.addToPresence;
  if (features.length === 0) return undefined;
  // The version of each rises with each change, and so does their sum.
  let rows = 0;
  for (const { rowsRead } of features) if (rowsRead !== undefined) rows += state.featureVersion(rowsRead);
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
    if (more) added = added ? joined(added, more) : more;
  }
  occupant.additions = { added, nick, role, affiliation, sessions, rows, options };
  return added;
}

function joined(a: Additions, b: Additions): Additions {
  return { all: a.all + b.all, self: a.self + b.self, entitled: a.entitled + b.entitled, moderators: a.moderators + b.moderators };
}

/** What of it one audience gets. */
export function addedFor(added: Additions, audience: { jid: boolean; self: boolean; moderator?: boolean }): string {
  const { all, self, entitled, moderators } = added;
  return all + (audience.self ? self : '') + (audience.jid ? entitled : '') + (audience.moderator === true ? moderators : '');
}
