/** Affiliations that are over end as if somebody had changed them: in the next decision that may write, whatever it is about, before anything else. */
import { BY_ITSELF } from '../contract/audit';
import { endIfEmpty } from '../occupants/leave';
import type { RoomState } from '../state';
import type { Turn } from '../turn';
import { inWords } from '../../words';
import { setAffiliations } from './affiliations';
import type { Actor } from './rights';

/** Ends of one decision: each is told to everybody. */
const AT_ONCE = 100;

const ITSELF: Actor = { jid: null, affiliation: 'owner', role: 'moderator', nick: undefined, by: BY_ITSELF };

/**
 * Ends the affiliations that are over at the room's time. A query writes nothing: for a query, and if more than `AT_ONCE` are over, the rest are hidden, so that
 * nobody has them any more, and a timer input removes them.
 */
export function endAffiliations(state: RoomState, turn: Turn, asks: boolean): void {
  const { affiliations } = state;
  if (!affiliations.timed) return;
  if (!asks) affiliations.uncover();
  const { ends } = affiliations;
  if (!ends.isDue(turn.stamp)) return;
  if (!asks) for (const row of ends.begunAnew(turn.stamp)) state.setAffiliation(turn, row.jid, row);
  const over = ends.over(turn.stamp);
  const now = asks ? [] : over.slice(0, AT_ONCE);
  if (now.length > 0) {
    const reason = inWords('affiliationOver').in(state.facts.language);
    const items = now.map(({ jid, afterwards }) => ({
      jid,
      affiliation: afterwards ?? ('none' as const),
      ...(afterwards === null ? { reason } : {}),
    }));
    setAffiliations(state, turn, ITSELF, items)();
    endIfEmpty(state, turn);
    if (!state.exists) return;
  }
  for (const row of over.slice(now.length)) affiliations.cover(row);
  if (asks || over.length > now.length) turn.wakes = true;
}
