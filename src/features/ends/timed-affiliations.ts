/** Affiliations with an end. Each decision ends them itself (`room/governing/ending.ts`); the deadline wakes a room in which nobody does anything. */
import type { Feature } from '../../room/contract/feature';
import { mayReadAffiliations } from '../../room/governing/rights';

export const timedAffiliations: Feature = {
  name: 'timed-affiliations',
  deadline: (room) => room.affiliations.firstEnd(room.time),
  limits: (room, actor) =>
    room.affiliations.ends
      .byEnd()
      .filter(({ affiliation }) => mayReadAffiliations(room, actor, affiliation))
      .map(({ jid, affiliation, setAt, expiresAt, setBy, setByName, reason }) => ({
        kind: affiliation,
        jid,
        since: setAt,
        until: expiresAt,
        by: setBy,
        byName: setByName,
        reason,
      })),
};
