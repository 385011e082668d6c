/**
 * What only a room or its service may say: one table of the payloads that lose something when a client says them, and where. It holds
 * for whatever passes through a room in somebody's name, and so for what is archived.
 */
import { foldBare, type RoomJid } from '../../xmpp/fold';
import { formTypesIn } from '../../xmpp/form-types';
import { domainOf } from '../../xmpp/jid';
import { NS } from '../../xmpp/ns';
import { attributes, childElements, escapeText, localName, namespaceOf, serialize, textOf, type Element } from '../../xmpp/xml';

/**
 * What carries a payload, and to whom: to all who are there (presence, and groupchat, which is archived too), to one occupant (private), to one
 * client that is asked (request), to the one who asked it (answer). An invitation carries none: the room writes it anew, as it does declines.
 */
export const PASSAGES = ['presence', 'groupchat', 'private', 'request', 'answer'] as const;
export type Passage = (typeof PASSAGES)[number];

/** When a rule applies, and what it does then. */
type Treatment =
  /** Removed. */
  | 'removed'
  /** Removed if its `by` names the room or the service, or nobody: a client may take it for the room's. */
  | 'removed-by-room'
  /** Removed if its `from` names the room or the service; of any other only the `from` is: it may be a JID that the room keeps secret. */
  | 'delay'
  /** Removed if it says that a moderator did it, anywhere in it. */
  | 'removed-moderated'
  /** Removed if it is a form that a room or a service gives out, by its FORM_TYPE. */
  | 'removed-form';

export interface Rule {
  /** What it is, in the words of its specification. */
  readonly what: string;
  readonly ns: string;
  /** undefined: any element of the namespace. */
  readonly names?: readonly string[];
  readonly treatment: Treatment;
  /** undefined: everywhere. */
  readonly only?: readonly Passage[];
}

const MESSAGES = ['groupchat', 'private'] as const;
const SHOWN = ['presence', ...MESSAGES] as const;
const HATS = ['urn:xmpp:hats:0', 'xmpp:prosody.im/protocol/hats:1'];
const MAV = ['urn:xmpp:muc:affiliations:1', 'urn:xmpp:muc:affiliations:0'];
const MAMS = [NS.mam, 'urn:xmpp:mam:1', 'urn:xmpp:mam:0', NS.mamTmp];
const MIXES = ['urn:xmpp:mix:core:1', 'urn:xmpp:mix:core:0'];
const CARBONS = ['urn:xmpp:carbons:2', 'urn:xmpp:carbons:1', 'urn:xmpp:carbons:0'];

/** The namespaces of XEP-0045 itself: `muc` and all that begin with it. What of them clients say to the room goes no further (§7.8.2, §7.13). */
const MUC_PART = `${NS.muc}#`;
const MUC_RULE: Rule = { what: 'elements of MUC itself (XEP-0045 §17.3)', ns: NS.muc, treatment: 'removed' };

/** The table. Elements inside others, such as forwarded ones, are not the room's to judge and stay as they are. */
export const RULES: readonly Rule[] = [
  MUC_RULE,
  { what: 'conditions (XEP-0306)', ns: NS.mucConditions, treatment: 'removed' },
  { what: 'occupant-id (XEP-0421 §4)', ns: NS.occupantId, treatment: 'removed' },
  { what: 'stanza-id in presence (XEP-0359)', ns: NS.stanzaId, treatment: 'removed', only: ['presence'] },
  { what: 'stanza-id (XEP-0359 §3)', ns: NS.stanzaId, names: ['stanza-id'], treatment: 'removed-by-room' },
  { what: 'delay (XEP-0203)', ns: NS.delay, treatment: 'delay' },
  { what: 'delay (XEP-0091)', ns: NS.delay0, treatment: 'delay' },
  // `ofrom` is what a room says of who wrote something (XEP-0045 §7.2.13); all others a multicast service on the way would obey.
  { what: 'addresses (XEP-0033)', ns: NS.addresses, treatment: 'removed' },
  ...HATS.map((ns): Rule => ({ what: 'hats (XEP-0317)', ns, treatment: 'removed' })),
  // Whoever else reads it there takes it for the room's own numbering. A room has none.
  { what: 'session of presence (XEP-0311)', ns: 'urn:xmpp:presence-session:0', treatment: 'removed' },
  ...MAV.map((ns): Rule => ({ what: 'version of affiliations (XEP-0463)', ns, treatment: 'removed' })),
  // §5.2: whoever reads it behind the room takes it for what the room's own server says. It also tells how old an account is.
  { what: 'what an account is to its server (XEP-0489 §4.2)', ns: 'urn:xmpp:raa:0', names: ['info'], treatment: 'removed' },
  { what: 'archived (XEP-0313 of old)', ns: NS.mamTmp, names: ['archived'], treatment: 'removed-by-room' },
  ...MAMS.map((ns): Rule => ({ what: 'result of an archive (XEP-0313)', ns, names: ['result', 'fin'], treatment: 'removed', only: SHOWN })),
  ...CARBONS.map((ns): Rule => ({ what: 'carbon copy (XEP-0280)', ns, names: ['sent', 'received'], treatment: 'removed' })),
  { what: 'event (XEP-0060)', ns: NS.pubsubEvent, treatment: 'removed' },
  { what: 'mention notice (XEP-0452)', ns: NS.mentionNotice, treatment: 'removed' },
  { what: 'activity of rooms (XEP-0437)', ns: NS.rai, treatment: 'removed', only: SHOWN },
  { what: 'challenge of a service (XEP-0158)', ns: NS.captcha, treatment: 'removed', only: SHOWN },
  ...MIXES.map((ns): Rule => ({ what: 'who spoke, as a channel says it (XEP-0369)', ns, treatment: 'removed', only: SHOWN })),
  // RFC 6120 §8.3.1: "MUST NOT be included if the stanza is of any other type than error"; whoever reads it takes it for the room's.
  { what: 'error of a stanza (RFC 6120 §8.3)', ns: '', names: ['error'], treatment: 'removed', only: SHOWN },
  { what: 'moderation (XEP-0425 §4-5)', ns: NS.moderate, treatment: 'removed' },
  { what: 'moderation (XEP-0425 of old)', ns: NS.moderate0, treatment: 'removed' },
  { what: 'tombstone (XEP-0424 §4)', ns: NS.retract, names: ['retracted'], treatment: 'removed' },
  { what: 'tombstone (XEP-0424 of old)', ns: NS.retract0, names: ['retracted'], treatment: 'removed' },
  { what: 'retraction by a moderator (XEP-0425 §4)', ns: NS.retract, treatment: 'removed-moderated' },
  { what: 'retraction by a moderator (XEP-0425 of old)', ns: NS.retract0, treatment: 'removed-moderated' },
  { what: 'fastened moderation (XEP-0425 of old)', ns: NS.fasten, treatment: 'removed-moderated' },
  { what: 'form of a room or service (XEP-0045 §8.6)', ns: NS.forms, treatment: 'removed-form', only: SHOWN },
];

/** The rules by namespace and passage: a message looks up each of its children once. */
const TABLES = {
  presence: tableOf('presence'),
  groupchat: tableOf('groupchat'),
  private: tableOf('private'),
  request: tableOf('request'),
  answer: tableOf('answer'),
} as const satisfies Record<Passage, unknown>;

function tableOf(passage: Passage): ReadonlyMap<string, readonly Rule[]> {
  const table = new Map<string, Rule[]>();
  for (const rule of RULES) {
    if (!rule.only || rule.only.includes(passage)) table.set(rule.ns, [...(table.get(rule.ns) ?? []), rule]);
  }
  return table;
}

const NONE: readonly Rule[] = [];

/** The room through which something passes: its address, and the payloads that only it says beside those of the table (`Feature.reserves`), as `name namespace`. */
export interface Passed {
  readonly jid: RoomJid;
  readonly reserved: ReadonlySet<string>;
}

/** What of a client's payload goes on that way: finished XML, '' if nothing does. */
export function passOn(element: Element, { jid: room, reserved }: Passed, passage: Passage): string {
  const ns = namespaceOf(element);
  if (reserved.size > 0 && passage !== 'request' && passage !== 'answer' && reserved.has(`${localName(element)} ${ns}`)) return '';
  const rules = ns.startsWith(MUC_PART) ? [MUC_RULE] : (TABLES[passage].get(ns) ?? NONE);
  for (const rule of rules) {
    if (rule.names && !rule.names.includes(localName(element))) continue;
    const treated = treat(element, ns, room, rule.treatment);
    if (treated !== undefined) return treated;
  }
  return serialize(element);
}

/** What is left of an element to which a rule applies; undefined: it does not. */
function treat(element: Element, ns: string, room: RoomJid, treatment: Treatment): string | undefined {
  switch (treatment) {
    case 'removed':
      return '';
    case 'removed-by-room':
      return namesNobody(element.attrs['by']) || namesRoom(element.attrs['by'], room) ? '' : undefined;
    case 'delay':
      return delay(element, ns, room);
    case 'removed-moderated':
      return holdsModerated(element) ? '' : undefined;
    case 'removed-form':
      return isRoomForm(element) ? '' : undefined;
  }
}

function delay(element: Element, ns: string, room: RoomJid): string | undefined {
  const from = element.attrs['from'] as string | undefined;
  if (from === undefined) return undefined;
  if (namesRoom(from, room)) return '';
  const head = `<${localName(element)}${attributes({ xmlns: ns, stamp: element.attrs['stamp'] as string | undefined })}`;
  const text = textOf(element);
  return text === '' ? `${head}/>` : `${head}>${escapeText(text)}</${localName(element)}>`;
}

/** Whether an element says that something was moderated. A stanza is no deeper than the link lets it be. */
function holdsModerated(element: Element): boolean {
  return childElements(element).some((part) => {
    const ns = namespaceOf(part);
    return ns === NS.moderate || ns === NS.moderate0 || holdsModerated(part);
  });
}

/** The kinds of form that only rooms and services give out: how their FORM_TYPE begins. */
const ROOM_FORMS: readonly string[] = [
  NS.muc,
  'urn:parlour:',
  NS.captcha,
  NS.admin,
  NS.register,
  NS.mentions,
  NS.dataPolicy,
  NS.serverInfo,
];

/** Whether any value of any FORM_TYPE says so. */
function isRoomForm(element: Element): boolean {
  return formTypesIn(element).some((value) => ROOM_FORMS.some((start) => value.startsWith(start)));
}

/** Whether an attribute that names somebody is missing or blank. */
const namesNobody = (raw: unknown): boolean => typeof raw !== 'string' || raw.trim() === '';

/** Whether a client wrote the JID of the room, of somebody in it, or of the service: however it is written, recipients will take it for the room's. */
export function namesRoom(raw: unknown, room: RoomJid): boolean {
  if (typeof raw !== 'string') return false;
  const jid: string = foldBare(raw.trim());
  return jid === room || jid === domainOf(room);
}
