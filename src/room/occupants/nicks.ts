/** Which nickname somebody gets (§7.2.8, §7.6, §17.1): checks, conflicts and reservations. */
import type { BareJid } from '../../xmpp/fold';
import { checkNick, type Nick } from '../../xmpp/nick';
import { stanzaError, type StanzaError } from '../../xmpp/stanza-error';
import { inWords } from '../../words';
import { holderOf, reservedAlike } from './reserved-nicks';
import type { RoomState } from '../state';

/** `-` and an occupant-id. */
const ID_NICK = /^-[\w-]{22}$/;

const NOBODY: ReadonlySet<BareJid> = new Set();

/** Why this bare JID cannot have this nick in the room now, or undefined if they can. `freed`: bare JIDs whose reserved nicks do not count. */
export function nickRefusal(state: RoomState, bareJid: BareJid, nick: string, freed = NOBODY): StanzaError | undefined {
  const max = state.env.policy.limits.nick;
  switch (checkNick(nick, max)) {
    case 'blank':
      return stanzaError('jid-malformed', inWords('nickBlank'));
    case 'malformed':
      return stanzaError('jid-malformed', inWords('nickMalformed'));
    case 'too-long':
      return stanzaError('not-acceptable', inWords('nickLong', { max }));
    case undefined:
  }
  // Kept free for the successor protocol, which addresses people so.
  if (ID_NICK.test(nick)) return stanzaError('not-acceptable', inWords('nickOfId'));
  const present = state.occupants.withNick(nick);
  if (present && present.jid !== bareJid) return taken(nick, present.nick);
  const holder = holderOf(state, nick);
  if (holder && !freed.has(holder.jid)) return holder.jid === bareJid ? undefined : taken(nick, holder.nick);
  // §14.6 "substituting visually similar characters", also while their holder is away; holders of reserved nicks get in all the same.
  const alike =
    (state.row ? state.occupants.lookAlike(nick, state.idOf(bareJid))?.nick : undefined) ??
    reservedAlike(state, nick, (jid) => jid !== bareJid && !freed.has(jid));
  return alike === undefined ? undefined : stanzaError('conflict', inWords('nickLookalike', { nick: alike }));
}

/** Somebody has the nick, perhaps spelt otherwise: then the sentence says how. */
function taken(nick: string, as: string): StanzaError {
  return stanzaError('conflict', nick === as ? inWords('nickTaken') : inWords('nickTakenAs', { nick: as }));
}

/** Whether somebody else in the room goes by this nick, or by one that looks like it. */
export function isWorn(state: RoomState, bareJid: BareJid, nick: string): boolean {
  if (checkNick(nick, state.env.policy.limits.nick) !== undefined) return false;
  const present = state.occupants.withNick(nick);
  if (present) return present.jid !== bareJid;
  return holderOf(state, nick) === undefined && state.occupants.lookAlike(nick, state.idOf(bareJid)) !== undefined;
}

/** The nick that somebody must use in this room (§7.10, lockdown), or undefined. */
export function assignedNick(state: RoomState, jid: BareJid): Nick | undefined {
  for (const feature of state.env.features.assignNick) {
    const nick = feature.assignNick?.(state, jid);
    if (nick !== undefined) return nick;
  }
  return undefined;
}
