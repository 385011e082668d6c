/** Outcasts do not get in (§7.2.7). */
import { stanzaError, type StanzaError } from '../xmpp/stanza-error';
import type { Feature } from '../room/feature';
import type { RoomState } from '../room/state';
import { domainOf } from '../xmpp/jid';
import { say } from '../words';

/** Tells a banned person so, with the reason if one was given for them or for their domain. */
function refusal(room: RoomState, jid: string): StanzaError {
  const reason = (room.affiliationRow(jid) ?? room.affiliationRow(domainOf(jid)))?.reason;
  return stanzaError('forbidden', reason ? say('bannedFor', { reason }) : say('banned'));
}

export const banned: Feature = {
  name: 'banned',
  read: ({ room, jid, affiliation }) => (affiliation === 'outcast' ? refusal(room, jid) : undefined),
  enter: ({ room, jid, affiliation }) => (affiliation === 'outcast' ? refusal(room, jid) : undefined),
};
