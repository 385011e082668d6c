/** The service's well-known nodes of service discovery (XEP-0030): the asker's rooms, the ad-hoc commands, and those it must refuse. */
import type { Directory, Seat } from '../../store/directory';
import type { FullJid } from '../../xmpp/fold';
import { commandInfo, commandListInfo } from '../../xmpp/ad-hoc';
import { NS } from '../../xmpp/ns';
import { fitting } from '../../xmpp/list-bytes';
import { parseRsm, rsmResult } from '../../xmpp/rsm';
import { attributes, escapeAttribute, type Element } from '../../xmpp/xml';
import { stanzaError, type StanzaError } from '../../xmpp/stanza-error';
import { inLanguage, inWords, type Language } from '../../words';
import type { AdHoc, AdHocItem } from './ad-hoc';
import { nonEmptyRooms } from './discovery';

export interface NodeOptions {
  readonly domain: string;
  readonly store: Pick<Directory, 'seatsOf' | 'listOccupied'>;
  readonly adHoc: AdHoc | undefined;
  /** Of who asks. */
  readonly language: Language;
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
  items?(from: FullJid, options: NodeOptions, query: Element): Promise<string | StanzaError> | undefined;
}

/** The rooms that the asker is in (§6.3 in the words of XEP-0030 nodes), a page of them (XEP-0059) cut by number and bytes. */
async function roomsOfAsker(from: FullJid, { store }: NodeOptions, asked: Element): Promise<string | StanzaError> {
  const rsm = parseRsm(asked) ?? {};
  if ('problem' in rsm) return stanzaError('bad-request', rsm.problem);
  if (rsm.index !== undefined) return stanzaError('feature-not-implemented', inWords('rsmIndex'));
  const { after, before } = rsm;
  const backwards = before !== undefined;
  const max = Math.min(rsm.max ?? MAX_ITEMS, MAX_ITEMS);
  // One more than are shown tells that there are more.
  const seats = await store.seatsOf(from, { limit: max + 1, after, before: before === '' ? undefined : before, last: backwards });
  if (seats === null) return stanzaError('item-not-found', inWords('noNode'));
  const wanted = backwards ? seats.slice(Math.max(0, seats.length - max)) : seats.slice(0, max);
  const shown = fitting(wanted, seatXml, backwards);
  const [first, last] = [shown[0]?.room, shown.at(-1)?.room];
  const ends = first === undefined || last === undefined ? {} : { first, last };
  // How many there are is told where all of them have been read.
  const isAll = after === undefined && (before ?? '') === '' && seats.length <= max;
  const set =
    asked.getChild('set', NS.rsm) || shown.length < seats.length ? rsmResult({ ...ends, ...(isAll ? { count: seats.length } : {}) }) : '';
  return query(NS.discoItems, NS.mucRooms, shown.map(seatXml).join('') + set);
}

/** Listed rooms with somebody in them: the name that ejabberd gave it. */
const NON_EMPTY = 'nonemptyrooms';

/** Nodes that are no commands. */
export const SERVICE_NODES: ReadonlyMap<string, Node> = new Map<string, Node>([
  // §18.1.1: "If a service does not discard any namespaces, it MUST return a <service-unavailable/> error".
  [NS.mucTraffic, { info: () => stanzaError('service-unavailable', inWords('noTraffic')) }],
  // §7.12: rooms support it, the service does not.
  ['x-roomuser-item', { info: () => stanzaError('feature-not-implemented', inWords('nickAtService')) }],
  [
    NS.mucRooms,
    {
      info: ({ language }) =>
        query(
          NS.discoInfo,
          NS.mucRooms,
          identity('conference', 'text', inWords('yourRooms').in(language), NS.discoInfo, NS.discoItems, NS.rsm),
        ),
      items: roomsOfAsker,
    },
  ],
  [
    NON_EMPTY,
    {
      info: ({ language }) =>
        query(
          NS.discoInfo,
          NON_EMPTY,
          identity('conference', 'text', inWords('nonEmptyRooms').in(language), NS.discoInfo, NS.discoItems, NS.rsm),
        ),
      items: (_from, { store }, asked) => nonEmptyRooms(asked, store),
    },
  ],
  [
    NS.commands,
    {
      info: ({ adHoc, language }) =>
        adHoc ? query(NS.discoInfo, NS.commands, commandListInfo(language)) : stanzaError('item-not-found', inWords('noNode')),
      items(from, { domain, adHoc, language }) {
        if (!adHoc) return undefined;
        const items = adHoc
          .list(from)
          .map(({ node: of, name }) => `<item${attributes({ jid: domain, node: of, name: inLanguage(name, language) })}/>`);
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
  return query(NS.discoInfo, node, commandInfo(inLanguage(command.name, options.language)));
}

/** disco#items of a node. */
export async function nodeItems(node: string, from: FullJid, options: NodeOptions, asked: Element): Promise<string | StanzaError> {
  const items = SERVICE_NODES.get(node)?.items?.(from, options, asked);
  if (items) return items;
  const command = commandOf(node, from, options.adHoc);
  return 'condition' in command ? command : query(NS.discoItems, node, '');
}

/** XEP-0050 §2.2: whoever may not run a command is told `forbidden`. */
function commandOf(node: string, from: FullJid, adHoc: AdHoc | undefined): AdHocItem | StanzaError {
  return adHoc?.find(node, from) ?? stanzaError('item-not-found', inWords('noNode'));
}
