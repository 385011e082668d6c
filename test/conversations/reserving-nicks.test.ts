/** Registering in an open room (XEP-0045 §7.10; found E13): a nick is kept for somebody who has been there lately, and nobody becomes a member by it. */
import { conversation, type Conversation } from '../support/conversation';
import { admin, coven, crone, hag, hecate, iq, join, refusal, result, ROOM, submit } from './expected';
import { ask, bare, HAG, LOCK, MEMBERS_ONLY, MODE, nickForm, query, registered, send } from './registration-stanzas';
import { asBare, asFull } from '../support/jids';

const DAY_MS = 86_400_000;
const OPEN = { 'muc#roomconfig_persistentroom': '1' };
const taken = (nick: string, to: string): string =>
  refusal('presence', `${ROOM}/${nick}`, to, 'n13mt3l', 'cancel', 'conflict', '<x xmlns="http://jabber.org/protocol/muc"/>');
const leave = (c: Conversation, who: string, nick: string): void => {
  c.send(`<presence from="${who}" to="${ROOM}/${nick}" type="unavailable"/>`);
  c.forget();
};
/** The stanzas to somebody who enters. */
const enters = (c: Conversation, who: string, nick: string): string => {
  c.forget();
  join(c, who, nick);
  return c
    .take()
    .filter((stanza) => stanza.includes(`to="${who}"`))
    .join('');
};
const members = (c: Conversation): string => {
  c.forget();
  iq(c, crone, 'get', 'm', admin('<item affiliation="member"/>'));
  return c.take().join('');
};
const node = '<query xmlns="http://jabber.org/protocol/disco#info" node="x-roomuser-item"/>';
const HEAD = '<query xmlns="http://jabber.org/protocol/disco#info" node="x-roomuser-item">';

describe('found E13: §7.10 registering with an open room', () => {
  test('found E13: keeps the nick, tells nobody, and makes no member', () => {
    const c = coven(['thirdwitch']);
    send(c);
    c.expect(result(hag, 'nv71va54'));
    expect(members(c)).not.toContain(HAG);
    ask(c);
    c.expect(result(hag, 'jw81b36f', registered('thirdwitch')));
    iq(c, hag, 'get', 'n', node);
    c.expect(result(hag, 'n', `${HEAD}<identity category="conference" type="text" name="thirdwitch"/></query>`));
  });
  test('found E13: a later members-only room does not let them in', () => {
    const c = coven([], OPEN);
    send(c);
    iq(c, crone, 'set', 'c', submit({ [MEMBERS_ONLY]: '1' }));
    expect(enters(c, hag, 'thirdwitch')).toContain('registration-required');
  });
  test('found E13: the nick is nobody else’s while its holder is away, nor one that looks like it, also after a restart (F14)', () => {
    const c = coven([], OPEN);
    send(c);
    c.restart();
    c.forget();
    join(c, hecate, 'ThirdWitch');
    c.expect(taken('ThirdWitch', hecate));
    join(c, hecate, 'th\u0456rdwitch');
    c.expect(taken('th\u0456rdwitch', hecate));
    expect(enters(c, hecate, 'secondwitch')).not.toContain('error');
  });
  test('found E13: it is free 90 days after the last visit, and not before', () => {
    const c = coven([], OPEN);
    send(c);
    c.advance(80 * DAY_MS);
    expect(enters(c, hag, 'thirdwitch')).not.toContain('error');
    c.advance(80 * DAY_MS);
    leave(c, hag, 'thirdwitch');
    c.advance(90 * DAY_MS - 60_000);
    c.restart();
    c.forget();
    join(c, hecate, 'thirdwitch');
    c.expect(taken('thirdwitch', hecate));
    c.advance(60_000);
    expect(enters(c, hecate, 'thirdwitch')).not.toContain('error');
    c.forget();
    ask(c);
    expect(c.take().join('')).not.toContain('<registered/>');
  });
  test('found E13: a room that sleeps wakes for it, and forgets the nick by itself; of somebody who is there it does not', () => {
    const c = coven([], OPEN);
    send(c);
    join(c, hecate, 'hecate');
    send(c, nickForm('hecate'), hecate);
    expect(c.rows(ROOM)).toMatch(/"deadline":\d+/);
    c.advance(91 * DAY_MS);
    c.restart();
    c.input(ROOM, { kind: 'timer' });
    expect(c.rows(ROOM)).not.toContain('thirdwitch');
    expect(c.rows(ROOM)).toContain(bare(hecate));
    leave(c, hecate, 'hecate');
    expect(enters(c, hag, 'hecate')).toContain('conflict');
  });
  test('found E13: given up, it is free at once; another takes its place', () => {
    const c = coven([], OPEN);
    send(c);
    send(c, nickForm('crookback'));
    expect(enters(c, hecate, 'thirdwitch')).not.toContain('error');
    leave(c, hecate, 'thirdwitch');
    send(c, query('<remove/>'));
    c.expect(result(hag, 'nv71va54'));
    expect(enters(c, hecate, 'crookback')).not.toContain('error');
    send(c, query('<remove/>'));
    expect(c.take().join('')).toContain('registration-required');
  });
  test('found E13: whoever is listed keeps the nick as long as they belong; a ban takes it', () => {
    const c = coven([], OPEN);
    send(c);
    iq(c, crone, 'set', 'a', admin(`<item affiliation="member" jid="${HAG}"/>`));
    expect(members(c)).toContain(`jid="${HAG}" nick="thirdwitch"`);
    c.advance(200 * DAY_MS);
    expect(enters(c, hecate, 'thirdwitch')).toContain('conflict');
    const banned = coven([], OPEN);
    send(banned);
    iq(banned, crone, 'set', 'a', admin(`<item affiliation="outcast" jid="shakespeare.lit"/>`));
    expect(banned.rows(ROOM)).not.toContain('"thirdwitch');
  });
  test('found E13: an owner says whether registering makes members; in open rooms at the defaults it says that it does not', () => {
    const c = coven([], { [MODE]: 'anyone' });
    send(c);
    expect(members(c)).toContain(HAG);
    const open = coven();
    ask(open);
    expect(open.take().join('')).toContain('does not make you a member');
  });
  test('found E13: with locked nicks who has reserved one goes by it', () => {
    const c = coven([], { ...OPEN, [LOCK]: '1' });
    send(c);
    expect(enters(c, hag, 'crookback')).toContain(`from="${ROOM}/thirdwitch"`);
  });
  test('found E13: erasing a person frees it', () => {
    const c = coven([], OPEN);
    send(c);
    c.input(ROOM, { kind: 'command', command: { name: 'erase-person', jid: asBare(HAG) }, done: () => undefined });
    expect(c.rows(ROOM)).not.toContain('hag66');
    expect(enters(c, hecate, 'thirdwitch')).not.toContain('error');
  });
  test('found E13: a domain holds no more places than are still free', () => {
    const c = conversation({ limits: { affiliationsPerRoom: 10 }, isLocal: (domain) => domain === 'shakespeare.lit' });
    join(c, crone, 'firstwitch');
    iq(c, crone, 'set', 'create', submit(OPEN));
    const register = (jid: string, nick: string): string => {
      c.forget();
      send(c, nickForm(nick), asFull(jid));
      return c.take().join('');
    };
    for (let i = 0; i < 5; i++) expect(register(`a${i}@foreign.lit/x`, `nick${i}`)).toContain('type="result"');
    expect(register('a5@foreign.lit/x', 'nick5')).toContain('<resource-constraint');
    expect(register('a4@foreign.lit/x', 'other')).toContain('type="result"');
    expect(register(hag, 'thirdwitch')).toContain('type="result"');
  });
});

describe('found E13: whom the room tells of registering', () => {
  const info = (c: Conversation, who: string): string => {
    c.forget();
    iq(c, who, 'get', 'd', '<query xmlns="http://jabber.org/protocol/disco#info"/>');
    return c.take().join('');
  };
  test('found E13: disco#info names it to those who may; not to outcasts, servers, and where nobody may', () => {
    const c = coven([], OPEN);
    expect(info(c, hag)).toContain('jabber:iq:register');
    expect(info(c, 'shakespeare.lit')).not.toContain('egister');
    iq(c, crone, 'set', 'b', admin(`<item affiliation="outcast" jid="${HAG}"/>`));
    expect(info(c, hag)).not.toContain('egister');
    const closed = coven([], { [MODE]: 'nobody' });
    expect(info(closed, hag)).not.toContain('egister');
    ask(closed);
    expect(closed.take().join('')).toContain('not-allowed');
  });
  test('found E13: who makes a room members-only is told how many members registered themselves', () => {
    const c = coven([], { ...OPEN, [MODE]: 'anyone' });
    send(c);
    send(c, nickForm('hecate'), hecate);
    iq(c, crone, 'set', 'a', admin(`<item affiliation="member" jid="listed@shakespeare.lit"/>`));
    c.forget();
    iq(c, crone, 'set', 'c', submit({ [MEMBERS_ONLY]: '1' }));
    const told = c.take().filter((stanza) => stanza.includes(`to="${bare(crone)}"`) && stanza.includes('<body>'));
    expect(told).toHaveLength(1);
    expect(told[0]).toContain(' 2 of its members registered themselves');
    iq(c, crone, 'set', 'c', submit({ [MEMBERS_ONLY]: '1' }));
    expect(c.take().join('')).not.toContain('<body>');
    const none = coven([], OPEN);
    iq(none, crone, 'set', 'c', submit({ [MEMBERS_ONLY]: '1' }));
    expect(none.take().join('')).not.toContain('<body>');
  });
});

describe('found E13: "tell me when I am mentioned"', () => {
  const COMMANDS = 'http://jabber.org/protocol/commands';
  const NODE = 'urn:parlour:tell-me-of-mentions';
  const command = (c: Conversation, who: string, value: string): string => {
    c.forget();
    iq(c, who, 'set', 'x', `<command xmlns="${COMMANDS}" node="${NODE}"/>`);
    const first = c.take().join('');
    const session = /sessionid="([^"]+)"/.exec(first)?.[1];
    if (session === undefined) return first;
    const form = `<x xmlns="jabber:x:data" type="submit"><field var="tell"><value>${value}</value></field></x>`;
    iq(c, who, 'set', 'y', `<command xmlns="${COMMANDS}" node="${NODE}" sessionid="${session}">${form}</command>`);
    return c.take().join('');
  };
  const mention = (c: Conversation, uri = `xmpp:${HAG}`): string => {
    c.forget();
    const reference = `<reference xmlns="urn:xmpp:reference:0" type="mention" begin="0" end="3" uri="${uri}"/>`;
    c.send(`<message from="${crone}" to="${ROOM}" type="groupchat"><body>hag</body>${reference}</message>`);
    return c
      .take()
      .filter((stanza) => stanza.includes('urn:parlour:wake:0'))
      .join('');
  };

  test('found E13: a wish without membership or nick; mentions come while its owner is away', () => {
    const c = coven([], OPEN);
    expect(mention(c)).toBe('');
    expect(command(c, hag, '1')).toContain('status="completed"');
    expect(members(c)).not.toContain(HAG);
    expect(enters(c, hecate, 'hag66')).not.toContain('error');
    c.restart();
    expect(mention(c)).toContain(`to="${HAG}"`);
    expect(enters(c, hag, 'thirdwitch')).not.toContain('error');
    expect(mention(c)).toBe('');
    leave(c, hag, 'thirdwitch');
    expect(mention(c)).toContain(`to="${HAG}"`);
    expect(command(c, hag, '0')).toContain('status="completed"');
    expect(mention(c)).toBe('');
  });
  test('found E13: by occupant-id too (XEP-0513), and by a nick that is reserved', () => {
    const c = coven(['thirdwitch'], OPEN);
    command(c, hag, '1');
    send(c);
    c.forget();
    c.send(`<message from="${hag}" to="${ROOM}" type="groupchat"><body>x</body></message>`);
    const id = /occupant-id:0" id="([^"]+)"/.exec(c.take().join(''))?.[1] as string;
    leave(c, hag, 'thirdwitch');
    expect(mention(c, `xmpp:${ROOM}/thirdwitch`)).toContain(`to="${HAG}"`);
    c.advance(DAY_MS);
    const body = `<body>hag</body><mention xmlns="urn:xmpp:mentions:0" begin="0" end="3" occupantid="${id}"/>`;
    c.send(`<message from="${crone}" to="${ROOM}" type="groupchat">${body}</message>`);
    expect(
      c
        .take()
        .filter((stanza) => stanza.includes('urn:parlour:wake:0'))
        .join(''),
    ).toContain(`to="${HAG}"`);
  });
  test('found E13: it is gone after a year unseen', () => {
    const c = coven([], OPEN);
    command(c, hag, '1');
    c.advance(364 * DAY_MS);
    expect(mention(c)).toContain(`to="${HAG}"`);
    join(c, hag, 'thirdwitch');
    leave(c, hag, 'thirdwitch');
    c.advance(364 * DAY_MS);
    expect(mention(c)).toContain(`to="${HAG}"`);
    c.advance(2 * DAY_MS);
    c.restart();
    expect(mention(c)).toBe('');
    c.input(ROOM, { kind: 'timer' });
    expect(c.rows(ROOM)).not.toContain(`"wake-wishes","key":"${HAG}`);
  });
  test('found E13: not for who may not read the room, for servers, or for who is banned later', () => {
    const closed = coven([], { ...OPEN, [MEMBERS_ONLY]: '1' });
    expect(command(closed, hag, '1')).toContain('forbidden');
    const c = coven([], OPEN);
    expect(command(c, 'shakespeare.lit', '1')).toContain('not-allowed');
    command(c, hag, '1');
    iq(c, crone, 'set', 'b', admin(`<item affiliation="outcast" jid="${HAG}"/>`));
    expect(mention(c)).toBe('');
    expect(c.rows(ROOM)).not.toContain(`"wake-wishes","key":"${HAG}`);
  });
  test('found E13: a room that became members-only keeps what is said from who may not read it', () => {
    const c = coven([], OPEN);
    command(c, hag, '1');
    iq(c, crone, 'set', 'c', submit({ [MEMBERS_ONLY]: '1' }));
    expect(mention(c)).toBe('');
  });
  test('found E13: erasing a person ends it', () => {
    const c = coven([], OPEN);
    command(c, hag, '1');
    c.input(ROOM, { kind: 'command', command: { name: 'erase-person', jid: asBare(HAG) }, done: () => undefined });
    expect(c.rows(ROOM)).not.toContain('hag66');
    expect(mention(c)).toBe('');
  });
  test('found E13: one domain does not fill it', () => {
    const c = conversation({ isLocal: (domain) => domain === 'shakespeare.lit' });
    join(c, crone, 'firstwitch');
    iq(c, crone, 'set', 'create', submit(OPEN));
    for (let i = 0; i < 500; i++) command(c, `a${i}@foreign.lit/x`, '1');
    expect(command(c, 'b@foreign.lit/x', '1')).toContain('<resource-constraint');
    expect(command(c, 'a1@foreign.lit/x', '1')).toContain('completed');
    expect(command(c, hag, '1')).toContain('completed');
  });
  test('what is answered wrongly is told so', () => {
    const c = coven([], OPEN);
    expect(command(c, hag, 'perhaps')).toContain('bad-payload');
  });
});

test('found E13: §7.10 who waits for approval in a members-only room becomes a member by it, as before', () => {
  const c = coven([], { ...OPEN, [MEMBERS_ONLY]: '1' });
  send(c);
  expect(c.take().join('')).toContain('muc#register_allow');
  expect(members(c)).not.toContain(HAG);
});
