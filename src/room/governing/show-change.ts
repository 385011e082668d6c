/** Telling everybody that somebody's role or affiliation changed, and a new moderator who the others are. */
import type { Occupant } from '../occupants/occupants';
import { presenceOf, presenceRest, sayTo, showToOthers, tellSelf } from '../occupants/presence';
import type { PresenceFacts } from '../contract/saying';
import type { RoomState } from '../state';
import type { Turn } from '../turn';

/** Whether this very occupant is still in. */
export function isPresent(state: RoomState, occupant: Occupant): boolean {
  return state.occupants.withId(occupant.id) === occupant;
}

/** An occupant's presence to all, the occupant included, after a change by somebody else. */
export function showChange(state: RoomState, turn: Turn, occupant: Occupant, why: Partial<PresenceFacts>): void {
  state.writeOccupant(turn, occupant);
  const facts = presenceOf(state, occupant, why);
  showToOthers(state, turn, occupant, facts);
  tellSelf(state, turn, occupant, facts);
}

/** Shows a new moderator what moderators see, and sends the requests that wait for one. */
export function welcomeModerator(state: RoomState, turn: Turn, moderator: Occupant): void {
  introduce(state, turn, moderator);
  for (const feature of state.env.features.promoted) feature.promoted?.(state, turn, moderator);
}

/** Shows somebody who has a higher affiliation what features add for it. */
export function welcomeAffiliated(state: RoomState, turn: Turn, occupant: Occupant): void {
  if (state.env.features.addToPresence.some(({ addsByAffiliation }) => addsByAffiliation)) introduce(state, turn, occupant);
}

/** In a semi-anonymous room a new moderator is shown the real JIDs that they may see from now on (§8). */
export function introduce(state: RoomState, turn: Turn, reader: Occupant): void {
  // What features add for moderators they have not seen either.
  if (state.facts.jidsVisible && state.env.features.addToPresence.every(({ addsToAll }) => addsToAll)) return;
  const affiliation = state.affiliationOf(reader.jid);
  const audience = { jid: state.seesJids(reader.role), self: false, moderator: reader.role === 'moderator', affiliation };
  for (const other of state.occupants.all()) {
    if (other === reader || !other.visible) continue;
    const rest = presenceRest(state, presenceOf(state, other), audience);
    for (const session of reader.sessions) sayTo(state, turn, session, { name: 'presence', from: other.from, rest, kind: 'fan-out' });
  }
}
