/** Which nickname somebody gets (§7.2.8, §7.6, §17.1): checks, conflicts and reservations. */
import { checkNick } from '../xmpp/nick';
import { stanzaError, type StanzaError } from '../xmpp/stanza-error';
import { say } from '../words';
import type { RoomState } from './state';

/** Why this bare JID cannot have this nick in the room now, or undefined if he can. */
export function nickRefusal(state: RoomState, bareJid: string, nick: string): StanzaError | undefined {
  const max = state.env.policy.limits.nick;
  switch (checkNick(nick, max)) {
    case 'blank':
      return stanzaError('jid-malformed', say('nickBlank'));
    case 'malformed':
      return stanzaError('jid-malformed', say('nickMalformed'));
    case 'too-long':
      return stanzaError('not-acceptable', say('nickLong', { max }));
    case undefined:
  }
  const present = state.occupants.withNick(nick);
  if (present && present.jid !== bareJid) return stanzaError('conflict', say('nickTaken'));
  const holder = state.holderOf(nick);
  if (holder && holder.jid !== bareJid) return stanzaError('conflict', say('nickTaken'));
  return undefined;
}
