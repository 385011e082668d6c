/** Words for the stanzas that the end-to-end tests send and look at. */
import xml from '@xmpp/xml';
import type { Element } from '@xmpp/xml';

export const NS = {
  muc: 'http://jabber.org/protocol/muc',
  user: 'http://jabber.org/protocol/muc#user',
  admin: 'http://jabber.org/protocol/muc#admin',
  owner: 'http://jabber.org/protocol/muc#owner',
  discoInfo: 'http://jabber.org/protocol/disco#info',
  discoItems: 'http://jabber.org/protocol/disco#items',
  data: 'jabber:x:data',
  ping: 'urn:xmpp:ping',
  delay: 'urn:xmpp:delay',
  sid: 'urn:xmpp:sid:0',
  occupantId: 'urn:xmpp:occupant-id:0',
  stanzas: 'urn:ietf:params:xml:ns:xmpp-stanzas',
} as const;

/** One line for failure texts. */
export function pretty(stanza: Element): string {
  return `  ${stanza.toString()}`;
}

/** The bare JID of a stanza's sender. */
export function sender(stanza: Element): string {
  return String(stanza.attrs['from']).split('/')[0] as string;
}

/** The nick that a stanza comes from, empty when it comes from the room. */
export function nickOf(stanza: Element): string {
  return String(stanza.attrs['from']).split('/').slice(1).join('/');
}

/** The status codes of a presence or message (XEP-0045 §16.6), in order of their number. */
export function codes(stanza: Element): number[] {
  const x = stanza.getChild('x', NS.user);
  return (x?.getChildren('status') ?? []).map((status) => Number(status.attrs['code'])).sort((a, b) => a - b);
}

/** The muc#user item of a presence. */
export function item(stanza: Element): Record<string, string> {
  return stanza.getChild('x', NS.user)?.getChild('item')?.attrs ?? {};
}

/** The stanza error's type and condition as `cancel/not-allowed`, or null when it is no error. */
export function errorOf(stanza: Element): string | null {
  const error = stanza.getChild('error');
  if (stanza.attrs['type'] !== 'error' || error === undefined) return null;
  const condition = error.getChildElements().find((child) => child.getNS() === NS.stanzas && child.getName() !== 'text');
  return `${String(error.attrs['type'])}/${condition?.getName() ?? '?'}`;
}

/** A subject: `<subject/>` without a body (XEP-0045 §8.1). */
export function isSubject(stanza: Element): boolean {
  return (
    stanza.is('message') &&
    stanza.attrs['type'] === 'groupchat' &&
    stanza.getChild('subject') !== undefined &&
    stanza.getChild('body') === undefined
  );
}

/** The refusal of an entry. */
export function isJoinError(stanza: Element): boolean {
  return stanza.is('presence') && stanza.attrs['type'] === 'error';
}

/** A presence of the occupant with this nick, of the type given (none is available). */
export function presenceOf(room: string, nick: string, type?: string): (stanza: Element) => boolean {
  return (s) => s.is('presence') && s.attrs['from'] === `${room}/${nick}` && s.attrs['type'] === type;
}

/** The room's id of a message (XEP-0359), by the room itself. */
export function stanzaId(stanza: Element, room: string): string | undefined {
  return stanza.getChildren('stanza-id').find((child) => child.getNS() === NS.sid && child.attrs['by'] === room)?.attrs['id'] as
    string | undefined;
}

/** The occupant-id (XEP-0421). */
export function occupantId(stanza: Element): string | undefined {
  return stanza.getChild('occupant-id', NS.occupantId)?.attrs['id'] as string | undefined;
}

/** A submitted owner form with these fields; no fields is the request for an instant room (§10.1.2). */
export function ownerSubmit(fields: Record<string, string | readonly string[]>): Element {
  const form = xml('x', { xmlns: NS.data, type: 'submit' });
  if (Object.keys(fields).length > 0) form.append(field('FORM_TYPE', 'http://jabber.org/protocol/muc#roomconfig', 'hidden'));
  for (const [name, value] of Object.entries(fields)) form.append(field(name, value));
  return xml('query', { xmlns: NS.owner }, form);
}

function field(name: string, value: string | readonly string[], type?: string): Element {
  const values = typeof value === 'string' ? [value] : value;
  return xml('field', type === undefined ? { var: name } : { var: name, type }, ...values.map((each) => xml('value', {}, each)));
}

/** The fields of the first data form below an element: name to values. */
export function formFields(parent: Element | undefined): Map<string, string[]> {
  const fields = new Map<string, string[]>();
  for (const each of parent?.getChild('x', NS.data)?.getChildren('field') ?? [])
    fields.set(
      String(each.attrs['var']),
      each.getChildren('value').map((value) => value.getText()),
    );
  return fields;
}

/** A muc#admin request with one item (§8.2, §9). */
export function adminItem(attributes: Record<string, string>, reason?: string): Element {
  const each = xml('item', attributes);
  if (reason !== undefined) each.append(xml('reason', {}, reason));
  return xml('query', { xmlns: NS.admin }, each);
}
