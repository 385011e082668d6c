/** Up to where everybody has read: XEP-0333 §4.3, and the question for it of Parlour's own (docs/extensions.md). */
import type { Conversation } from '../support/conversation';
import { admin, coven, crone, hag, hecate, iq, message, refusal, result, ROOM, submit, wicca } from './expected';

const NS = 'urn:parlour:markers:0';
const ASK = `<markers xmlns="${NS}"/>`;

const marker = (id: string, name = 'displayed'): string => `<${name} xmlns="urn:xmpp:chat-markers:0" id="${id}"/>`;
const send = (c: Conversation, from: string, payload: string): void =>
  c.send(`<message from="${from}" to="${ROOM}" type="groupchat" id="message-2">${payload}</message>`);
/** Says something, and gives its stanza-id. */
const said = (c: Conversation): string => {
  c.forget();
  send(c, crone, "<body>Thrice the brinded cat hath mew'd.</body>");
  const id = /<stanza-id xmlns="urn:xmpp:sid:0" id="([^"]*)"/.exec(c.take()[0] as string)?.[1] as string;
  c.advance(1000);
  return id;
};
const ask = (c: Conversation, from = crone): void => {
  c.forget();
  iq(c, from, 'get', 'm1', ASK);
};
const markers = (...all: [occupant: string, id: string][]): string => {
  const xml = all.map(([occupant, id]) => `<marker occupant-id="{occ:${occupant}}" id="${id}" stamp="{stamp}"/>`);
  return `<markers xmlns="${NS}">${xml.join('')}</markers>`;
};

describe('XEP-0333 §4.3 a marker', () => {
  test('goes to all as it is, and is not archived', () => {
    const c = coven(['thirdwitch']);
    const id = said(c);
    const payload = `<thread>Act IV, Scene I</thread>${marker(id)}`;
    send(c, hag, payload);
    c.expect(...[crone, hag].map((to) => message('thirdwitch', to, payload, null, { id: 'message-2' })));
  });

  test('is remembered, the last of each occupant, also after they have left and after a restart', () => {
    const c = coven(['secondwitch', 'thirdwitch'], { 'muc#roomconfig_persistentroom': '1' });
    const ids = [said(c), said(c), said(c)] as const;
    send(c, hag, marker(ids[0]));
    send(c, wicca, marker(ids[1], 'acknowledged'));
    send(c, hag, marker(ids[2]));
    c.send(`<presence from="${hag}" to="${ROOM}/thirdwitch" type="unavailable"/>`);
    ask(c);
    c.expect(result(crone, 'm1', markers(['secondwitch', ids[1]], ['thirdwitch', ids[2]])));
    c.restart();
    ask(c);
    c.expect(result(crone, 'm1', markers(['secondwitch', ids[1]], ['thirdwitch', ids[2]])));
  });

  test('§5 does not go back', () => {
    const c = coven();
    const [first, second] = [said(c), said(c)];
    send(c, crone, marker(second));
    send(c, crone, marker(first));
    ask(c);
    c.expect(result(crone, 'm1', markers(['firstwitch', second])));
  });

  test.each([
    ['of an id that no message here can have', marker('the-msg-1')],
    ['from the future', marker('zzzzzzzz00000000000000')],
    ['without an id', '<displayed xmlns="urn:xmpp:chat-markers:0"/>'],
    ['that asks for one', '<body>x</body><markable xmlns="urn:xmpp:chat-markers:0"/>'],
    ['of another namespace', '<displayed xmlns="urn:example" id="{id}"/><body>urn:xmpp:chat-markers:0</body>'],
    ['inside something else', `<x xmlns="urn:example">${marker('{id}')}</x>`],
  ])('is none if it is one %s', (_, payload) => {
    const c = coven();
    send(c, crone, payload.replace('{id}', said(c)));
    ask(c);
    c.expect(result(crone, 'm1', markers()));
  });

  test('of a visitor that a moderator let through is not remembered', () => {
    const c = coven(['thirdwitch'], { 'muc#roomconfig_moderatedroom': '1', '{urn:parlour:room}approvemessages': '1' });
    const id = said(c);
    send(c, hag, `<body>Here is mine</body>${marker(id)}`);
    const form = c.take().find((stanza) => stanza.includes('urn:parlour:message-approval')) as string;
    const held = /var="message" type="hidden"><value>([^<]*)/.exec(form)?.[1] as string;
    c.send(
      `<message from="${crone}" to="${ROOM}"><x xmlns="jabber:x:data" type="submit"><field var="FORM_TYPE"><value>urn:parlour:message-approval</value></field>` +
        `<field var="message"><value>${held}</value></field><field var="allow"><value>1</value></field></x></message>`,
    );
    expect(c.take()).toHaveLength(2);
    ask(c);
    c.expect(result(crone, 'm1', markers()));
  });

  test('the same again writes nothing', () => {
    const c = coven();
    const id = said(c);
    send(c, crone, marker(id));
    c.advance(60_000);
    ask(c);
    const before = c.take();
    send(c, crone, marker(id));
    ask(c);
    expect(c.take()).toEqual(before);
  });

  test('is forgotten with a ban, and where nothing is archived any more', () => {
    const c = coven(['thirdwitch']);
    const id = said(c);
    send(c, crone, marker(id));
    send(c, hag, marker(id));
    iq(c, crone, 'set', 'ban', admin('<item affiliation="outcast" jid="hag66@shakespeare.lit"/>'));
    ask(c);
    c.expect(result(crone, 'm1', markers(['firstwitch', id])));
    iq(c, crone, 'set', 'off', submit({ 'muc#roomconfig_enablearchiving': '0' }));
    send(c, crone, marker(id));
    ask(c);
    c.expect(result(crone, 'm1', markers()));
  });

  test('is kept of five hundred occupants', () => {
    const c = coven([], { 'muc#roomconfig_persistentroom': '1' });
    const id = said(c);
    for (let i = 0; i < 501; i++) {
      c.send(`<presence from="w${i}@x.lit/a" to="${ROOM}/w${i}"><x xmlns="http://jabber.org/protocol/muc"/></presence>`);
      send(c, `w${i}@x.lit/a`, marker(id));
      c.send(`<presence from="w${i}@x.lit/a" to="${ROOM}/w${i}" type="unavailable"/>`);
    }
    ask(c);
    const answer = c.take()[0] as string;
    expect(answer.split('<marker ')).toHaveLength(501);
    send(c, crone, marker(id));
    ask(c);
    expect((c.take()[0] as string).split('<marker ')).toHaveLength(501);
  });
});

describe('urn:parlour:markers:0', () => {
  test('is answered to who may read the room, and to nobody else', () => {
    const c = coven([], { 'muc#roomconfig_membersonly': '1' });
    const id = said(c);
    send(c, crone, marker(id));
    ask(c, hecate);
    c.expect(refusal('iq', ROOM, hecate, 'm1', 'auth', 'forbidden'));
    iq(c, crone, 'set', 'aff', admin('<item affiliation="member" jid="hecate@shakespeare.lit"/>'));
    ask(c, hecate);
    c.expect(result(hecate, 'm1', markers(['firstwitch', id])));
  });

  test('shows people who read their own stays only the markers within them', () => {
    const c = coven(['thirdwitch'], { '{urn:parlour:room}archiveaccess': 'stays' });
    const id = said(c);
    for (const from of [crone, hag]) send(c, from, marker(id));
    ask(c, hag);
    c.expect(result(hag, 'm1', markers(['thirdwitch', id])));
    ask(c, hecate);
    c.expect(result(hecate, 'm1', markers()));
    ask(c);
    c.expect(result(crone, 'm1', markers(['firstwitch', id], ['thirdwitch', id])));
  });

  test('sets nothing', () => {
    const c = coven();
    iq(c, crone, 'set', 'm2', ASK);
    c.expect(refusal('iq', ROOM, crone, 'm2', 'cancel', 'not-allowed'));
  });

  test('is among the features of a room that archives', () => {
    const features = (c: Conversation): string => {
      iq(c, hag, 'get', 'd', '<query xmlns="http://jabber.org/protocol/disco#info"/>');
      return c.take()[0] as string;
    };
    expect(features(coven())).toContain(`<feature var="${NS}"/>`);
    expect(features(coven([], { 'muc#roomconfig_enablearchiving': '0' }))).not.toContain(NS);
  });
});
