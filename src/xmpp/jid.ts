/**
 * JIDs as strings, taken apart. None comes prepared, a stanza's `from` and `to` included: ejabberd passes the spelling of a login, Prosody punycode.
 * They are folded at the border (`fold.ts`) and compared folded; any other JID is raw text, and goes through `prepareJid` in `prepare.ts`.
 *
 * A branded JID (`BareJid`, `FullJid`, `RoomJid`) is made in this folder alone: by folding, by taking one apart, and of what was stored.
 */
import { foldLocal, type BareJid, type Domain, type FullJid, type RoomJid } from './fold';

/** The domain of a JID (RFC 7622 §3.2: the resource begins at the first slash, the local part ends at the first @ before it). */
export function domainOf(jid: FullJid): Domain;
export function domainOf(jid: string): string;
export function domainOf(jid: string): string {
  const bare = bareOf(jid);
  return bare.slice(bare.indexOf('@') + 1);
}

/** Whether `domainOf` is this domain, without allocating: called for every stanza. */
export function isInDomain(jid: string, domain: string): boolean {
  const slash = jid.indexOf('/');
  const end = slash < 0 ? jid.length : slash;
  const at = jid.indexOf('@');
  const begin = at < 0 || at > end ? 0 : at + 1;
  return end - begin === domain.length && jid.startsWith(domain, begin);
}

/** The local part, or '' for a JID without one. */
export function localOf(jid: string): string {
  const bare = bareOf(jid);
  const at = bare.indexOf('@');
  return at < 0 ? '' : bare.slice(0, at);
}

/** The JID without its resource. */
export function bareOf(jid: FullJid): BareJid;
export function bareOf(jid: string): string;
export function bareOf(jid: string): string {
  const slash = jid.indexOf('/');
  return slash < 0 ? jid : jid.slice(0, slash);
}

/** The resource, or '' for a bare JID. */
export function resourceOf(jid: string): string {
  const slash = jid.indexOf('/');
  return slash < 0 ? '' : jid.slice(slash + 1);
}

/** Replaces a JID, and its bare JID, by a name throughout a text. The name is taken literally: nicks may contain `$&`. */
export function replaceJid(text: string, jid: string, name: string): string {
  return text.replaceAll(jid, () => name).replaceAll(bareOf(jid), () => name);
}

/** A local part with its XEP-0106 escapes undone, for people to read. */
export function unescapeLocal(local: string): string {
  return local.replace(/\\(20|22|26|27|2f|3a|3c|3e|40|5c)/g, (_, code: string) => String.fromCharCode(parseInt(code, 16)));
}

/** The room that an address of the service's own domain, with a local part, belongs to. */
export function roomOf(address: FullJid): RoomJid {
  return bareOf(address) as RoomJid;
}

/** The address of the room of this name in the service's domain. */
export function roomNamed(local: string, domain: Domain): RoomJid {
  return `${foldLocal(local)}@${domain}` as RoomJid;
}

/** Whether a folded JID without resource is the address of a room of this service, which may not be there yet. */
export function isRoomOf(jid: BareJid, domain: string): jid is RoomJid {
  return jid.includes('@') && domainOf(jid) === domain;
}

/** A bare JID as the program stored it, which was folded then. */
export function storedBare(text: string): BareJid {
  return text as BareJid;
}
