/** Whom an act of moderators is about: somebody in the room by nickname, or anybody by address. */
import type { Target } from '../../room/contract/commands';
import type { BareJid } from '../../xmpp/fold';
import { escapeText } from '../../xmpp/xml';
import { stanzaError, type StanzaError } from '../../xmpp/stanza-error';
import { inWords, type Sentence } from '../../words';
import { roleRefusal, type Actor } from '../../room/governing/rights';
import type { Occupant } from '../../room/occupants/occupants';
import { personsLanguage } from '../../room/language';
import { isOfService } from '../../room/governing/written-jid';
import { tellOccupantForSure } from '../../room/talking/speak';
import type { RoomState } from '../../room/state';
import type { Turn } from '../../room/turn';

/** Somebody, and who they are in the room, if they are in it. */
export interface Whom {
  readonly jid: BareJid;
  readonly occupant: Occupant | undefined;
}

/** Who gave a restraint and has no address. Rows of before that was kept have no such member: of those it is said that it is not known, as migration 0038 says it of affiliations. */
export function byNameOf({ by, byName }: { readonly by: BareJid | null; readonly byName?: string | null | undefined }): string | null {
  return byName === undefined && by === null ? 'unknown' : (byName ?? null);
}

/** Whom the actor means, if they may make a visitor of them; or the refusal. */
export function whomTo(room: RoomState, actor: Actor, target: Target): Whom | StanzaError {
  // Who may not is told just that, whoever is in the room.
  const mayKnow = actor.jid === null || actor.role === 'moderator' || actor.affiliation === 'admin' || actor.affiliation === 'owner';
  if (!mayKnow) return stanzaError('forbidden', inWords('moderatorsOnly'));
  const occupant = 'nick' in target ? room.occupants.withNick(target.nick) : room.occupants.withId(room.idOf(target.jid));
  const jid = occupant?.jid ?? ('jid' in target ? target.jid : undefined);
  if (jid === undefined) return stanzaError('item-not-found', inWords('noSuchNick'));
  if (!jid.includes('@')) return stanzaError('not-acceptable', inWords('restraintPerson'));
  if (isOfService(room, jid)) return stanzaError('not-acceptable', inWords('itemService'));
  const role = occupant?.role ?? room.roleOnEntry(jid);
  const refusal = roleRefusal(actor, { jid, affiliation: room.affiliationOf(jid), role }, 'visitor');
  return refusal ?? { jid, occupant };
}

/** A message of the room to somebody in it alone, in their language. */
export function tellThem(room: RoomState, turn: Turn, occupant: Occupant, sentence: Sentence): void {
  tellOccupantForSure(room, turn, occupant, `<body>${escapeText(sentence.in(personsLanguage(room, occupant.jid)))}</body>`);
}
