/** Registration with a room: XEP-0045 §7.10, XEP-0077. */
import type { Conversation } from '../support/conversation';
import { admin, announced, crone, gone, hag, hecate, iq, join, presence, refusal, result, ROOM, wicca } from './expected';
import {
  REGISTER,
  MODE,
  LOCK,
  MEMBERS_ONLY,
  bare,
  query,
  fieldsXml,
  answer,
  ANSWERS,
  nickForm,
  ask,
  send,
  registered,
  denied,
  form,
  requirements,
  HAG,
  verdict,
  answerRefused,
  members,
} from './registration-stanzas';
import { asFull, asRoom } from '../support/jids';

describe('§7.10 asking what registration takes', () => {
  test('Examples 66, 70: the form', () => {
    const c = members();
    ask(c);
    c.expect(result(hag, 'jw81b36f', requirements()));
  });
  test('Example 67: there is no such room', () => {
    const c = members();
    iq(c, hag, 'get', 'jw81b36f', query(), asRoom('cave@chat.shakespeare.lit'));
    c.expect(denied(hag, 'jw81b36f', 'cancel', 'item-not-found').replaceAll(ROOM, 'cave@chat.shakespeare.lit'));
  });
  test('Example 68: where nobody may register, and to outcasts', () => {
    const closed = members([], { [MODE]: 'nobody' });
    ask(closed);
    closed.expect(denied(hag, 'jw81b36f', 'cancel', 'not-allowed'));
    const c = members();
    iq(c, crone, 'set', 'ban', admin(`<item affiliation="outcast" jid="${HAG}"/>`));
    c.forget();
    ask(c);
    c.expect(denied(hag, 'jw81b36f', 'cancel', 'not-allowed'));
    send(c);
    c.expect(denied(hag, 'nv71va54', 'cancel', 'not-allowed'));
  });
  test('Example 69: who is registered already, also where nobody may register any more', () => {
    const c = members();
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
    c.expect(result(hag, 'jw81b36f', registered('thirdwitch', null)));
  });
  test('not to a server: as a member it would be everybody there', () => {
    const c = members();
    send(c, nickForm('witches'), asFull('shakespeare.lit'));
    c.expect(denied('shakespeare.lit', 'nv71va54', 'cancel', 'not-allowed'));
  });
  test('disco#info says whether it is possible', () => {
    const info = (c: Conversation): string => {
      iq(c, hag, 'get', 'disco', '<query xmlns="http://jabber.org/protocol/disco#info"/>');
      return c.take()[0] as string;
    };
    expect(info(members())).toContain(`<feature var="${REGISTER}"/>`);
    expect(info(members())).toContain('<feature var="jabber:iq:register"/>');
    expect(info(members([], { [MODE]: 'nobody' }))).not.toContain('egister');
  });
});

describe('§7.10 registering', () => {
  test('Examples 71, 75, 76: in the room; the result first, then everybody sees the membership', () => {
    const c = members(['thirdwitch']);
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
    const c = members();
    send(c);
    c.expect(result(hag, 'nv71va54'), announced(crone, HAG, 'member'));
    c.restart();
    join(c, hecate, 'ThirdWitch');
    c.expect(
      refusal('presence', `${ROOM}/ThirdWitch`, hecate, 'n13mt3l', 'cancel', 'conflict', '<x xmlns="http://jabber.org/protocol/muc"/>'),
    );
  });
  test('by the plain fields of XEP-0077, and again for another nick', () => {
    const c = members();
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
    const c = members(['secondwitch']);
    send(c, nickForm('secondwitch'), wicca);
    c.expect(result(wicca, 'nv71va54'));
    iq(c, crone, 'get', 'admins', admin('<item affiliation="admin"/>'));
    c.expect(result(crone, 'admins', admin(`<item affiliation="admin" jid="${bare(wicca)}" nick="secondwitch"/>`)));
  });
  test('an admin by their domain cannot: a membership of their own would be less', () => {
    const c = members();
    iq(c, crone, 'set', 'adm', admin('<item affiliation="admin" jid="shakespeare.lit"/>'));
    c.forget();
    send(c);
    c.expect(denied(hag, 'nv71va54', 'cancel', 'not-allowed'));
  });
  test('Example 72: the nick is in use, reserved, or asked for by somebody who waits', () => {
    const c = members(['secondwitch'], { [MODE]: 'approval' });
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
    const c = members([], { [MODE]: 'nobody' });
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
    const c = members();
    send(c, payload);
    c.expect(denied(hag, 'nv71va54', 'modify', 'bad-request'));
  });
  test('answers and nicks that are too long', () => {
    const c = members();
    send(c, query(form({ ...ANSWERS, 'muc#register_faqentry': 'x'.repeat(1001) })));
    c.expect(denied(hag, 'nv71va54', 'modify', 'not-acceptable'));
    send(c, nickForm('x'.repeat(61)));
    c.expect(denied(hag, 'nv71va54', 'modify', 'not-acceptable'));
  });
  test('§7.10 with locked nicks, who goes by another is renamed (210)', () => {
    const c = members([], { [LOCK]: '1' });
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
  test('without the lock they keep the one they have', () => {
    const c = members();
    join(c, hag, 'crookback');
    c.forget();
    send(c);
    c.expectTo(crone, presence('crookback', crone, { affiliation: 'member', role: 'participant', jid: hag }, { occupant: 'hag' }));
  });
});

describe('XEP-0077 giving a registration up', () => {
  const remove = (c: Conversation, from = hag): void => send(c, query('<remove/>'), from);
  test('people who registered themselves are no longer members, and the nick is free', () => {
    const c = members(['thirdwitch']);
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
  test('XEP-0077 §3.2 together with anything else: bad-request, and they stay registered', () => {
    const c = members();
    send(c);
    c.forget();
    send(c, query('<remove/><username>crookback</username>'));
    c.expect(denied(hag, 'nv71va54', 'modify', 'bad-request'));
    iq(c, crone, 'get', 'members', admin('<item affiliation="member"/>'));
    c.expect(result(crone, 'members', admin(`<item affiliation="member" jid="${HAG}" nick="thirdwitch"/>`)));
  });
  test('a membership that was granted stays', () => {
    const c = members();
    iq(c, crone, 'set', 'grant', admin(`<item affiliation="member" jid="${HAG}"/>`));
    send(c);
    c.forget();
    remove(c);
    c.expect(result(hag, 'nv71va54'));
    iq(c, crone, 'get', 'members', admin('<item affiliation="member"/>'));
    c.expect(result(crone, 'members', admin(`<item affiliation="member" jid="${HAG}"/>`)));
  });
  test('in a members-only room they are removed (321)', () => {
    const c = members([], { [MEMBERS_ONLY]: '1', [MODE]: 'anyone' });
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
    const c = members([], { [MODE]: 'approval' });
    send(c);
    c.forget();
    remove(c);
    c.expect(result(hag, 'nv71va54'));
    answer(c, verdict('1'));
    c.expect(answerRefused(crone, verdict('1'), 'cancel', 'item-not-found'));
  });
});
