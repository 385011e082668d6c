/** Remembers that somebody beside its creator was in a room: who makes and destroys rooms alone leaves no names behind. */
import type { Feature } from '../room/contract/feature';
import { hadVisitors, OTHERS, visited } from '../room/configuring/tombstone';

export const visitedFeature: Feature = {
  name: 'visited',
  rows: [visited.declaration],
  entered: (room, turn, { jid }) => {
    if (jid !== room.row?.creator && !hadVisitors(room)) visited.set(room, turn, OTHERS, true);
  },
};
