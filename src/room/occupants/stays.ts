/**
 * When people belong to a room: kept if they may read only messages from those times. People belong while they are in the room, and
 * while they have an affiliation of their own; a domain's affiliation does not count, since it does not tell who belongs.
 */
import type { BareJid } from '../../xmpp/fold';
import { featureRows } from '../contract/feature-rows';
import type { RoomState } from '../state';
import type { Turn } from '../turn';

/** There is a row while stays are kept: what the option says may change without the room, with the operator's defaults. */
const kept = featureRows<true>({
  name: 'stays',
  says: 'that it keeps when people belong to it',
  key: ['plain'],
  value: 'flag',
  travels: ['room'],
  erasing: 'forgets',
  folding: 'present',
  most: 1,
  lifetime: { until: 'the option `archiveaccess` is another' },
});

export const keptStays = kept.declaration;

/** Whether this very JID is affiliated, for better than a ban. */
export function isAffiliated(state: RoomState, jid: BareJid): boolean {
  const affiliation = state.affiliationRow(jid)?.affiliation ?? 'outcast';
  return affiliation !== 'outcast';
}

/** Somebody (bare JID) came, went, or was given or lost an affiliation: a stay begins or ends with the latest message. */
export function noteStay(state: RoomState, turn: Turn, jid: BareJid): void {
  if (!kept.get(state, 'kept')) return;
  const belongs = isAffiliated(state, jid) || state.occupants.withId(state.idOf(jid)) !== undefined;
  turn.write({ table: 'stay', jid, event: belongs ? 'begins' : 'ends', seq: state.seq });
}

/**
 * Begins to keep stays, or stops: what was said while none were kept was said in nobody's. To be called before people are changed by
 * the same act, so that whoever belongs now is who has a stay.
 */
export function switchStays(state: RoomState, turn: Turn): void {
  // Asked of every input: nothing has changed since it was last asked.
  if (state.staysFor === state.facts || !state.exists) return;
  state.staysFor = state.facts;
  const wanted = state.facts.archiveAccess === 'stays';
  if (wanted === (kept.get(state, 'kept') ?? false)) return;
  const belonging = new Set([...state.occupants.all()].map(({ jid }) => jid));
  for (const { jid } of state.affiliationRows()) if (isAffiliated(state, jid)) belonging.add(jid);
  for (const jid of belonging) turn.write({ table: 'stay', jid, event: wanted ? 'begins' : 'ends', seq: state.seq });
  kept.set(state, turn, 'kept', wanted ? true : null);
}
