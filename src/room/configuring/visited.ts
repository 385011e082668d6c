/** Whether anybody but its creator was ever in a room: only then is it remembered after its end (§10.9). */
import { featureRows } from '../contract/feature-rows';
import type { RoomState } from '../state';

/** One row at most, under this key. */
export const OTHERS = 'others';

export const visited = featureRows<boolean>({
  name: 'visited',
  says: 'whether anybody but its creator was ever in it',
  key: ['plain'],
  value: 'plain',
  travels: ['room'],
  erasing: 'forgets',
  folding: 'present',
  most: 1,
  lifetime: { until: 'the room ends' },
});

/** True once somebody beside the creator has entered. */
export function hadVisitors(state: RoomState): boolean {
  return visited.get(state, OTHERS) === true;
}
