/** Registration with a room: XEP-0045 §7.10, XEP-0077; its approval by admins: §9.9. */
import type { Conversation } from '../support/conversation';
import {
  admin,
  announced,
  coven,
  crone,
  gone,
  hag,
  hecate,
  iq,
  join,
  noSubject,
  notice101,
  presence,
  refusal,
  result,
  ROOM,
  status,
  wicca,
} from './expected';

const REGISTER = 'http://jabber.org/protocol/muc#register';
const MODE = '{urn:parlour:room}registration';
const LOCK = '{urn:parlour:room}locknicks';
const MEMBERS_ONLY = 'muc#roomconfig_membersonly';
const PERSISTENT = 'muc#roomconfig_persistentroom';
const bare = (jid: string): string => jid.slice(0, jid.indexOf('/'));

const query = (inner = ''): string =>
  inner === '' ? '<query xmlns="jabber:iq:register"/>' : `<query xmlns="jabber:iq:register">${inner}</query>`;
type Fields = Readonly<Record<string, string>>;
const fieldsXml = (fields: Fields): string =>
  Object.entries(fields)
    .map(([name, value]) => `<field var="${name}"><value>${value}</value></field>`)
    .join('');
const form = (fields: Fields, type = 'submit', formType = REGISTER): string =>
  `<x xmlns="jabber:x:data" type="${type}"><field var="FORM_TYPE"><value>${formType}</value></field>${fieldsXml(fields)}</x>`;
/** Example 71. */
const ANSWERS: Fields = {
  'muc#register_first': 'Brunhilde',
  'muc#register_last': 'Entwhistle-Throckmorton',
  'muc#register_roomnick': 'thirdwitch',
  'muc#register_url': 'http://witchesonline/~hag66/',
  'muc#register_email': 'hag66@witchesonline',
  'muc#register_faqentry': 'Just another witch.',
};
const nickForm = (nick: string): string => query(form({ 'muc#register_roomnick': nick }));
const ask = (c: Conversation, from = hag): void => iq(c, from, 'get', 'jw81b36f', query());
const send = (c: Conversation, payload = query(form(ANSWERS)), from = hag): void => iq(c, from, 'set', 'nv71va54', payload);
const registered = (nick: string): string => query(`<registered/><username>${nick}</username>`);
const denied = (to: string, id: string, type: string, condition: string): string => refusal('iq', ROOM, to, id, type, condition);

/** The form to fill in; `values` by the end of the field's name. */
const requirements = (values: Fields = {}): string => {
  const field = (name: string, type: string, label: string, inner = ''): string => {
    const value = values[name] === undefined ? '' : `<value>${values[name]}</value>`;
    return `<field var="muc#register_${name}" type="${type}" label="${label}">${inner}${value}</field>`;
  };
  return query(
    `<instructions>{text}</instructions><x xmlns="jabber:x:data" type="form"><title>Registration with ${ROOM}</title>` +
      `<instructions>{text}</instructions><field var="FORM_TYPE" type="hidden"><value>${REGISTER}</value></field>` +
      field('first', 'text-single', 'Given Name') +
      field('last', 'text-single', 'Family Name') +
      field('roomnick', 'text-single', 'Desired Nickname', '<required/>') +
      field('url', 'text-single', 'Your URL') +
      field('email', 'text-single', 'Email Address') +
      field('faqentry', 'text-multi', 'FAQ Entry') +
      '</x>',
  );
};

/** Example 151, with the field that says whose registration it is. */
const approvalForm = (to: string, fields: Fields, jid: string, id: string): string => {
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

const HAG = bare(hag);
const JID = '{urn:parlour:room}jid';
/** An answer to an approval form, from an admin unless said otherwise. */
const answer = (c: Conversation, fields: Fields, from = crone, type = 'submit'): void =>
  c.send(`<message from="${from}" to="${ROOM}" id="ans">${form(fields, type)}</message>`);
const verdict = (allow: string, nick = 'thirdwitch', jid = HAG): Fields => ({
  'muc#register_roomnick': nick,
  [JID]: jid,
  'muc#register_allow': allow,
});
const told = (to: string): string => `<message from="${ROOM}" to="${to}"><body>{text}</body></message>`;
const answerRefused = (from: string, fields: Fields, type: string, condition: string): string =>
  refusal('message', ROOM, from, 'ans', type, condition, form(fields));

describe('§7.10 asking what registration takes', () => {
  test('Example 66, 70: the form', () => {
    const c = coven();
    ask(c);
    c.expect(result(hag, 'jw81b36f', requirements()));
  });
  test('Example 67: there is no such room', () => {
    const c = coven();
    iq(c, hag, 'get', 'jw81b36f', query(), 'cave@chat.shakespeare.lit');
    c.expect(denied(hag, 'jw81b36f', 'cancel', 'item-not-found').replaceAll(ROOM, 'cave@chat.shakespeare.lit'));
  });
  test('Example 68: where nobody may register, and to outcasts', () => {
    const closed = coven([], { [MODE]: 'nobody' });
    ask(closed);
    closed.expect(denied(hag, 'jw81b36f', 'cancel', 'not-allowed'));
    const c = coven();
    iq(c, crone, 'set', 'ban', admin(`<item affiliation="outcast" jid="${HAG}"/>`));
    c.forget();
    ask(c);
    c.expect(denied(hag, 'jw81b36f', 'cancel', 'not-allowed'));
    send(c);
    c.expect(denied(hag, 'nv71va54', 'cancel', 'not-allowed'));
  });
  test('Example 69: who is registered already, also where nobody may register any more', () => {
    const c = coven();
    send(c);
    c.forget();
    ask(c);
    c.expect(result(hag, 'jw81b36f', registered('thirdwitch')));
    c.restart();
    iq(
      c,
      crone,
      'set',
      'cfg',
      `<query xmlns="http://jabber.org/protocol/muc#owner">${form({ [MODE]: 'nobody' }, 'submit', 'http://jabber.org/protocol/muc#roomconfig')}</query>`,
    );
    c.forget();
    ask(c);
    c.expect(result(hag, 'jw81b36f', registered('thirdwitch')));
  });
  test('not to a server: as a member it would be everybody there', () => {
    const c = coven();
    send(c, nickForm('witches'), 'shakespeare.lit');
    c.expect(denied('shakespeare.lit', 'nv71va54', 'cancel', 'not-allowed'));
  });
  test('disco#info says whether it is possible', () => {
    const info = (c: Conversation): string => {
      iq(c, hag, 'get', 'disco', '<query xmlns="http://jabber.org/protocol/disco#info"/>');
      return c.take()[0] as string;
    };
    expect(info(coven())).toContain(`<feature var="${REGISTER}"/>`);
    expect(info(coven())).toContain('<feature var="jabber:iq:register"/>');
    expect(info(coven([], { [MODE]: 'nobody' }))).not.toContain('egister');
  });
});

describe('§7.10 registering', () => {
  test('Example 71, 75, 76: in the room; the result first, then everybody sees the membership', () => {
    const c = coven(['thirdwitch']);
    send(c);
    const item = { affiliation: 'member', role: 'participant' };
    c.expect(
      result(hag, 'nv71va54'),
      presence('thirdwitch', crone, { ...item, jid: hag }),
      presence('thirdwitch', hag, item, { codes: [110] }),
    );
    iq(c, hag, 'get', 'getnick1', '<query xmlns="http://jabber.org/protocol/disco#info" node="x-roomuser-item"/>');
    const identity = '<identity category="conference" type="text" name="thirdwitch"/>';
    c.expect(result(hag, 'getnick1', `<query xmlns="http://jabber.org/protocol/disco#info" node="x-roomuser-item">${identity}</query>`));
  });
  test('from outside: those in the room are told, and the nick is nobody else’s', () => {
    const c = coven();
    send(c);
    c.expect(result(hag, 'nv71va54'), announced(crone, HAG, 'member'));
    c.restart();
    join(c, hecate, 'ThirdWitch');
    c.expect(
      refusal('presence', `${ROOM}/ThirdWitch`, hecate, 'n13mt3l', 'cancel', 'conflict', '<x xmlns="http://jabber.org/protocol/muc"/>'),
    );
  });
  test('by the plain fields of XEP-0077, and again for another nick', () => {
    const c = coven();
    send(c, query('<username> thirdwitch </username>'));
    c.expect(result(hag, 'nv71va54'), announced(crone, HAG, 'member'));
    send(c, nickForm('weirdsister'));
    c.expect(result(hag, 'nv71va54'));
    ask(c);
    c.expect(result(hag, 'jw81b36f', registered('weirdsister')));
    send(c, nickForm('thirdwitch'), hecate);
    c.expect(result(hecate, 'nv71va54'), announced(crone, bare(hecate), 'member'));
  });
  test('an admin stays one', () => {
    const c = coven(['secondwitch']);
    send(c, nickForm('secondwitch'), wicca);
    c.expect(result(wicca, 'nv71va54'));
    iq(c, crone, 'get', 'admins', admin('<item affiliation="admin"/>'));
    c.expect(result(crone, 'admins', admin(`<item affiliation="admin" jid="${bare(wicca)}" nick="secondwitch"/>`)));
  });
  test('who is admin by his domain cannot: a membership of his own would be less', () => {
    const c = coven();
    iq(c, crone, 'set', 'adm', admin('<item affiliation="admin" jid="shakespeare.lit"/>'));
    c.forget();
    send(c);
    c.expect(denied(hag, 'nv71va54', 'cancel', 'not-allowed'));
  });
  test('Example 72: the nick is in use, reserved, or asked for by somebody who waits', () => {
    const c = coven(['secondwitch'], { [MODE]: 'approval' });
    send(c, nickForm('FirstWitch'));
    c.expect(denied(hag, 'nv71va54', 'cancel', 'conflict'));
    send(c, nickForm('cauldron'), wicca);
    c.forget();
    send(c, nickForm('cauldron'));
    c.expect(denied(hag, 'nv71va54', 'cancel', 'conflict'));
    send(c);
    c.forget();
    send(c, nickForm('Thirdwitch'), hecate);
    c.expect(denied(hecate, 'nv71va54', 'cancel', 'conflict'));
  });
  test('Example 73: the room has no registration', () => {
    const c = coven([], { [MODE]: 'nobody' });
    send(c);
    c.expect(denied(hag, 'nv71va54', 'cancel', 'service-unavailable'));
  });
  test.each([
    ['nothing', query()],
    ['a cancelled form', query(form(ANSWERS, 'cancel'))],
    ['a form of another kind', query(form(ANSWERS, 'submit', 'http://jabber.org/protocol/muc#request'))],
    ['a form that says no kind', query(`<x xmlns="jabber:x:data" type="submit">${fieldsXml(ANSWERS)}</x>`)],
    ['a form without nick', query(form({ 'muc#register_first': 'Brunhilde' }))],
    ['a form with an empty nick', nickForm(' ')],
    ['a form with a field twice', query(form(ANSWERS).replace('</x>', `${fieldsXml({ 'muc#register_url': 'x' })}</x>`))],
  ])('Example 74: no valid data form (%s)', (_, payload) => {
    const c = coven();
    send(c, payload);
    c.expect(denied(hag, 'nv71va54', 'modify', 'bad-request'));
  });
  test('answers and nicks that are too long', () => {
    const c = coven();
    send(c, query(form({ ...ANSWERS, 'muc#register_faqentry': 'x'.repeat(1001) })));
    c.expect(denied(hag, 'nv71va54', 'modify', 'not-acceptable'));
    send(c, nickForm('x'.repeat(61)));
    c.expect(denied(hag, 'nv71va54', 'modify', 'not-acceptable'));
  });
  test('§7.10 with locked nicks, who goes by another is renamed (210)', () => {
    const c = coven([], { [LOCK]: '1' });
    join(c, hag, 'crookback');
    c.forget();
    send(c);
    const item = { affiliation: 'member', role: 'participant' };
    const old = { occupant: 'hag' };
    c.expect(
      result(hag, 'nv71va54'),
      presence('crookback', crone, { ...item, jid: hag }, old),
      presence('crookback', hag, item, { ...old, codes: [110] }),
      presence('crookback', crone, { ...item, jid: hag, nick: 'thirdwitch' }, { ...old, type: 'unavailable', codes: [303] }),
      presence('crookback', hag, { ...item, nick: 'thirdwitch' }, { ...old, type: 'unavailable', codes: [110, 303] }),
      presence('thirdwitch', crone, { ...item, jid: hag }, { ...old, codes: [210] }),
      presence('thirdwitch', hag, item, { ...old, codes: [110, 210] }),
    );
  });
  test('without the lock he keeps the one he has', () => {
    const c = coven();
    join(c, hag, 'crookback');
    c.forget();
    send(c);
    c.expectTo(crone, presence('crookback', crone, { affiliation: 'member', role: 'participant', jid: hag }, { occupant: 'hag' }));
  });
});

describe('XEP-0077 giving a registration up', () => {
  const remove = (c: Conversation, from = hag): void => send(c, query('<remove/>'), from);
  test('who registered himself is a member no more, and the nick is free', () => {
    const c = coven(['thirdwitch']);
    send(c);
    c.restart();
    c.forget();
    remove(c);
    const item = { affiliation: 'none', role: 'participant' };
    c.expect(
      result(hag, 'nv71va54'),
      presence('thirdwitch', crone, { ...item, jid: hag }),
      presence('thirdwitch', hag, item, { codes: [110] }),
    );
    remove(c);
    c.expect(denied(hag, 'nv71va54', 'auth', 'registration-required'));
    send(c, nickForm('crookback'));
    c.forget();
    send(c, nickForm('thirdwitch'), hecate);
    c.expect(denied(hecate, 'nv71va54', 'cancel', 'conflict'));
    c.send(`<presence from="${hag}" to="${ROOM}/thirdwitch" type="unavailable"/>`);
    c.forget();
    send(c, nickForm('thirdwitch'), hecate);
    c.expect(result(hecate, 'nv71va54'), announced(crone, bare(hecate), 'member'));
  });
  test('a membership that was granted stays', () => {
    const c = coven();
    iq(c, crone, 'set', 'grant', admin(`<item affiliation="member" jid="${HAG}"/>`));
    send(c);
    c.forget();
    remove(c);
    c.expect(result(hag, 'nv71va54'));
    iq(c, crone, 'get', 'members', admin('<item affiliation="member"/>'));
    c.expect(result(crone, 'members', admin(`<item affiliation="member" jid="${HAG}"/>`)));
  });
  test('in a members-only room he is removed (321)', () => {
    const c = coven([], { [MEMBERS_ONLY]: '1', [MODE]: 'anyone' });
    send(c);
    join(c, hag, 'thirdwitch');
    c.forget();
    remove(c);
    c.expect(
      result(hag, 'nv71va54'),
      gone('thirdwitch', hag, { affiliation: 'none' }, { codes: [110, 321] }),
      gone('thirdwitch', crone, { affiliation: 'none', jid: hag }, { codes: [321] }),
    );
  });
  test('a registration that waits is taken back', () => {
    const c = coven([], { [MODE]: 'approval' });
    send(c);
    c.forget();
    remove(c);
    c.expect(result(hag, 'nv71va54'));
    answer(c, verdict('1'));
    c.expect(answerRefused(crone, verdict('1'), 'cancel', 'item-not-found'));
  });
});

describe('§9.9 approving registrations', () => {
  /** thirdwitch waits; the form went to crone. */
  const waiting = (fields: Fields = {}): Conversation => {
    const c = coven([], { [MODE]: 'approval', [PERSISTENT]: '1', ...fields });
    send(c);
    c.expect(result(hag, 'nv71va54'), approvalForm(crone, ANSWERS, HAG, 'a'));
    return c;
  };
  const member = announced(crone, HAG, 'member');

  test('Example 151: the form goes to the admins in the room, and approval registers', () => {
    const c = coven(['secondwitch', 'thirdwitch'], { [MODE]: 'approval' });
    send(c);
    c.expect(result(hag, 'nv71va54'), approvalForm(crone, ANSWERS, HAG, 'a'), approvalForm(wicca, ANSWERS, HAG, 'a'));
    answer(c, { ...ANSWERS, ...verdict('true') }, wicca);
    const item = { affiliation: 'member', role: 'participant' };
    c.expect(
      presence('thirdwitch', crone, { ...item, jid: hag }),
      presence('thirdwitch', wicca, { ...item, jid: hag }),
      presence('thirdwitch', hag, item, { codes: [110] }),
      told(HAG),
    );
    ask(c);
    c.expect(result(hag, 'jw81b36f', registered('thirdwitch')));
  });
  test('members-only rooms ask for approval by default, and the approved may enter', () => {
    const c = waiting({ [MODE]: 'auto', [MEMBERS_ONLY]: '1' });
    answer(c, verdict('1'));
    c.expect(member, told(HAG));
    join(c, hag, 'thirdwitch');
    c.expectTo(crone, presence('thirdwitch', crone, { affiliation: 'member', role: 'participant', jid: hag }));
    send(c, query('<remove/>'));
    c.expectTo(crone, gone('thirdwitch', crone, { affiliation: 'none', jid: hag }, { codes: [321] }));
  });
  test('refusal: the asker is told, and may ask again', () => {
    const c = waiting();
    answer(c, verdict('0'));
    c.expect(told(HAG));
    ask(c);
    c.expect(result(hag, 'jw81b36f', requirements()));
    send(c);
    c.expect(result(hag, 'nv71va54'), approvalForm(crone, ANSWERS, HAG, 'b'));
  });
  test('a cancelled form leaves it waiting, over a restart too', () => {
    const c = waiting();
    answer(c, {}, crone, 'cancel');
    c.send(`<message from="${crone}" to="${ROOM}" id="ans"><x xmlns="jabber:x:data" type="cancel"/></message>`);
    c.expect();
    c.restart();
    ask(c);
    c.expect(
      result(hag, 'jw81b36f', requirements(Object.fromEntries(Object.entries(ANSWERS).map(([name, value]) => [name.slice(13), value])))),
    );
    answer(c, verdict('1'));
    c.expect(member, told(HAG));
  });
  test('with no admin in the room, all of them are written to, and whoever enters later gets the form', () => {
    const c = coven([], { [MODE]: 'approval', [PERSISTENT]: '1' });
    c.send(`<presence from="${crone}" to="${ROOM}/firstwitch" type="unavailable"/>`);
    c.forget();
    send(c);
    c.expect(result(hag, 'nv71va54'), approvalForm(bare(crone), ANSWERS, HAG, 'a'), approvalForm(bare(wicca), ANSWERS, HAG, 'a'));
    c.restart();
    join(c, wicca, 'secondwitch');
    c.expect(
      presence('secondwitch', wicca, { affiliation: 'admin', role: 'moderator', jid: wicca }, { id: 'n13mt3l', codes: [110] }),
      noSubject(wicca),
      approvalForm(wicca, ANSWERS, HAG, 'b'),
    );
  });
  test('who becomes an admin gets what waits', () => {
    const c = waiting();
    join(c, hecate, 'hecate');
    c.forget();
    iq(c, crone, 'set', 'adm', admin(`<item affiliation="admin" jid="${bare(hecate)}"/>`));
    const forms = c.take().filter((stanza) => stanza.includes('muc#register_allow'));
    expect(forms).toHaveLength(1);
    expect(forms[0]).toContain(`to="${hecate}"`);
  });
  test('only admins answer, in the room or not', () => {
    const c = waiting();
    answer(c, verdict('1'), hag);
    c.expect(answerRefused(hag, verdict('1'), 'auth', 'forbidden'));
    answer(c, verdict('1'), wicca);
    c.expect(member, told(HAG));
  });
  test('an answer without our field is understood by the nick', () => {
    const c = waiting();
    const fields = { 'muc#register_roomnick': 'thirdwitch', 'muc#register_allow': '1' };
    answer(c, fields);
    c.expect(member, told(HAG));
    answer(c, fields);
    c.expect(answerRefused(crone, fields, 'cancel', 'item-not-found'));
  });
  test('an answer that says neither yes nor no, or not to whom', () => {
    const c = waiting();
    const neither = { [JID]: HAG, 'muc#register_allow': 'maybe' };
    answer(c, neither);
    c.expect(answerRefused(crone, neither, 'modify', 'bad-request'));
    answer(c, { 'muc#register_allow': '1' });
    c.expect(answerRefused(crone, { 'muc#register_allow': '1' }, 'cancel', 'item-not-found'));
  });
  test('asked again with another nick, the former form is void; the same again bothers nobody', () => {
    const c = waiting();
    send(c);
    c.expect(result(hag, 'nv71va54'));
    send(c, nickForm('crookback'));
    c.expect(result(hag, 'nv71va54'), approvalForm(crone, { 'muc#register_roomnick': 'crookback' }, HAG, 'b'));
    answer(c, verdict('1'));
    c.expect(answerRefused(crone, verdict('1'), 'cancel', 'item-not-found'));
    answer(c, verdict('1', 'crookback'));
    c.expect(member, told(HAG));
  });
  test('a nick that somebody took meanwhile: conflict, and the registration waits on', () => {
    const c = waiting();
    join(c, hecate, 'thirdwitch');
    c.forget();
    answer(c, verdict('1'));
    c.expect(answerRefused(crone, verdict('1'), 'cancel', 'conflict'));
    c.send(`<presence from="${hecate}" to="${ROOM}/thirdwitch" type="unavailable"/>`);
    c.forget();
    answer(c, verdict('1'));
    c.expect(member, told(HAG));
  });
  test.each([
    ['outcast', HAG],
    ['member', HAG],
    ['outcast', 'shakespeare.lit'],
  ])('who is made %s meanwhile (%s) waits no more', (affiliation, jid) => {
    const c = waiting();
    iq(c, crone, 'set', 'aff', admin(`<item affiliation="${affiliation}" jid="${jid}"/>`));
    c.forget();
    answer(c, verdict('1'));
    c.expect(answerRefused(crone, verdict('1'), 'cancel', 'item-not-found'));
  });
  test('no more wait than the operator allows', () => {
    const c = coven([], { [MODE]: 'approval' }, { limits: { waiting: 1 } });
    send(c);
    c.forget();
    send(c, nickForm('hecate'), hecate);
    c.expect(denied(hecate, 'nv71va54', 'wait', 'resource-constraint'));
    answer(c, verdict('0'));
    c.forget();
    send(c, nickForm('hecate'), hecate);
    c.expect(result(hecate, 'nv71va54'), approvalForm(crone, { 'muc#register_roomnick': 'hecate' }, bare(hecate), 'a'));
  });
  test('members need no approval for a nick', () => {
    const c = coven([], { [MODE]: 'approval' });
    iq(c, crone, 'set', 'grant', admin(`<item affiliation="member" jid="${HAG}"/>`));
    c.expect(result(crone, 'grant'), member, notice101(HAG, 'member'));
    send(c);
    c.expect(result(hag, 'nv71va54'));
  });
  test('with locked nicks the approved is renamed (210)', () => {
    const c = coven([], { [MODE]: 'approval', [LOCK]: '1' });
    join(c, hag, 'crookback');
    send(c);
    c.forget();
    answer(c, verdict('1'));
    const renamed = c.take().filter((stanza) => stanza.includes(status(210)));
    expect(renamed.map((stanza) => /to="([^"]*)"/.exec(stanza)?.[1])).toEqual([crone, hag]);
  });
  test('other messages to the room are answered as before', () => {
    const c = coven();
    c.send(`<message from="${hecate}" to="${ROOM}" id="m"><body>hello</body></message>`);
    c.expect(refusal('message', ROOM, hecate, 'm', 'modify', 'not-acceptable', '<body>hello</body>'));
  });
});
