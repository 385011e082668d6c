/**
 * One address is one account, however it is spelt: the fold by which JIDs are compared (architecture.md, rule 7). It never refuses anything.
 *
 * - Local part: nodeprep (RFC 3920 appendix A), which servers compare by. Its tables are in `fold-tables.ts`, so that a newer platform never
 *   moves an account; NFKC is the platform's: it is stable for the characters of Unicode 3.2. Newer characters pass unchanged, and the text on
 *   either side of them is normalised separately. Nothing is prohibited: what servers refuse as an account is folded too. XEP-0106 escapes are plain text.
 *   On other servers' domains, which may compare by PRECIS: what both make equal (`fold-foreign.ts`).
 * - Domain: UTS #46, non-transitional, of each label: the same tables, but ß, ς and the joiners stay, letters younger than Unicode 3.2 lose their
 *   case by the platform, and A-labels become U-labels by our own reading of Punycode.
 * - Resource: as it came, byte by byte.
 *
 * Folding twice changes nothing. A part that is too long for an address (RFC 7622 §3) is not folded.
 */
import { isSeparating, isYoung, mapped } from './fold-characters';
import { foldBoth, foldEither } from './fold-foreign';
import { fromPunycode } from './punycode';

/** The version of these rules, stored with the addresses that were folded by them. What 1 folded (nodeprep everywhere) is folded by 2. */
export const FOLD_VERSION = 2;

declare const kind: unique symbol;
/** A folded JID without resource. Its local part may be missing: then it is a whole domain, as in lists of affiliations and of whom the operator trusts. */
export type BareJid = string & { readonly [kind]: { readonly folded: true; readonly bare: true } };
/** A folded domain: a bare JID that has no local part. */
export type Domain = string & { readonly [kind]: { readonly folded: true; readonly bare: true; readonly domain: true } };
/** A JID whose bare part is folded, with its resource as it came, if it has one. */
export type FullJid = string & { readonly [kind]: { readonly folded: true } };
/** The folded address of a room. */
export type RoomJid = string & { readonly [kind]: { readonly folded: true; readonly bare: true; readonly room: true } };

/** Longest part of a JID in bytes, and so in UTF-16 units. */
const MAX_UNITS = 1023;
/** Longest label of a domain (RFC 1035 §2.3.4). */
const MAX_LABEL = 63;
/** Valid in a domain by UTS #46 though nameprep maps them: ß, ς and the joiners. */
const DEVIATIONS = new Set([0xdf, 0x3c2, 0x200c, 0x200d]);
/** Full stops of other scripts (UTS #46 §4, table lookups). */
const FULL_STOPS = /[\u3002\uFF0E\uFF61]/g;
/** Rounds until a fold of a fold changes nothing; two do for all that is known. */
const MAX_ROUNDS = 4;

/** Cherokee, whose small letters fold to the older capitals. */
const CHEROKEE = /[\u13A0-\u13FF\uAB70-\uABBF]/;

/** A character of a domain that is younger than Unicode 3.2, without case. */
function foldYoung(char: string): string {
  if (/\p{Default_Ignorable_Code_Point}/u.test(char)) return '';
  const upper = char.toUpperCase();
  return CHEROKEE.test(char) ? upper : upper.length === char.length ? upper.toLowerCase() : char.toLowerCase();
}

const lowerAscii = (text: string): string => text.replace(/[A-Z]+/g, (capitals) => capitals.toLowerCase());

function foldOnce(text: string, isDomain: boolean): string {
  let out = '';
  let run = '';
  for (const char of text) {
    const code = char.codePointAt(0) as number;
    if (isDomain && DEVIATIONS.has(code)) run += char;
    else if (isSeparating(code) || (!isDomain && isYoung(code))) {
      out += run.normalize('NFKC') + char;
      run = '';
    } else {
      run += mapped(code) ?? (isDomain && isYoung(code) ? foldYoung(char) : char);
    }
  }
  return out + run.normalize('NFKC');
}

/** Folds a part until it is stable. A part that would become empty, or more than one part, has only its ASCII capitals folded. */
function foldPart(text: string, isDomain: boolean): string {
  let before: string;
  let after = text;
  let rounds = 0;
  do {
    before = after;
    after = foldOnce(before, isDomain);
  } while (after !== before && ++rounds < MAX_ROUNDS);
  return after === '' || after !== before || (isDomain ? /[./@\u3002]/ : /[/@]/).test(after) ? lowerAscii(text) : after;
}

const isAscii = (text: string): boolean => /^[\0-\x7f]*$/.test(text);

function foldLabel(raw: string): string {
  const label = isAscii(raw) ? raw.toLowerCase() : foldPart(raw, true);
  if (!label.startsWith('xn--') || label.length > MAX_LABEL) return label;
  const read = fromPunycode(label.slice(4));
  // A label that no encoder would produce stays as it is.
  return read === undefined || isAscii(read) || foldPart(read, true) !== read ? label : read;
}

/** Whose accounts and rooms are compared by nodeprep alone. */
let own: ReadonlySet<Domain> | undefined;

/**
 * Says which domains are the server's own and ours. Part of the configuration: to be called once, before any address is folded, in each thread that
 * folds. Before that, and with undefined, all are.
 */
export function setOwnDomains(domains: readonly Domain[] | undefined): void {
  own = domains === undefined ? undefined : new Set(domains);
}

/** The domains that were set; undefined: all. */
export function ownDomains(): readonly Domain[] | undefined {
  return own && [...own];
}

/** Whether a domain is the server's own or ours, so that its addresses are compared by nodeprep alone. */
export function isOwnDomain(domain: string): boolean {
  return own?.has(domain as Domain) ?? true;
}

/** The local part of a room, or of an account on the server's own domain, folded. */
export function foldLocal(local: string): string {
  if (local.length > MAX_UNITS) return local;
  return isAscii(local) ? local.toLowerCase() : foldPart(local, false);
}

/** The domain of a JID, folded. */
export function foldDomain(domain: string): Domain {
  if (domain.length > MAX_UNITS) return domain as Domain;
  const labels = domain.replace(FULL_STOPS, '.').split('.').map(foldLabel);
  if (labels.length > 1 && labels.at(-1) === '' && labels.at(-2) !== '') labels.pop();
  return labels.join('.') as Domain;
}

const SLASH = 0x2f;
const HYPHEN = 0x2d;
const DOT = 0x2e;

/** Where the bare part ends if it is folded already, as nearly all are: plain ASCII without capitals, A-labels or a final dot. Otherwise -1. */
function endOfPlain(jid: string): number {
  let i = 0;
  for (; i < jid.length; i++) {
    const code = jid.charCodeAt(i);
    if (code === SLASH) break;
    if (code > 127 || (code >= 65 && code <= 90)) return -1;
    // A label that begins "xn--"; the same within a local part is only looked at more slowly.
    if (code === HYPHEN && jid.charCodeAt(i - 1) === HYPHEN && jid.charCodeAt(i - 2) === 110 && jid.charCodeAt(i - 3) === 120) return -1;
  }
  return i > 0 && jid.charCodeAt(i - 1) === DOT ? -1 : i;
}

/** The local part of a JID in this folded domain, folded. */
export function foldLocalIn(domain: Domain, local: string): string {
  return isOwnDomain(domain) || local.length > MAX_UNITS || isAscii(local) ? foldLocal(local) : foldBoth(local);
}

/**
 * One key for all bare JIDs that may be one account with this one: bans and rates go by it, nothing that is given does. On the server's own domain, and
 * wherever the local part is ASCII, it is the JID itself. Never shown and never sent to.
 */
export function accountKey(jid: BareJid): BareJid {
  if (isAscii(jid)) return jid;
  const at = jid.indexOf('@');
  const domain = jid.slice(at + 1);
  return at < 0 || at > MAX_UNITS || isOwnDomain(domain) ? jid : (`${foldEither(jid.slice(0, at))}@${domain}` as BareJid);
}

function foldSlowly(bare: string): string {
  const at = bare.indexOf('@');
  if (at < 0) return foldDomain(bare);
  const domain = foldDomain(bare.slice(at + 1));
  return `${foldLocalIn(domain, bare.slice(0, at))}@${domain}`;
}

/** A JID without its resource, folded. */
export function foldBare(jid: string): BareJid {
  const end = endOfPlain(jid);
  if (end >= 0) return (end === jid.length ? jid : jid.slice(0, end)) as BareJid;
  const slash = jid.indexOf('/');
  return foldSlowly(slash < 0 ? jid : jid.slice(0, slash)) as BareJid;
}

/** A JID with its bare part folded and its resource, if there is one, as it came. The same string if there is nothing to fold. */
export function foldFull(jid: string): FullJid {
  if (endOfPlain(jid) >= 0) return jid as FullJid;
  const slash = jid.indexOf('/');
  return (slash < 0 ? foldSlowly(jid) : foldSlowly(jid.slice(0, slash)) + jid.slice(slash)) as FullJid;
}
