/** Affiliations with an end. Each decision ends them itself (`room/governing/ending.ts`); the deadline wakes a room in which nobody does anything. */
import type { Feature } from '../../room/contract/feature';

export const timedAffiliations: Feature = {
  name: 'timed-affiliations',
  deadline: (room) => room.affiliations.firstEnd(room.time),
};
