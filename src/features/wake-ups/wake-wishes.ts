/** Who is to be woken while they are away, and for what: one row for each of them, which begins with a stanza of their own (docs/extensions.md). */
import { LateSet } from '../../room/late-map';
import { Remembered } from '../../room/contract/memory';
import type { BareJid } from '../../xmpp/fold';
import { domainOf } from '../../xmpp/jid';
import type { Nick } from '../../xmpp/nick';
import { featureRows } from '../../room/contract/feature-rows';
import type { Millis } from '../../room/contract/rows';
import { isOver } from '../../room/kept-rows';
import { endOf, isFarAhead } from '../../room/room-times';
import { isAffiliated } from '../../room/occupants/stays';
import { hasPlace } from '../../room/shares';
import type { RoomState } from '../../room/state';
import type { Turn } from '../../room/turn';

/** The field of the owner's form, of the registration form and of the command. */
export const WAKE_FIELD = '{urn:parlour:room}wake';
/** The field of the registration form that clients know (Tigase, and Prosody's mod_muc_offline_delivery): an alias. */
export const OFFLINE_FIELD = '{http://tigase.org/protocol/muc}offline';

/** The names of rows that are kept only for those who have a wish. */
export const WAKE_RUNG = 'wake-rung';
export const WAKE_AWAY = 'wake-away';
export const WAKE_ACCOUNT = 'wake-account';

/** All of them. */
export const ROWS_OF_WISHERS = [WAKE_RUNG, WAKE_AWAY, WAKE_ACCOUNT] as const;

/** What somebody is woken for. */
export type Wake = 'all' | 'mentions' | 'nothing';

/** `default`: what the room has for those who say nothing. */
export type WishedWake = Wake | 'default';

export interface Wish {
  readonly wake: WishedWake;
  /** When they wished it. */
  readonly since: Millis;
  /** When they were last in the room, or wished it. */
  readonly seen: Millis;
  /** The nick that they wore last. */
  readonly nick: Nick | null;
}

/** How long a wish is kept after its owner was last in the room, or made it. */
const LIFETIME_MS = 365 * 86_400_000;
/** Being there renews a wish when it is so old. */
const RENEWED_MS = 86_400_000;

/** Wake-ups of one person by mentions of one other, in this time: as the room counts, which then folds them, and as the service counts over all rooms. */
export const MOST_BY_ONE = 6;
export const BY_ONE_MS = 3_600_000;

/** Wishes of one room, and those among them of people who do not belong to it. */
export const MAX_WISHES = 4_000;
const MAX_OF_STRANGERS = 1_000;

export const mostWishes = (belongs: boolean): number => (belongs ? MAX_WISHES : MAX_OF_STRANGERS);

/** By bare JID, in groups by domain, in the order of `seen`. */
const rows = featureRows<Wish, BareJid>(
  {
    name: 'wake-wishes',
    says: 'what wakes whom while they are away, when they were last in the room, and under which nickname',
    key: ['jid'],
    value: { members: { wake: 'text', since: 'time', seen: 'time', nick: 'nick' }, optional: ['nick'] },
    travels: ['room', 'person'],
    erasing: 'forgets',
    folding: { latest: { member: 'seen' } },
    most: MAX_WISHES,
    lifetime: { ms: LIFETIME_MS, since: { member: 'seen' }, renewed: 'by presence' },
  },
  domainOf,
);

export const wishRows = rows.declaration;

/** Bare JIDs whose wishes were changed here, and the version of the rows behind the last of these changes: others change them too. */
interface Journal {
  readonly jids: LateSet<BareJid>;
  version: number;
}
const journal = new Remembered<Journal>('wishes that have changed');

/** Whether there are any wishes: asked of every message. */
export const hasWishes = (room: RoomState): boolean => rows.count(room) > 0;

/** Bare JIDs of those who have one, also of such as is over and not removed yet; and those of one domain. */
export const wishers = (room: RoomState): readonly BareJid[] => rows.keys(room);
export const wishersOf = (room: RoomState, domain: BareJid): readonly BareJid[] => rows.keysIn(room, domain);

/** A wish, unless it is over. The time of the decision tells that, whenever it is removed. */
export function wishOf(room: RoomState, jid: BareJid): Wish | undefined {
  const wish = rows.get(room, jid);
  return wish && !isOver(room, wishRows, jid) ? wish : undefined;
}

/** Whether there is a place for the wish of a bare JID: nobody who does not belong to the room holds more of them than are still free. */
export function hasPlaceForWish(room: RoomState, jid: BareJid, belongs: boolean): boolean {
  if (rows.get(room, jid) !== undefined) return true;
  if (rows.count(room) >= MAX_WISHES) return false;
  if (belongs) return true;
  const strangers = rows.keys(room).filter((one) => !isAffiliated(room, one));
  return hasPlace(room, strangers, jid, MAX_OF_STRANGERS);
}

/** Keeps a wish from now on for its lifetime. */
export function setWish(room: RoomState, turn: Turn, jid: BareJid, wake: WishedWake, nick?: Nick): void {
  const before = rows.get(room, jid);
  const since = before?.wake === wake ? before.since : turn.stamp;
  put(room, turn, jid, { wake, since, seen: turn.stamp, nick: nick ?? before?.nick ?? null });
}

/** Somebody comes in, who was in the room last when their wish says: one that was over by then is over, and another counts from now on. */
export function meetWisher(room: RoomState, turn: Turn, jid: BareJid, nick: Nick): void {
  const wish = rows.get(room, jid);
  if (!wish) return;
  if (!isFarAhead(wish.seen, LIFETIME_MS, room.time) && endOf(wish.seen, LIFETIME_MS, room.time) <= room.time) endWish(room, turn, jid);
  else noteWisher(room, turn, jid, nick);
}

/** Somebody is in the room under a nick, or was until now. */
export function noteWisher(room: RoomState, turn: Turn, jid: BareJid, nick: Nick): void {
  const wish = rows.get(room, jid);
  if (!wish || (wish.nick === nick && Math.abs(turn.stamp - wish.seen) < RENEWED_MS)) return;
  put(room, turn, jid, { ...wish, seen: turn.stamp, nick });
}

/** Ends a wish. Being added to the room again does not bring it back. */
export function endWish(room: RoomState, turn: Turn, jid: BareJid): void {
  if (rows.get(room, jid)) put(room, turn, jid, null);
}

function put(room: RoomState, turn: Turn, jid: BareJid, wish: Wish | null): void {
  const version = rows.version(room);
  // Behind all others.
  rows.set(room, turn, jid, null);
  if (wish) rows.set(room, turn, jid, wish);
  else for (const name of ROWS_OF_WISHERS) room.setFeatureValue(turn, name, jid, null);
  const noted = room.memory.get(journal);
  if (noted?.version === version) {
    noted.jids.add(jid);
    noted.version = rows.version(room);
  }
}

const NOBODY: readonly BareJid[] = [];

/** Whose wishes have changed since this was last asked; undefined: anybody's may have. */
export function changedWishers(room: RoomState): readonly BareJid[] | undefined {
  const noted = room.memory.get(journal);
  const version = rows.version(room);
  if (noted?.version !== version) {
    room.memory.set(journal, { jids: new LateSet(), version });
    return undefined;
  }
  if (noted.jids.size === 0) return NOBODY;
  const jids = [...noted.jids];
  noted.jids.clear();
  return jids;
}
