/** Memberships that nothing but an invitation gave (§9.5): they end if there turns out to be nobody at the address. */
import type { BareJid } from '../../xmpp/fold';
import type { Feature } from '../../room/contract/feature';
import { featureRows } from '../../room/contract/feature-rows';
import { setAffiliations } from '../../room/governing/affiliations';
import type { Actor } from '../../room/governing/rights';
import type { Bounce } from '../../room/contract/machine';
import type { AffiliationRow } from '../../room/contract/rows';
import type { RoomState } from '../../room/state';
import type { Turn } from '../../room/turn';

/** Bare JIDs, with how often their server was not found. */
const rows = featureRows<number, BareJid>({
  name: 'invited-members',
  says: 'who is a member by nothing but an invitation, and how often their server was not found',
  key: ['jid'],
  value: 'number',
  travels: ['room', 'person'],
  erasing: 'forgets',
  folding: 'present',
  most: 'limits.affiliationsPerRoom',
  lifetime: { until: 'they come, or their affiliation changes' },
});

/** The room itself ends it. */
const ROOM_ITSELF: Actor = { jid: null, affiliation: 'owner', role: 'none', nick: undefined };

/** An invitation made this account a member, and nobody listed it. */
export function noteInvited(room: RoomState, turn: Turn, jid: BareJid): void {
  rows.set(room, turn, jid, 0);
}

/** Whether a membership is as an invitation gives it: with a reason, a nick or an end somebody has listed them since. */
const isOnlyInvited = (row: AffiliationRow | undefined): boolean =>
  row?.affiliation === 'member' && row.reason === null && row.nick === null && row.expiresAt === null;

/**
 * The invitation came back: whether the membership ended with it. `service-unavailable` is what servers say of accounts that they do not have, and of some
 * that they have: it counts if the service never had a stanza from that account.
 */
export function endIfNobody(room: RoomState, turn: Turn, jid: BareJid, { condition, seen }: Bounce): boolean {
  const notFound = rows.get(room, jid);
  if (notFound === undefined || !isOnlyInvited(room.affiliationRow(jid))) return false;
  const isNobody =
    condition === 'item-not-found' ||
    condition === 'gone' ||
    (condition === 'service-unavailable' && seen !== true) ||
    // A name may fail to resolve once.
    (condition === 'remote-server-not-found' && notFound > 0);
  if (condition === 'remote-server-not-found' && !isNobody) rows.set(room, turn, jid, notFound + 1);
  if (!isNobody) return false;
  setAffiliations(room, turn, ROOM_ITSELF, [{ jid, affiliation: 'none' }])();
  return true;
}

export const invitedMembers: Feature = {
  name: 'invited-members',
  rows: [rows.declaration],
  // Whoever comes is there, and whoever is listed anew was meant.
  entered: (room, turn, { jid }) => rows.set(room, turn, jid, null),
  affiliated: ({ room, turn, jid }) => rows.set(room, turn, jid, null),
  listedAgain: (room, turn, jid) => rows.set(room, turn, jid, null),
};
