/** Whom a message mentions by name: XEP-0372 references to a JID, or to an occupant JID of the room. */
import { bareOf, resourceOf } from '../xmpp/jid';
import { NS } from '../xmpp/ns';
import { prepareJid } from '../xmpp/prepare';
import { localName, namespaceOf, type Element } from '../xmpp/xml';
import type { RoomState } from '../room/state';

/** The JID in a URI of XMPP (RFC 5122), or undefined. */
function jidInUri(uri: string): string | undefined {
  const path = /^xmpp:([^?#]+)/i.exec(uri)?.[1];
  if (path === undefined) return undefined;
  try {
    return prepareJid(decodeURIComponent(path));
  } catch {
    // A percent sign that begins no escape.
    return undefined;
  }
}

/** The bare JID behind a URI: a person's own, or whose nick is reserved in this room. */
export function personAt(room: RoomState, uri: string): string | undefined {
  const jid = jidInUri(uri);
  if (jid === undefined) return undefined;
  return bareOf(jid) === room.jid ? room.holderOf(resourceOf(jid))?.jid : bareOf(jid);
}

/** The bare JIDs that a message's elements refer to with `type='mention'`. */
export function referredTo(room: RoomState, elements: readonly Element[]): string[] {
  const people: string[] = [];
  for (const element of elements) {
    if (localName(element) !== 'reference' || namespaceOf(element) !== NS.reference || element.attrs['type'] !== 'mention') continue;
    const jid = personAt(room, (element.attrs['uri'] as string | undefined) ?? '');
    if (jid !== undefined) people.push(jid);
  }
  return people;
}
