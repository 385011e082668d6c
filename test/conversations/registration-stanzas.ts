/** What registration and its approval look like on the wire (XEP-0045 §7.10, §9.9), for the tests of both. */
import type { Conversation } from '../support/conversation';
import { coven, crone, hag, iq, refusal, ROOM } from './expected';

export const REGISTER = 'http://jabber.org/protocol/muc#register';
export const MODE = '{urn:parlour:room}registration';
export const LOCK = '{urn:parlour:room}locknicks';
export const MEMBERS_ONLY = 'muc#roomconfig_membersonly';
export const PERSISTENT = 'muc#roomconfig_persistentroom';
export const bare = (jid: string): string => jid.slice(0, jid.indexOf('/'));

export const query = (inner = ''): string =>
  inner === '' ? '<query xmlns="jabber:iq:register"/>' : `<query xmlns="jabber:iq:register">${inner}</query>`;
export type Fields = Readonly<Record<string, string>>;
export const fieldsXml = (fields: Fields): string =>
  Object.entries(fields)
    .map(([name, value]) => `<field var="${name}"><value>${value}</value></field>`)
    .join('');
export const form = (fields: Fields, type = 'submit', formType = REGISTER): string =>
  `<x xmlns="jabber:x:data" type="${type}"><field var="FORM_TYPE"><value>${formType}</value></field>${fieldsXml(fields)}</x>`;
/** A room whose owner wants that registering makes members. */
export const members = (people: Parameters<typeof coven>[0] = [], fields: Fields = {}): Conversation =>
  coven(people, { [MODE]: 'anyone', ...fields });
/** Example 71. */
export const ANSWERS: Fields = {
  'muc#register_first': 'Brunhilde',
  'muc#register_last': 'Entwhistle-Throckmorton',
  'muc#register_roomnick': 'thirdwitch',
  'muc#register_url': 'http://witchesonline/~hag66/',
  'muc#register_email': 'hag66@witchesonline',
  'muc#register_faqentry': 'Just another witch.',
};
export const nickForm = (nick: string): string => query(form({ 'muc#register_roomnick': nick }));
export const ask = (c: Conversation, from = hag): void => iq(c, from, 'get', 'jw81b36f', query());
export const send = (c: Conversation, payload = query(form(ANSWERS)), from = hag): void => iq(c, from, 'set', 'nv71va54', payload);
export const OFFLINE = '{http://tigase.org/protocol/muc}offline';
export const WAKE = '{urn:parlour:room}wake';
const CHOICES = { default: 'As the room does', all: 'Every message', mentions: 'Mentions', nothing: 'Nothing' };
/** What wakes them: the field of ours, and the alias. */
const wakeFields = (value: string, wake: string): string =>
  `<field var="${WAKE}" type="list-single" label="What wakes me while I am not here"><value>${wake}</value>` +
  Object.entries(CHOICES)
    .map(([choice, label]) => `<option label="${label}"><value>${choice}</value></option>`)
    .join('') +
  `</field><field var="${OFFLINE}" type="boolean" label="Wake me when something is said while I am not here"><value>${value}</value></field>`;
const formHead =
  `<x xmlns="jabber:x:data" type="form"><title>Registration with ${ROOM}</title>` +
  `<instructions>{text}</instructions><field var="FORM_TYPE" type="hidden"><value>${REGISTER}</value></field>`;
/** The answer to somebody registered; with the values that can be changed, unless `offline` is null. */
export const registered = (nick: string, offline: string | null = '0', wake = offline === '1' ? 'all' : 'default'): string => {
  const field = `<field var="muc#register_roomnick" type="text-single" label="Desired Nickname"><required/><value>${nick}</value></field>`;
  const change = offline === null ? '' : `${formHead}${field}${wakeFields(offline, wake)}</x>`;
  return query(`<registered/><username>${nick}</username>${change}`);
};
export const denied = (to: string, id: string, type: string, condition: string): string => refusal('iq', ROOM, to, id, type, condition);

/** The form to fill in; `values` by the end of the field's name. */
export const requirements = (values: Fields = {}, offline: string | null = '0', wake = offline === '1' ? 'all' : 'default'): string => {
  const field = (name: string, type: string, label: string, inner = ''): string => {
    const value = values[name] === undefined ? '' : `<value>${values[name]}</value>`;
    return `<field var="muc#register_${name}" type="${type}" label="${label}">${inner}${value}</field>`;
  };
  return query(
    `<instructions>{text}</instructions>${formHead}` +
      field('first', 'text-single', 'Given Name') +
      field('last', 'text-single', 'Family Name') +
      field('roomnick', 'text-single', 'Desired Nickname', '<required/>') +
      field('url', 'text-single', 'Your URL') +
      field('email', 'text-single', 'Email Address') +
      field('faqentry', 'text-multi', 'FAQ Entry') +
      (offline === null ? '' : wakeFields(offline, wake)) +
      '</x>',
  );
};

/** Example 151, with the field that says whose registration it is. */
export const approvalForm = (to: string, fields: Fields, jid: string, id: string): string => {
  const labels: Record<string, string> = {
    'muc#register_first': 'Given Name',
    'muc#register_last': 'Family Name',
    'muc#register_roomnick': 'Desired Nickname',
    'muc#register_url': 'User URL',
    'muc#register_email': 'Email Address',
    'muc#register_faqentry': 'FAQ Entry',
  };
  const shown = Object.entries(fields).map(([name, value]) => {
    const type = name === 'muc#register_faqentry' ? 'text-multi' : 'text-single';
    return `<field var="${name}" type="${type}" label="${labels[name] as string}"><value>${value}</value></field>`;
  });
  return (
    `<message from="${ROOM}" to="${to}" id="{sid:${id}}"><x xmlns="jabber:x:data" type="form"><title>Registration request</title>` +
    `<instructions>{text}</instructions><field var="FORM_TYPE" type="hidden"><value>${REGISTER}</value></field>${shown.join('')}` +
    `<field var="{urn:parlour:room}jid" type="jid-single" label="Address"><value>${jid}</value></field>` +
    `<field var="muc#register_allow" type="boolean" label="Allow this person to register with the room?"><value>0</value></field></x></message>`
  );
};

export const HAG = bare(hag);
export const JID = '{urn:parlour:room}jid';
/** An answer to an approval form, from an admin unless said otherwise. */
export const answer = (c: Conversation, fields: Fields, from = crone, type = 'submit'): void =>
  c.send(`<message from="${from}" to="${ROOM}" id="ans">${form(fields, type)}</message>`);
export const verdict = (allow: string, nick = 'thirdwitch', jid = HAG): Fields => ({
  'muc#register_roomnick': nick,
  [JID]: jid,
  'muc#register_allow': allow,
});
export const told = (to: string): string => `<message from="${ROOM}" to="${to}"><body>{text}</body></message>`;
export const answerRefused = (from: string, fields: Fields, type: string, condition: string): string =>
  refusal('message', ROOM, from, 'ans', type, condition, form(fields));
