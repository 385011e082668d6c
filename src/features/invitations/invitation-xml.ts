/** Invitations as the room sends them: mediated (§7.8.2), with the direct one beside it (XEP-0249) for clients that know only that. */
import { NS } from '../../xmpp/ns';
import { attributes, escapeText, type Element } from '../../xmpp/xml';
import type { Actor } from '../../room/governing/rights';
import { directInvitation } from '../../xmpp/direct-invitation';
import type { RoomState } from '../../room/state';

/** By which address the invited know who invites: never by a real JID that the room keeps secret (§7.8.2 allows the occupant JID). */
function inviterShown(room: RoomState, { jid, nick }: Actor): string {
  if (jid !== null && room.facts.jidsVisible) return jid;
  return nick === undefined ? room.jid : `${room.jid}/${nick}`;
}

/**
 * The password that an invitation carries, so that the invited can enter (§7.8.2 SHOULD): only if who invites knows it, since they are
 * in the room, or may read it in the configuration. The room itself may.
 */
function passwordFor(room: RoomState, { jid, role, affiliation }: Actor): string | undefined {
  return jid === null || role !== 'none' || affiliation === 'owner' ? room.facts.password : undefined;
}

/** Content of a mediated invitation by this actor. */
export function invitationXml(room: RoomState, actor: Actor, reason: string | undefined, goesOn: Element | undefined): string {
  const thread = goesOn?.attrs['thread'] as string | undefined;
  const parts = (reason ? `<reason>${escapeText(reason)}</reason>` : '') + (goesOn ? `<continue${attributes({ thread })}/>` : '');
  const password = passwordFor(room, actor);
  const secret = password === undefined ? '' : `<password>${escapeText(password)}</password>`;
  const head = `<invite${attributes({ from: inviterShown(room, actor) })}`;
  const invite = parts === '' ? `${head}/>` : `${head}>${parts}</invite>`;
  return `<x xmlns="${NS.mucUser}">${invite}${secret}</x>${directInvitationXml(room, actor, reason, goesOn)}`;
}

/** A direct invitation by this actor. */
export function directInvitationXml(room: RoomState, actor: Actor, reason: string | undefined, goesOn?: Element): string {
  const thread = goesOn?.attrs['thread'] as string | undefined;
  return directInvitation({ room: room.jid, password: passwordFor(room, actor), reason, goesOn: goesOn && { thread } });
}
