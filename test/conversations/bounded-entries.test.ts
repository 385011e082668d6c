/** What one person may leave with a room: sessions, presence, subjects, messages that wait; and who is asked about what waits. */
import type { Conversation } from '../support/conversation';
import { admin, coven, crone, hag, hecate, iq, join, refusal, ROOM, wicca } from './expected';

const MODERATED = { 'muc#roomconfig_moderatedroom': '1', '{urn:parlour:room}approvemessages': '1' };
const say = (c: Conversation, from: string, inner: string): void =>
  c.send(`<message from="${from}" to="${ROOM}" type="groupchat" id="m">${inner}</message>`);
const presenceOf = (from: string, nick: string, inner: string, more = ''): string =>
  `<presence from="${from}" to="${ROOM}/${nick}" id="p"${more}>${inner}<x xmlns="http://jabber.org/protocol/muc"/></presence>`;
const forms = (said: readonly string[], to: string): number =>
  said.filter((xml) => xml.includes(`to="${to}"`) && xml.includes('jabber:x:data')).length;
const idsIn = (xml: string): string | undefined => /<field var="message"[^>]*><value>([^<]+)</.exec(xml)?.[1];

describe('found F8: sessions of one person', () => {
  const session = (i: number): string => `hag66@shakespeare.lit/s${i}`;

  test('the 21st ends the one that came first, with 333, and the others are shown the next', () => {
    const c = coven();
    for (let i = 1; i <= 20; i++) join(c, session(i), 'thirdwitch');
    c.forget();
    join(c, session(21), 'thirdwitch');
    const said = c.take();
    const gone = said.filter((xml) => xml.includes('type="unavailable"'));
    expect(gone).toHaveLength(1);
    expect(gone[0]).toContain(`to="${session(1)}"`);
    expect(gone[0]).toContain('<status code="333"');
    expect(said.filter((xml) => xml.includes(`to="${crone}"`) && xml.includes(`jid="${session(2)}"`))).toHaveLength(1);
    say(c, hecate, '<body>x</body>');
    say(c, session(21), '<body>still here</body>');
    expect(c.take().filter((xml) => xml.includes('still here'))).toHaveLength(21);
  });

  test('each further one ends one more; other people keep theirs', () => {
    const c = coven(['secondwitch']);
    for (let i = 1; i <= 60; i++) join(c, session(i), 'thirdwitch');
    c.forget();
    say(c, crone, '<body>who?</body>');
    const to = c.take().filter((xml) => xml.includes('who?'));
    expect(to).toHaveLength(22);
    expect(to.some((xml) => xml.includes(`to="${session(40)}"`))).toBe(false);
    expect(to.some((xml) => xml.includes(`to="${session(41)}"`))).toBe(true);
  });
});

describe('found F8: presence is bounded in bytes', () => {
  const long = `<status>${'é'.repeat(10_000)}</status>`;

  test.each([
    ['an entry', hag, 'thirdwitch', ''],
    ['a status', wicca, 'secondwitch', ''],
    ['a change of nick', wicca, 'otherwitch', ''],
  ])('%s: policy-violation, with the limit', (_what, from, nick) => {
    const c = coven(['secondwitch']);
    c.send(presenceOf(from, nick, long));
    const said = c.take();
    expect(said).toHaveLength(1);
    expect(said[0]).toContain('<policy-violation ');
    expect(said[0]).toContain('at most 16384 bytes');
  });

  test('who leaves, leaves', () => {
    const c = coven(['thirdwitch']);
    c.send(presenceOf(hag, 'thirdwitch', long, ' type="unavailable"'));
    const said = c.take();
    expect(said.filter((xml) => xml.includes('type="unavailable"'))).toHaveLength(2);
    expect(said.join('')).not.toContain('éé');
  });
});

describe('found B5: messages that wait for a moderator', () => {
  test('one that is too long is refused, and so is what is too much together', () => {
    const c = coven(['thirdwitch'], MODERATED, { limits: { waiting: 200 } });
    say(c, hag, `<body>${'x'.repeat(70_000)}</body>`);
    expect(c.take().join('')).toContain('at most 65536 bytes');
    for (let i = 0; i < 10; i++) say(c, hag, `<body>${'x'.repeat(50_000)}</body>`);
    expect(c.take().filter((xml) => xml.includes('type="error"'))).toHaveLength(0);
    for (let i = 0; i < 10; i++) say(c, hag, `<body>${'x'.repeat(50_000)}</body>`);
    expect(c.take().filter((xml) => xml.includes('<resource-constraint '))).not.toHaveLength(0);
  });

  test('a moderator who enters is sent twenty, and the next as these are answered', () => {
    const c = coven(['thirdwitch'], MODERATED, { limits: { waiting: 200 } });
    for (let i = 0; i < 30; i++) say(c, hag, `<body>wait ${i}</body>`);
    expect(forms(c.take(), crone)).toBe(20);
    join(c, wicca, 'secondwitch');
    const asked = c.take().filter((xml) => xml.includes(`to="${wicca}"`) && xml.includes('jabber:x:data'));
    expect(asked).toHaveLength(20);
    const id = idsIn(asked[0] as string) as string;
    const field = (name: string, value: string): string => `<field var="${name}"><value>${value}</value></field>`;
    const answer = `${field('FORM_TYPE', 'urn:parlour:message-approval')}${field('message', id)}${field('allow', '0')}`;
    c.send(`<message from="${wicca}" to="${ROOM}" id="a"><x xmlns="jabber:x:data" type="submit">${answer}</x></message>`);
    const next = c.take();
    expect([forms(next, wicca), forms(next, crone)]).toEqual([1, 1]);
    expect(next.join('')).toContain('wait 20');
  });

  test('when its sender leaves, their waiting messages are dropped; those of others stay', () => {
    const c = coven(['thirdwitch'], MODERATED);
    join(c, hecate, 'hecate');
    say(c, hag, '<body>of the hag</body>');
    say(c, hecate, '<body>of hecate</body>');
    c.send(`<presence from="${hag}" to="${ROOM}/thirdwitch" type="unavailable"/>`);
    expect(c.rows(ROOM)).not.toContain('of the hag');
    expect(c.rows(ROOM)).toContain('of hecate');
  });

  test('a moderator is asked about every language that a message is in', () => {
    const c = coven(['thirdwitch'], MODERATED);
    say(c, hag, '<body>harmless</body><body xml:lang="de">gemein</body>');
    expect(c.take().find((xml) => xml.includes(`to="${crone}"`) && xml.includes('jabber:x:data'))).toContain('gemein');
  });
});

describe('found H25: what waits is asked of each session that may decide, once', () => {
  const crone2 = 'crone1@shakespeare.lit/phone';
  const register = (c: Conversation, from: string, nick: string): void =>
    iq(c, from, 'set', 'r', `<query xmlns="jabber:iq:register"><username>${nick}</username></query>`);

  test('registrations: a second device of an admin', () => {
    const c = coven([], { '{urn:parlour:room}registration': 'approval' });
    register(c, hag, 'hag');
    expect(forms(c.take(), crone)).toBe(1);
    join(c, crone2, 'firstwitch');
    const said = c.take();
    expect([forms(said, crone2), forms(said, crone)]).toEqual([1, 0]);
    register(c, hag, 'old hag');
    const changed = c.take();
    expect([forms(changed, crone2), forms(changed, crone)]).toEqual([1, 1]);
  });

  test('held messages and voice requests: a second device, and who becomes a moderator', () => {
    const c = coven(['thirdwitch'], MODERATED);
    say(c, hag, '<body>let me in</body>');
    c.send(
      `<message from="${hag}" to="${ROOM}" id="v"><x xmlns="jabber:x:data" type="submit"><field var="FORM_TYPE"><value>http://jabber.org/protocol/muc#request</value></field><field var="muc#role"><value>participant</value></field></x></message>`,
    );
    expect(forms(c.take(), crone)).toBe(2);
    join(c, crone2, 'firstwitch');
    const said = c.take();
    expect([forms(said, crone2), forms(said, crone)]).toEqual([2, 0]);
    join(c, hecate, 'hecate');
    expect(forms(c.take(), hecate)).toBe(0);
    iq(c, crone, 'set', 'm', admin('<item nick="hecate" role="moderator"/>'));
    const told = c.take();
    expect([forms(told, hecate), forms(told, crone)]).toEqual([2, 0]);
  });

  test('not again after a restart', () => {
    const c = coven(['thirdwitch'], MODERATED);
    say(c, hag, '<body>one</body>');
    c.forget();
    c.restart(true);
    say(c, hag, '<body>two</body>');
    const said = c.take().filter((xml) => xml.includes(`to="${crone}"`) && xml.includes('jabber:x:data'));
    expect(said).toHaveLength(1);
    expect(said[0]).toContain('two');
  });
});

describe('found F16: the subject', () => {
  test('in 200 languages: not-acceptable', () => {
    const c = coven();
    const many = Array.from({ length: 200 }, (_, i) => `<subject xml:lang="x-${i}">tea</subject>`).join('');
    say(c, crone, many);
    expect(c.take().join('')).toContain('at most 20 languages');
  });

  test('its length is that of all languages together, and nothing is put beside it', () => {
    const c = coven([], {}, { limits: { subject: 10 } });
    say(c, crone, '<subject>sixsix</subject><subject xml:lang="de">sechs!</subject>');
    expect(c.take().join('')).toContain('<not-acceptable ');
    say(c, crone, `<subject data="${'x'.repeat(5000)}">tea</subject>`);
    c.forget();
    join(c, hag, 'thirdwitch');
    expect(c.take().at(-1)).toContain('<subject>tea</subject>');
  });
});

describe('found F16: a locked room is not there for strangers, whatever they ask', () => {
  const OWNER = '<query xmlns="http://jabber.org/protocol/muc#owner"/>';
  test.each([
    ['its configuration', `<iq type="get" id="i">${OWNER}</iq>`],
    ['a list', `<iq type="get" id="i">${admin('<item affiliation="owner"/>')}</iq>`],
    ['discovery', '<iq type="get" id="i"><query xmlns="http://jabber.org/protocol/disco#info"/></iq>'],
    ['a ping', '<iq type="get" id="i"><ping xmlns="urn:xmpp:ping"/></iq>'],
    ['registration', '<iq type="get" id="i"><query xmlns="jabber:iq:register"/></iq>'],
    ['the archive', '<iq type="set" id="i"><query xmlns="urn:xmpp:mam:2"/></iq>'],
    ['a message', '<message id="i"><body>x</body></message>'],
    ['a message to all', '<message id="i" type="groupchat"><body>x</body></message>'],
  ])('%s: as of a room that is not there', (_what, stanza) => {
    const answer = (made: boolean): string[] => {
      const c = coven();
      const room = 'tower@chat.shakespeare.lit';
      if (made) c.send(`<presence from="${crone}" to="${room}/firstwitch"><x xmlns="http://jabber.org/protocol/muc"/></presence>`);
      c.forget();
      c.send(stanza.replace(/^<(\w+)/, `<$1 from="${hag}" to="${room}"`));
      return c.take();
    };
    const [there, absent] = [answer(true), answer(false)];
    expect(there).toHaveLength(1);
    expect(there).toEqual(absent);
  });
});

test('found F16: a list of things that nobody knows is not repeated at length', () => {
  const c = coven();
  iq(c, crone, 'get', 'l', admin(`<item affiliation="${'x'.repeat(60_000)}"/>`));
  expect(c.take()[0]?.length).toBeLessThan(1000);
  c.send(`<presence from="${hag}" to="${ROOM}/${'x'.repeat(5)}" type="${'y'.repeat(60_000)}" id="t"/>`);
  c.expect(refusal('presence', `${ROOM}/xxxxx`, hag, 't', 'modify', 'bad-request'));
});
