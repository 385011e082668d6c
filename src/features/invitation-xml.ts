/** Invitations as the room sends them: mediated (§7.8.2), with the direct one beside it (XEP-0249) for clients that know only that. */
import { NS } from '../xmpp/ns';
import { attributes, escapeText, type Element } from '../xmpp/xml';
import type { Actor } from '../room/affiliations';
import type { RoomState } from '../room/state';

/** By which address the invited know who invites: never by a real JID that the room keeps secret (§7.8.2 allows the occupant JID). */
export function inviterShown(room: RoomState, { jid, nick }: Actor): string {
  if (jid !== null && room.facts.jidsVisible) return jid;
  return nick === undefined ? room.jid : `${room.jid}/${nick}`;
}

/** Content of a mediated invitation; the password is added so that the invited can enter (SHOULD). */
export function invitationXml(room: RoomState, from: string, reason: string | undefined, goesOn: Element | undefined): string {
  const thread = goesOn?.attrs['thread'] as string | undefined;
  const parts = (reason ? `<reason>${escapeText(reason)}</reason>` : '') + (goesOn ? `<continue${attributes({ thread })}/>` : '');
  const { password } = room.facts;
  const secret = password === undefined ? '' : `<password>${escapeText(password)}</password>`;
  const head = `<invite${attributes({ from })}`;
  const invite = parts === '' ? `${head}/>` : `${head}>${parts}</invite>`;
  return `<x xmlns="${NS.mucUser}">${invite}${secret}</x>${directInvitationXml(room, reason, goesOn)}`;
}

/** A direct invitation (XEP-0249 §2); the reason is its text too, as older servers had it. */
export function directInvitationXml(room: RoomState, reason: string | undefined, goesOn?: Element): string {
  const more = goesOn ? { continue: 'true', thread: goesOn.attrs['thread'] as string | undefined } : {};
  const head = `<x xmlns="${NS.conference}"${attributes({ jid: room.jid, password: room.facts.password, reason: reason || undefined, ...more })}`;
  return reason ? `${head}>${escapeText(reason)}</x>` : `${head}/>`;
}
