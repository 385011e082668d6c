/** Newcomers listen first: who comes for the first time and has no affiliation has no voice for so many minutes (`{urn:parlour:room}newcomerminutes`). */
import { formatDateTime } from '../../xmpp/dates';
import type { BareJid } from '../../xmpp/fold';
import { domainOf } from '../../xmpp/jid';
import { stanzaError } from '../../xmpp/stanza-error';
import { inWords } from '../../words';
import type { Feature } from '../../room/contract/feature';
import { numberOption, type RoomOptions } from '../../room/contract/options';
import { isAdmin } from '../../room/governing/roles';
import { Spells, type Spell } from './spells';
import { endSilence } from '../../room/governing/voice';
import type { RoomState } from '../../room/state';
import type { Turn } from '../../room/turn';

const MINUTE_MS = 60_000;
/** A week. */
const MAX_MINUTES = 10_080;
const MAX = 5_000;
/** For so long after the first visit somebody is no newcomer again. */
const KNOWN_MS = 90 * 86_400_000;

interface Visit extends Spell {
  readonly until: number;
  /** They are without voice until then; else they are known until then. */
  readonly isNew: boolean;
}

const option = numberOption({
  var: '{urn:parlour:room}newcomerminutes',
  label: inWords('labelNewcomers'),
  initial: 0,
  min: 0,
  max: MAX_MINUTES,
});

/** Whether a room with these options keeps anybody silent at first: then it is moderated to those who look at it. */
export const silencesNewcomers = (options: RoomOptions): boolean => options.get(option) > 0;

/** By bare JID, in the order of their first visits. */
const visits = new Spells<Visit, BareJid>({
  name: 'newcomers',
  says: 'who came for the first time and when, where newcomers listen first',
  key: ['jid'],
  value: { members: { since: 'time', until: 'time', isNew: 'flag' }, optional: [] },
  travels: ['room', 'person'],
  erasing: 'forgets',
  folding: { latest: { member: 'since' } },
  most: MAX,
  lifetime: { until: '90 days after the first visit, or newcomers have voice' },
});

/** Who has an affiliation is no newcomer, whenever they came first. */
function isNew(room: RoomState, jid: BareJid): boolean {
  if (!silencesNewcomers(room.options) || room.affiliationOf(jid) !== 'none') return false;
  const row = visits.rows.get(room, jid);
  // Its end is told by and by; it counts at once.
  return row ? row.isNew && row.until > room.time : true;
}

const known = ({ since }: Visit): Visit => ({ since, until: since + KNOWN_MS, isNew: false });

function noLonger(room: RoomState, turn: Turn, jid: BareJid): void {
  const row = visits.rows.get(room, jid);
  if (row?.isNew) visits.rows.set(room, turn, jid, known(row));
}

/**
 * Forgets one visit for that of `jid`: the oldest of their own domain, unless it is the server's own, else the oldest of all; so who comes from one place pushes out
 * nobody else. Nobody who is in the room is forgotten: their silence has an end that they were told. Whose silence is forgotten has voice.
 */
function makeRoom(room: RoomState, turn: Turn, jid: BareJid): void {
  const present = new Set([...room.occupants.all()].map((occupant) => occupant.jid));
  const absent = visits.rows.keys(room).filter((one) => !present.has(one));
  const domain = domainOf(jid);
  const isLocal = room.env.policy.isLocal?.(domain) ?? true;
  const goes = (isLocal ? undefined : absent.find((one) => domainOf(one) === domain)) ?? absent[0] ?? visits.rows.keys(room)[0];
  if (goes === undefined) return;
  const row = visits.rows.get(room, goes);
  visits.rows.set(room, turn, goes, null);
  if (row?.isNew) endSilence(room, turn, goes, {});
}

/** A silence is over, or the time for which a visit is known. */
function lapse(room: RoomState, turn: Turn, jid: BareJid, row: Visit): void {
  visits.rows.set(room, turn, jid, row.isNew ? known(row) : null);
  if (row.isNew) endSilence(room, turn, jid, {});
}

export const newcomers: Feature = {
  name: 'newcomers',
  rows: [visits.rows.declaration],
  options: [option],
  // Who was here before newcomers listen is no newcomer while they stay.
  silences: (room, jid) => isNew(room, jid) && (visits.rows.get(room, jid) !== undefined || !room.occupants.withId(room.idOf(jid))),
  entered: (room, turn, { jid }) => {
    if (!isNew(room, jid) || visits.rows.get(room, jid)) return;
    if (visits.rows.count(room) >= MAX) makeRoom(room, turn, jid);
    visits.rows.set(room, turn, jid, { since: turn.stamp, until: turn.stamp + room.options.get(option) * MINUTE_MS, isNew: true });
  },
  lapse: (room, turn, asker) => {
    for (const [jid, row] of visits.someEndsAt(room, turn, (one) => one === asker)) lapse(room, turn, jid, row);
  },
  deadline: (room) => visits.first(room),
  judges: silencesNewcomers,
  speak: ({ room, occupant }) => {
    if (occupant.role !== 'visitor') return undefined;
    const row = visits.rows.get(room, occupant.jid);
    return row?.isNew && row.until > room.time
      ? stanzaError('forbidden', inWords('newcomerUntil', { time: formatDateTime(row.until) }))
      : undefined;
  },
  roleGiven: (room, turn, jid, role) => {
    if (role !== 'visitor') noLonger(room, turn, jid);
  },
  // A ban is no reason to have voice when it is over.
  affiliated: ({ room, turn, jid, after }) => {
    if (after === 'member' || isAdmin(after)) noLonger(room, turn, jid);
  },
  reconfigured: (room, turn, before) => {
    if (silencesNewcomers(room.options) || !silencesNewcomers(before)) return;
    const silent = [...room.occupants.all()].filter(({ jid }) => visits.rows.get(room, jid)?.isNew === true);
    for (const jid of visits.rows.keys(room)) visits.rows.set(room, turn, jid, null);
    for (const { jid } of silent) endSilence(room, turn, jid, {});
  },
};
