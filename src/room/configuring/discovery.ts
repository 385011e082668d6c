/** What a room tells about itself (§6.4-6.6, §7.12, §16.3, XEP-0128), and the one text that stands for it, so that clients that have it need not ask again (XEP-0115). */
import type { FullJid } from '../../xmpp/fold';
import { NS } from '../../xmpp/ns';
import { fitting } from '../../xmpp/list-bytes';
import { parseRsm, rsmResult, type RsmRequest } from '../../xmpp/rsm';
import { child, escapeAttribute, type Element, attributes } from '../../xmpp/xml';
import { bareOf, localOf, unescapeLocal } from '../../xmpp/jid';
import { iqResult, stanzaError, type StanzaError } from '../../xmpp/stanza-error';
import { inWords, type Language } from '../../words';
import { reservedNick } from '../occupants/reserved-nicks';
import { askersLanguage } from '../language';
import type { RoomState } from '../state';
import type { Turn } from '../turn';
import { formXml, type FormOut, type Field } from '../../xmpp/forms';
import { createHash } from 'node:crypto';
import { Remembered } from '../contract/memory';
import { hasVersions } from '../governing/list-versions';

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
  if (node === NS.mucTraffic) return stanzaError('service-unavailable', inWords('allTraffic'));
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
  if (!page) return stanzaError('item-not-found', inWords('noNode'));
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
  if (!content) return stanzaError('item-not-found', inWords('noNode'));
  if ('condition' in content) return content;
  const inner = ns === NS.discoInfo ? content.info : content.items;
  turn.say(iqResult(iq, `<query xmlns="${ns}" node="${escapeAttribute(node)}">${inner}</query>`));
  return undefined;
}

/** Features every room has, whatever its options. */
const ALWAYS = [NS.muc, NS.discoInfo, NS.discoItems, NS.rsm, NS.ping, NS.caps];

interface AboutRoom {
  readonly name: string;
  readonly features: readonly string[];
  readonly forms: readonly FormOut[];
}

/** What this JID (full, or bare) is told. */
function aboutRoom(state: RoomState, from: FullJid, language: Language): AboutRoom {
  const { all } = state.env.features;
  const name = state.facts.name === '' ? unescapeLocal(localOf(state.jid)) : state.facts.name;
  // XEP-0115 §5.4: an answer that has a feature twice is ill-formed.
  const features = [...new Set([...ALWAYS, ...all.flatMap((feature) => feature.disco?.(state.options, state, from) ?? [])])];
  const fields = all.flatMap((feature) => feature.info?.(state) ?? []).filter((field) => field.values.length > 0);
  const info: FormOut = { type: 'result', formType: NS.mucRoomInfo, fields };
  return { name, features, forms: [info, ...all.flatMap((feature) => feature.forms?.(state, language) ?? [])] };
}

/** The same as it is sent. */
function aboutXml({ name, features, forms }: AboutRoom, language: Language): string {
  const identity = `<identity${attributes({ category: 'conference', type: 'text', name })}/>`;
  const list = features.map((feature) => `<feature var="${escapeAttribute(feature)}"/>`).join('');
  return identity + list + forms.map((form) => formXml(form, language)).join('');
}

/** The `node` of XEP-0115, which names the program. */
const NODE = 'urn:parlour:room';

/** Fields of discovery that change by themselves, with whoever enters or speaks: a text that stood for them too would never hold. */
const PASSING: ReadonlySet<string> = new Set(['muc#roominfo_occupants', 'muc#roominfo_subject', '{urn:xmpp:muc-activity}message-activity']);

/** What the text stands for: what anybody is told who has no rights here, without what changes by itself. */
function lasting(state: RoomState): AboutRoom {
  const about = aboutRoom(state, state.jid, state.facts.language);
  return {
    ...about,
    forms: about.forms.map((form) => ({ ...form, fields: form.fields.filter((field) => !PASSING.has(field.var)) })),
  };
}

/** The verification string (§5.1), which is made of octets in their order. */
function verification({ name, features, forms }: AboutRoom): string {
  // By what names each and not by its whole text: the "<" behind a name comes after many signs that go on with another.
  const sorted = <T>(list: readonly T[], nameOf: (one: T) => string): T[] =>
    [...list].sort((a, b) => Buffer.compare(Buffer.from(nameOf(a)), Buffer.from(nameOf(b))));
  const itself = (text: string): string => text;
  const fieldText = (field: Field): string => [field.var, ...sorted(field.values, itself)].map((text) => `${text}<`).join('');
  const formText = ({ formType, fields }: FormOut): string =>
    `${formType}<${sorted(fields, (field) => field.var)
      .map(fieldText)
      .join('')}`;
  const parts = [
    `conference/text//${name}<`,
    ...sorted(features, itself).map((feature) => `${feature}<`),
    ...sorted(forms, (form) => form.formType).map(formText),
  ];
  return createHash('sha1').update(parts.join('')).digest('base64');
}

/** The element, and what it was made of. */
interface Known {
  readonly inputs: readonly unknown[];
  readonly xml: string;
}

const known = new Remembered<Known>('the capabilities of the room');

/** All that `lasting` depends on: the room's configuration, the operator's, and what features say that they read (`aboutRows`). */
function inputsOf(state: RoomState): readonly unknown[] {
  const { options, facts, env, row, seq, jid } = state;
  const rows = env.features.all.flatMap(({ aboutRows = [] }) => aboutRows.map((name) => state.kept.versionOf(name)));
  const kept = [row?.keepDays, row?.keepMessages, seq > (row?.archiveFrom ?? 0)];
  return [options, facts, env.features, env.policy, state.exists, ...kept, hasVersions(state), state.affiliationOf(jid), ...rows];
}

/** The element of presence from the room's own JID; made once while the room is the same, since everybody who enters is told it. */
export function capsXml(state: RoomState): string {
  const inputs = inputsOf(state);
  const kept = state.memory.get(known);
  if (kept && kept.inputs.length === inputs.length && kept.inputs.every((one, i) => one === inputs[i])) return kept.xml;
  const ver = verification(lasting(state));
  const xml = `<c${attributes({ xmlns: NS.caps, hash: 'sha-1', node: NODE, ver })}/>`;
  return state.memory.set(known, { inputs, xml }).xml;
}

/** What is at that node of the room's discovery, if the text in it is the present one (§6.2). */
function atCapsNode(state: RoomState, node: string): AboutRoom | undefined {
  if (!node.startsWith(`${NODE}#`)) return undefined;
  const about = lasting(state);
  return node === `${NODE}#${verification(about)}` ? about : undefined;
}
