/** Which rate a stanza counts against. */
import { NS } from '../../xmpp/ns';
import { child, childElements, localName, namespaceOf, type Element } from '../../xmpp/xml';

/** What is counted apart, each with a rate of its own. `notice`: typing notices and markers, which use up no messages; nor do retractions, which clients do not repeat. */
export const KINDS = ['message', 'notice', 'retraction', 'presence', 'nick', 'entry', 'invitation', 'request', 'archive', 'room'] as const;
export type Kind = (typeof KINDS)[number];

/** What a stanza counts as before a room has looked at it; `free`: nothing, but it keeps its place in the order. */
export function kindOf(stanza: Element): Kind | 'free' {
  const type = stanza.attrs['type'] as string | undefined;
  switch (stanza.name) {
    case 'presence':
      // Whoever leaves, leaves.
      if (type !== undefined) return type === 'unavailable' ? 'free' : 'presence';
      return stanza.getChild('x', NS.muc) ? 'entry' : 'presence';
    case 'iq':
      return childElements(stanza).some((payload) => localName(payload) === 'query' && namespaceOf(payload) === NS.mam)
        ? 'archive'
        : 'request';
    default:
      return kindOfMessage(stanza);
  }
}

/** Asked of every message: most of its children have no namespace of their own, and are looked at no further. */
function kindOfMessage(stanza: Element): Kind | 'free' {
  let notice = false;
  let says = false;
  for (const element of stanza.children) {
    if (typeof element === 'string') continue;
    if (element.attrs['xmlns'] === undefined && !element.name.includes(':')) {
      says = true;
      continue;
    }
    const name = localName(element);
    const ns = namespaceOf(element);
    if (name === 'retract' && (ns === NS.retract || ns === NS.retract0)) return 'retraction';
    if (name === 'apply-to' && ns === NS.fasten && child(element, 'retract', NS.retract0)) return 'retraction';
    if (name === 'x' && ns === NS.mucUser && child(element, 'invite', NS.mucUser)) return 'invitation';
    if (ns === NS.chatStates || ns === NS.chatMarkers) notice = true;
    else if (ns !== NS.hints) says = true;
  }
  return notice && !says ? 'notice' : 'message';
}

/** How many tokens it costs: each person that is invited. */
export function costOf(stanza: Element, kind: Kind | 'free'): number {
  if (kind !== 'invitation') return 1;
  const x = child(stanza, 'x', NS.mucUser);
  return x ? childElements(x).filter((element) => localName(element) === 'invite').length : 1;
}
