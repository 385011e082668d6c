/** Rows of all features that are over by themselves are removed, and the room is woken for it (`room/kept-rows.ts`). */
import type { Feature } from '../room/contract/feature';
import type { Millis } from '../room/contract/rows';
import { nextEnd, removeOver } from '../room/kept-rows';

export const lifetimes: Feature = {
  name: 'lifetimes',
  deadline: (room) => {
    let next: Millis | null = null;
    for (const declaration of room.env.features.passing.keys()) {
      const end = nextEnd(room, declaration);
      if (end !== null && (next === null || end < next)) next = end;
    }
    return next;
  },
  due: (room, turn) => {
    for (const [declaration, feature] of room.env.features.passing)
      removeOver(room, turn, declaration, (key, value) => feature.over?.(room, turn, { rows: declaration.name, key, value }));
  },
};
