/** Explicit mentions, and who may mention whom: XEP-0513. */
import { conversation, type Conversation } from '../support/conversation';
import { admin, coven, crone, hag, hecate, iq, join, message, notice, refusal, result, ROOM, submit, wicca } from './expected';

const NS = 'urn:xmpp:mentions:0';
const BODY = '<body>Hello, Alice!</body>';
const HAG = 'hag66@shakespeare.lit';
const HECATE = 'hecate@shakespeare.lit';

const one = (attrs: string, inner = ''): string => `<mention xmlns="${NS}" ${attrs}>${inner}</mention>`;
const group = (name: string, more = '', inner = ''): string => one(`mentions="${NS}#${name}"${more}`, inner);
const say = (c: Conversation, from: string, payload: string): void =>
  c.send(`<message from="${from}" to="${ROOM}" type="groupchat" id="m1">${BODY}${payload}</message>`);
const set = (c: Conversation, fields: Record<string, string>, from = crone, formType = NS): void =>
  iq(c, from, 'set', 'permissions2', query(fields, formType));
const query = (fields: Record<string, string>, formType = NS): string => {
  const xml = Object.entries(fields).map(([name, value]) => `<field var="mentions#${name}"><value>${value}</value></field>`);
  return `<query xmlns="${NS}"><x xmlns="jabber:x:data" type="submit"><field var="FORM_TYPE"><value>${formType}</value></field>${xml.join('')}</x></query>`;
};
const affiliate = (c: Conversation, jid: string, affiliation = 'member'): void => {
  iq(c, crone, 'set', 'aff', admin(`<item affiliation="${affiliation}" jid="${jid}"/>`));
  c.forget();
};

const FIELDS = {
  count: ['text-single', 'How many mentions are allowed in a message?', '10'],
  individual: ['list-single', 'Who can mention individual users?', 'participants'],
  channel: ['list-single', 'Who can mention rooms?', 'moderators'],
  associations: ['list-single', 'Who can mention roles/affiliations?', 'participants'],
} as const;
const OPTIONS = Object.entries({ participants: 'Participants', moderators: 'Moderators Only', none: 'Nobody' })
  .map(([value, label]) => `<option label="${label}"><value>${value}</value></option>`)
  .join('');
const RANGE = '<validate xmlns="http://jabber.org/protocol/xdata-validate" datatype="xs:integer"><range min="0" max="100"/></validate>';
const form = (values: Record<string, string> = {}): string => {
  const fields = Object.entries(FIELDS).map(
    ([name, [type, label, initial]]) =>
      `<field var="mentions#${name}" type="${type}" label="${label}"><required/><value>${values[name] ?? initial}</value>` +
      `${type === 'list-single' ? OPTIONS : RANGE}</field>`,
  );
  return (
    `<query xmlns="${NS}"><x xmlns="jabber:x:data" type="form"><title>Permissions for Explicit Mentions</title><instructions>{text}</instructions>` +
    `<field var="FORM_TYPE" type="hidden"><value>${NS}</value></field>${fields.join('')}</x></query>`
  );
};
/** What all are told of a change. */
const changed = (to: string, values: Record<string, string>): string => {
  const fields = Object.entries(values).map(([name, value]) => {
    const [type, label] = FIELDS[name as keyof typeof FIELDS];
    return `<field var="mentions#${name}" type="${type}" label="${label}"><value>${value}</value></field>`;
  });
  return (
    `<message from="${ROOM}" to="${to}" type="groupchat"><x xmlns="jabber:x:data" type="result">` +
    `<title>Updated configuration for Explicit Mention Permissions</title>` +
    `<field var="FORM_TYPE" type="hidden"><value>${NS}</value></field>${fields.join('')}</x></message>`
  );
};

describe('XEP-0513 §4.7 the form of permissions', () => {
  test('is there for everybody', () => {
    const c = coven();
    iq(c, hecate, 'get', 'permissions1', `<query xmlns="${NS}"/>`);
    c.expect(result(hecate, 'permissions1', form()));
  });

  test('is submitted by an owner: the result, 104 and the changed fields to all; it lasts', () => {
    const c = coven(['thirdwitch']);
    set(c, { count: '1', individual: 'participants', channel: 'none' });
    c.expect(
      result(crone, 'permissions2'),
      ...[crone, hag].map((to) => notice(to, 104)),
      ...[crone, hag].map((to) => changed(to, { count: '1', channel: 'none' })),
    );
    c.restart();
    iq(c, crone, 'get', 'permissions1', `<query xmlns="${NS}"/>`);
    c.expect(result(crone, 'permissions1', form({ count: '1', channel: 'none' })));
  });

  test('what stays as it is is told to nobody', () => {
    const c = coven();
    set(c, { count: '10' });
    c.expect(result(crone, 'permissions2'));
  });

  test('is changed by the owner’s own form too', () => {
    const c = coven();
    iq(c, crone, 'set', 'cfg', submit({ [`{${NS}}individual`]: 'moderators' }));
    c.expect(result(crone, 'cfg'), notice(crone, 104), changed(crone, { individual: 'moderators' }));
  });

  test('by anybody else: forbidden, admins too', () => {
    const c = coven(['secondwitch', 'thirdwitch']);
    for (const from of [wicca, hag, hecate]) {
      set(c, { count: '1' }, from);
      c.expect(refusal('iq', ROOM, from, 'permissions2', 'auth', 'forbidden'));
    }
  });

  test.each([
    ['without a form', `<query xmlns="${NS}"/>`, 'modify', 'bad-request'],
    ['of another kind', query({ count: '1' }, 'http://jabber.org/protocol/muc#roomconfig'), 'modify', 'bad-request'],
    ['with a count that is none', query({ count: 'many' }), 'modify', 'not-acceptable'],
    ['with a role that is none of the three', query({ individual: 'visitors' }), 'modify', 'not-acceptable'],
  ])('%s: an error', (_, payload, type, condition) => {
    const c = coven();
    iq(c, crone, 'set', 'permissions2', payload);
    c.expect(refusal('iq', ROOM, crone, 'permissions2', type, condition));
  });

  test('cancelled, it changes nothing', () => {
    const c = coven();
    iq(c, crone, 'set', 'permissions2', `<query xmlns="${NS}"><x xmlns="jabber:x:data" type="cancel"/></query>`);
    c.expect(result(crone, 'permissions2'));
  });

  test('does not open a room that is not configured yet', () => {
    const c = conversation();
    join(c, crone, 'firstwitch');
    c.forget();
    set(c, { count: '1' });
    c.expect(refusal('iq', ROOM, crone, 'permissions2', 'cancel', 'not-allowed'));
  });
});

describe('XEP-0513 §4.7, §9 a message against them', () => {
  const passes = (c: Conversation, from: string, payload: string): void => {
    say(c, from, payload);
    expect(c.take().filter((stanza) => stanza.includes('type="error"'))).toEqual([]);
  };
  const refused = (c: Conversation, from: string, payload: string, type = 'auth', condition = 'forbidden'): void => {
    say(c, from, payload);
    c.expect(refusal('message', ROOM, from, 'm1', type, condition, BODY + payload));
  };
  const alice = one('occupantid="alice" begin="7" end="12"');

  test('too many: policy-violation, which no other mention of the room’s kinds escapes', () => {
    const c = coven(['thirdwitch']);
    passes(c, hag, alice.repeat(10));
    refused(c, hag, alice.repeat(9) + group('member') + group('hats', ' uri="x"'), 'modify', 'policy-violation');
    set(c, { count: '0' });
    c.forget();
    refused(c, crone, alice, 'modify', 'policy-violation');
    passes(c, crone, '<reference xmlns="urn:xmpp:reference:0" type="mention" uri="xmpp:a@b"/>');
  });

  test.each([
    ['individual', alice],
    ['channel', group('channel')],
    ...['moderators', 'participants', 'visitors', 'owner', 'admin', 'member', 'none'].map((name) => ['associations', group(name)]),
  ] as [string, string][])('of kind %s: %s', (kind, payload) => {
    const c = coven(['secondwitch', 'thirdwitch']);
    set(c, { [kind]: 'participants' });
    c.forget();
    passes(c, hag, payload);
    set(c, { [kind]: 'moderators' });
    c.forget();
    refused(c, hag, payload);
    passes(c, wicca, payload);
    set(c, { [kind]: 'none' });
    c.forget();
    refused(c, crone, payload);
  });

  test('everybody is mentioned by moderators at first', () => {
    const c = coven(['thirdwitch']);
    refused(c, hag, group('channel'));
    passes(c, crone, group('channel'));
  });

  test('kinds that the room does not know pass, and so does what only looks like a mention', () => {
    const c = coven(['thirdwitch']);
    set(c, { individual: 'none', channel: 'none', associations: 'none' });
    c.forget();
    for (const payload of [
      group('space'),
      group('server', ' uri="xmpp:x.lit"'),
      group('hats', ' uri="x"'),
      alice.replace(NS, 'urn:example'),
    ])
      passes(c, hag, payload);
  });

  test('passes unchanged', () => {
    const c = coven();
    const payload = BODY + group('moderators', '', '<noping/>');
    c.send(`<message from="${crone}" to="${ROOM}" type="groupchat" id="m1">${payload}</message>`);
    c.expect(message('firstwitch', crone, payload, 'm', { id: 'm1' }));
  });
});

describe('XEP-0513 §4.2-4.3 people who are not there, where the room sends mentions (XEP-0452)', () => {
  const ON = { 'muc#roomconfig_forwardmentions': '1' };
  const told = (c: Conversation): (string | undefined)[] =>
    c
      .take()
      .filter((stanza) => stanza.includes('urn:xmpp:mmn:0'))
      .map((stanza) => /to="([^"]*)"/.exec(stanza)?.[1]);
  /** hag's occupant-id, which the room tells while hag is there. */
  const idOf = (c: Conversation): string => {
    c.forget();
    join(c, hag, 'thirdwitch');
    const id = /<occupant-id xmlns="urn:xmpp:occupant-id:0" id="([^"]*)"\/><\/presence>$/.exec(
      c.take().find((stanza) => stanza.includes('code="110"')) as string,
    )?.[1] as string;
    c.send(`<presence from="${hag}" to="${ROOM}/thirdwitch" type="unavailable"/>`);
    c.forget();
    return id;
  };

  test('one by occupant-id, if they belong to the room, by whatever means', () => {
    const c = coven([], ON);
    const id = idOf(c);
    say(c, crone, one(`occupantid="${id}"`));
    expect(told(c)).toEqual([]);
    affiliate(c, HAG);
    say(c, crone, one(`occupantid="${id}"`));
    expect(told(c)).toEqual([HAG]);
    c.restart();
    say(c, crone, one(`occupantid="${id}"`));
    expect(told(c)).toEqual([HAG]);
    affiliate(c, HAG, 'none');
    say(c, crone, one(`occupantid="${id}"`));
    expect(told(c)).toEqual([]);
    affiliate(c, HAG, 'outcast');
    say(c, crone, one(`occupantid="${id}"`));
    expect(told(c)).toEqual([]);
  });

  test('not one who is there', () => {
    const c = coven([], ON);
    affiliate(c, HAG);
    const id = idOf(c);
    join(c, hag, 'thirdwitch');
    c.forget();
    say(c, crone, one(`occupantid="${id}"`));
    expect(told(c)).toEqual([]);
  });

  test('one by JID', () => {
    const c = coven([], ON);
    affiliate(c, HAG);
    say(c, crone, one(`jid="${HAG}"`));
    expect(told(c)).toEqual([HAG]);
    say(c, crone, one('jid="@"') + one(''));
    expect(told(c)).toEqual([]);
  });

  /** crone is owner and there; wiccarocks admin, hag a member, hecate an owner, all away; a member is there; somebody is banned. */
  const full = (fields: Record<string, string> = {}): Conversation => {
    const c = coven([], { ...ON, ...fields });
    affiliate(c, HAG);
    affiliate(c, HECATE, 'owner');
    affiliate(c, 'banned@shakespeare.lit', 'outcast');
    affiliate(c, 'there@shakespeare.lit');
    join(c, 'there@shakespeare.lit/x', 'there');
    affiliate(c, 'shakespeare.example', 'member');
    return c;
  };
  const WICCA = 'wiccarocks@shakespeare.lit';

  test.each([
    ['channel', [WICCA, HAG, HECATE]],
    ['moderators', [WICCA, HECATE]],
    ['participants', [HAG]],
    ['visitors', []],
    ['owner', [HECATE]],
    ['admin', [WICCA]],
    ['member', [HAG]],
    ['none', []],
    ['hats', []],
    ['space', []],
  ])('the group %s', (name, people) => {
    const c = full();
    say(c, crone, group(name));
    expect(told(c)).toEqual(people);
  });

  test('each person once', () => {
    const c = full();
    say(c, crone, group('channel') + group('member') + one(`jid="${HECATE}"`));
    expect(told(c)).toEqual([HECATE, WICCA, HAG]);
  });

  test('of this room, not of another one that a URI names', () => {
    const c = full();
    say(c, crone, group('channel', ` uri="xmpp:${ROOM}"`));
    expect(told(c)).toEqual([WICCA, HAG, HECATE]);
    say(c, crone, group('channel', ' uri="xmpp:heath@chat.shakespeare.lit"'));
    expect(told(c)).toEqual([]);
  });

  test.each(['noping', 'active'])('§4.6 not with the modifier %s', (modifier) => {
    const c = full();
    const inner = `<${modifier}/>`;
    say(c, crone, group('channel', '', inner) + one(`jid="${HAG}"`, inner));
    expect(told(c)).toEqual([]);
  });

  test('nobody where the room does not send mentions', () => {
    const c = full({ 'muc#roomconfig_forwardmentions': '0' });
    say(c, crone, group('channel'));
    expect(told(c)).toEqual([]);
  });

  test('five hundred at most', () => {
    const c = coven([], ON);
    const items = Array.from({ length: 600 }, (_, i) => `<item affiliation="member" jid="w${i}@x.lit"/>`);
    iq(c, crone, 'set', 'many', admin(items.join('')));
    c.forget();
    say(c, crone, group('channel') + one('jid="w599@x.lit"'));
    // The others wait behind the notices of their memberships.
    let count = told(c).length;
    expect(count).toBe(50);
    for (let i = 0; i < 250; i++) {
      c.advance(1000);
      c.input(ROOM, { kind: 'timer' });
      count += told(c).length;
    }
    expect(count).toBe(501);
  });
});
