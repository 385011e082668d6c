/** People take back what they said: XEP-0424, in the forms of today and of version 0; corrections (XEP-0308) go with it. */
import type { Conversation } from '../support/conversation';
import { ASKERS, comesTo, jidOf, stage } from './askers';
import { coven, crone, hag, hecate, iq, join, message, refusal, ROOM, submit, wicca } from './expected';
import { expectShown, said, shown } from './history-shown';

const RETRACT = 'urn:xmpp:message-retract:1';
const WORDS = 'Thrice the brinded cat hath mew’d.';
const NO_ARCHIVE = { 'muc#roomconfig_enablearchiving': '0' };

const body = (text: string): string => `<body>${text}</body>`;
const retract = (id: string): string => `<retract xmlns="${RETRACT}" id="${id}"/>`;
const FALLBACK = `<fallback xmlns="urn:xmpp:fallback:0" for="${RETRACT}"/><body>/me retracted a previous message.</body><store xmlns="urn:xmpp:hints"/>`;
const old = (id: string): string =>
  `<apply-to xmlns="urn:xmpp:fasten:0" id="${id}"><retract xmlns="urn:xmpp:message-retract:0"/></apply-to>`;
const origin = (id: string): string => `<origin-id xmlns="urn:xmpp:sid:0" id="${id}"/>`;
const replace = (id: string): string => `<replace xmlns="urn:xmpp:message-correct:0" id="${id}"/>`;
const tombstone = (id: string): string => `<retracted xmlns="${RETRACT}" id="${id}" stamp="{stamp}"/>`;

function send(c: Conversation, from: string, payload: string, id = 'r1'): void {
  c.send(`<message from="${from}" to="${ROOM}" type="groupchat" id="${id}">${payload}</message>`);
}

/** As the history shows it to Hecate. */
const past = (nick: string, payload: string, id: string): string =>
  message(nick, hecate, payload, `${nick}${id}`, { id, delay: '{stamp}' });
const refused = (to: string, content: string, condition: string, type: string): string =>
  refusal('message', ROOM, to, 'r1', type, condition, content);

describe('§2, §4 discovery', () => {
  test('both forms, and tombstones', () => {
    const c = coven();
    iq(c, hecate, 'get', 'd', '<query xmlns="http://jabber.org/protocol/disco#info"/>');
    const [info] = c.take();
    for (const feature of [RETRACT, `${RETRACT}#tombstone`, 'urn:xmpp:message-retract:0', 'urn:xmpp:message-retract:0#tombstone'])
      expect(info).toContain(`<feature var="${feature}"/>`);
  });
});

describe('§3 retracting', () => {
  test('said to all and kept (§5), and of the message a tombstone is left that names the retraction (§4)', () => {
    const c = coven(['secondwitch', 'thirdwitch']);
    const id = said(c, hag, body(WORDS), 'm1');
    send(c, hag, retract(id) + FALLBACK);
    c.expect(...[crone, wicca, hag].map((to) => message('thirdwitch', to, retract(id) + FALLBACK, 'retraction', { id: 'r1' })));
    expectShown(c, past('thirdwitch', tombstone('r1'), 'm1'), past('thirdwitch', retract(id) + FALLBACK, 'r1'));
  });

  test('the same after a restart, and when it is said again because it did not arrive', () => {
    const c = coven(['thirdwitch']);
    const id = said(c, hag, body(WORDS), 'm1');
    send(c, hag, retract(id));
    c.forget();
    c.restart(false);
    const again = c.take();
    expect(again.some((stanza) => stanza.includes('<retracted '))).toBe(true);
    expect(again.join('')).not.toContain('brinded');
    expectShown(c, past('thirdwitch', tombstone('r1'), 'm1'), past('thirdwitch', retract(id), 'r1'));
  });

  test('a retraction without an id gets one, so that the tombstone can name it (§4: "MUST include an \'id\' attribute")', () => {
    const c = coven();
    const id = said(c, crone, body(WORDS), 'm1');
    c.send(`<message from="${crone}" to="${ROOM}" type="groupchat">${retract(id)}</message>`);
    c.expect(message('firstwitch', crone, retract(id), 'retraction', { id: '{sid:own}' }));
    const [tomb, told] = shown(c);
    const own = / id="([^"]*)"/.exec(told as string)?.[1] as string;
    expect(tomb).toContain(`id="${own}"/>`);
  });

  test('§5: kept although it has no body, or hints that forbid it', () => {
    const c = coven();
    const id = said(c, crone, body(WORDS), 'm1');
    const never = '<no-store xmlns="urn:xmpp:hints"/>';
    send(c, crone, retract(id) + never);
    c.expect(message('firstwitch', crone, retract(id) + never, 'retraction', { id: 'r1' }));
  });

  test('§5.1: whatever it was called, everybody is told the id that the room gave it first', () => {
    const c = coven(['thirdwitch']);
    const id = said(c, hag, body(WORDS) + origin('o&amp;1'), 'm1');
    send(c, hag, FALLBACK + retract('o&amp;1'));
    const told = retract(id) + FALLBACK + retract('o&amp;1');
    c.expect(...[crone, hag].map((to) => message('thirdwitch', to, told, 'retraction', { id: 'r1' })));
  });

  test('of further messages that it names nothing is said', () => {
    const c = coven(['thirdwitch']);
    const other = said(c, crone, body('of another'), 'm0');
    const id = said(c, hag, body(WORDS), 'm1');
    send(c, hag, retract(id) + retract(other) + old(other) + old(id));
    c.expect(...[crone, hag].map((to) => message('thirdwitch', to, retract(id) + old(id), 'retraction', { id: 'r1' })));
    expect(shown(c).join('')).toContain('of another');
  });

  test.each(['m1', 'o1', 'its stanza-id'])('version 0 by %s: the form of today is added for those who know only that', (name) => {
    const c = coven(['thirdwitch']);
    const id = said(c, hag, body(WORDS) + origin('o1'), 'm1');
    const form = old(name === 'its stanza-id' ? id : name);
    send(c, hag, form);
    c.expect(...[crone, hag].map((to) => message('thirdwitch', to, retract(id) + form, 'retraction', { id: 'r1' })));
    expect(shown(c).join('')).not.toContain('brinded');
  });

  test('by an origin-id, the newest of the sender’s own messages that has it, also behind many others', () => {
    const c = coven(['thirdwitch']);
    said(c, crone, body('of another') + origin('o1'), 'x');
    const id = said(c, hag, body(WORDS) + origin('o1'), 'm1');
    for (let i = 0; i < 250; i++) send(c, hag, body(`${i}`), `n${i}`);
    c.forget();
    send(c, hag, old('o1'));
    c.expect(...[crone, hag].map((to) => message('thirdwitch', to, retract(id) + old('o1'), 'retraction', { id: 'r1' })));
  });

  test('a message of the time before the room (§7.9 of XEP-0045) keeps that time', () => {
    const c = coven();
    const delay = '<delay xmlns="urn:xmpp:delay" from="juliet@x.lit" stamp="2020-01-01T00:00:00Z"/>';
    const id = said(c, crone, delay + body(WORDS), 'm1');
    send(c, crone, retract(id));
    const own = `<delay xmlns="urn:xmpp:delay" from="${ROOM}" stamp="2020-01-01T00:00:00Z"/>`;
    const [tomb] = shown(c);
    expect(tomb).toContain(`${own}<retracted xmlns="${RETRACT}"`);
    send(c, crone, retract(id));
    c.expect(refused(crone, retract(id), 'conflict', 'cancel'));
  });
});

describe('§5 who may', () => {
  test.each<[string, string]>([
    ...ASKERS.filter((asker) => asker !== 'participant').map((asker): [string, string] => [
      asker,
      ['owner', 'admin', 'member', 'moderator', 'visitor'].includes(asker) ? 'forbidden' : 'not-acceptable',
    ]),
    ['other-participant', 'forbidden'],
    ['participant', 'ok'],
  ])('what a participant said, by %s: %s', (asker, outcome) => {
    const c = stage();
    const id = said(c, jidOf('participant'), body(WORDS));
    comesTo(c, `<message from="${jidOf(asker)}" to="${ROOM}" type="groupchat" id="i">${retract(id)}</message>`, outcome);
  });

  test('a moderator is told of moderation', () => {
    const c = coven(['thirdwitch']);
    const id = said(c, hag, body(WORDS));
    send(c, crone, retract(id));
    const [error] = c.take();
    expect(error).toContain('moderate it instead');
    expect(shown(c).join('')).toContain(WORDS);
  });

  test('from another client and under another nickname: the occupant-id shows that it is the same person (XEP-0421)', () => {
    const c = coven(['thirdwitch']);
    const id = said(c, hag, body(WORDS), 'm1');
    c.send(`<presence from="${hag}" to="${ROOM}/oldhag"/>`);
    join(c, 'hag66@shakespeare.lit/broom', 'oldhag');
    c.forget();
    send(c, 'hag66@shakespeare.lit/broom', retract(id));
    c.expectTo(hag, message('oldhag', hag, retract(id), 'retraction', { id: 'r1', occupant: 'hag' }));
  });

  test('where everybody reads their own stays only, other messages do not exist for them', () => {
    const c = coven(['thirdwitch'], { '{urn:parlour:room}archiveaccess': 'stays' });
    const id = said(c, crone, body(WORDS));
    send(c, hag, retract(id));
    c.expect(refused(hag, retract(id), 'item-not-found', 'cancel'));
  });

  test('nor for those who may not read the archive', () => {
    const c = coven(['thirdwitch'], { '{urn:parlour:room}archiveaccess': 'members' });
    const id = said(c, crone, body(WORDS));
    send(c, hag, retract(id));
    c.expect(refused(hag, retract(id), 'item-not-found', 'cancel'));
  });

  test('somebody else under the nickname of then: forbidden', () => {
    const c = coven(['thirdwitch']);
    const id = said(c, hag, body(WORDS), 'm1');
    c.send(`<presence from="${hag}" to="${ROOM}/thirdwitch" type="unavailable"/>`);
    join(c, hecate, 'thirdwitch');
    c.forget();
    send(c, hecate, retract(id));
    c.expect(refused(hecate, retract(id), 'forbidden', 'auth'));
  });
});

describe('what cannot be retracted', () => {
  test.each([
    ['what is not in the archive', retract('nowhere'), 'item-not-found', 'cancel'],
    ['the same in version 0', old('nowhere'), 'item-not-found', 'cancel'],
    ['nothing', `<retract xmlns="${RETRACT}"/>`, 'bad-request', 'modify'],
    [
      'nothing in version 0',
      '<apply-to xmlns="urn:xmpp:fasten:0"><retract xmlns="urn:xmpp:message-retract:0"/></apply-to>',
      'bad-request',
      'modify',
    ],
  ])('%s', (_, payload, condition, type) => {
    const c = coven(['thirdwitch']);
    said(c, hag, body(WORDS));
    send(c, hag, payload);
    c.expect(refused(hag, payload, condition, type));
  });

  test('a message twice: conflict', () => {
    const c = coven();
    const id = said(c, crone, body(WORDS));
    send(c, crone, retract(id), 'r0');
    c.forget();
    send(c, crone, retract(id));
    c.expect(refused(crone, retract(id), 'conflict', 'cancel'));
  });

  test('a retraction: not-allowed, since it must be kept (§5)', () => {
    const c = coven();
    const id = said(c, crone, body(WORDS));
    const retraction = said(c, crone, retract(id) + FALLBACK, 'r0');
    send(c, crone, retract(retraction));
    c.expect(refused(crone, retract(retraction), 'not-allowed', 'cancel'));
  });

  test('the subject that the room has: not-allowed until there is another; then a tombstone is left of the change', () => {
    const c = coven();
    const id = said(c, crone, '<subject>Cauldrons</subject>', 's1');
    send(c, crone, retract(id));
    c.expect(refused(crone, retract(id), 'not-allowed', 'cancel'));
    said(c, crone, '<subject>Brooms</subject>', 's2');
    send(c, crone, retract(id));
    c.expect(message('firstwitch', crone, retract(id), 'retraction', { id: 'r1' }));
  });

  test('and a subject at the same time: bad-request', () => {
    const c = coven();
    const id = said(c, crone, body(WORDS));
    send(c, crone, `<subject>x</subject>${retract(id)}`);
    c.expect(refused(crone, `<subject>x</subject>${retract(id)}`, 'bad-request', 'modify'));
  });

  test('what a former room of the name held', () => {
    const c = coven();
    const id = said(c, crone, body(WORDS));
    iq(c, crone, 'set', 'x', '<query xmlns="http://jabber.org/protocol/muc#owner"><destroy/></query>');
    join(c, crone, 'firstwitch');
    iq(c, crone, 'set', 'create', submit({}));
    c.forget();
    send(c, crone, retract(id));
    c.expect(refused(crone, retract(id), 'item-not-found', 'cancel'));
  });
});

describe('where nothing is kept', () => {
  test('a retraction is passed on like any message', () => {
    const c = coven(['thirdwitch'], NO_ARCHIVE);
    send(c, hag, body(WORDS) + origin('o1'), 'm1');
    c.forget();
    send(c, hag, retract('o1') + FALLBACK);
    c.expect(...[crone, hag].map((to) => message('thirdwitch', to, retract('o1') + FALLBACK, null, { id: 'r1' })));
  });

  test('but what was kept before is retracted, and that is kept', () => {
    const c = coven(['thirdwitch']);
    const id = said(c, hag, body(WORDS), 'm1');
    iq(c, crone, 'set', 'off', submit(NO_ARCHIVE));
    c.forget();
    send(c, hag, retract(id));
    c.expect(...[crone, hag].map((to) => message('thirdwitch', to, retract(id), 'retraction', { id: 'r1' })));
    expect(shown(c).join('')).not.toContain('brinded');
  });
});

describe('XEP-0308 corrections hold the words too', () => {
  test('a message goes with its corrections and theirs, but not what others correct or say', () => {
    const c = coven(['thirdwitch']);
    const id = said(c, hag, body('The brinded cat'), 'm1');
    said(c, hag, body('The brinded pig') + replace('m1'), 'm2');
    said(c, hag, body('A brinded pig') + replace('m2'), 'm3');
    said(c, hag, body('Hedge-pig') + replace('elsewhere'), 'm4');
    said(c, crone, body('Toad') + replace('m1'), 'm5');
    said(c, crone, `<reactions xmlns="urn:xmpp:reactions:0" id="${id}"><reaction>🐈</reaction></reactions>`, 'm6');
    send(c, hag, retract(id));
    c.expect(...[crone, hag].map((to) => message('thirdwitch', to, retract(id), 'retraction', { id: 'r1' })));
    const bodies = shown(c).map((stanza) => /<body>.*<\/body>|<retracted|<retract |<reactions/.exec(stanza)?.[0]);
    const all = ['<retracted', '<retracted', '<retracted', body('Hedge-pig'), body('Toad'), '<reactions', '<retract '];
    expect(bodies).toEqual(all);
  });

  test('a correction goes with what it corrects, however far back', () => {
    const c = coven(['thirdwitch'], { 'muc#maxhistoryfetch': '1000' }, { limits: { history: 1000 } });
    said(c, hag, body('The brinded cat'), 'm&amp;1');
    for (let i = 0; i < 120; i++) send(c, hag, body(`${i}`), `n${i}`);
    said(c, hag, body('The brinded pig') + replace('m&amp;1'), 'm2');
    const id = said(c, hag, body('A brinded pig') + replace('m2'), 'm3');
    send(c, hag, retract(id));
    const all = shown(c);
    expect(all.filter((stanza) => stanza.includes('<retracted'))).toHaveLength(3);
    expect(all.join('')).not.toContain('brinded');
  });
});

describe('what only the room may say', () => {
  test.each([
    ['a tombstone', `<retracted xmlns="${RETRACT}" id="x"/>`],
    ['a tombstone of version 0', '<retracted xmlns="urn:xmpp:message-retract:0"/>'],
    [
      'a moderation in version 0',
      '<apply-to xmlns="urn:xmpp:fasten:0" id="x"><moderated xmlns="urn:xmpp:message-moderate:0" by="a@b"/></apply-to>',
    ],
    ['a moderation alone', '<moderated xmlns="urn:xmpp:message-moderate:1" by="a@b"/>'],
    ['a request to moderate', '<moderate xmlns="urn:xmpp:message-moderate:1" id="x"/>'],
  ])('%s of a client is taken away', (_, forged) => {
    const c = coven();
    send(c, crone, forged + body('x'));
    c.expect(message('firstwitch', crone, body('x'), 'x', { id: 'r1' }));
  });

  test('a retraction that says it was moderated is a retraction', () => {
    const c = coven();
    const id = said(c, crone, body(WORDS));
    send(c, crone, `<retract xmlns="${RETRACT}" id="${id}"><moderated xmlns="urn:xmpp:message-moderate:1" by="${ROOM}/x"/></retract>`);
    c.expect(message('firstwitch', crone, retract(id), 'retraction', { id: 'r1' }));
  });
});
