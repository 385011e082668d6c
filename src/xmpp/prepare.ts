/**
 * Raw JIDs (in items, forms, configuration, API calls, imports) made comparable with the prepared ones on stanzas, or refused.
 *
 * RFC 7622, with one choice: the local part is folded as nodeprep folds it ("Straße" becomes "strasse", full width and
 * ligatures become plain), because that is what the servers do to the addresses on stanzas, and the two must be equal.
 */
import { domainToASCII, domainToUnicode } from 'node:url';
import { foldCompatible, isFreeform, isIdentifier, obeysBidiRule } from './precis';

/** Longest part of a JID, in bytes of UTF-8 (RFC 7622 §3.2-3.4). */
const MAX_BYTES = 1023;
/** Not allowed in a local part besides what PRECIS excludes (RFC 7622 §3.3.1). */
const LOCAL_EXCLUDED = /["&'/:<>@]/;
/** ASCII labels as servers take them: letters, digits, hyphens and, in practice, underscores. */
const ASCII_LABEL = /^(?!-)[a-z0-9_-]{1,63}(?<!-)$/;
const SIMPLE_LOCAL = /^[a-z0-9._-]{1,255}$/;

function fits(part: string): boolean {
  return part !== '' && Buffer.byteLength(part, 'utf8') <= MAX_BYTES;
}

/** A local part (a room's or user's name) as it stands in a prepared JID; undefined if there is none such. */
export function prepareLocal(raw: string): string | undefined {
  if (SIMPLE_LOCAL.test(raw)) return raw;
  if (raw.length > MAX_BYTES) return undefined;
  const local = foldCompatible(raw);
  if (!fits(local) || LOCAL_EXCLUDED.test(local) || !isIdentifier(local) || !obeysBidiRule(local)) return undefined;
  return local;
}

/** A domain: lower case, Unicode rather than punycode, no final dot (RFC 7622 §3.2). An IPv6 address stands in brackets. */
function prepareDomain(raw: string): string | undefined {
  if (raw.length > MAX_BYTES) return undefined;
  if (/^\[[0-9a-f:.]+\]$/i.test(raw)) return domainToASCII(raw) || undefined;
  const name = raw
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[.\u3002]$/, '');
  const isAscii = /^[!-~]*$/.test(name);
  // The platform reads "1.2" as an IPv4 address and undoes %-escapes: it gets only what needs it, without ASCII surprises.
  if (!isAscii && /[^a-z0-9_.\u0080-\u{10FFFF}-]/u.test(name)) return undefined;
  const ascii = isAscii ? name : domainToASCII(name);
  if (!ascii.split('.').every((label) => ASCII_LABEL.test(label))) return undefined;
  const domain = ascii.includes('xn--') ? domainToUnicode(ascii) : ascii;
  // An invalid xn-- label comes back empty.
  return fits(domain) ? domain : undefined;
}

/** A resource by OpaqueString (RFC 8265 §4.2): case stays, every space becomes a plain one. */
export function prepareResource(raw: string): string | undefined {
  if (raw.length > MAX_BYTES) return undefined;
  const resource = raw.replace(/\p{Zs}/gu, ' ').normalize('NFC');
  return fits(resource) && isFreeform(resource) ? resource : undefined;
}

/** A bare JID; a full JID is cut to its bare part, a bare domain is allowed. Undefined: not a JID. */
export function prepareBareJid(raw: string): string | undefined {
  const slash = raw.indexOf('/');
  const bare = slash < 0 ? raw : raw.slice(0, slash);
  const at = bare.indexOf('@');
  const domain = prepareDomain(bare.slice(at + 1));
  if (domain === undefined) return undefined;
  if (at < 0) return domain;
  const local = prepareLocal(bare.slice(0, at));
  return local === undefined ? undefined : `${local}@${domain}`;
}

/** A JID with or without local part and resource. Undefined: not a JID. */
export function prepareJid(raw: string): string | undefined {
  const bare = prepareBareJid(raw);
  const slash = raw.indexOf('/');
  if (bare === undefined || slash < 0) return bare;
  const resource = prepareResource(raw.slice(slash + 1));
  return resource === undefined ? undefined : `${bare}/${resource}`;
}
