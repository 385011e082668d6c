/** Slow mode (XEP-0500): seconds between two messages of one account. Admins and owners are free of it, and only messages with a body count. */
import { accountKey, type BareJid } from '../../xmpp/fold';
import { storedBare } from '../../xmpp/jid';
import { stanzaError } from '../../xmpp/stanza-error';
import { child, Element, parseContent } from '../../xmpp/xml';
import { inWords } from '../../words';
import { featureRows } from '../../room/contract/feature-rows';
import type { Feature, Said } from '../../room/contract/feature';
import { numberOption, type RoomOptions } from '../../room/contract/options';
import type { Millis } from '../../room/contract/rows';
import { isAdmin } from '../../room/governing/roles';
import { isFarAhead } from '../../room/room-times';
import { retractedId } from '../../room/retracting/retraction-xml';
import type { RoomState } from '../../room/state';
import type { Turn } from '../../room/turn';

/** A day, in seconds. */
const MAX_SECONDS = 86_400;
/** Accounts that are remembered at a time; of more, those that spoke first are free again. */
const MAX_ROWS = 5_000;
/** Of what is over, how many are forgotten with each message: more than one, so that they never grow. */
const FORGOTTEN_AT_ONCE = 3;

const option = numberOption({
  var: 'muc#roomconfig_slow_mode_duration',
  label: inWords('labelSlowMode'),
  initial: 0,
  min: 0,
  max: MAX_SECONDS,
});

/** When each account last spoke, by bare JID, in that order; found by the account. */
const rows = featureRows<Millis, BareJid>(
  {
    name: 'slow-mode',
    says: 'when each person last said something, where they must wait between two messages',
    key: ['jid'],
    value: 'plain',
    travels: ['person'],
    erasing: 'forgets',
    folding: { latest: 'value' },
    most: MAX_ROWS,
    lifetime: { until: 'somebody speaks after the time is over, or slow mode ends' },
  },
  (key) => accountKey(storedBare(key)),
);

const durationOf = (options: RoomOptions): Millis => options.get(option) * 1_000;
const isSlow = (options: RoomOptions): boolean => durationOf(options) > 0;

/** Milliseconds that whoever spoke then has yet to wait. */
function waitSince(room: RoomState, last: Millis): Millis {
  const duration = durationOf(room.options);
  return isFarAhead(last, duration, room.time) ? 0 : Math.max(0, last + duration - room.time);
}

/** Milliseconds that an account has yet to wait, in whichever spelling it spoke (rule 7). */
function waitOf(room: RoomState, jid: BareJid): Millis {
  const spellings = rows.keysIn(room, accountKey(jid));
  return Math.max(0, ...spellings.map((one) => waitSince(room, rows.get(room, one) as Millis)));
}

function noteSpoken(room: RoomState, turn: Turn, jid: BareJid): void {
  // At the end: the rows are in the order in which people spoke.
  rows.set(room, turn, jid, null);
  rows.set(room, turn, jid, turn.stamp);
  const isOver = (last: Millis): boolean => rows.count(room) > MAX_ROWS || waitSince(room, last) === 0;
  for (let i = 0; i < FORGOTTEN_AT_ONCE; i++) {
    const oldest = rows.first(room);
    if (!oldest || oldest[0] === jid || !isOver(oldest[1])) return;
    rows.set(room, turn, oldest[0], null);
  }
}

/** Taking a message back is not speaking, although clients that do not know it show a body (XEP-0424 §3.1): a retraction is refused for no pace, since clients do not repeat it. */
const isRetraction = (message: Element): boolean => retractedId(message) !== undefined;

function said({ room, turn, occupant, payload }: Said): void {
  // What a visitor said waited for a moderator, and was counted when they sent it.
  if (!occupant || occupant.role === 'visitor' || !payload.includes('<body') || isAdmin(room.affiliationOf(occupant.jid))) return;
  const content = new Element('message', {});
  content.children = [...parseContent(payload)];
  if (child(content, 'body', '') && !isRetraction(content)) noteSpoken(room, turn, occupant.jid);
}

export const slowMode: Feature = {
  name: 'slow-mode',
  rows: [rows.declaration],
  options: [option],
  info: (room) => [
    {
      var: 'muc#roominfo_slow_mode_duration',
      type: 'text-single',
      label: inWords('labelSlowMode'),
      values: [String(room.options.get(option))],
    },
  ],
  speak: ({ room, stanza, occupant }) => {
    if (!child(stanza, 'body', '') || isRetraction(stanza) || isAdmin(room.affiliationOf(occupant.jid))) return undefined;
    const wait = waitOf(room, occupant.jid);
    if (wait === 0) return undefined;
    const seconds = { every: room.options.get(option), left: Math.ceil(wait / 1_000) };
    return stanzaError('policy-violation', inWords('slowMode', seconds), { type: 'wait' });
  },
  // Whoever may speak only through moderators waits as well: each of their messages is one that the room has accepted.
  detain: ({ room, turn, stanza, occupant }) => {
    if (occupant.role === 'visitor' && isSlow(room.options) && child(stanza, 'body', '') && !isRetraction(stanza))
      noteSpoken(room, turn, occupant.jid);
    return false;
  },
  judges: isSlow,
  listens: isSlow,
  said,
  reconfigured: (room, turn) => {
    if (!isSlow(room.options)) for (const jid of rows.keys(room)) rows.set(room, turn, jid, null);
  },
};
