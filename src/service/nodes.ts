/** The service's well-known nodes of service discovery (XEP-0030): the asker's rooms, the ad-hoc commands, and those it must refuse. */
import type { Store } from '../store/store';
import type { FullJid } from '../xmpp/fold';
import { NS } from '../xmpp/ns';
import { attributes, escapeAttribute } from '../xmpp/xml';
import { stanzaError, type StanzaError } from '../xmpp/stanza-error';
import { say } from '../words';
import type { AdHoc, AdHocItem } from './ad-hoc';

export interface NodeOptions {
  readonly domain: string;
  readonly store: Pick<Store, 'seatsOf'>;
  readonly adHoc: AdHoc | undefined;
}

/** Most rooms in one answer: as in the room list. */
const MAX_ITEMS = 500;

const query = (namespace: string, node: string, inner: string): string =>
  `<query xmlns="${namespace}" node="${escapeAttribute(node)}">${inner}</query>`;

const identity = (category: string, type: string, name: string, ...features: string[]): string =>
  `<identity${attributes({ category, type, name })}/>${features.map((feature) => `<feature var="${feature}"/>`).join('')}`;

/** disco#info of a node. */
export function nodeInfo(node: string, from: FullJid, { adHoc }: NodeOptions): string | StanzaError {
  switch (node) {
    // §18.1.1: "If a service does not discard any namespaces, it MUST return a <service-unavailable/> error".
    case NS.mucTraffic:
      return stanzaError('service-unavailable', say('noTraffic'));
    // §7.12: rooms support it, the service does not.
    case 'x-roomuser-item':
      return stanzaError('feature-not-implemented', say('nickAtService'));
    case NS.mucRooms:
      return query(NS.discoInfo, node, identity('conference', 'text', say('yourRooms'), NS.discoInfo, NS.discoItems));
  }
  if (adHoc && node === NS.commands)
    return query(NS.discoInfo, node, identity('automation', 'command-list', say('commandList'), NS.commands));
  const command = commandOf(node, from, adHoc);
  if ('condition' in command) return command;
  return query(NS.discoInfo, node, identity('automation', 'command-node', command.name, NS.commands, NS.forms));
}

/** disco#items of a node. */
export async function nodeItems(node: string, from: FullJid, { domain, store, adHoc }: NodeOptions): Promise<string | StanzaError> {
  if (node === NS.mucRooms) {
    const seats = (await store.seatsOf(from)).slice(0, MAX_ITEMS);
    return query(NS.discoItems, node, seats.map(({ room, nick }) => `<item${attributes({ jid: room, name: nick })}/>`).join(''));
  }
  if (adHoc && node === NS.commands) {
    const items = adHoc.list(from).map(({ node: of, name }) => `<item${attributes({ jid: domain, node: of, name })}/>`);
    return query(NS.discoItems, node, items.join(''));
  }
  const command = commandOf(node, from, adHoc);
  return 'condition' in command ? command : query(NS.discoItems, node, '');
}

/** XEP-0050 §2.2: whoever may not run a command is told `forbidden`. */
function commandOf(node: string, from: FullJid, adHoc: AdHoc | undefined): AdHocItem | StanzaError {
  return adHoc?.find(node, from) ?? stanzaError('item-not-found', say('noNode'));
}
