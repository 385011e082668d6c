/**
 * JIDs as strings. A stanza's `from` and `to` come prepared by the server: they are taken apart and compared, never "fixed".
 * Any other JID is raw text and goes through `prepareJid` in `prepare.ts`.
 */

/** The domain of a JID (RFC 7622 §3.2: the resource begins at the first slash, the local part ends at the first @ before it). */
export function domainOf(jid: string): string {
  const bare = bareOf(jid);
  return bare.slice(bare.indexOf('@') + 1);
}

/** The local part, or '' for a JID without one. */
export function localOf(jid: string): string {
  const bare = bareOf(jid);
  const at = bare.indexOf('@');
  return at < 0 ? '' : bare.slice(0, at);
}

/** The JID without its resource. */
export function bareOf(jid: string): string {
  const slash = jid.indexOf('/');
  return slash < 0 ? jid : jid.slice(0, slash);
}

/** The resource, or '' for a bare JID. */
export function resourceOf(jid: string): string {
  const slash = jid.indexOf('/');
  return slash < 0 ? '' : jid.slice(slash + 1);
}

/** A text in which another name stands wherever it has this JID, or its bare JID. The name is taken as it is: nicks may have `$&` in them. */
export function replaceJid(text: string, jid: string, name: string): string {
  return text.replaceAll(jid, () => name).replaceAll(bareOf(jid), () => name);
}
