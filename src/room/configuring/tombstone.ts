/** What is left of a room that was destroyed: who comes is told that it is gone, and where to go instead (§10.9). Only a room that others than its creator have seen leaves anything. */
import type { BareJid } from '../../xmpp/fold';
import { domainOf, localOf } from '../../xmpp/jid';
import { stanzaError, type StanzaError } from '../../xmpp/stanza-error';
import { joined, inWords } from '../../words';
import type { Destruction } from '../contract/saying';
import { keptReason } from '../governing/reasons';
import { endOf } from '../room-times';
import type { Millis } from '../contract/rows';
import type { RoomState } from '../state';
import type { Turn } from '../turn';
import { featureRows } from '../contract/feature-rows';

const DAY_MS = 86_400_000;
/** How long a temporary room's new venue is told: long enough for bookmarks that open by themselves. */
const TEMPORARY_MS = 3_600_000;

/**
 * The tombstone of the room as it is now, or null if it leaves none: nobody beside its creator was ever in it, it was never open, or
 * it was temporary and has no new venue.
 */
export function tombstoneOf(state: RoomState, turn: Turn, how: Destruction): { json: string; until: Millis } | null {
  const days = state.env.policy.limits.destroyedDays;
  const { alternate } = how;
  const reason = how.reason === undefined ? undefined : keptReason(how.reason);
  const { persistent } = state.facts;
  if (days === 0 || state.locked || !hadVisitors(state) || (!persistent && alternate === undefined)) return null;
  // The password of the new venue was for those who were there.
  const period = persistent ? days * DAY_MS : TEMPORARY_MS;
  return { json: JSON.stringify({ alternate, reason, period }), until: turn.stamp + period };
}

/** The tombstone of a room that was renamed: of one that only its creator was in too, since who belongs to it may have been told where it was. */
export function tombstoneOfMoved(state: RoomState, turn: Turn, { alternate, reason }: Destruction): { json: string; until: Millis } | null {
  const days = state.env.policy.limits.destroyedDays;
  if (days === 0) return null;
  const why = reason === undefined ? undefined : keptReason(reason);
  const period = days * DAY_MS;
  return { json: JSON.stringify({ alternate, reason: why, renamed: true, period }), until: turn.stamp + period };
}

/** What a tombstone says; `period`: for how many ms it is remembered, which those of earlier versions do not say. */
type Tombstone = Destruction & { readonly renamed?: boolean; readonly period?: Millis };

/** Until when the room is remembered. */
function endsAt({ row }: RoomState, { now }: Turn): Millis {
  const { tombstone, deadline } = row ?? {};
  if (tombstone == null || deadline == null) return 0;
  const { period } = JSON.parse(tombstone) as Tombstone;
  return period === undefined ? deadline : endOf(deadline - period, period, now);
}

/** The URI by which a room is joined (§16.7.1, RFC 5122 §2.7): a local part may have `?`, `#` and `%` in it, which mean something else there. */
function joinUri(room: BareJid): string {
  const local = localOf(room);
  return `xmpp:${local === '' ? '' : `${encodeURIComponent(local)}@`}${encodeURI(domainOf(room))}?join`;
}

/** `gone` (RFC 6120 §8.3.3.5) if the room was destroyed and is remembered, else undefined. */
export function tombstoneError(state: RoomState, turn: Turn): StanzaError | undefined {
  const { tombstone } = state.row ?? {};
  if (state.exists || tombstone == null || endsAt(state, turn) <= turn.now) return undefined;
  const { alternate, reason, renamed = false } = JSON.parse(tombstone) as Tombstone;
  const text =
    alternate === undefined
      ? inWords('roomGone')
      : inWords(renamed ? 'roomRenamed' : 'roomMoved', { room: alternate, former: state.jid, present: alternate });
  return stanzaError(
    'gone',
    reason === undefined || reason === '' ? text : joined([text, reason]),
    alternate === undefined ? {} : { uri: joinUri(alternate) },
  );
}

/** Whether the room has another address now: its old one leads there for everybody, since a client of a service admin that enters by itself would take it away. */
export function leadsElsewhere(state: RoomState): boolean {
  const { tombstone } = state.row ?? {};
  return tombstone != null && (JSON.parse(tombstone) as Tombstone).renamed === true;
}

/** Why there is no room to talk to: it is gone, or there never was one (§17.2). */
export function absence(state: RoomState, turn: Turn): StanzaError {
  return tombstoneError(state, turn) ?? stanzaError('item-not-found', inWords('noRoom'));
}

/** Forgets a destroyed room when its time is over. */
export function forgetTombstone(state: RoomState, turn: Turn): void {
  if (!state.exists && state.row?.tombstone != null && endsAt(state, turn) <= turn.now)
    state.writeRoom(turn, { tombstone: null, deadline: null });
}

/** One row at most, under this key. */
export const OTHERS = 'others';

export const visited = featureRows<boolean>({
  name: 'visited',
  says: 'whether anybody but its creator was ever in it',
  key: ['plain'],
  value: 'flag',
  travels: ['room'],
  erasing: 'forgets',
  folding: 'present',
  most: 1,
  lifetime: { until: 'the room ends' },
});

/** True once somebody beside the creator has entered. */
export function hadVisitors(state: RoomState): boolean {
  return visited.get(state, OTHERS) === true;
}
