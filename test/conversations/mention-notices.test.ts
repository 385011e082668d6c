/** Messages that mention somebody who belongs to the room and is not there: XEP-0452. */
import type { Conversation } from '../support/conversation';
import { admin, coven, crone, hag, hecate, iq, join, message, ROOM, submit, wicca } from './expected';
import { answer, nickForm, send, verdict } from './registration-stanzas';

const ON = { 'muc#roomconfig_forwardmentions': 'true' };
const BODY = "<body>secondwitch: Thrice the brinded cat hath mew'd.</body>";
const HAG = 'hag66@shakespeare.lit';

const reference = (uri: string, more = 'begin="0" end="11" type="mention"'): string =>
  `<reference xmlns="urn:xmpp:reference:0" ${more} uri="${uri}"/>`;
const say = (c: Conversation, payload: string, from = crone, id = 'ad22c55c'): void =>
  c.send(`<message from="${from}" to="${ROOM}" type="groupchat" id="${id}" xml:lang="en">${payload}</message>`);
const affiliate = (c: Conversation, jid: string, affiliation = 'member'): void => {
  iq(c, crone, 'set', 'aff', admin(`<item affiliation="${affiliation}" jid="${jid}"/>`));
  c.forget();
};

/** What somebody who is not there is sent; `sid` names the stanza-id. */
function notice(to: string, payload: string, sid: string | null, nick = 'firstwitch'): string {
  const inner = message(nick, ROOM, payload, sid, { id: 'ad22c55c' }).replace('<message', '<message xmlns="jabber:client" xml:lang="en"');
  return (
    `<message from="${ROOM}" to="${to}"><mentions xmlns="urn:xmpp:mmn:0"><forwarded xmlns="urn:xmpp:forward:0">` +
    `<delay xmlns="urn:xmpp:delay" stamp="{stamp}"/>${inner}</forwarded></mentions></message>`
  );
}
/** Nobody outside is told. */
function expectOnlyLive(c: Conversation): void {
  expect(c.take().filter((stanza) => stanza.includes('urn:xmpp:mmn:0'))).toEqual([]);
}

describe('XEP-0452 §3.1 the option', () => {
  test('is off at first, and then nobody is told', () => {
    const c = coven();
    affiliate(c, HAG);
    say(c, BODY + reference(`xmpp:${HAG}`));
    expectOnlyLive(c);
  });

  test('can be switched on and off', () => {
    const c = coven([], ON);
    affiliate(c, HAG);
    iq(c, crone, 'set', 'off', submit({ 'muc#roomconfig_forwardmentions': '0' }));
    c.forget();
    say(c, BODY + reference(`xmpp:${HAG}`));
    expectOnlyLive(c);
  });
});

describe('XEP-0452 §3.2 who is not there is sent the message', () => {
  test('by address: as it was said, with the room’s stanza-id, after everybody has it', () => {
    const c = coven([], ON);
    affiliate(c, HAG);
    const payload = BODY + reference(`xmpp:${HAG}`);
    say(c, payload);
    c.expect(
      message('firstwitch', crone, payload, 'cat', { id: 'ad22c55c' }).replace('<message', '<message xml:lang="en"'),
      notice(HAG, payload, 'cat'),
    );
  });

  test('by reserved nickname, also after a restart', () => {
    const c = coven([], { ...ON, '{urn:parlour:room}registration': 'anyone' });
    send(c, nickForm('Third Witch'));
    c.restart();
    c.forget();
    const payload = BODY + reference(`xmpp:${ROOM}/third%20witch`);
    say(c, payload);
    c.expectTo(HAG, notice(HAG, payload, 'cat'));
  });

  test('what is not archived has no stanza-id there either', () => {
    const c = coven([], { ...ON, 'muc#roomconfig_enablearchiving': '0' });
    affiliate(c, HAG);
    const payload = BODY + reference(`xmpp:${HAG}`);
    say(c, payload);
    c.expectTo(HAG, notice(HAG, payload, null));
  });

  test('several people once each, however often they are mentioned, and twenty at most', () => {
    const c = coven([], ON);
    const people = Array.from({ length: 25 }, (_, i) => `witch${i}@shakespeare.lit`);
    for (const jid of people) affiliate(c, jid);
    say(c, BODY + [...people, ...people].map((jid) => reference(`xmpp:${jid}`)).join(''));
    const told = c.take().filter((stanza) => stanza.includes('urn:xmpp:mmn:0'));
    expect(told.map((stanza) => /to="([^"]*)"/.exec(stanza)?.[1])).toEqual(people.slice(0, 20));
  });

  test('a message that moderators let through', () => {
    const c = coven(['thirdwitch'], { ...ON, 'muc#roomconfig_moderatedroom': '1', '{urn:parlour:room}approvemessages': '1' });
    affiliate(c, 'hecate@shakespeare.lit');
    const payload = BODY + reference('xmpp:hecate@shakespeare.lit');
    say(c, payload, hag);
    const form = c.take().find((stanza) => stanza.includes('urn:parlour:message-approval')) as string;
    const id = /var="message" type="hidden"><value>([^<]*)/.exec(form)?.[1] as string;
    c.send(
      `<message from="${crone}" to="${ROOM}"><x xmlns="jabber:x:data" type="submit"><field var="FORM_TYPE"><value>urn:parlour:message-approval</value></field>` +
        `<field var="message"><value>${id}</value></field><field var="allow"><value>1</value></field></x></message>`,
    );
    c.expectTo('hecate@shakespeare.lit', notice('hecate@shakespeare.lit', payload, 'cat', 'thirdwitch'));
  });
});

describe('XEP-0452 §4 nobody else is told', () => {
  const mention = reference(`xmpp:${HAG}`);

  test('not who is there, with whatever session', () => {
    const c = coven(['thirdwitch'], ON);
    affiliate(c, HAG);
    say(c, BODY + mention);
    expectOnlyLive(c);
    c.send(`<presence from="${hag}" to="${ROOM}/thirdwitch" type="unavailable"/>`);
    c.forget();
    say(c, BODY + mention);
    // Who was there once is woken instead.
    expect(c.take().filter((stanza) => stanza.includes(`to="${HAG}"`))).toEqual([expect.stringContaining('urn:parlour:wake:0')]);
  });

  test('not strangers, outcasts, those of an affiliated domain, or servers', () => {
    const c = coven([], ON);
    affiliate(c, HAG, 'outcast');
    affiliate(c, 'elsewhere.lit');
    say(
      c,
      BODY + mention + ['hecate@shakespeare.lit', 'ann@elsewhere.lit', 'elsewhere.lit'].map((jid) => reference(`xmpp:${jid}`)).join(''),
    );
    expectOnlyLive(c);
  });

  test('not who may not read the room: with a password, those who have not given it', () => {
    const c = coven([], { ...ON, 'muc#roomconfig_passwordprotectedroom': '1', 'muc#roomconfig_roomsecret': 'cauldronburn' });
    affiliate(c, HAG);
    say(c, BODY + mention + reference('xmpp:wiccarocks@shakespeare.lit'));
    const told = c.take().filter((stanza) => stanza.includes('urn:xmpp:mmn:0'));
    expect(told.map((stanza) => /to="([^"]*)"/.exec(stanza)?.[1])).toEqual(['wiccarocks@shakespeare.lit']);
  });

  test('not of a message that was refused', () => {
    const c = coven(['thirdwitch'], { ...ON, 'muc#roomconfig_moderatedroom': '1' });
    affiliate(c, 'hecate@shakespeare.lit');
    say(c, BODY + reference('xmpp:hecate@shakespeare.lit'), hag);
    expectOnlyLive(c);
  });

  test('not of what nobody may store (XEP-0334)', () => {
    const c = coven([], ON);
    affiliate(c, HAG);
    say(c, `${BODY}${mention}<no-store xmlns="urn:xmpp:hints"/>`);
    expectOnlyLive(c);
  });

  test.each([
    ['a reference of another type', reference(`xmpp:${HAG}`, 'type="data"')],
    ['another scheme', reference(`https://${HAG}`)],
    ['no JID', reference('xmpp:@')],
    ['a broken escape', reference('xmpp:hag%')],
    ['a nickname that nobody has reserved', reference(`xmpp:${ROOM}/thirdwitch`)],
    ['an element of the name in another namespace', mention.replace('urn:xmpp:reference:0', 'urn:example')],
    ['a reference inside something else', `<quote xmlns="urn:example">${mention}</quote>`],
    ['words that look like one', `<body>${'urn:xmpp:reference:0'} &lt;reference type="mention" uri="xmpp:${HAG}"/&gt;</body>`],
  ])('not for %s', (_, payload) => {
    const c = coven([], ON);
    affiliate(c, HAG);
    say(c, BODY + payload);
    expectOnlyLive(c);
  });

  test('no real JID is in it, whoever may see those in the room', () => {
    const c = coven(['secondwitch'], ON);
    affiliate(c, HAG);
    say(c, BODY + mention, wicca);
    const told = c.take().filter((stanza) => stanza.includes('urn:xmpp:mmn:0'));
    expect(told).toHaveLength(1);
    expect(told[0]).not.toContain('wiccarocks');
  });

  test('a notice that comes back is no invitation that failed, and is not answered', () => {
    const c = coven([], ON);
    affiliate(c, HAG);
    join(c, hecate, 'hecate');
    say(c, BODY + mention);
    c.forget();
    c.send(
      `<message from="${HAG}" to="${ROOM}" type="error"><mentions xmlns="urn:xmpp:mmn:0"/><error type="cancel"><service-unavailable xmlns="urn:ietf:params:xml:ns:xmpp-stanzas"/></error></message>`,
    );
    c.expect();
  });
});

test('XEP-0452 §3.2 with approval of registrations, a newly approved person is mentioned by nick', () => {
  const c = coven([], { ...ON, '{urn:parlour:room}registration': 'approval' });
  send(c);
  answer(c, verdict('1'));
  c.forget();
  const payload = BODY + reference(`xmpp:${ROOM}/thirdwitch`);
  say(c, payload);
  c.expectTo(HAG, notice(HAG, payload, 'cat'));
});
