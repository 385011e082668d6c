/** The people of XEP-0045's examples, what they send, and what the room is expected to answer, as XML. */
import { conversation, type Conversation, type ConversationOptions } from '../support/conversation';
import { asFull, asRoom } from '../support/jids';

export const ROOM = asRoom('coven@chat.shakespeare.lit');
export const crone = 'crone1@shakespeare.lit/desktop';
export const wicca = asFull('wiccarocks@shakespeare.lit/laptop');
export const hag = asFull('hag66@shakespeare.lit/pda');
export const hecate = asFull('hecate@shakespeare.lit/broom');

const MUC = 'http://jabber.org/protocol/muc';
export const X = `<x xmlns="${MUC}"/>`;

export interface Item {
  readonly affiliation: string;
  readonly role: string;
  readonly jid?: string;
  readonly nick?: string;
}

export interface More {
  readonly type?: string;
  readonly id?: string;
  readonly codes?: readonly number[];
  /** The client's own children. */
  readonly content?: string;
  /** Children of the item. */
  readonly inItem?: string;
  readonly destroy?: string;
  /** Who it is about, if not the nick it is from. */
  readonly occupant?: string | null;
  readonly room?: string;
}

const attrs = (values: Record<string, string | undefined>): string =>
  Object.entries(values)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => ` ${name}="${value as string}"`)
    .join('');

/** A status as the room says it: empty, as XEP-0045's schema wants it. */
export const status = (code: number): string => `<status code="${code}"/>`;

/** Presence from an occupant JID. */
export function presence(nick: string, to: string, item: Item, more: More = {}): string {
  const { affiliation, role, jid, nick: newNick } = item;
  const room = more.room ?? ROOM;
  const head = attrs({ from: `${room}/${nick}`, to, type: more.type, id: more.id });
  const itemXml = `<item${attrs({ affiliation, role, jid, nick: newNick })}>${more.inItem ?? ''}</item>`;
  const statuses = (more.codes ?? []).map(status).join('');
  const occupant = more.occupant === undefined ? nick : more.occupant;
  const id = occupant === null ? '' : `<occupant-id xmlns="urn:xmpp:occupant-id:0" id="{occ:${occupant}}"/>`;
  return `<presence${head}>${more.content ?? ''}<x xmlns="${MUC}#user">${itemXml}${more.destroy ?? ''}${statuses}</x>${id}</presence>`;
}

/** Presence of type unavailable: nobody is in any role any more. */
export function gone(nick: string, to: string, item: Omit<Item, 'role'>, more: More = {}): string {
  return presence(nick, to, { ...item, role: 'none' }, { type: 'unavailable', ...more });
}

/** A groupchat message as the room says it; `sid` names its stanza-id. */
export function message(
  nick: string,
  to: string,
  payload: string,
  sid: string | null,
  more: { id?: string; delay?: string; occupant?: string } = {},
): string {
  const head = attrs({ from: `${ROOM}/${nick}`, to, type: 'groupchat', id: more.id });
  const stanzaId = sid === null ? '' : `<stanza-id xmlns="urn:xmpp:sid:0" id="{sid:${sid}}" by="${ROOM}"/>`;
  const delay = more.delay === undefined ? '' : `<delay xmlns="urn:xmpp:delay" from="${ROOM}" stamp="${more.delay}"/>`;
  return `<message${head}>${payload}<occupant-id xmlns="urn:xmpp:occupant-id:0" id="{occ:${more.occupant ?? nick}}"/>${stanzaId}${delay}</message>`;
}

/** The subject of a room in which none was ever set. */
export const noSubject = (to: string): string => `<message from="${ROOM}" to="${to}" type="groupchat"><subject/></message>`;

/** A notice of a change of configuration (§10.2.1). */
export const notice = (to: string, code: number): string =>
  `<message from="${ROOM}" to="${to}" type="groupchat"><x xmlns="${MUC}#user">${status(code)}</x></message>`;

const absent = (jid: string, affiliation: string, reason?: string): string => {
  const head = `<item affiliation="${affiliation}" jid="${jid}" role="none"`;
  return reason === undefined ? `${head}/>` : `${head}><reason>${reason}</reason></item>`;
};

/** What those entitled in the room are told of somebody who is not there (§10.3). */
export const announced = (to: string, jid: string, affiliation: string, reason?: string): string =>
  `<message from="${ROOM}" to="${to}"><x xmlns="${MUC}#user">${absent(jid, affiliation, reason)}</x></message>`;

/** What they are told themselves (101, §18.1): without a body, which clients take for a person's message. */
export const notice101 = (to: string, affiliation: string, reason?: string): string =>
  `<message from="${ROOM}" to="${to}"><x xmlns="${MUC}#user">${absent(to, affiliation, reason)}${status(101)}</x></message>`;

/** An error that answers a stanza; its text is any sentence, but there is one. */
export function refusal(
  name: string,
  from: string,
  to: string,
  id: string | undefined,
  type: string,
  condition: string,
  content = '',
): string {
  return (
    `<${name}${attrs({ from, to, type: 'error', id })}>${content}<error type="${type}" by="${ROOM}">` +
    `<${condition} xmlns="urn:ietf:params:xml:ns:xmpp-stanzas"/><text xmlns="urn:ietf:params:xml:ns:xmpp-stanzas" xml:lang="en">{text}</text></error></${name}>`
  );
}

export const result = (to: string, id: string, content = '', from = ROOM): string =>
  `<iq from="${from}" to="${to}" type="result" id="${id}">${content}</iq>`;

/** The form that says what happens to people's data (XEP-0504); `stated`: what the operator adds, by field. */
export function dataPolicy(hours: string, stated: Record<string, readonly [type: string, ...values: string[]]> = {}): string {
  const known: Record<string, readonly [type: string, ...values: string[]]> = {
    data_retention: ['text-single', hours],
    data_deletion: ['boolean', '1'],
    access_policy: ['list-multi', 'admins', 'moderators'],
    ...stated,
  };
  const order = [
    ...['data_retention', 'data_deletion', 'encryption_at_rest', 'tos', 'data_export', 'access_policy', 'full_erasure'],
    ...['backup_frequency', 'backup_retention', 'extra_info'],
  ];
  const fields = order.flatMap((name) => {
    const [type, ...values] = known[name] ?? [];
    if (type === undefined) return [];
    return [`<field var="${name}" type="${type}">${values.map((value) => `<value>${value}</value>`).join('')}</field>`];
  });
  return `<x xmlns="jabber:x:data" type="result"><field var="FORM_TYPE" type="hidden"><value>urn:xmpp:data-policy:0</value></field>${fields.join('')}</x>`;
}

/** Sends a join. */
export function join(c: Conversation, from: string, nick: string, inX = '', content = ''): void {
  c.send(`<presence from="${from}" to="${ROOM}/${nick}" id="n13mt3l">${content}<x xmlns="${MUC}">${inX}</x></presence>`);
}

/** Sends an IQ to the room. */
export function iq(c: Conversation, from: string, type: 'get' | 'set', id: string, payload: string, to: string = ROOM): void {
  c.send(`<iq from="${from}" to="${to}" type="${type}" id="${id}">${payload}</iq>`);
}

export const admin = (items: string): string => `<query xmlns="${MUC}#admin">${items}</query>`;
export const owner = (content: string): string => `<query xmlns="${MUC}#owner">${content}</query>`;

/** A submitted configuration form. */
export function submit(fields: Record<string, string | readonly string[]>): string {
  const values = (value: string | readonly string[]): string =>
    (typeof value === 'string' ? [value] : value).map((v) => `<value>${v}</value>`).join('');
  const xml = Object.entries(fields).map(([name, value]) => `<field var="${name}">${values(value)}</field>`);
  return owner(`<x xmlns="jabber:x:data" type="submit"><field var="FORM_TYPE"><value>${MUC}#roomconfig</value></field>${xml.join('')}</x>`);
}

/**
 * A room with firstwitch (owner, crone), and those of secondwitch (admin, wicca) and thirdwitch (no affiliation, hag) who are
 * asked for; configured by `fields`. What was said until then is forgotten.
 */
export function coven(
  who: readonly ('secondwitch' | 'thirdwitch')[] = [],
  fields: Record<string, string | readonly string[]> = {},
  options: ConversationOptions = {},
): Conversation {
  const c = conversation(options);
  join(c, crone, 'firstwitch');
  iq(c, crone, 'set', 'create', submit({ 'muc#roomconfig_roomadmins': 'wiccarocks@shakespeare.lit', ...fields }));
  if (who.includes('secondwitch')) join(c, wicca, 'secondwitch');
  if (who.includes('thirdwitch')) join(c, hag, 'thirdwitch');
  c.forget();
  return c;
}
