/** Outcasts do not get in (§7.2.7). */
import type { BareJid } from '../xmpp/fold';
import { stanzaError, type StanzaError } from '../xmpp/stanza-error';
import type { Feature } from '../room/feature';
import type { RoomState } from '../room/state';
import { say } from '../words';

/** Of a reason, what a banned person is told at each try, in code points: a reason can be as long as a stanza. */
const MAX_REASON = 200;

/** Tells a banned person so, with the reason if one was given for them or for their domain. */
function refusal(room: RoomState, jid: BareJid): StanzaError {
  const reason = room.affiliations.inForce(jid)?.reason;
  if (!reason) return stanzaError('forbidden', say('banned'));
  // A code point has at most two UTF-16 units.
  const start = Array.from(reason.slice(0, 2 * MAX_REASON))
    .slice(0, MAX_REASON)
    .join('');
  return stanzaError('forbidden', say('bannedFor', { reason: start.length < reason.length ? `${start}…` : start }));
}

export const banned: Feature = {
  name: 'banned',
  read: ({ room, jid, affiliation }) => (affiliation === 'outcast' ? refusal(room, jid) : undefined),
  enter: ({ room, jid, affiliation }) => (affiliation === 'outcast' ? refusal(room, jid) : undefined),
};
