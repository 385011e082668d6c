/**
 * Raw JIDs (in items, forms, configuration, API calls, imports) folded, so that they are comparable with those on stanzas, or refused if they
 * can be no address at all. Addresses that PRECIS forbids (RFC 7622) but a server may have, such as `☃@example.com`, are accepted: an
 * address that a stanza came from must be valid everywhere.
 */
import { domainToASCII } from 'node:url';
import { foldDomain, foldLocal, foldLocalIn, type BareJid, type Domain, type FullJid } from './fold';
import { isFreeform } from './precis';

/** Longest part of a JID, in bytes of UTF-8 (RFC 7622 §3.2-3.4). */
const MAX_BYTES = 1023;
/** In no local part on any server: spaces, controls, halves of pairs, what ends the local part or is to be escaped (RFC 7622 §3.3.1), and what NFKC makes such. */
const LOCAL_EXCLUDED = /[\s\p{Cc}\p{Cs}\p{Noncharacter_Code_Point}"&'/:<>@\u2100\u2101\u2105\u2106\uFE6B\uFF0F\uFF20]/u;
/** ASCII labels as servers take them: letters, digits, hyphens and, in practice, underscores. */
const ASCII_LABEL = /^(?!-|xn--)[a-z0-9_-]{1,63}(?<!-)$/;
/** In no other label: any other ASCII, spaces, controls, halves of pairs, and compatibility characters that stand for a full stop. */
const LABEL_EXCLUDED =
  /[\0-,./:-`{-\x7f\s\p{Cc}\p{Cs}\p{Noncharacter_Code_Point}\u2024-\u2026\u2488-\u249B\u2100\u2101\u2105\u2106\uFE6B\uFF0F\uFF20]/u;
const SIMPLE_LOCAL = /^[a-z0-9._-]{1,255}$/;
/** What XML cannot carry, or nobody can see. */
const RESOURCE_EXCLUDED = /[\p{Cc}\p{Cs}]/u;

function fits(part: string): boolean {
  return part !== '' && Buffer.byteLength(part, 'utf8') <= MAX_BYTES;
}

/** A local part (a room's or user's name), folded; undefined if there is none such. */
export function prepareLocal(raw: string): string | undefined {
  if (SIMPLE_LOCAL.test(raw)) return raw;
  if (raw.length > MAX_BYTES) return undefined;
  const local = foldLocal(raw);
  return fits(local) && !LOCAL_EXCLUDED.test(local) ? local : undefined;
}

function isLabel(label: string): boolean {
  return /^[!-~]*$/.test(label) ? ASCII_LABEL.test(label) : label.length <= 63 && !LABEL_EXCLUDED.test(label.replaceAll('_', ''));
}

/** A domain: lower case, Unicode rather than punycode, no final dot (RFC 7622 §3.2). An IPv6 address stands in brackets. */
function prepareDomain(raw: string): Domain | undefined {
  if (raw.length > MAX_BYTES) return undefined;
  if (/^\[[0-9a-f:.]+\]$/i.test(raw)) return (domainToASCII(raw) as Domain) || undefined;
  const domain = foldDomain(raw);
  return fits(domain) && domain.split('.').every(isLabel) ? domain : undefined;
}

/** A nickname as a resource by OpaqueString (RFC 8265 §4.2): case stays, every space becomes a plain one. */
export function prepareResource(raw: string): string | undefined {
  if (raw.length > MAX_BYTES) return undefined;
  const resource = raw.replace(/\p{Zs}/gu, ' ').normalize('NFC');
  return fits(resource) && isFreeform(resource) ? resource : undefined;
}

/** A bare JID; a full JID is cut to its bare part, a bare domain is allowed, blanks around it are no part of it. Undefined: not a JID. */
export function prepareBareJid(text: string): BareJid | undefined {
  const raw = text.trim();
  const slash = raw.indexOf('/');
  const bare = slash < 0 ? raw : raw.slice(0, slash);
  const at = bare.indexOf('@');
  const domain = prepareDomain(bare.slice(at + 1));
  if (domain === undefined) return undefined;
  if (at < 0) return domain;
  // What can be no local part by nodeprep can be none by PRECIS.
  if (prepareLocal(bare.slice(0, at)) === undefined) return undefined;
  const local = foldLocalIn(domain, bare.slice(0, at));
  return fits(local) ? (`${local}@${domain}` as BareJid) : undefined;
}

/** A JID with or without local part and resource; blanks around it are no part of it, the resource stays as it is. Undefined: not a JID. */
export function prepareJid(text: string): FullJid | undefined {
  const raw = text.trim();
  const bare = prepareBareJid(raw);
  const slash = raw.indexOf('/');
  if (bare === undefined || slash < 0) return bare;
  const resource = raw.slice(slash + 1);
  if (raw.length - slash > MAX_BYTES + 1 || !fits(resource) || RESOURCE_EXCLUDED.test(resource)) return undefined;
  return `${bare}/${resource}` as FullJid;
}
