/** Mutes: somebody has no voice until a time, or until a moderator gives it back. They hold over leaving, restarts and the room's sleep. */
import { formatDateTime } from '../../xmpp/dates';
import type { BareJid } from '../../xmpp/fold';
import { stanzaError, type StanzaError } from '../../xmpp/stanza-error';
import { joined, say, type Sentence } from '../../words';
import { audit } from '../../room/audit';
import { BY_ITSELF } from '../../room/contract/audit';
import type { Feature, Order } from '../../room/contract/feature';
import type { Millis } from '../../room/contract/rows';
import { endFrom, endRefusal, withEnd } from '../../room/governing/ends';
import { cutBytes, keptReason } from '../../room/governing/reasons';
import type { Actor } from '../../room/governing/rights';
import { isAdmin } from '../../room/governing/roles';
import { showChange } from '../../room/governing/show-change';
import { Spells, type Spell } from '../../room/governing/spells';
import { forgetVoice, noteVoice } from '../../room/governing/voice';
import type { RoomState } from '../../room/state';
import type { Turn } from '../../room/turn';
import { tellThem, whomTo } from './who';

const MAX = 1_000;
/** Bytes of a reason that others in the room are told. */
const MAX_SAID = 1_000;

interface Mute extends Spell {
  readonly by: BareJid | null;
  readonly reason: string | null;
  /** They had voice before, and get it back. */
  readonly voice: boolean;
}

/** By bare JID. */
const mutes = new Spells<Mute, BareJid>({
  name: 'mutes',
  says: 'who may not speak until when, by whom and why',
  key: ['jid'],
  value: { members: { since: 'plain', until: 'plain', by: 'jid', reason: 'plain', voice: 'plain' } },
  travels: ['room', 'person'],
  erasing: 'forgets',
  folding: { latest: { member: 'since' } },
  most: MAX,
  lifetime: { until: 'its end, or somebody gives them voice or another affiliation' },
});

/** Whether somebody is muted. */
export const isMuted = (room: RoomState, jid: BareJid): boolean => mutes.rows.get(room, jid) !== undefined;

/** What they are told. */
function mutedText({ until, reason }: Pick<Mute, 'until' | 'reason'>): Sentence {
  const text = until === null ? say('muted') : say('mutedUntil', { time: formatDateTime(until) });
  return reason === null ? text : joined([text, say('moderatorReason', { reason })]);
}

/** Takes voice from somebody. Returns the refusal, if any. */
export function mute({ room, turn, command, actor }: Order<'mute'>): StanzaError | undefined {
  const whom = whomTo(room, actor, command.target);
  if ('condition' in whom) return whom;
  const { jid, occupant } = whom;
  const refusal = endRefusal(command, turn.stamp);
  if (refusal) return refusal;
  const before = mutes.rows.get(room, jid);
  if (!before && mutes.rows.count(room) >= MAX) return stanzaError('resource-constraint', say('mutesFull', { max: MAX }));
  const until = endFrom(command, turn.stamp);
  const role = occupant?.role ?? room.roleOnEntry(jid);
  const reason = command.reason === undefined ? null : keptReason(command.reason);
  const row: Mute = { since: turn.stamp, until, by: actor.jid, reason, voice: before?.voice ?? role !== 'visitor' };
  mutes.rows.set(room, turn, jid, row);
  audit(room, turn, actor, 'mute', [
    { object: jid, before: before ? withEnd('muted', before.until) : null, after: withEnd('muted', until), reason },
  ]);
  if (!occupant) return undefined;
  if (occupant.role !== 'visitor') {
    const why = command.reason === undefined ? {} : { reason: cutBytes(command.reason, MAX_SAID) };
    room.occupants.setRole(occupant, 'visitor');
    noteVoice(room, turn, jid, 'visitor');
    showChange(room, turn, occupant, { ...(actor.nick === undefined ? {} : { actorNick: actor.nick }), ...why });
  }
  tellThem(room, turn, occupant, mutedText(row));
  return undefined;
}

/** Gives back what a mute took. */
export function unmute({ room, turn, command, actor }: Order<'unmute'>): StanzaError | undefined {
  const whom = whomTo(room, actor, command.target);
  if ('condition' in whom) return whom;
  const row = mutes.rows.get(room, whom.jid);
  if (!row) return stanzaError('item-not-found', say('notMuted'));
  end(room, turn, actor, whom.jid, row);
  return undefined;
}

/** Voice that was taken comes back, to whoever still has none. */
function end(room: RoomState, turn: Turn, actor: Actor, jid: BareJid, { until, voice }: Mute): void {
  mutes.rows.set(room, turn, jid, null);
  audit(room, turn, actor, 'unmute', [{ object: jid, before: withEnd('muted', until) }]);
  forgetVoice(room, turn, jid);
  const occupant = room.occupants.withId(room.idOf(jid));
  if (!voice || occupant?.role !== 'visitor') return;
  room.occupants.setRole(occupant, 'participant');
  showChange(room, turn, occupant, actor.nick === undefined ? {} : { actorNick: actor.nick });
}

const ITSELF: Actor = { jid: null, affiliation: 'owner', role: 'moderator', nick: undefined, by: BY_ITSELF };

/** It ends without being shown: something else has decided on their voice. */
function drop(room: RoomState, turn: Turn, jid: BareJid): void {
  if (isMuted(room, jid)) mutes.rows.set(room, turn, jid, null);
}

export const muting: Feature = {
  name: 'mutes',
  rows: [mutes.rows.declaration],
  commands: { mute, unmute },
  lapse: (room, turn) => {
    for (const [jid, row] of mutes.endsAt(room, turn, turn.stamp)) end(room, turn, ITSELF, jid, row);
  },
  deadline: (room): Millis | null => mutes.first(room),
  roleOnEntry: (room, jid) => (isMuted(room, jid) && !isAdmin(room.affiliationOf(jid)) ? 'visitor' : undefined),
  speak: ({ room, occupant }) => {
    if (occupant.role !== 'visitor') return undefined;
    const row = mutes.rows.get(room, occupant.jid);
    return row && stanzaError('forbidden', mutedText(row));
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
      : mutes.rows.entries(room).map(([jid, { since, until, by, reason }]) => ({ kind: 'mute' as const, jid, since, until, by, reason })),
};
