/** Mutes: somebody has no voice until a time, or until a moderator gives it back. They hold over leaving, restarts and the room's sleep. */
import { formatDateTime } from '../../xmpp/dates';
import { accountKey, type BareJid } from '../../xmpp/fold';
import { storedBare } from '../../xmpp/jid';
import { stanzaError, type StanzaError } from '../../xmpp/stanza-error';
import { joined, inWords, type Sentence } from '../../words';
import { audit } from '../../room/audit';
import { BY_ITSELF, namedBy } from '../../room/contract/audit';
import type { Feature, Order } from '../../room/contract/feature';
import type { Millis } from '../../room/contract/rows';
import { endFrom, endRefusal, withEnd } from '../../room/governing/ends';
import { cutBytes, keptReason } from '../../room/governing/reasons';
import type { Actor } from '../../room/governing/rights';
import { isAdmin, type Role } from '../../room/governing/roles';
import { showChange } from '../../room/governing/show-change';
import { Spells, type Spell } from './spells';
import { endSilence, ofAccount } from '../../room/governing/voice';
import type { RoomState } from '../../room/state';
import type { Turn } from '../../room/turn';
import { byNameOf, tellThem, whomTo } from './who';

const MAX = 1_000;
/** Bytes of a reason that others in the room are told. */
const MAX_SAID = 1_000;

interface Mute extends Spell {
  readonly by: BareJid | null;
  /** Who did it and has no address (`namedBy`). Rows of before there was one have none. */
  readonly byName?: string | null;
  readonly reason: string | null;
  /** Somebody had given them voice that their affiliation alone would not, and they get it back. */
  readonly voice: boolean;
}

const accountOf = (key: string): string => accountKey(storedBare(key));

/** By bare JID, found by the account. */
const mutes = new Spells<Mute, BareJid>(
  {
    name: 'mutes',
    says: 'who may not speak until when, by whom and why',
    key: ['jid'],
    value: {
      members: { since: 'time', until: 'time', by: 'jid', byName: 'text', reason: 'text', voice: 'flag' },
      optional: ['until', 'by', 'byName', 'reason'],
    },
    travels: ['room', 'person'],
    erasing: 'forgets',
    folding: { latest: { member: 'since' } },
    most: MAX,
    lifetime: { until: 'its end, or somebody gives them voice, bans them or makes them an admin' },
  },
  accountOf,
);

/** The mute that is the last to end of those of this account, in whichever spelling it was given (rule 7). */
function find(room: RoomState, jid: BareJid): readonly [key: BareJid, row: Mute] | undefined {
  if (mutes.rows.count(room) === 0) return undefined;
  let last: readonly [BareJid, Mute] | undefined;
  for (const key of mutes.rows.keysIn(room, accountKey(jid))) {
    const row = mutes.rows.get(room, key) as Mute;
    // Its end is told by and by; it counts at once.
    if (row.until !== null && row.until <= room.time) continue;
    if (!last || (row.until ?? Infinity) > (last[1].until ?? Infinity)) last = [key, row];
  }
  return last;
}

/** Whether somebody is muted who had been given voice. */
export const mutedVoice = (room: RoomState, jid: BareJid): boolean => mutes.rows.get(room, jid)?.voice === true;

/** What they are told. */
function mutedText({ until, reason }: Pick<Mute, 'until' | 'reason'>): Sentence {
  const text = until === null ? inWords('muted') : inWords('mutedUntil', { time: formatDateTime(until) });
  return reason === null ? text : joined([text, inWords('moderatorReason', { reason })]);
}

/** Takes voice from somebody. Returns the refusal, if any. */
export function mute({ room, turn, command, actor }: Order<'mute'>): StanzaError | undefined {
  const whom = whomTo(room, actor, command.target);
  if ('condition' in whom) return whom;
  const { jid, occupant } = whom;
  // §8.4: voice is never taken from an admin or owner, whoever asks.
  if (isAdmin(room.affiliationOf(jid))) return stanzaError('not-allowed', inWords('keepsRole'));
  const refusal = endRefusal(command, turn.stamp);
  if (refusal) return refusal;
  const [key, before] = find(room, jid) ?? [jid, undefined];
  if (!before && mutes.rows.count(room) >= MAX) return stanzaError('resource-constraint', inWords('mutesFull', { max: MAX }));
  const until = endFrom(command, turn.stamp);
  const role = occupant?.role ?? room.roleOnEntry(jid);
  const reason = command.reason === undefined ? null : keptReason(command.reason);
  const row: Mute = {
    since: turn.stamp,
    until,
    by: actor.jid,
    byName: namedBy(actor.by),
    reason,
    voice: before?.voice ?? isGiven(room, jid, role),
  };
  mutes.rows.set(room, turn, key, row);
  audit(room, turn, actor, 'mute', [
    { object: jid, before: before ? withEnd('muted', before.until) : null, after: withEnd('muted', until), reason },
  ]);
  const why = command.reason === undefined ? {} : { reason: cutBytes(command.reason, MAX_SAID) };
  for (const one of ofAccount(room, jid)) {
    // Another spelling may have rights of its own.
    if (one !== occupant && one.role !== 'participant') continue;
    if (one.role !== 'visitor') {
      room.occupants.setRole(one, 'visitor');
      showChange(room, turn, one, { ...(actor.nick === undefined ? {} : { actorNick: actor.nick }), ...why });
    }
    tellThem(room, turn, one, mutedText(row));
  }
  return undefined;
}

/** Whether they have voice because somebody gave it to them. */
const isGiven = (room: RoomState, jid: BareJid, role: Role): boolean =>
  role !== 'visitor' && room.roleFor(room.affiliationOf(jid)) === 'visitor';

/** Gives back what a mute took. */
export function unmute({ room, turn, command, actor }: Order<'unmute'>): StanzaError | undefined {
  const whom = whomTo(room, actor, command.target);
  if ('condition' in whom) return whom;
  const found = find(room, whom.jid);
  if (!found) return stanzaError('item-not-found', inWords('notMuted'));
  end(room, turn, actor, ...found);
  return undefined;
}

/** Voice that was taken comes back, unless something else keeps it from them. */
function end(room: RoomState, turn: Turn, actor: Actor, jid: BareJid, { until, voice }: Mute): void {
  mutes.rows.set(room, turn, jid, null);
  audit(room, turn, actor, 'unmute', [{ object: jid, before: withEnd('muted', until) }]);
  endSilence(room, turn, jid, { given: voice, nick: actor.nick });
}

const ITSELF: Actor = { jid: null, affiliation: 'owner', role: 'moderator', nick: undefined, by: BY_ITSELF };

/** It ends without being shown: something else has decided on their voice. */
function drop(room: RoomState, turn: Turn, jid: BareJid): void {
  for (const key of mutes.rows.keysIn(room, accountKey(jid))) mutes.rows.set(room, turn, key, null);
}

export const muting: Feature = {
  name: 'mutes',
  rows: [mutes.rows.declaration],
  commands: { mute, unmute },
  lapse: (room, turn, asker) => {
    const account = asker && accountKey(asker);
    const isTheirs = (key: BareJid): boolean => account !== undefined && accountOf(key) === account;
    for (const [jid, row] of mutes.someEndsAt(room, turn, isTheirs)) end(room, turn, ITSELF, jid, row);
  },
  deadline: (room): Millis | null => mutes.first(room),
  silences: (room, jid) => find(room, jid) !== undefined,
  speak: ({ room, occupant }) => {
    const found = find(room, occupant.jid);
    return found && !isAdmin(room.affiliationOf(occupant.jid)) ? stanzaError('forbidden', mutedText(found[1])) : undefined;
  },
  roleGiven: (room, turn, jid, role) => {
    if (role !== 'visitor') drop(room, turn, jid);
  },
  affiliated: ({ room, turn, jid, after }) => {
    if (after === 'outcast' || isAdmin(after)) drop(room, turn, jid);
  },
  limits: (room, actor) =>
    actor.role !== 'moderator' && !isAdmin(actor.affiliation)
      ? []
      : mutes.holding(room).map(([jid, row]) => ({
          kind: 'mute' as const,
          jid,
          since: row.since,
          until: row.until,
          by: row.by,
          byName: byNameOf(row),
          reason: row.reason,
        })),
};
