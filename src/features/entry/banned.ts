/** Outcasts do not get in (§7.2.7). */
import type { BareJid } from '../../xmpp/fold';
import { stanzaError, type StanzaError } from '../../xmpp/stanza-error';
import type { Feature } from '../../room/contract/feature';
import type { RoomState } from '../../room/state';
import { say } from '../../words';

/** Of a reason, what a banned person is told at each try, in code points: a reason can be as long as a stanza. */
const MAX_REASON = 200;

/** The reason that was given for the ban of them or of their domain, as they are told it; undefined: none was. */
export function banReason(room: RoomState, jid: BareJid): string | undefined {
  const reason = room.affiliations.inForce(jid)?.reason;
  if (!reason) return undefined;
  // A code point has at most two UTF-16 units.
  const start = Array.from(reason.slice(0, 2 * MAX_REASON))
    .slice(0, MAX_REASON)
    .join('');
  return start.length < reason.length ? `${start}…` : start;
}

/** Tells a banned person so, with the reason if one was given. */
export function banRefusal(room: RoomState, jid: BareJid): StanzaError {
  const reason = banReason(room, jid);
  return stanzaError('forbidden', reason === undefined ? say('banned') : say('bannedFor', { reason }));
}

export const banned: Feature = {
  name: 'banned',
  read: ({ room, jid, affiliation }) => (affiliation === 'outcast' ? banRefusal(room, jid) : undefined),
  enter: ({ room, jid, affiliation }) => (affiliation === 'outcast' ? banRefusal(room, jid) : undefined),
};
