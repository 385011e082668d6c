/** Which rate a stanza counts against. */
import { saysOf } from '../../xmpp/forms';
import { NS } from '../../xmpp/ns';
import { child, childElements, localName, namespaceOf, type Element } from '../../xmpp/xml';

/**
 * What is counted apart, each with a rate of its own. `notice`: typing notices and markers, which use up no messages; nor does a
 * `retraction` that says and asks for nothing else, which clients do not repeat. `invitation`: whatever may reach people outside the room.
 */
export const KINDS = ['message', 'notice', 'retraction', 'presence', 'nick', 'entry', 'invitation', 'request', 'archive', 'room'] as const;
export type Kind = (typeof KINDS)[number];

/** Largest stanza, on the wire, that is a retraction and nothing else. */
const MOST_RETRACTION_BYTES = 4096;

/** What a stanza of so many bytes on the wire counts as before a room has looked at it; `free`: nothing, but it keeps its place in the order. */
export function kindOf(stanza: Element, bytes = 0): Kind | 'free' {
  const type = stanza.attrs['type'] as string | undefined;
  switch (stanza.name) {
    case 'presence':
      // Whoever leaves, leaves; of a room that is not in memory see `charging.ts`.
      if (type !== undefined) return type === 'unavailable' ? 'free' : 'presence';
      return stanza.getChild('x', NS.muc) ? 'entry' : 'presence';
    case 'iq':
      return kindOfRequest(stanza);
    default:
      return kindOfMessage(stanza, bytes);
  }
}

/** An archive is asked, people are told that they were given an affiliation, or anything else. */
function kindOfRequest(stanza: Element): Kind {
  for (const payload of childElements(stanza)) {
    if (localName(payload) !== 'query') continue;
    const ns = namespaceOf(payload);
    if (ns === NS.mam) return 'archive';
    if (
      stanza.attrs['type'] === 'set' &&
      ((ns === NS.mucAdmin && givesAffiliation(payload)) || (ns === NS.mucOwner && namesOwners(payload)))
    )
      return 'invitation';
  }
  return 'request';
}

/** Whether somebody is made member, admin or owner by address: they may be invited, wherever they are. */
function givesAffiliation(query: Element): boolean {
  return childElements(query).some(
    ({ attrs }) => attrs['jid'] !== undefined && attrs['affiliation'] !== undefined && !TAKEN_AWAY.has(attrs['affiliation'] as string),
  );
}

const TAKEN_AWAY = new Set(['outcast', 'none']);
const PEOPLE = new Set(['muc#roomconfig_roomowners', 'muc#roomconfig_roomadmins']);

/** Whether an owner's form says who owns and runs the room. */
const namesOwners = (query: Element): boolean => saysOf(query, PEOPLE);

/** What may stand beside a retraction that asks for nothing else. */
const SILENT = new Set<string>([NS.hints, NS.stanzaId, NS.fallback]);

/** Asked of every message: most of its children have no namespace of their own, and are looked at no further. */
function kindOfMessage(stanza: Element, bytes: number): Kind {
  let notice = false;
  let retracts = 0;
  let says = false;
  for (const element of stanza.children) {
    if (typeof element === 'string') continue;
    if (element.attrs['xmlns'] === undefined && !element.name.includes(':')) {
      says = true;
      continue;
    }
    const name = localName(element);
    const ns = namespaceOf(element);
    if (name === 'x' && ns === NS.mucUser && child(element, 'invite', NS.mucUser)) return 'invitation';
    if (isRetraction(element, name, ns)) retracts++;
    else if (ns === NS.chatStates || ns === NS.chatMarkers) notice = true;
    else if (!SILENT.has(ns)) says = true;
  }
  if (says) return 'message';
  if (retracts > 0) {
    const alone = retracts === 1 && !notice && bytes <= MOST_RETRACTION_BYTES;
    return alone && stanza.attrs['type'] === 'groupchat' ? 'retraction' : 'message';
  }
  return notice ? 'notice' : 'message';
}

function isRetraction(element: Element, name: string, ns: string): boolean {
  if (name === 'retract') return ns === NS.retract || ns === NS.retract0;
  return name === 'apply-to' && ns === NS.fasten && child(element, 'retract', NS.retract0) !== undefined;
}

/** As what a stanza counts that the service refuses by itself: whatever it asks for, it gets one short answer. */
export function kindOfRefused(stanza: Element): Kind {
  return stanza.name === 'iq' ? 'request' : stanza.name === 'presence' ? 'presence' : 'message';
}

/** How many tokens it costs: each person that is invited by a message, else one. */
export function costOf(stanza: Element, kind: Kind | 'free'): number {
  if (kind !== 'invitation' || stanza.name !== 'message') return 1;
  let invited = 0;
  for (const x of childElements(stanza))
    if (localName(x) === 'x' && namespaceOf(x) === NS.mucUser)
      invited += childElements(x).filter((element) => localName(element) === 'invite').length;
  return Math.max(1, invited);
}
