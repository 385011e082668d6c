/** What only asks: deciding it writes nothing, so that it can be answered from what is saved while nothing can be saved. */
import { NS } from '../xmpp/ns';
import { childElements, localName, namespaceOf, type Element } from '../xmpp/xml';
import type { Input } from './machine';

/**
 * Whether deciding an input writes nothing: an IQ get, any IQ to an occupant (it is passed on, §17.4), a query to the archive, which is a set
 * (XEP-0313 §4.1), and what is answered to either. Whoever runs rooms counts on it.
 */
export function isQuery(input: Input): boolean {
  switch (input.kind) {
    case 'relayed':
      return true;
    case 'stanza':
      return onlyAsks(input.stanza, input.nick);
    case 'archive':
      return input.effect.stanza !== null && onlyAsks(input.effect.stanza, '');
    default:
      return false;
  }
}

function onlyAsks(stanza: Element, nick: string): boolean {
  if (stanza.name !== 'iq') return false;
  return stanza.attrs['type'] === 'get' || (stanza.attrs['type'] === 'set' && (nick !== '' || asksArchive(stanza)));
}

function asksArchive(iq: Element): boolean {
  const payload = childElements(iq)[0];
  return payload !== undefined && localName(payload) === 'query' && namespaceOf(payload) === NS.mam;
}
