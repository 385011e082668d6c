/** The service's well-known nodes of service discovery (XEP-0030): the asker's rooms, the ad-hoc commands, and those it must refuse. */
import type { Seat, Store } from '../store/store';
import type { FullJid } from '../xmpp/fold';
import { NS } from '../xmpp/ns';
import { fitting } from '../xmpp/list-bytes';
import { rsmResult } from '../xmpp/rsm';
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

const seatXml = ({ room, nick }: Seat): string => `<item${attributes({ jid: room, name: nick })}/>`;

const identity = (category: string, type: string, name: string, ...features: string[]): string =>
  `<identity${attributes({ category, type, name })}/>${features.map((feature) => `<feature var="${feature}"/>`).join('')}`;

/** A node that is always there. */
interface Node {
  info(options: NodeOptions): string | StanzaError;
  /** undefined: as of a node that is not there. */
  items?(from: FullJid, options: NodeOptions): Promise<string> | undefined;
}

/** Nodes that are no commands. */
export const SERVICE_NODES: ReadonlyMap<string, Node> = new Map<string, Node>([
  // §18.1.1: "If a service does not discard any namespaces, it MUST return a <service-unavailable/> error".
  [NS.mucTraffic, { info: () => stanzaError('service-unavailable', say('noTraffic')) }],
  // §7.12: rooms support it, the service does not.
  ['x-roomuser-item', { info: () => stanzaError('feature-not-implemented', say('nickAtService')) }],
  [
    NS.mucRooms,
    {
      info: () => query(NS.discoInfo, NS.mucRooms, identity('conference', 'text', say('yourRooms'), NS.discoInfo, NS.discoItems)),
      async items(from, { store }) {
        // One more than are shown tells that there are more.
        const seats = await store.seatsOf(from, MAX_ITEMS + 1);
        const shown = fitting(seats.slice(0, MAX_ITEMS), seatXml);
        const [first, last] = [shown[0]?.room, shown.at(-1)?.room];
        const set = shown.length < seats.length && first !== undefined && last !== undefined ? rsmResult({ first, last }) : '';
        return query(NS.discoItems, NS.mucRooms, shown.map(seatXml).join('') + set);
      },
    },
  ],
  [
    NS.commands,
    {
      info: ({ adHoc }) =>
        adHoc
          ? query(NS.discoInfo, NS.commands, identity('automation', 'command-list', say('commandList'), NS.commands))
          : stanzaError('item-not-found', say('noNode')),
      items(from, { domain, adHoc }) {
        if (!adHoc) return undefined;
        const items = adHoc.list(from).map(({ node: of, name }) => `<item${attributes({ jid: domain, node: of, name })}/>`);
        return Promise.resolve(query(NS.discoItems, NS.commands, items.join('')));
      },
    },
  ],
]);

/** disco#info of a node. */
export function nodeInfo(node: string, from: FullJid, options: NodeOptions): string | StanzaError {
  const there = SERVICE_NODES.get(node);
  if (there) return there.info(options);
  const command = commandOf(node, from, options.adHoc);
  if ('condition' in command) return command;
  return query(NS.discoInfo, node, identity('automation', 'command-node', command.name, NS.commands, NS.forms));
}

/** disco#items of a node. */
export async function nodeItems(node: string, from: FullJid, options: NodeOptions): Promise<string | StanzaError> {
  const items = SERVICE_NODES.get(node)?.items?.(from, options);
  if (items) return items;
  const command = commandOf(node, from, options.adHoc);
  return 'condition' in command ? command : query(NS.discoItems, node, '');
}

/** XEP-0050 §2.2: whoever may not run a command is told `forbidden`. */
function commandOf(node: string, from: FullJid, adHoc: AdHoc | undefined): AdHocItem | StanzaError {
  return adHoc?.find(node, from) ?? stanzaError('item-not-found', say('noNode'));
}
