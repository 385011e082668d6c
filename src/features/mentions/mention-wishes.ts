/** Who wants to be told of messages that mention them while they are not in the room: their address and the wish, gone after a year unseen. */
import type { BareJid } from '../../xmpp/fold';
import { domainOf } from '../../xmpp/jid';
import { featureRows } from '../../room/contract/feature-rows';
import { endOf, isFarAhead } from '../../room/periods';
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
    lifetime: LIFETIME_MS,
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
  const seen = rows.get(room, jid);
  return seen !== undefined && (seen + LIFETIME_MS > room.time || isPresent(room, jid));
}

const isPresent = (room: RoomState, jid: BareJid): boolean => room.occupants.withId(room.idOf(jid)) !== undefined;

/** Whether there is a place for this bare JID: nobody holds more of them than are still free. */
export const hasPlaceForWish = (room: RoomState, jid: BareJid): boolean =>
  rows.get(room, jid) !== undefined || hasPlace(room, rows.keys(room), jid, MAX_WISHES);

/** Keeps a wish, from now on for its lifetime, or ends it. */
export function setWish(room: RoomState, turn: Turn, jid: BareJid, wanted: boolean): void {
  rows.set(room, turn, jid, null);
  if (wanted) rows.set(room, turn, jid, turn.stamp);
}

/** Somebody leaves: from now on the lifetime counts. */
export function noteWisherSeen(room: RoomState, turn: Turn, jid: BareJid): void {
  if (rows.get(room, jid) !== undefined) setWish(room, turn, jid, true);
}

/** When the first of them may be over. */
export function nextWishEnd(room: RoomState): Millis | null {
  const [oldest] = rows.keys(room);
  const seen = oldest === undefined ? undefined : rows.get(room, oldest);
  return seen === undefined ? null : endOf(seen, LIFETIME_MS, room.time);
}

/** Removes what is over; what a clock that was ahead has noted counts from now on. */
export function endWishes(room: RoomState, turn: Turn): void {
  for (const jid of rows.keys(room)) {
    const seen = rows.get(room, jid);
    if (seen === undefined || endOf(seen, LIFETIME_MS, turn.stamp) > turn.stamp) return;
    setWish(room, turn, jid, isFarAhead(seen, LIFETIME_MS, turn.stamp) || isPresent(room, jid));
  }
}
