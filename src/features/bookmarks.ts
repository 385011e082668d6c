/** Whom those who run the service add to a room finds it among their bookmarks (XEP-0402), where their server lets Parlour write there (XEP-0356; `rooms.bookmarks`). */
import type { AffiliationChange, Feature } from '../room/contract/feature';
import { featureRows } from '../room/contract/feature-rows';
import type { Millis } from '../room/contract/rows';
import { isAffiliated } from '../room/occupants/stays';
import { endOf } from '../room/room-times';
import type { RoomState } from '../room/state';
import type { Turn } from '../room/turn';
import { isOwnDomain, type BareJid } from '../xmpp/fold';
import { domainOf } from '../xmpp/jid';

/** What nobody has answered is asked for again after this time: the service was ended meanwhile, or the server had no time, or has not granted it yet. */
const AGAIN_MS = 3_600_000;
/** So long it is tried, an hour apart. */
const MOST_TRIES = 7 * 24;
/** Bookmarks that are asked for again in one decision; the others follow in the next ones. */
const SLICE = 200;

interface Due {
  /** When it was asked for last. */
  readonly at: Millis;
  /** How often. */
  readonly tries: number;
}

/** Whose bookmark is still to be written, by bare JID, in the order in which they were asked for last. */
const due = featureRows<Due, BareJid>({
  name: 'bookmarks-due',
  says: 'for whom a bookmark of it is still to be written, when that was last tried, and how often',
  key: ['jid'],
  value: { members: { at: 'time', tries: 'number' }, optional: [] },
  travels: ['room', 'person'],
  erasing: 'forgets',
  folding: { latest: { member: 'at' } },
  most: 'limits.affiliationsPerRoom',
  lifetime: { until: 'it is written or refused, they do not belong to it any more, or a week has gone by' },
});

/** When somebody's bookmark was there, by bare JID: once, so that one that they removed is never written again. */
const written = featureRows<Millis, BareJid>({
  name: 'bookmarked',
  says: 'for whom a bookmark of it was written, and when',
  key: ['jid'],
  value: 'time',
  travels: ['room', 'person'],
  erasing: 'forgets',
  folding: { latest: 'value' },
  most: 'limits.affiliationsPerRoom',
  lifetime: { until: 'the room ends' },
});

const BY_SERVICE: ReadonlySet<string> = new Set(['operator', 'token', 'administrator']);

/** Whether somebody acts who runs the service, which a token that only moderates does not: nobody else writes into what is other people's. */
const isOfService = ({ room, actor: { by, jid } }: AffiliationChange): boolean =>
  by ? BY_SERVICE.has(by.kind) && by.rank === undefined : jid !== null && room.env.policy.isServiceAdmin(jid);

const isOn = (room: RoomState): boolean => room.env.policy.rooms.bookmarks === true;

function affiliated(change: AffiliationChange): void {
  const { room, turn, jid, before, after } = change;
  if (after === 'none' || after === 'outcast') {
    if (due.get(room, jid) !== undefined) drop(room, turn, jid);
    return;
  }
  if (!isOn(room) || room.locked || !jid.includes('@') || !isOwnDomain(domainOf(jid)) || before !== 'none') return;
  if (!isOfService(change) || written.get(room, jid) !== undefined) return;
  if (written.count(room) + due.count(room) >= room.env.policy.limits.affiliationsPerRoom) return;
  attempt(room, turn, jid, 1);
}

/** Asks for it, and notes that, so that it is asked for again if nobody answers. */
function attempt(room: RoomState, turn: Turn, jid: BareJid, tries: number): void {
  // Behind all others.
  due.set(room, turn, jid, null);
  due.set(room, turn, jid, { at: turn.stamp, tries });
  turn.effects.push({ kind: 'bookmark', jid, isWanted: true, name: room.facts.name, nick: room.affiliationRow(jid)?.nick ?? null });
}

function drop(room: RoomState, turn: Turn, jid: BareJid): void {
  due.set(room, turn, jid, null);
  turn.effects.push({ kind: 'bookmark', jid, isWanted: false, name: '', nick: null });
}

/** When the first of them is asked for again. */
function nextTry(room: RoomState): Millis | null {
  const first = due.first(room);
  return first ? endOf(first[1].at, AGAIN_MS, room.time) : null;
}

function tryAgain(room: RoomState, turn: Turn): void {
  for (let i = 0; i < SLICE; i++) {
    const first = due.first(room);
    if (!first || endOf(first[1].at, AGAIN_MS, room.time) > room.time) return;
    const [jid, { tries }] = first;
    // An affiliation that is over may still wait to be ended.
    if (isOn(room) && tries < MOST_TRIES && isAffiliated(room, jid)) attempt(room, turn, jid, tries + 1);
    else drop(room, turn, jid);
  }
  turn.wakes = true;
}

/** What waits is about an address that leads nowhere. What the room has moved along with is asked for under its new one within an hour. */
function callOff(_: RoomState, turn: Turn): void {
  turn.effects.push({ kind: 'asks-nobody' });
}

export const bookmarks: Feature = {
  name: 'bookmarks',
  rows: [due.declaration, written.declaration],
  affiliated,
  ended: callOff,
  renamed: callOff,
  told: (room, turn, answer) => {
    if (answer.about !== 'bookmark' || due.get(room, answer.jid) === undefined) return;
    due.set(room, turn, answer.jid, null);
    written.set(room, turn, answer.jid, turn.stamp);
  },
  deadline: nextTry,
  due: tryAgain,
};
