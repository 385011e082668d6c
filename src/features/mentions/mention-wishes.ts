/** Who wants to be told of messages that mention them while they are not in the room: their address and the wish, gone after a year unseen. */
import type { BareJid } from '../../xmpp/fold';
import { domainOf } from '../../xmpp/jid';
import { featureRows } from '../../room/contract/feature-rows';
import { isOver } from '../../room/lifetimes';
import type { Millis } from '../../room/contract/rows';
import { hasPlace } from '../../room/shares';
import type { RoomState } from '../../room/state';
import type { Turn } from '../../room/turn';

/** How long a wish is kept after its owner was last in the room, or made it. */
const LIFETIME_MS = 365 * 86_400_000;

/** Wishes of one room. */
export const MAX_WISHES = 1000;

/** When somebody was last in the room, or made the wish, by bare JID, in groups by domain: each visit puts the row at the end. */
const rows = featureRows<Millis, BareJid>(
  {
    name: 'mention-wishes',
    says: 'who wants to be told of mentions while they are away, and when they were last in the room',
    key: ['jid'],
    value: 'plain',
    travels: ['room', 'person'],
    erasing: 'forgets',
    folding: { latest: 'value' },
    most: MAX_WISHES,
    lifetime: { ms: LIFETIME_MS, since: 'value', renewed: 'by presence' },
  },
  domainOf,
);

export const wishRows = rows.declaration;

export const countWishes = (room: RoomState): number => rows.count(room);

/** Bare JIDs of those who made the wish, also of such as is over and not removed yet; and those of one domain. */
export const wishers = (room: RoomState): readonly BareJid[] => rows.keys(room);
export const wishersOf = (room: RoomState, domain: BareJid): readonly BareJid[] => rows.keysIn(room, domain);

/** Whether a bare JID wants to be told. The time of the decision tells whether that is over, whenever it is removed. */
export function hasWish(room: RoomState, jid: BareJid): boolean {
  return rows.get(room, jid) !== undefined && !isOver(room, wishRows, jid);
}

/** Whether there is a place for this bare JID: nobody holds more of them than are still free. */
export const hasPlaceForWish = (room: RoomState, jid: BareJid): boolean =>
  rows.get(room, jid) !== undefined || hasPlace(room, rows.keys(room), jid, MAX_WISHES);

/** Keeps a wish, from now on for its lifetime, or ends it. */
export function setWish(room: RoomState, turn: Turn, jid: BareJid, wanted: boolean): void {
  rows.set(room, turn, jid, null);
  if (wanted) rows.set(room, turn, jid, turn.stamp);
}
