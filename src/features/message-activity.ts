/** How many messages an hour are said in a room that is open to everybody (XEP-0502): counters of whole hours, as its §6 outlines them. */
import { Remembered } from '../room/contract/memory';
import { inWords } from '../words';
import type { Feature } from '../room/contract/feature';
import { featureRows } from '../room/contract/feature-rows';
import type { RoomOptions } from '../room/contract/options';
import { isFarAhead } from '../room/room-times';
import type { Millis } from '../room/contract/rows';
import type { RoomState } from '../room/state';
import type { Turn } from '../room/turn';
import { isMembersOnly } from './entry/members-only';
import { isProtected } from './entry/password';
import { isPersistent } from './persistent';
import { isPublic } from './public';

const HOUR_MS = 3_600_000;
/** Whole hours that count. */
const HOURS = 24;

/** Numbers of messages by hour. */
interface Counted {
  /** The hour that runs, since 1970. */
  hour: number;
  /** In it and in each of the 24 before it, latest first. */
  counts: number[];
  /** The first hour of which anything is known. */
  readonly since: number;
}

const rows = featureRows<Counted>({
  name: 'message-activity',
  says: 'how many messages were said in each of the last 24 hours',
  key: ['plain'],
  value: 'plain',
  travels: [],
  erasing: 'forgets',
  folding: 'present',
  most: 1,
  lifetime: { until: 'the room is open to everybody no longer' },
});
const KEY = '';

/** As it is now; what is stored lags behind. With the room's secret, by which a new room of the same name is told from a former one. */
const present = new Remembered<{ readonly secret: string | undefined; readonly counted: Counted }>('messages of the last hours');

/** §7 MUST NOT for others: listed, and nothing needed to enter; §4.1: persistent. */
function isOpenToAll(options: RoomOptions): boolean {
  return isPublic(options) && isPersistent(options) && !isMembersOnly(options) && !isProtected(options);
}

/** What changes or marks another message, whatever body it has for clients that do not know it (§5). */
const NO_MESSAGE = /urn:xmpp:(?:message-correct|message-retract|reactions):/;

export const messageActivity: Feature = {
  name: 'message-activity',
  rows: [rows.declaration],
  listens: isOpenToAll,
  said: ({ room, turn, payload }) => {
    if (payload.includes('<body') && !NO_MESSAGE.test(payload)) count(room, turn);
  },
  info: (room) => {
    const rate = isOpenToAll(room.options) ? rateOf(room) : undefined;
    const values = rate === undefined ? [] : [String(rate)];
    return [{ var: '{urn:xmpp:muc-activity}message-activity', type: 'text-single', label: inWords('labelPerHour'), values }];
  },
  reconfigured: (room, turn) => {
    if (isOpenToAll(room.options)) return;
    rows.set(room, turn, KEY, null);
    room.memory.forget(present);
  },
};

function count(room: RoomState, turn: Turn): void {
  const counted = at(room, turn.stamp) ?? { hour: hourOf(turn.stamp), counts: [0], since: hourOf(turn.stamp) };
  room.memory.set(present, { secret: room.row?.secret, counted });
  const number = (counted.counts[0] = (counted.counts[0] ?? 0) + 1);
  // Stored at each doubling: a crash, or letting the room sleep, costs less than half of one hour, and a busy room no row for each message.
  if ((number & (number - 1)) === 0) rows.set(room, turn, KEY, counted);
}

/** What was counted, as of that time; undefined: nothing yet. */
function at(room: RoomState, stamp: Millis): Counted | undefined {
  const known = room.memory.get(present);
  const counted = known !== undefined && known.secret === room.row?.secret ? known.counted : rows.get(room, KEY);
  if (!counted || isFarAhead(counted.hour * HOUR_MS, HOURS * HOUR_MS, stamp)) return undefined;
  const passed = Math.min(hourOf(stamp) - counted.hour, HOURS + 1);
  if (passed > 0) {
    counted.counts = [...new Array<number>(passed).fill(0), ...counted.counts].slice(0, HOURS + 1);
    counted.hour = hourOf(stamp);
  }
  return counted;
}

/** Messages per hour in the whole hours that are known; undefined before the first of them is over. */
function rateOf(room: RoomState): number | undefined {
  const counted = at(room, room.time);
  if (!counted || counted.hour === counted.since) return undefined;
  const sum = counted.counts.slice(1).reduce((total, number) => total + number, 0);
  return Math.round((100 * sum) / Math.min(HOURS, counted.hour - counted.since)) / 100;
}

function hourOf(stamp: Millis): number {
  return Math.floor(stamp / HOUR_MS);
}
