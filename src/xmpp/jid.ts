/**
 * JIDs as strings, taken apart. None comes prepared, a stanza's `from` and `to` included: ejabberd passes the spelling of a login, Prosody punycode.
 * They are folded at the border (`fold.ts`) and compared folded; any other JID is raw text, and goes through `prepareJid` in `prepare.ts`.
 */

/** The domain of a JID (RFC 7622 §3.2: the resource begins at the first slash, the local part ends at the first @ before it). */
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
