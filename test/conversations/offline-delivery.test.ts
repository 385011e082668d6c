/** What is said goes to the accounts of registered people who asked for it and are away: the registration field of Tigase and Prosody. */
import type { Condition } from '../../src/xmpp/stanza-error';
import type { Conversation } from '../support/conversation';
import { admin, announced, crone, hag, hecate, iq, message, presence, result, ROOM, submit, wicca } from './expected';
import {
  answer,
  ask,
  denied,
  form,
  HAG,
  members,
  MODE,
  OFFLINE,
  PERSISTENT,
  query,
  registered,
  requirements,
  send,
  verdict,
} from './registration-stanzas';
import { asBare, asFull } from '../support/jids';

const BODY = '<body>Round about the cauldron go.</body>';
const say = (c: Conversation, from = crone, payload = BODY): void =>
  c.send(`<message from="${from}" to="${ROOM}" type="groupchat" id="go">${payload}</message>`);
const wish = (nick: string, offline: string): string => query(form({ 'muc#register_roomnick': nick, [OFFLINE]: offline }));
/** A room in which hag has registered for it, and is not there. */
const away = (fields: Record<string, string> = {}, who: 'secondwitch'[] = []): Conversation => {
  const c = members(who, fields);
  send(c, wish('thirdwitch', '1'));
  c.forget();
  return c;
};
const live = (to: string, sid: string, payload = BODY): string => message('firstwitch', to, payload, sid, { id: 'go' });
const bounce = (c: Conversation, condition: Condition, from = HAG): void =>
  c.input(ROOM, { kind: 'bounced', bounce: { jid: asFull(from), nick: 'firstwitch', condition } });
const enter = (c: Conversation, from = hag, nick = 'thirdwitch'): void => {
  c.send(`<presence from="${from}" to="${ROOM}/${nick}"><x xmlns="http://jabber.org/protocol/muc"/></presence>`);
  c.forget();
};
const leave = (c: Conversation, from = hag, nick = 'thirdwitch'): void => {
  c.send(`<presence from="${from}" to="${ROOM}/${nick}" type="unavailable"/>`);
  c.forget();
};

describe('who is forgotten', () => {
  test.each([
    ['the person', HAG],
    ['somebody else', 'nobody@shakespeare.lit'],
  ])('found F12: after %s was erased from the room, the next message goes to those only who still want it', (_who, jid) => {
    const c = away({ [MODE]: 'auto' });
    // Somebody is left who wants it.
    send(c, wish('secondwitch', '1'), wicca);
    c.forget();
    const told = (): number => c.take().filter((xml) => xml.includes(` to="${HAG}"`)).length;
    say(c);
    expect(told()).toBe(1);
    c.input(ROOM, { kind: 'command', command: { name: 'erase-person', jid: asBare(jid) }, done: () => undefined });
    c.forget();
    say(c);
    expect(told()).toBe(jid === HAG ? 0 : 1);
  });
});

describe('§7.10 the field of the registration form', () => {
  test('is off at first', () => {
    const c = members();
    ask(c);
    c.expect(result(hag, 'jw81b36f', requirements({}, '0')));
  });

  test('is not there where nothing is archived', () => {
    const c = members([], { 'muc#roomconfig_enablearchiving': '0' });
    ask(c);
    c.expect(result(hag, 'jw81b36f', requirements({}, null)));
    send(c, wish('thirdwitch', '1'));
    c.forget();
    ask(c);
    c.expect(result(hag, 'jw81b36f', registered('thirdwitch', null)));
    say(c);
    c.expect(message('firstwitch', crone, BODY, null, { id: 'go' }));
  });

  test('shows what somebody registered wants, who may change it; left out, it stays', () => {
    const c = members();
    send(c, wish('thirdwitch', 'true'));
    c.expect(result(hag, 'nv71va54'), announced(crone, HAG, 'member'));
    ask(c);
    c.expect(result(hag, 'jw81b36f', registered('thirdwitch', '1')));
    send(c, query(form({ 'muc#register_roomnick': 'weirdsister' })));
    c.forget();
    ask(c);
    c.expect(result(hag, 'jw81b36f', registered('weirdsister', '1')));
    send(c, wish('weirdsister', '0'));
    c.forget();
    ask(c);
    c.expect(result(hag, 'jw81b36f', registered('weirdsister', '0')));
    say(c);
    c.expect(live(crone, 'nobody'));
  });

  test('takes yes or no', () => {
    const c = members();
    send(c, wish('thirdwitch', 'perhaps'));
    c.expect(denied(hag, 'nv71va54', 'modify', 'bad-request'));
  });

  test('waits with the registration for approval, and is kept until then', () => {
    const c = members([], { [MODE]: 'approval' });
    send(c, wish('thirdwitch', '1'));
    c.restart();
    c.forget();
    ask(c);
    c.expect(result(hag, 'jw81b36f', requirements({ roomnick: 'thirdwitch' }, '1')));
    say(c);
    c.expect(live(crone, 'before'));
    answer(c, verdict('1'));
    c.forget();
    say(c);
    c.expect(live(crone, 'after'), live(HAG, 'after'));
  });
});

describe('§7.4 messages for somebody who is away', () => {
  test('go to the account as to everybody, with the same ids, also after a restart', () => {
    const c = away({ [PERSISTENT]: '1' });
    say(c);
    c.expect(live(crone, 'one'), live(HAG, 'one'));
    c.restart();
    say(c);
    c.expect(live(crone, 'two'), live(HAG, 'two'));
  });

  test('do not while any session of theirs is there', () => {
    const c = away();
    enter(c);
    say(c);
    c.expect(live(crone, 'one'), live(hag, 'one'));
    enter(c, asFull(`${HAG}/laptop`));
    leave(c);
    say(c);
    c.expect(live(crone, 'two'), live(`${HAG}/laptop`, 'two'));
    leave(c, asFull(`${HAG}/laptop`));
    say(c);
    c.expect(live(crone, 'three'), live(HAG, 'three'));
  });

  test('only what is archived: no typing notices and no changes of subject', () => {
    const c = away();
    say(c, crone, '<composing xmlns="http://jabber.org/protocol/chatstates"/>');
    say(c, crone, '<subject>Fire</subject>');
    expect(c.take()).toHaveLength(2);
    iq(c, crone, 'set', 'off', submit({ 'muc#roomconfig_enablearchiving': '0' }));
    c.forget();
    say(c);
    c.expect(message('firstwitch', crone, BODY, null, { id: 'go' }));
  });

  test('that it was taken back, also when all of somebody’s words are at once', () => {
    const c = away({}, ['secondwitch']);
    say(c, wicca);
    say(c, wicca);
    c.forget();
    c.input(ROOM, {
      kind: 'command',
      command: { name: 'ban-and-retract', target: { nick: 'secondwitch' }, minutes: 5, ban: false },
      done: () => undefined,
    });
    const told = c.take().filter((stanza) => stanza.includes('<retract '));
    expect(told.filter((stanza) => stanza.includes(` to="${HAG}"`))).toHaveLength(2);
    expect(told.filter((stanza) => stanza.includes(` to="${crone}"`))).toHaveLength(2);
  });

  test('not to people who may not read the room: a password they have not given', () => {
    const c = away();
    iq(c, crone, 'set', 'lock', submit({ 'muc#roomconfig_passwordprotectedroom': '1', 'muc#roomconfig_roomsecret': 'cauldronburn' }));
    c.forget();
    say(c);
    c.expect(live(crone, 'one'));
    iq(c, crone, 'set', 'adm', admin(`<item affiliation="admin" jid="${HAG}"/>`));
    iq(c, crone, 'set', 'cfg', submit({ 'muc#roomconfig_passwordprotectedroom': '1' }));
    c.forget();
    say(c);
    c.expect(live(crone, 'two'), live(HAG, 'two'));
  });
});

describe('XEP-0077 the end of it', () => {
  test('with the registration, also of one whose membership was granted', () => {
    const c = members();
    iq(c, crone, 'set', 'grant', admin(`<item affiliation="member" jid="${HAG}"/>`));
    send(c, wish('thirdwitch', '1'));
    send(c, query('<remove/>'));
    c.forget();
    say(c);
    c.expect(live(crone, 'one'));
    send(c, query(form({ 'muc#register_roomnick': 'thirdwitch' })));
    c.forget();
    say(c);
    c.expect(live(crone, 'two'));
  });

  test.each(['outcast', 'none'])('with the affiliation (%s)', (affiliation) => {
    const c = away();
    iq(c, crone, 'set', 'end', admin(`<item affiliation="${affiliation}" jid="${HAG}"/>`));
    iq(c, crone, 'set', 'back', admin(`<item affiliation="member" jid="${HAG}"/>`));
    c.forget();
    say(c);
    c.expect(live(crone, 'one'));
  });

  test.each<Condition>(['service-unavailable', 'gone', 'item-not-found', 'not-acceptable', 'remote-server-not-found'])(
    'when their server answers %s: many take no groupchat message for an account',
    (condition) => {
      const c = away();
      bounce(c, condition);
      c.expect();
      say(c);
      c.expect(live(crone, 'one'));
      c.restart();
      ask(c);
      c.expect(result(hag, 'jw81b36f', registered('thirdwitch', '0')));
    },
  );

  test.each<Condition>(['remote-server-timeout', 'resource-constraint', 'internal-server-error'])(
    'not for %s, which passes',
    (condition) => {
      const c = away();
      bounce(c, condition);
      say(c);
      c.expect(live(crone, 'one'), live(HAG, 'one'));
    },
  );

  test('not for what somebody else’s server answers', () => {
    const c = away();
    bounce(c, 'gone', 'hecate@shakespeare.lit');
    say(c);
    c.expect(live(crone, 'one'), live(HAG, 'one'));
  });

  test('§7.8.2 what comes back from an occupant is no invitation that failed', () => {
    const c = away();
    c.send(
      `<message from="${crone}" to="${ROOM}" id="inv"><x xmlns="http://jabber.org/protocol/muc#user"><invite to="hecate@shakespeare.lit"/></x></message>`,
    );
    c.forget();
    bounce(c, 'gone', 'hecate@shakespeare.lit');
    c.expect();
  });
});

test('§7.10 a thousand people at most: the next is told so, and may register without', () => {
  const c = members();
  for (let i = 0; i < 1000; i++) send(c, wish(`w${i}`, '1'), asFull(`w${i}@shakespeare.lit/x`));
  c.forget();
  send(c, wish('thirdwitch', '1'));
  c.expect(denied(hag, 'nv71va54', 'wait', 'resource-constraint'));
  send(c, wish('thirdwitch', '0'));
  c.expect(result(hag, 'nv71va54'), announced(crone, HAG, 'member'));
  send(c, query(form({ 'muc#register_roomnick': 'hecate' })), hecate);
  c.expect(result(hecate, 'nv71va54'), announced(crone, 'hecate@shakespeare.lit', 'member'));
});

test('§7.10 in the room: registered for it, they hear everything once', () => {
  const c = members(['thirdwitch']);
  send(c, wish('thirdwitch', '1'));
  const item = { affiliation: 'member', role: 'participant' };
  c.expect(
    result(hag, 'nv71va54'),
    presence('thirdwitch', crone, { ...item, jid: hag }),
    presence('thirdwitch', hag, item, { codes: [110] }),
  );
  say(c);
  c.expect(live(crone, 'one'), live(hag, 'one'));
});

describe('of the kind of found C9: who reads only their own stays', () => {
  test('gets nothing of what is said while they do not belong to the room; with an affiliation they do', () => {
    const c = away({ '{urn:parlour:room}archiveaccess': 'stays' });
    iq(c, crone, 'set', 'n', admin(`<item jid="${HAG}" affiliation="none"/>`));
    c.forget();
    say(c);
    expect(c.take().filter((stanza) => stanza.includes(`to="${HAG}"`))).toEqual([]);
    iq(c, crone, 'set', 'm', admin(`<item jid="${HAG}" affiliation="member"/>`));
    send(c, wish('thirdwitch', '1'));
    c.forget();
    say(c);
    expect(c.take().filter((stanza) => stanza.includes(`to="${HAG}"`))).toHaveLength(1);
  });
});
