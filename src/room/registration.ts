/** What somebody registered with a room (§7.10), and giving it up. */
import { setAffiliations } from './affiliations';
import { endIfEmpty } from './leave';
import type { RoomState } from './state';
import type { Turn } from './turn';

/**
 * Gives up the nick reserved for a bare JID. A membership that he got by registering himself goes with it, and people in the
 * room see that; what others granted stays. Without a registration nothing happens.
 */
export function unregister(state: RoomState, turn: Turn, jid: string): void {
  const row = state.affiliationRow(jid);
  if (!row || row.affiliation === 'outcast') return;
  if (row.affiliation === 'member' && row.setBy === jid) {
    const himself = { jid, affiliation: state.affiliationOf(jid), role: 'none', nick: undefined } as const;
    setAffiliations(state, turn, himself, [{ jid, affiliation: 'none', nick: '' }])();
    endIfEmpty(state, turn);
  } else if (row.nick !== null) {
    state.setAffiliation(turn, jid, { ...row, nick: null });
  }
}
