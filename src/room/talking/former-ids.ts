/** Occupant-ids that people had before their addresses were folded, with those they have now (XEP-0421 §3: they should stay the same). */
import { FORMER_IDS } from '../contract/row-names';
import { featureRows } from '../contract/feature-rows';
import type { OccupantId } from '../contract/rows';
import type { RoomState } from '../state';

const rows = featureRows<OccupantId, OccupantId>({
  name: FORMER_IDS,
  says: 'which occupant-ids people had before their addresses were folded, with those they have now',
  key: ['occupant-id'],
  value: 'occupant-id',
  travels: ['room', 'person'],
  erasing: 'forgets',
  forgetting: { keeps: 'Its messages stay, and are named by these ids.' },
  folding: 'present',
  most: { each: 'person whose address was folded' },
  lifetime: { until: 'the room ends' },
});

export const formerIds = rows.declaration;

/** The id that somebody has now who may be named by a former one. */
export function presentId(room: RoomState, id: OccupantId): OccupantId {
  return rows.get(room, id) ?? id;
}

/** Every id by which somebody is named who has this one now. */
export function idsOf(room: RoomState, id: OccupantId): ReadonlySet<OccupantId> {
  return new Set([id, ...rows.entries(room).flatMap(([former, present]) => (present === id ? [former] : []))]);
}
