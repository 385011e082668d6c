/** What a room tells about itself (§6.4-6.6, §7.12, §16.3, XEP-0128). */
import type { FullJid } from '../../xmpp/fold';
import { NS } from '../../xmpp/ns';
import { fitting } from '../../xmpp/list-bytes';
import { parseRsm, rsmResult, type RsmRequest } from '../../xmpp/rsm';
import { child, escapeAttribute, type Element } from '../../xmpp/xml';
import { bareOf } from '../../xmpp/jid';
import { iqResult, stanzaError, type StanzaError } from '../../xmpp/stanza-error';
import { say } from '../../words';
import { atCapsNode } from './caps';
import { aboutRoom, aboutXml } from './discovery-content';
import { reservedNick } from '../occupants/reserved-nicks';
import { askersLanguage } from '../language';
import type { RoomState } from '../state';
import type { Turn } from '../turn';

/** disco#info to the room itself. */
export function roomInfo(state: RoomState, turn: Turn, iq: Element, node: string | undefined, from: FullJid): StanzaError | undefined {
  if (node === 'x-roomuser-item') {
    // §7.12: the reserved nick as the name of an identity; an empty result if there is none.
    const nick = reservedNick(state, bareOf(from));
    const inner = nick === undefined ? '' : `<identity category="conference" type="text" name="${escapeAttribute(nick)}"/>`;
    turn.say(iqResult(iq, `<query xmlns="${NS.discoInfo}" node="x-roomuser-item">${inner}</query>`));
    return undefined;
  }
  // §18.1.1: all namespaces pass, so there is no list of those that do.
  if (node === NS.mucTraffic) return stanzaError('service-unavailable', say('allTraffic'));
  const lasting = node === undefined ? undefined : atCapsNode(state, node);
  if (lasting && node !== undefined) {
    const inner = aboutXml(lasting, askersLanguage(state, iq, from));
    turn.say(iqResult(iq, `<query xmlns="${NS.discoInfo}" node="${escapeAttribute(node)}">${inner}</query>`));
    return undefined;
  }
  if (node !== undefined) return nodeAnswer(state, turn, iq, { ns: NS.discoInfo, node, from });
  const language = askersLanguage(state, iq, from);
  turn.say(iqResult(iq, `<query xmlns="${NS.discoInfo}">${aboutXml(aboutRoom(state, from, language), language)}</query>`));
  return undefined;
}

/** disco#items to the room itself: the occupants, to those who are in; to others an empty list, unless the room shows them (§6.5); in pages, where it is long (XEP-0059). */
export function roomItems(state: RoomState, turn: Turn, iq: Element, node: string | undefined, from: FullJid): StanzaError | undefined {
  if (node !== undefined) return nodeAnswer(state, turn, iq, { ns: NS.discoItems, node, from });
  const own = state.occupants.session(from)?.occupant;
  const shown = [...state.occupants.all()].filter((occupant) => occupant.visible || occupant === own);
  const all = own || state.facts.occupantsPublic ? shown.map((occupant) => occupant.from) : [];
  const rsm = parseRsm(child(iq, 'query', NS.discoItems) ?? iq);
  if (rsm && 'problem' in rsm) return stanzaError('bad-request', rsm.problem);
  const page = pageOf(all, rsm ?? {});
  if (!page) return stanzaError('item-not-found', say('noNode'));
  const { jids, begin } = page;
  const [first, last] = [jids[0], jids.at(-1)];
  const ends = first === undefined || last === undefined ? {} : { first, last, firstIndex: begin };
  const set = rsm !== undefined || jids.length < all.length ? rsmResult({ ...ends, count: all.length }) : '';
  turn.say(iqResult(iq, `<query xmlns="${NS.discoItems}">${jids.map(itemXml).join('')}${set}</query>`));
  return undefined;
}

const itemXml = (jid: string): string => `<item jid="${escapeAttribute(jid)}"/>`;

/** The page asked for (XEP-0059), cut by its bytes; undefined: it begins at somebody who is not there (§2.2). */
function pageOf(all: readonly string[], { max, after, before, index }: RsmRequest): { jids: string[]; begin: number } | undefined {
  const from = after === undefined ? (index ?? 0) : all.indexOf(after) + 1;
  const to = before === undefined || before === '' ? all.length : all.indexOf(before);
  if ((after !== undefined && from === 0) || to < 0) return undefined;
  const backwards = before !== undefined;
  const between = all.slice(from, Math.max(from, to));
  const most = max ?? between.length;
  const wanted = backwards ? between.slice(Math.max(0, between.length - most)) : between.slice(0, most);
  const jids = fitting(wanted, itemXml, backwards);
  return { jids, begin: backwards ? from + between.length - jids.length : from };
}

/** Which node is asked about, by whom, and by which of the two requests: its namespace. */
interface NodeQuestion {
  readonly ns: typeof NS.discoInfo | typeof NS.discoItems;
  readonly node: string;
  readonly from: FullJid;
}

/** What a feature has at a node. */
function nodeAnswer(state: RoomState, turn: Turn, iq: Element, { ns, node, from }: NodeQuestion): StanzaError | undefined {
  const content = state.env.features.nodes.get(node)?.({ room: state, from, language: askersLanguage(state, iq, from) });
  if (!content) return stanzaError('item-not-found', say('noNode'));
  if ('condition' in content) return content;
  const inner = ns === NS.discoInfo ? content.info : content.items;
  turn.say(iqResult(iq, `<query xmlns="${ns}" node="${escapeAttribute(node)}">${inner}</query>`));
  return undefined;
}
