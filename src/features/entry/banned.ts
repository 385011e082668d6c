/** Outcasts do not get in (§7.2.7). */
import { formatDateTime } from '../../xmpp/dates';
import type { BareJid } from '../../xmpp/fold';
import { stanzaError, type StanzaError } from '../../xmpp/stanza-error';
import type { Feature } from '../../room/contract/feature';
import type { RoomState } from '../../room/state';
import { joined, inWords, type Text } from '../../words';

/** Of a reason, what a banned person is told at each try, in code points: a reason can be as long as a stanza. */
const MAX_REASON = 200;

/** The reason that was given for a ban, as they are told it; undefined: none was. */
function shortReason(reason: string | null | undefined): string | undefined {
  if (!reason) return undefined;
  // A code point has at most two UTF-16 units.
  const start = Array.from(reason.slice(0, 2 * MAX_REASON))
    .slice(0, MAX_REASON)
    .join('');
  return start.length < reason.length ? `${start}…` : start;
}

/** What somebody banned, by themselves or with their domain, is told when they want to enter, or to register: until when, and the reason if one was given. */
export function banText(room: RoomState, jid: BareJid, wish: 'enter' | 'register'): Text {
  const ban = room.affiliations.inForce(jid);
  const until = ban?.expiresAt ?? null;
  const [lasting, ending] = wish === 'enter' ? (['banned', 'bannedUntil'] as const) : (['registerBanned', 'registerBannedUntil'] as const);
  const told = until === null ? inWords(lasting) : inWords(ending, { time: formatDateTime(until) });
  const reason = shortReason(ban?.reason);
  return reason === undefined ? told : joined([told, inWords('banReason', { reason })]);
}

/** Tells a banned person so. */
export const banRefusal = (room: RoomState, jid: BareJid): StanzaError => stanzaError('forbidden', banText(room, jid, 'enter'));

export const banned: Feature = {
  name: 'banned',
  read: ({ room, jid, affiliation }) => (affiliation === 'outcast' ? banRefusal(room, jid) : undefined),
  enter: ({ room, jid, affiliation }) => (affiliation === 'outcast' ? banRefusal(room, jid) : undefined),
};
