/**
 * Notices: what a room tells people who are not in it because of somebody's act. One act has few of them said at once; the others wait
 * as rows, in order, and go out by a few a second, also after a restart. None outlives its cause.
 */
import { address } from '../xmpp/outgoing';
import { refuseReading } from './archive-access';
import { featureRows } from './feature-rows';
import { waitingRegistrations } from './registration';
import { isAdmin, type Affiliation } from './roles';
import type { Millis } from './rows';
import type { RoomState } from './state';
import type { Turn } from './turn';

/** Notices that one act has said at once. */
export const AT_ONCE = 50;
/** How many of those that wait go out in a slice, how often, and how many are looked at for it. */
export const SLICE = 5;
export const SLICE_MS = 1000;
const LOOKED_AT = 100;
/** Rows that wait in one room, people in one row, and causes that are remembered for a day. */
export const MAX_ROWS = 2000;
const PEOPLE = 50;
const MAX_TOLD = 2000;
const DAY_MS = 86_400_000;

/** Why somebody is told. */
export type Cause =
  /** `jid` has registered, and the admins are asked. */
  | { readonly kind: 'registration'; readonly jid: string }
  /** The affiliation of `jid` has become this. */
  | { readonly kind: 'affiliation'; readonly jid: string; readonly affiliation: Affiliation }
  | { readonly kind: 'invitation'; readonly jid: string; readonly inviter: string }
  /** A message mentions them; its archive id, if it is archived. */
  | { readonly kind: 'mention'; readonly id: string | undefined };

export interface Notice {
  /** JIDs of who is told. */
  readonly to: readonly string[];
  /** As in `Outgoing`. */
  readonly rest: string;
  readonly cause: Cause;
}

/** In the order of their keys' first setting. */
const queue = featureRows<Notice>('notices');
/** `at`: when the next slice goes out. */
const clock = featureRows<Millis>('notices-due');
/** When people were last told for a cause. */
const told = featureRows<Millis>('notices-told');

/** Notices that the act of a turn has said already. */
const said = new WeakMap<Turn, number>();

function keyOf(cause: Cause): string | undefined {
  switch (cause.kind) {
    case 'registration':
      return `registration ${cause.jid}`;
    case 'affiliation':
      return `${cause.affiliation} ${cause.jid}`;
    case 'invitation':
      return `invitation ${cause.jid} ${cause.inviter}`;
    default:
      // A message is said once.
      return undefined;
  }
}

/** Tells people something, or has them told in their turn: once a day for one cause. Of a full queue the newest are lost. */
export function leaveNotice(room: RoomState, turn: Turn, { to, rest, cause }: Notice): void {
  if (to.length === 0 || wereTold(room, turn, cause)) return;
  const before = said.get(turn) ?? 0;
  const now = to.slice(0, AT_ONCE - before);
  said.set(turn, before + now.length);
  send(room, turn, now, rest);
  let number = 0;
  for (let from = now.length; from < to.length; from += PEOPLE) {
    if (queue.count(room) >= MAX_ROWS) return;
    // As good as rising: what counts is the order of setting them.
    while (queue.get(room, `${turn.stamp} ${queue.count(room) + number}`)) number++;
    queue.set(room, turn, `${turn.stamp} ${queue.count(room) + number}`, { to: to.slice(from, from + PEOPLE), rest, cause });
    if (clock.count(room) === 0) clock.set(room, turn, 'at', turn.now + SLICE_MS);
  }
}

/** Whether people were told for this cause within a day; from now on they were. */
function wereTold(room: RoomState, turn: Turn, cause: Cause): boolean {
  const key = keyOf(cause);
  if (key === undefined) return false;
  const at = told.get(room, key);
  if (at !== undefined && at + DAY_MS > turn.now) return true;
  forgetTold(room, turn, cause);
  for (const [oldest, text] of room.featureValues('notices-told') ?? []) {
    if (told.count(room) < MAX_TOLD && Number(text) + DAY_MS > turn.now) break;
    told.set(room, turn, oldest, null);
  }
  told.set(room, turn, key, turn.now);
  return false;
}

/** The cause is settled: if it comes again, so does the notice. */
export function forgetTold(room: RoomState, turn: Turn, cause: Cause): void {
  const key = keyOf(cause);
  if (key !== undefined) told.set(room, turn, key, null);
}

/** A message is gone, and so is what it was to say to people who are not there. */
export function dropMentions(room: RoomState, turn: Turn, id: string): void {
  if (queue.count(room) === 0) return;
  for (const [key, { cause }] of queue.entries(room)) if (cause.kind === 'mention' && cause.id === id) queue.set(room, turn, key, null);
}

/** When the next slice is due. */
export function nextSlice(room: RoomState): Millis | null {
  return clock.get(room, 'at') ?? null;
}

/** Says the next few notices whose cause is still there. */
export function sendSlice(room: RoomState, turn: Turn): void {
  const due = nextSlice(room);
  if (due === null || due > turn.now) return;
  let left = SLICE;
  let looks = LOOKED_AT;
  for (const key of [...(room.featureValues('notices')?.keys() ?? [])].slice(0, LOOKED_AT)) {
    if (left === 0 || looks <= 0) break;
    const notice = queue.get(room, key) as Notice;
    let next = 0;
    const people: string[] = [];
    for (; next < notice.to.length && left > 0 && looks > 0; next++, looks--) {
      const jid = notice.to[next] as string;
      if (!holds(room, notice.cause, jid)) continue;
      people.push(jid);
      left--;
    }
    send(room, turn, people, notice.rest);
    queue.set(room, turn, key, next < notice.to.length ? { ...notice, to: notice.to.slice(next) } : null);
  }
  clock.set(room, turn, 'at', queue.count(room) === 0 ? null : turn.now + SLICE_MS);
}

function send(room: RoomState, turn: Turn, people: readonly string[], rest: string): void {
  const [only, ...others] = people;
  if (only === undefined) return;
  turn.say({ name: 'message', from: room.jid, to: others.length === 0 ? only : people.map(address), rest, kind: 'reply' });
}

/** Whether there is still a reason to tell him. */
function holds(room: RoomState, cause: Cause, to: string): boolean {
  if (room.locked) return false;
  switch (cause.kind) {
    case 'registration':
      return waitingRegistrations.get(room, cause.jid) !== undefined && isAdmin(room.affiliationOf(to));
    case 'affiliation':
      return (room.affiliationRow(cause.jid)?.affiliation ?? 'none') === cause.affiliation;
    case 'invitation':
      return room.affiliationOf(to) !== 'outcast' && refuseReading(room, to)?.condition !== 'registration-required';
    default:
      return room.affiliationRow(to) !== undefined && refuseReading(room, to) === undefined;
  }
}
