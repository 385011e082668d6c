/**
 * Renaming a room: everything it has goes to the new address, its archive and the ids in it too. Who is in it is told that it ended and where it is
 * (§10.9), who belongs to it is invited there (XEP-0249), and the old address leads to the new one for a while. Whoever runs rooms has made sure that
 * there is no room of the new name, and keeps it so until this is committed.
 */
import type { RoomJid } from '../../xmpp/fold';
import { domainOf } from '../../xmpp/jid';
import { stanzaError, type StanzaError } from '../../xmpp/stanza-error';
import { joined, inWords } from '../../words';
import type { Actor } from '../governing/rights';
import { audit } from '../audit';
import type { Destruction } from '../contract/saying';
import { destroyXml, sayDestroyed } from './destroy';
import type { Farewell } from '../contract/saying';
import { directInvitation } from '../../xmpp/direct-invitation';
import { noteFormerName } from './former-names';
import { inviteAllAnew } from '../talking/notice-queue';
import { saidReason } from '../governing/reasons';
import { dropPosters } from '../occupants/posters';
import { readdress } from '../kept-rows';
import type { RoomState } from '../state';
import { tombstoneOfMoved } from './tombstone';
import type { Turn } from '../turn';

/** Why a room cannot be renamed to this, or undefined. */
function refusal(state: RoomState, to: RoomJid): StanzaError | undefined {
  if (to === state.jid) return stanzaError('not-acceptable', inWords('renameSame'));
  if (domainOf(to) !== domainOf(state.jid))
    return stanzaError('not-acceptable', inWords('renameElsewhere', { domain: domainOf(state.jid) }));
  if (state.locked) return stanzaError('not-acceptable', inWords('renameLocked'));
  if (!state.facts.persistent) return stanzaError('not-acceptable', inWords('renameTemporary'));
  return undefined;
}

/** Moves the room. Returns the refusal, if any. */
export function rename(state: RoomState, turn: Turn, actor: Actor, to: RoomJid, reason?: string): StanzaError | undefined {
  const refused = refusal(state, to);
  if (refused) return refused;
  const { jid: former } = state;
  const { password } = state.facts;
  const given = reason === undefined || reason === '' ? {} : { reason: saidReason(reason) };
  // Everybody in it knew the password.
  const how: Destruction = { alternate: to, ...given, ...(password === undefined ? {} : { password }) };
  const xml = destroyXml(how);
  audit(state, turn, actor, 'rename', [{ object: former, before: former, after: to, reason: given.reason ?? null }]);
  const people = [...state.occupants.all()];
  const farewells = people.flatMap((occupant) =>
    occupant.sessions.map(({ address }): Farewell => ({ jid: address.jid, nick: occupant.nick, occupantId: occupant.id })),
  );
  for (const to of farewells) sayDestroyed(state, turn, to, xml, undefined);
  state.empty();
  // They left, and were not put out: what a visit leaves behind stays.
  for (const occupant of people) for (const feature of state.env.features.left) feature.left?.(state, turn, occupant, false);
  noteFormerName(state, turn);
  dropPosters(state, turn);
  readdress(state, turn, to);
  const sentence = inWords('roomRenamed', { former, present: to });
  const why = joined([sentence, ...(given.reason === undefined ? [] : [given.reason])]).in(state.facts.language);
  inviteAllAnew(state, turn, `>${directInvitation({ room: to, password, reason: why })}</message>`);
  state.reschedule(turn);
  state.moveAway(turn, to, tombstoneOfMoved(state, turn, how));
  for (const feature of state.env.features.renamed) feature.renamed?.(state, turn, to);
  state.writeSaying(turn, { kind: 'destroyed', xml, farewells });
  return undefined;
}
