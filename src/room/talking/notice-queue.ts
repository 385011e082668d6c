/**
 * Notices: what a room tells people who are not in it because of somebody's act. One act has few of them said at once; the others wait
 * as rows, in order, and go out by a few a second, also after a restart. None outlives its cause.
 */
import type { BareJid, FullJid } from '../../xmpp/fold';
import { bareOf, storedBare } from '../../xmpp/jid';
import { address } from '../../xmpp/outgoing';
import { stanzaError, type StanzaError } from '../../xmpp/stanza-error';
import { inWords } from '../../words';
import { refuseReading } from './archive-readers';
import { featureRows } from '../contract/feature-rows';
import { hasPlaceAmong } from '../shares';
import { removeOver } from '../kept-rows';
import { endOf } from '../room-times';
import { isAdmin, type Affiliation } from '../governing/roles';
import type { Millis } from '../contract/rows';
import type { RoomState } from '../state';
import { isAffiliated } from '../occupants/stays';
import type { Turn } from '../turn';

/** Notices that one act has said at once. */
const AT_ONCE = 50;
/** How many of those that wait go out in a slice, how often, and how many are looked at for it. */
const SLICE = 5;
const SLICE_MS = 1000;
const LOOKED_AT = 100;
/** Rows that wait in one room, people in one row, and causes that are remembered for a day. */
const MAX_ROWS = 2000;
const PEOPLE = 50;
const MAX_TOLD = 2000;
const DAY_MS = 86_400_000;

/** The name of the rows of registrations that wait (`features/registration/registration.ts`): people are told of one as long as there is its row. */
export const WAITING_REGISTRATIONS = 'registration';

/** Why somebody is told. */
export type Cause =
  /** `jid` has registered, and the admins are asked. */
  | { readonly kind: 'registration'; readonly jid: BareJid }
  /** The affiliation of `jid` has become this. */
  | { readonly kind: 'affiliation'; readonly jid: BareJid; readonly affiliation: Affiliation }
  | { readonly kind: 'invitation'; readonly jid: BareJid; readonly inviter: BareJid }
  /** The room has another address. */
  | { readonly kind: 'rename' }
  /** A message mentions them; its archive id, if it is archived. */
  | { readonly kind: 'mention'; readonly id: string | undefined };

export interface Notice {
  /** JIDs of who is told. */
  readonly to: readonly FullJid[];
  /** As in `Outgoing`. */
  readonly rest: string;
  readonly cause: Cause;
}

/** In the order of their keys' first setting. */
const queue = featureRows<Notice>({
  name: 'notices',
  says: 'what it has yet to tell people who are not in it, and whom',
  key: ['plain'],
  value: {
    members: {
      to: { each: 'jid' },
      rest: 'xml',
      cause: { members: { kind: 'plain', jid: 'jid', inviter: 'jid', affiliation: 'plain', id: 'plain' } },
    },
  },
  travels: ['person'],
  erasing: 'forgets',
  folding: 'present',
  most: MAX_ROWS,
  lifetime: { until: 'it is said, or its cause is gone' },
});
/** `at`: when the next slice goes out. */
const clock = featureRows<Millis>({
  name: 'notices-due',
  says: 'when the next of these notices are due',
  key: ['plain'],
  value: 'plain',
  travels: [],
  erasing: 'forgets',
  folding: 'present',
  most: 1,
  lifetime: { until: 'none waits any more' },
});
/** When people were last told for a cause. */
const told = featureRows<Millis>({
  name: 'notices-told',
  says: 'for which affiliation, registration or invitation people were told today',
  key: ['plain', 'jid', 'jid'],
  value: 'plain',
  travels: ['person'],
  erasing: 'forgets',
  folding: { latest: 'value' },
  most: MAX_TOLD,
  lifetime: { ms: DAY_MS, since: 'value', wakes: false },
});

export const noticeRows = [queue.declaration, clock.declaration, told.declaration];

function keyOf(cause: Cause): string | undefined {
  switch (cause.kind) {
    case 'registration':
      return `registration ${cause.jid}`;
    case 'affiliation':
      return `${cause.affiliation} ${cause.jid}`;
    case 'invitation':
      return `invitation ${cause.jid} ${cause.inviter}`;
    case 'rename':
      return 'rename';
    default:
      // A message is said once.
      return undefined;
  }
}

/**
 * Tells people something, or has them told in their turn: once a day for one cause. What finds no place, in the queue or among the causes that
 * are remembered, is dropped and counted (`Turn.dropped`).
 */
export function leaveNotice(room: RoomState, turn: Turn, { to, rest, cause }: Notice): void {
  if (to.length === 0 || wereTold(room, turn, cause)) return;
  if (keyOf(cause) !== undefined && !remember(room, turn, cause)) {
    turn.dropped += to.length;
    return;
  }
  const now = to.slice(0, AT_ONCE - turn.notices);
  turn.notices += now.length;
  send(
    room,
    turn,
    // Whoever is banned gets none, but counts: who may not read that list notices nothing.
    now.filter((jid) => cause.kind !== 'invitation' || room.affiliationOf(jid) !== 'outcast'),
    rest,
  );
  enqueue(room, turn, { to: to.slice(now.length), rest, cause });
}

/**
 * The room is about to have another address: everybody who belongs to it is to be told (`rest`) when it has. Who was told of another rename today is not
 * told again; who still waits for that is told of this one.
 */
export function inviteAllAnew(room: RoomState, turn: Turn, rest: string): void {
  const cause: Cause = { kind: 'rename' };
  let waiting: FullJid[] = [];
  for (const [key, notice] of queue.entries(room)) {
    if (notice.cause.kind !== 'rename') continue;
    waiting.push(...notice.to);
    queue.set(room, turn, key, null);
  }
  if (!wereTold(room, turn, cause)) {
    // A domain reads no mail.
    waiting = [...room.affiliationRows()].flatMap(({ jid, affiliation }) => (affiliation !== 'outcast' && jid.includes('@') ? [jid] : []));
    if (waiting.length > 0 && !remember(room, turn, cause)) {
      turn.dropped += waiting.length;
      return;
    }
  }
  enqueue(room, turn, { to: waiting, rest, cause });
}

function enqueue(room: RoomState, turn: Turn, { to, rest, cause }: Notice): void {
  let number = 0;
  for (let from = 0; from < to.length; from += PEOPLE) {
    if (queue.count(room) >= MAX_ROWS) {
      turn.dropped += to.length - from;
      return;
    }
    // As good as rising: what counts is the order of setting them.
    while (queue.get(room, `${turn.stamp} ${queue.count(room) + number}`)) number++;
    queue.set(room, turn, `${turn.stamp} ${queue.count(room) + number}`, { to: to.slice(from, from + PEOPLE), rest, cause });
    if (clock.count(room) === 0) clock.set(room, turn, 'at', turn.now + SLICE_MS);
  }
}

/** Whether people were told for this cause within a day. */
function wereTold(room: RoomState, turn: Turn, cause: Cause): boolean {
  const key = keyOf(cause);
  const at = key === undefined ? undefined : told.get(room, key);
  return at !== undefined && isToday(at, turn.now);
}

const isToday = (at: Millis, now: Millis): boolean => endOf(at, DAY_MS, now) > now;

/** Remembers that people are told for this cause now. False: so many causes are remembered that it has no place, and none is forgotten before its day is over. */
function remember(room: RoomState, turn: Turn, cause: Cause): boolean {
  const key = keyOf(cause) as string;
  forgetTold(room, turn, cause);
  forgetYesterday(room, turn);
  if (told.count(room) >= MAX_TOLD) return false;
  told.set(room, turn, key, turn.now);
  return true;
}

function forgetYesterday(room: RoomState, turn: Turn): void {
  removeOver(room, turn, told.declaration);
}

/**
 * Why somebody cannot invite so many: the room's invitations of one day are bounded, and of that nobody, neither an account nor a foreign domain, has more
 * than is still free. undefined: they can.
 */
export function toldRefusal(room: RoomState, turn: Turn, inviter: BareJid, people: readonly BareJid[]): StanzaError | undefined {
  forgetYesterday(room, turn);
  const fresh = new Set(people.filter((jid) => !wereTold(room, turn, { kind: 'invitation', jid, inviter }))).size;
  if (fresh === 0) return undefined;
  const inviters: BareJid[] = [];
  for (const key of room.kept.textsOf('notices-told')?.keys() ?? [])
    if (key.startsWith('invitation ')) inviters.push(storedBare(key.slice(key.lastIndexOf(' ') + 1)));
  const place = hasPlaceAmong(room, inviters, inviter, { taken: told.count(room) + fresh - 1, more: fresh - 1, most: MAX_TOLD });
  return place ? undefined : stanzaError('resource-constraint', inWords('invitesDay'), { type: 'wait' });
}

/** The cause is over: if it comes again, so does the notice. */
export function forgetTold(room: RoomState, turn: Turn, cause: Cause): void {
  const key = keyOf(cause);
  if (key !== undefined) told.set(room, turn, key, null);
}

/** These messages are gone, and so is what they were to say to people who are not there. */
export function dropMentions(room: RoomState, turn: Turn, ids: ReadonlySet<string>): void {
  for (const [key, { cause }] of queue.entries(room))
    if (cause.kind === 'mention' && cause.id !== undefined && ids.has(cause.id)) queue.set(room, turn, key, null);
}

/** When the next slice is due. */
export function nextSlice(room: RoomState): Millis | null {
  return dueAt(room, room.time);
}

function dueAt(room: RoomState, now: Millis): Millis | null {
  const at = clock.get(room, 'at');
  return at === undefined ? null : endOf(at - SLICE_MS, SLICE_MS, now);
}

/** Says the next few notices whose cause is still there. */
export function sendSlice(room: RoomState, turn: Turn): void {
  const due = dueAt(room, turn.now);
  if (due === null || due > turn.now) return;
  let left = SLICE;
  let looks = LOOKED_AT;
  for (const key of [...(room.kept.textsOf('notices')?.keys() ?? [])].slice(0, LOOKED_AT)) {
    if (left === 0 || looks <= 0) break;
    const notice = queue.get(room, key) as Notice;
    let next = 0;
    const people: FullJid[] = [];
    for (; next < notice.to.length && left > 0 && looks > 0; next++, looks--) {
      const jid = notice.to[next] as Notice['to'][number];
      if (!holds(room, notice.cause, jid)) continue;
      people.push(jid);
      left--;
    }
    send(room, turn, people, notice.rest);
    queue.set(room, turn, key, next < notice.to.length ? { ...notice, to: notice.to.slice(next) } : null);
  }
  clock.set(room, turn, 'at', queue.count(room) === 0 ? null : turn.now + SLICE_MS);
}

function send(room: RoomState, turn: Turn, people: readonly FullJid[], rest: string): void {
  const [only, ...others] = people;
  if (only === undefined) return;
  turn.say({ name: 'message', from: room.jid, to: others.length === 0 ? only : people.map(address), rest, kind: 'reply' });
}

/** Whether there is still a reason to tell the person. */
function holds(room: RoomState, cause: Cause, to: FullJid): boolean {
  if (room.locked) return false;
  switch (cause.kind) {
    case 'registration':
      return room.kept.textsOf(WAITING_REGISTRATIONS)?.has(cause.jid) === true && isAdmin(room.affiliationOf(to));
    case 'affiliation':
      return (room.affiliationRow(cause.jid)?.affiliation ?? 'none') === cause.affiliation;
    case 'rename':
      // Whoever followed at once needs no invitation.
      return isAffiliated(room, bareOf(to)) && room.occupants.withId(room.idOf(bareOf(to))) === undefined;
    case 'invitation':
      return room.affiliationOf(to) !== 'outcast' && refuseReading(room, to)?.condition !== 'registration-required';
    default:
      return room.affiliationRow(bareOf(to)) !== undefined && refuseReading(room, to) === undefined;
  }
}
