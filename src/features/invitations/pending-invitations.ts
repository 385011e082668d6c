/** Pending invitations: kept so that declines and failures reach the inviter without telling the invited person the inviter's JID. */
import type { WaitingAnswer } from '../../room/contract/asking';
import type { BareJid, FullJid } from '../../xmpp/fold';
import { bareOf, resourceOf, storedBare } from '../../xmpp/jid';
import { nickKey } from '../../xmpp/nick';
import { featureRows } from '../../room/contract/feature-rows';
import type { Millis } from '../../room/contract/rows';
import { givesWay } from '../../room/shares';
import type { RoomState } from '../../room/state';
import type { Turn } from '../../room/turn';

export interface Invitation {
  /** Bare JID. */
  readonly inviter: BareJid;
  /** The inviter's full JID at that time, as it was spelt. */
  readonly address: string;
  readonly nick: string | null;
  /** The id of the inviter's message. */
  readonly id: string | null;
  readonly at: Millis;
  /** False: the room invited by itself, because of another act of the inviter. */
  readonly asked: boolean;
}

/** How long an answer is waited for. */
const LIFETIME_MS = 14 * 86_400_000;

/** Keys are "invitee inviter", bare JIDs, which contain no spaces. */
const rows = featureRows<Invitation>(
  {
    name: 'invitations',
    says: 'who invited whom, and has not been answered yet',
    key: ['jid', 'jid'],
    value: {
      members: { inviter: 'jid', address: 'address', nick: 'nick', id: 'text', at: 'time', asked: 'flag' },
      optional: ['nick', 'id'],
    },
    travels: ['room', 'person'],
    erasing: 'forgets',
    folding: { latest: { member: 'at' } },
    most: 'limits.waiting',
    lifetime: { ms: LIFETIME_MS, since: { member: 'at' } },
  },
  (key) => key.slice(0, key.indexOf(' ')),
);

export const invitationRows = rows.declaration;

/** The invitations of this bare JID, oldest first. */
export function pendingOf(room: RoomState, invitee: BareJid): Invitation[] {
  return rows.keysIn(room, invitee).map((key) => rows.get(room, key) as Invitation);
}

/** All that are not answered yet, oldest first. */
export function invitationsOf(room: RoomState): WaitingAnswer[] {
  return rows.entries(room).map(([key, { inviter, at }]) => {
    return { kind: 'invitation', jid: storedBare(key.slice(0, key.indexOf(' '))), at, about: inviter };
  });
}

/** Keeps an invitation; of too many the oldest is forgotten. */
export function remember(room: RoomState, turn: Turn, invitee: FullJid, invitation: Invitation): void {
  const key = `${bareOf(invitee)} ${invitation.inviter}`;
  rows.set(room, turn, key, null);
  const inviters = (): BareJid[] => rows.keys(room).map((one) => storedBare(one.slice(one.indexOf(' ') + 1)));
  const way = givesWay(room, rows.count(room), inviters, invitation.inviter);
  const oldest = way === undefined ? undefined : way === 0 ? rows.first(room)?.[0] : rows.keys(room)[way];
  if (oldest !== undefined) rows.set(room, turn, oldest, null);
  rows.set(room, turn, key, invitation);
}

/** It was answered, or failed. */
export function forgetInvitation(room: RoomState, turn: Turn, invitee: BareJid, inviter: BareJid): void {
  rows.set(room, turn, `${invitee} ${inviter}`, null);
}

/** The invitation that somebody declines: by the inviter's address as they know it, or the only one there is. */
export function findDeclined(room: RoomState, invitee: BareJid, to: FullJid | undefined): Invitation | undefined {
  const pending = pendingOf(room, invitee);
  if (to === undefined || to === room.jid) return pending.at(-1);
  if (bareOf(to) !== room.jid) {
    const known = pending.find(({ inviter }) => inviter === bareOf(to));
    // If the inviter's JID was not told to the invited person, a guess must not be confirmed.
    return room.facts.jidsVisible ? known : (known ?? pending.at(-1));
  }
  const nick = nickKey(resourceOf(to));
  return pending.find((one) => one.nick !== null && nickKey(one.nick) === nick);
}
