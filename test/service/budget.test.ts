/** What one account may ask in a time (design rule 6, found F12): what is above a rate waits in its order, then it is refused with `wait`; nobody else notices. */
import { costOf, kindOf } from '../../src/service/budget/kinds';
import { Budget, MOST_ACCOUNTS } from '../../src/service/budget/budget';
import { ratesOf } from '../../src/service/budget/rates';
import { watch } from '../../src/service/budget/watchdog';
import { parse } from '../support/conversation';
import { settle } from './fake-clock';
import { affiliate, enter, instant, realRooms } from './real-rooms';
import { ANN, BOB, CAT, DEFAULT_RATES, DOMAIN, rig, ROOM, say, type Rig, type RigOptions } from './rig';
import { asDomain, asFull, asRoom } from '../support/jids';
import { foldBare, setOwnDomains } from '../../src/xmpp/fold';

const MAM = '<query xmlns="urn:xmpp:mam:2"/>';
const ADMIN = 'http://jabber.org/protocol/muc#admin';
const INFO = '<query xmlns="http://jabber.org/protocol/disco#info"/>';
const ask = (from: string, id: string, payload: string, to: string = ROOM, type = 'get'): string =>
  `<iq from="${from}" to="${to}" type="${type}" id="${id}">${payload}</iq>`;
const unavailable = (from: string, nick: string, room: string = ROOM): string =>
  `<presence from="${from}" to="${room}/${nick}" type="unavailable"/>`;
const errors = (lines: readonly string[]): string[] => lines.filter((line) => line.includes('!'));
const bodies = (r: Rig, to: string): string[] =>
  r.link.xml.filter((xml) => xml.includes(`to="${to}"`)).flatMap((xml) => /<body>([^<]*)</.exec(xml)?.[1] ?? []);

/** Hands stanzas in and lets everything happen; what was said then. `link.xml` keeps all of it. */
async function play(r: Rig, ...stanzas: string[]): Promise<string[]> {
  const before = r.link.sent.length;
  r.feed(...stanzas);
  await settle();
  return r.link.sent.slice(before);
}

/** ANN's open room with BOB and CAT in it; nothing said yet. */
async function room(options: RigOptions = {}): Promise<Rig> {
  const r = await rig({ makeRoom: realRooms(true), rates: DEFAULT_RATES, ...options });
  await play(r, enter(ANN, ROOM, 'ann'), instant(ANN, ROOM));
  await play(r, enter(BOB, ROOM, 'bob'), enter(CAT, ROOM, 'cat'));
  r.link.take();
  r.link.xml = [];
  return r;
}

describe('above a rate', () => {
  test('messages wait in their order; nobody else does', async () => {
    const r = await room();
    const many = Array.from({ length: 60 }, (_, i) => say(BOB, `m${i}`));
    await play(r, ...many, say(CAT, 'hello'));
    expect(bodies(r, ANN)).toEqual([...Array.from({ length: 50 }, (_, i) => `m${i}`), 'hello']);
    await r.clock.pass(500);
    expect(bodies(r, ANN)).toHaveLength(56);
    await r.clock.pass(600);
    expect(bodies(r, ANN).filter((body) => body !== 'hello')).toEqual(Array.from({ length: 60 }, (_, i) => `m${i}`));
    expect(errors(r.link.sent)).toEqual([]);
  });

  test('more than twenty that wait are refused, with wait and a sentence', async () => {
    const r = await room();
    const told = await play(r, ...Array.from({ length: 71 }, (_, i) => say(BOB, `m${i}`)));
    expect(errors(told)).toEqual([`${BOB} !policy-violation`]);
    const error = r.link.xml.find((xml) => xml.includes('type="error"')) ?? '';
    expect(error).toContain('id="m70"');
    expect(error).toContain('<error type="wait" by="' + ROOM + '">');
    expect(error).toContain('<text');
    await r.clock.pass(3_000);
    expect(bodies(r, ANN)).toHaveLength(70);
  });

  test('rooms above the rate of an hour: how long it takes is said, not "a moment"', async () => {
    const r = await rig({ makeRoom: realRooms(true), rates: { roomsPerHour: 2 } });
    await play(r, ...[1, 2, 3].map((n) => enter(ANN, `r${n}@${DOMAIN}`, 'ann')));
    await r.clock.pass(30_000);
    const error = r.link.xml.filter((xml) => xml.includes('type="error"')).join('');
    expect(error).toMatch(/Try again in 1[78]\d\d seconds\./);
    expect(error).toContain('resource-constraint');
  });

  test('found F16: whoever may make no rooms pays for trying as for entering: what it costs tells nothing of rooms that are not configured yet', async () => {
    const make = realRooms(true);
    const makeRoom: typeof make = (jid, rows) => Object.assign(make(jid, rows), { mayBegin: (who: string) => who !== BOB });
    const r = await rig({ makeRoom, rates: { roomsPerHour: 2 } });
    await play(r, ...[1, 2, 3].map((n) => enter(BOB, `r${n}@${DOMAIN}`, 'bob')));
    expect(errors(r.link.sent)).toEqual([]);
    await play(r, ...[4, 5, 6].map((n) => enter(ANN, `r${n}@${DOMAIN}`, 'ann')));
    await r.clock.pass(30_000);
    expect(errors(r.link.sent)).toEqual([`${ANN} !resource-constraint`]);
  });

  test('what cannot be in time is refused at once', async () => {
    const r = await room();
    const nicks = Array.from({ length: 12 }, (_, i) => `<presence from="${BOB}" to="${ROOM}/bob${i}" id="n${i}"/>`);
    await play(r, ...nicks);
    await r.clock.pass(10_000);
    // Five at once, one a second for the five seconds that something may wait.
    expect(r.link.xml.filter((xml) => xml.includes(`to="${ANN}"`) && xml.includes('type="unavailable"'))).toHaveLength(10);
    expect(errors(r.link.sent)).toEqual([`${BOB} !policy-violation`, `${BOB} !policy-violation`]);
  });

  test('what comes behind something that waits waits too, leaving included', async () => {
    const r = await room({ rates: { messagesPerSecond: 1 } });
    await play(r, ...Array.from({ length: 6 }, (_, i) => say(BOB, `m${i}`)), unavailable(BOB, 'bob'));
    expect(r.link.xml.some((xml) => xml.includes('type="unavailable"'))).toBe(false);
    await r.clock.pass(1_100);
    expect(bodies(r, ANN)).toHaveLength(6);
    expect(r.link.xml.some((xml) => xml.includes(`to="${ANN}"`) && xml.includes('type="unavailable"'))).toBe(true);
    expect(errors(r.link.sent)).toEqual([]);
  });

  test('whoever leaves when nothing more may wait leaves at once, and what they still wanted there is refused', async () => {
    const r = await room({ rates: { messagesPerSecond: 1 } });
    await play(r, ...Array.from({ length: 25 }, (_, i) => say(BOB, `m${i}`)));
    const told = await play(r, unavailable(BOB, 'bob'));
    expect(errors(told)).toHaveLength(20);
    expect(told.filter((line) => line.startsWith(ANN))).toHaveLength(1);
    await r.clock.pass(30_000);
    expect(bodies(r, ANN)).toHaveLength(5);
  });

  test('a second device of the account shares its rate; another account does not', async () => {
    const r = await room({ rates: { messagesPerSecond: 1 } });
    const phone = BOB.replace('/1', '/2');
    await play(r, enter(phone, ROOM, 'bob'));
    r.link.xml = [];
    await play(r, ...Array.from({ length: 5 }, (_, i) => say(BOB, `m${i}`)), say(phone, 'late'), say(CAT, 'cat'));
    expect(bodies(r, ANN)).toEqual(['m0', 'm1', 'm2', 'm3', 'm4', 'cat']);
    await r.clock.pass(1_000);
    expect(bodies(r, ANN).at(-1)).toBe('late');
  });
});

describe('who waits for nothing', () => {
  test('owners in their own room, whom the operator trusts by account or domain', async () => {
    const r = await room({ rates: { messagesPerSecond: 1 }, trusted: ['bob@x.lit', 'bridge.lit'] });
    const bridge = 'relay@bridge.lit/x';
    await play(r, enter(bridge, ROOM, 'relay'));
    r.link.xml = [];
    const thirty = (from: string): string[] => Array.from({ length: 30 }, (_, i) => say(from, `${from}${i}`));
    expect(errors(await play(r, ...thirty(ANN), ...thirty(BOB), ...thirty(bridge)))).toEqual([]);
    expect(bodies(r, CAT)).toHaveLength(90);
  });

  test('found F6: owners pay for what goes to people outside of their room: invitations, and members made by address', async () => {
    const r = await room({ rates: DEFAULT_RATES });
    const make = (n: number): string => affiliate(ANN, ROOM, `<item affiliation="member" jid="p${n}@far.lit"/>`);
    const told = await play(r, ...Array.from({ length: 25 }, (_, i) => make(i)));
    expect(errors(told)).toEqual(Array(5).fill(`${ANN} !policy-violation`));
    const invite = `<message from="${ANN}" to="${ROOM}"><x xmlns="http://jabber.org/protocol/muc#user"><invite to="q@far.lit"/></x></message>`;
    expect(errors(await play(r, invite))).toEqual([`${ANN} !policy-violation`]);
  });

  test('what an owner says in their own room uses up nothing that they lack elsewhere, nor waits for what waits elsewhere', async () => {
    const r = await room({ rates: { messagesPerSecond: 1 } });
    const other = asRoom(`b@${DOMAIN}`);
    await play(r, enter(BOB, other, 'bob'), instant(BOB, other), enter(CAT, other, 'cat'));
    r.link.xml = [];
    await play(
      r,
      ...Array.from({ length: 30 }, (_, i) => say(BOB, `own${i}`, other)),
      ...Array.from({ length: 5 }, (_, i) => say(BOB, `m${i}`)),
    );
    expect(bodies(r, ANN)).toHaveLength(5);
    await play(r, say(BOB, 'late'), say(BOB, 'own', other));
    expect(bodies(r, ANN)).toHaveLength(5);
    expect(bodies(r, CAT).at(-1)).toBe('own');
    expect(errors(r.link.sent)).toEqual([]);
  });

  test('of the kind of F12: a client that is in many rooms and enters all of them again is not refused', async () => {
    const r = await rig({ makeRoom: realRooms(true), rates: DEFAULT_RATES, trusted: ['ann@x.lit'] });
    const rooms = Array.from({ length: 100 }, (_, i) => `room${i}@${DOMAIN}`);
    for (const one of rooms) {
      await play(r, enter(ANN, one, 'ann'), instant(ANN, one));
      await play(r, affiliate(ANN, one, '<item affiliation="member" jid="bob@x.lit"/>'), enter(BOB, one, 'bob'));
    }
    r.link.take();
    r.link.xml = [];
    await play(r, ...rooms.map((one) => enter(BOB, one, 'bob')));
    await r.clock.pass(30_000);
    expect(errors(r.link.sent)).toEqual([]);
    expect(r.link.xml.filter((xml) => xml.includes(`to="${BOB}"`) && xml.includes('code="110"'))).toHaveLength(100);
  });

  test('found F12: an account with 200 rooms logs in (enters, asks disco and the archive of each) without one error', async () => {
    const r = await rig({ makeRoom: realRooms(true), rates: DEFAULT_RATES, trusted: ['ann@x.lit'] });
    const rooms = Array.from({ length: 200 }, (_, i) => `room${i}@${DOMAIN}`);
    for (const one of rooms) {
      await play(r, enter(ANN, one, 'ann'), instant(ANN, one));
      await play(r, affiliate(ANN, one, '<item affiliation="member" jid="bob@x.lit"/>'));
    }
    await play(r, ...rooms.map((one) => unavailable(ANN, 'ann', asRoom(one))));
    // Long ago: every room sleeps.
    await r.clock.pass(3_600_000);
    r.link.take();
    r.link.xml = [];
    await play(
      r,
      ...rooms.flatMap((one, i) => [
        enter(BOB, one, 'bob'),
        ask(BOB, `d${i}`, INFO, asRoom(one)),
        ask(BOB, `m${i}`, MAM, asRoom(one), 'set'),
      ]),
    );
    await r.clock.pass(60_000);
    expect(errors(r.link.sent)).toEqual([]);
    expect(r.link.xml.filter((xml) => xml.includes('code="110"'))).toHaveLength(200);
    expect(r.link.xml.filter((xml) => xml.includes('<fin '))).toHaveLength(200);
    expect(r.link.xml.filter((xml) => xml.includes('disco#info'))).toHaveLength(200);
  });

  test('of its kind: whoever was in lately comes back, everywhere at once; a stranger to as many rooms waits, and is let in', async () => {
    const r = await rig({ makeRoom: realRooms(true), rates: DEFAULT_RATES, trusted: ['ann@x.lit'] });
    const rooms = Array.from({ length: 45 }, (_, i) => `room${i}@${DOMAIN}`);
    for (const one of rooms) await play(r, enter(ANN, one, 'ann'), instant(ANN, one));
    r.link.xml = [];
    const inside = (): number =>
      r.link.xml.filter((xml) => xml.includes(`to="${BOB}"`) && xml.includes('code="110"') && !xml.includes('unavailable')).length;
    await play(r, ...rooms.map((one) => enter(BOB, one, 'bob')));
    expect(inside()).toBe(25);
    await r.clock.pass(4_100);
    expect(inside()).toBe(45);
    await play(r, ...rooms.map((one) => unavailable(BOB, 'bob', asRoom(one))));
    r.link.xml = [];
    await play(r, ...rooms.map((one) => enter(BOB, one, 'bob')));
    expect(inside()).toBe(45);
    expect(errors(r.link.sent)).toEqual([]);
  });

  test('a flood of entries by a stranger: delayed, then refused with wait, as clients do not give up then', async () => {
    const r = await rig({ makeRoom: realRooms(true), rates: DEFAULT_RATES, trusted: ['ann@x.lit'] });
    const rooms = Array.from({ length: 60 }, (_, i) => `room${i}@${DOMAIN}`);
    for (const one of rooms) await play(r, enter(ANN, one, 'ann'), instant(ANN, one));
    r.link.take();
    r.link.xml = [];
    await play(r, ...rooms.map((one) => enter(BOB, one, 'bob')));
    await r.clock.pass(20_000);
    const refused = r.link.xml.filter((xml) => xml.includes('type="error"'));
    expect(refused).toHaveLength(60 - 25 - 20);
    expect(refused.every((xml) => xml.includes('<error type="wait"') && xml.includes('<resource-constraint'))).toBe(true);
  });

  test('400 rooms made one after the other by an account that is trusted; another makes sixty', async () => {
    const r = await rig({ makeRoom: realRooms(true), rates: DEFAULT_RATES, trusted: ['ann@x.lit'] });
    const make = async (from: string, name: string, count: number): Promise<string[]> => {
      for (let i = 0; i < count; i++) await play(r, enter(from, `${name}${i}@${DOMAIN}`, 'x'), instant(from, `${name}${i}@${DOMAIN}`));
      return r.link.xml.splice(0);
    };
    expect((await make(ANN, 'a', 400)).filter((xml) => xml.includes('code="201"'))).toHaveLength(400);
    const made = await make(BOB, 'b', 61);
    expect(made.filter((xml) => xml.includes('code="201"'))).toHaveLength(60);
    expect(made.some((xml) => xml.includes('<resource-constraint') && xml.includes('<error type="wait"'))).toBe(true);
    await r.clock.pass(60_000);
    expect((await make(BOB, 'c', 1)).filter((xml) => xml.includes('code="201"'))).toHaveLength(1);
  });
});

test('of the kind of F12: who belongs and comes and goes all the time waits as a stranger does', async () => {
  const r = await room();
  await play(r, affiliate(ANN, ROOM, '<item affiliation="member" jid="bob@x.lit"/>'));
  r.link.xml = [];
  for (let i = 0; i < 60; i++) await play(r, unavailable(BOB, 'bob'), enter(BOB, ROOM, 'bob'));
  const entries = r.link.xml.filter((xml) => xml.includes(`to="${BOB}"`) && xml.includes('code="110"') && !xml.includes('unavailable'));
  expect(entries.length).toBeLessThanOrEqual(30);
});

test('what waited for its room to be loaded goes before what its account sent later', async () => {
  const r = await rig({ makeRoom: realRooms(true), rates: { messagesPerSecond: 1, entriesPerSecond: 1 } });
  await play(r, enter(ANN, ROOM, 'ann'), instant(ANN, ROOM), enter(CAT, `b@${DOMAIN}`, 'cat'), instant(CAT, `b@${DOMAIN}`));
  await play(r, unavailable(CAT, 'cat', asRoom(`b@${DOMAIN}`)), enter(BOB, ROOM, 'bob'));
  await r.clock.pass(3_600_000);
  r.link.xml = [];
  r.link.sent = [];
  // The other room sleeps; meanwhile the account uses up its messages here.
  r.feed(
    enter(BOB, `b@${DOMAIN}`, 'bob'),
    ...Array.from({ length: 6 }, (_, i) => say(BOB, `m${i}`)),
    say(BOB, 'there', asRoom(`b@${DOMAIN}`)),
  );
  await settle();
  await r.clock.pass(10_000);
  expect(errors(r.link.sent)).toEqual([]);
});

describe('found H22: what counts as what', () => {
  test('typing notices use up no messages, and a retraction is never refused for its pace', async () => {
    const r = await room({ rates: { messagesPerSecond: 1 } });
    const composing = `<message from="${BOB}" to="${ROOM}" type="groupchat"><composing xmlns="http://jabber.org/protocol/chatstates"/></message>`;
    const retract = `<message from="${BOB}" to="${ROOM}" type="groupchat" id="r"><retract xmlns="urn:xmpp:message-retract:1" id="m1"/></message>`;
    await play(r, ...Array.from({ length: 5 }, () => composing), ...Array.from({ length: 5 }, (_, i) => say(BOB, `m${i}`)), retract);
    expect(errors(r.link.sent)).toEqual([]);
    expect(bodies(r, ANN)).toHaveLength(5);
    expect(r.link.xml.some((xml) => xml.includes(`to="${ANN}"`) && xml.includes('<retract '))).toBe(true);
  });

  test.each([
    ['message', '<message to="r@x" type="groupchat"><body>x</body></message>'],
    [
      'notice',
      '<message to="r@x" type="groupchat"><active xmlns="http://jabber.org/protocol/chatstates"/><no-store xmlns="urn:xmpp:hints"/></message>',
    ],
    ['message', '<message to="r@x" type="groupchat"><body>x</body><active xmlns="http://jabber.org/protocol/chatstates"/></message>'],
    ['message', '<message to="r@x" type="groupchat"><reactions xmlns="urn:xmpp:reactions:0" id="1"/></message>'],
    [
      'message',
      '<message to="r@x" type="groupchat"><body>a message that also retracts</body><retract xmlns="urn:xmpp:message-retract:1" id="1"/></message>',
    ],
    [
      'retraction',
      '<message to="r@x" type="groupchat"><apply-to xmlns="urn:xmpp:fasten:0" id="1"><retract xmlns="urn:xmpp:message-retract:0"/></apply-to></message>',
    ],
    ['invitation', '<message to="r@x"><x xmlns="http://jabber.org/protocol/muc#user"><invite to="a@b"/></x></message>'],
    [
      'invitation',
      '<message to="r@x" type="groupchat"><retract xmlns="urn:xmpp:message-retract:1" id="1"/><x xmlns="http://jabber.org/protocol/muc#user"><invite to="a@b"/></x></message>',
    ],
    ['message', '<message to="r@x/n" type="chat"><retract xmlns="urn:xmpp:message-retract:1" id="1"/></message>'],
    ['message', '<message to="r@x"><retract xmlns="urn:xmpp:message-retract:1" id="1"/></message>'],
    ['message', `<message to="r@x" type="groupchat">${'<retract xmlns="urn:xmpp:message-retract:1" id="1"/>'.repeat(2)}</message>`],
    ['message', '<message to="r@x" type="groupchat"><retract xmlns="urn:xmpp:message-retract:1" id="1"/><big xmlns="urn:x"/></message>'],
    ['invitation', `<iq to="r@x" type="set" id="1"><query xmlns="${ADMIN}"><item affiliation="member" jid="a@b"/></query></iq>`],
    ['request', `<iq to="r@x" type="get" id="1"><query xmlns="${ADMIN}"><item affiliation="member"/></query></iq>`],
    ['request', `<iq to="r@x" type="set" id="1"><query xmlns="${ADMIN}"><item affiliation="outcast" jid="a@b"/></query></iq>`],
    ['request', `<iq to="r@x" type="set" id="1"><query xmlns="${ADMIN}"><item affiliation="member" nick="n"/></query></iq>`],
    ['entry', '<presence to="r@x/n"><x xmlns="http://jabber.org/protocol/muc"/></presence>'],
    ['presence', '<presence to="r@x/n"/>'],
    ['free', '<presence to="r@x/n" type="unavailable"/>'],
    ['archive', `<iq to="r@x" type="set" id="1">${MAM}</iq>`],
    ['request', `<iq to="r@x" type="get" id="1">${INFO}</iq>`],
  ])('%s: %s', (kind, stanza) => {
    expect(kindOf(parse(stanza), stanza.length)).toBe(kind);
  });

  test('found H22, of its kind: a retraction of many kilobytes is a message', () => {
    const stanza = (id: string): string =>
      `<message to="r@x" type="groupchat"><retract xmlns="urn:xmpp:message-retract:1" id="${id}"/></message>`;
    const kinds = ['1', 'x'.repeat(5_000)].map((id) => kindOf(parse(stanza(id)), stanza(id).length));
    expect(kinds).toEqual(['retraction', 'message']);
  });

  test('an invitation costs a token at least, in whichever element it stands', () => {
    const user = 'xmlns="http://jabber.org/protocol/muc#user"';
    const stanza = parse(`<message to="r@x"><x ${user}/><x ${user}><invite to="a@b"/><invite to="c@b"/></x></message>`);
    expect(costOf(stanza, kindOf(stanza))).toBe(2);
  });

  test('invitations count by person', async () => {
    const r = await room();
    const invite = (n: number): string =>
      `<message from="${BOB}" to="${ROOM}" id="i${n}"><x xmlns="http://jabber.org/protocol/muc#user">${Array.from({ length: 10 }, (_, i) => `<invite to="p${n}-${i}@far.lit"/>`).join('')}</x></message>`;
    const told = await play(r, invite(1), invite(2), invite(3));
    expect(told.filter((line) => line.includes('@far.lit'))).toHaveLength(20);
    expect(errors(told)).toEqual([`${BOB} !policy-violation`]);
  });

  test('requests to the service count with those to rooms', async () => {
    const r = await room({ rates: { requestsPerSecond: 1 } });
    await play(
      r,
      ...Array.from({ length: 15 }, (_, i) => ask(BOB, `a${i}`, INFO)),
      ...Array.from({ length: 15 }, (_, i) => ask(BOB, `b${i}`, INFO, DOMAIN)),
    );
    await r.clock.pass(10_000);
    const told = r.link.xml.filter((xml) => xml.includes(`to="${BOB}"`));
    expect(told.filter((xml) => xml.includes('type="result"'))).toHaveLength(25);
    expect(told.filter((xml) => xml.includes('<policy-violation') && xml.includes(`by="${DOMAIN}"`))).toHaveLength(5);
  });
});

test.each([
  ['messages to the service', () => `<message from="${BOB}" to="${DOMAIN}"><body>x</body></message>`],
  [
    'retractions to the service',
    () => `<message from="${BOB}" to="${DOMAIN}" type="groupchat"><retract xmlns="urn:xmpp:message-retract:1" id="1"/></message>`,
  ],
  ['presence to the service', () => `<presence from="${BOB}" to="${DOMAIN}"/>`],
  ['requests for presence', () => `<presence from="${BOB}" to="${DOMAIN}" type="subscribe"/>`],
  ['long ids', () => `<message from="${BOB}" to="${ROOM}" id="${'x'.repeat(2_000)}" type="groupchat"><body>x</body></message>`],
  ['IQs of an unknown type', () => `<iq from="${BOB}" to="${ROOM}" type="x" id="1"/>`],
  ['IQs without a payload', () => `<iq from="${BOB}" to="${DOMAIN}" type="get" id="1"/>`],
])('of the kind of F12: the service answers %s at the rate of who sends them', async (_what, stanza) => {
  const r = await room({ rates: { ...DEFAULT_RATES, requestsPerSecond: 2 } });
  await play(r, ...Array.from({ length: 1_000 }, stanza), say(CAT, 'hello'));
  await r.clock.pass(60_000);
  const told = r.link.sent.filter((line) => line.startsWith(BOB) && !line.includes('hello'));
  expect(told.length).toBeGreaterThanOrEqual(25);
  expect(told.length).toBeLessThanOrEqual(70);
  expect(bodies(r, ANN)).toEqual(['hello']);
});

describe('what waits is settled', () => {
  const flood = (r: Rig): Promise<string[]> => play(r, ...Array.from({ length: 10 }, (_, i) => say(BOB, `m${i}`)));

  test('when the link is lost: what was said before that counts', async () => {
    const r = await room({ rates: { messagesPerSecond: 1 } });
    await flood(r);
    r.offline();
    await settle();
    await r.online();
    expect(new Set(bodies(r, ANN))).toEqual(new Set(Array.from({ length: 10 }, (_, i) => `m${i}`)));
  });

  test('when the service stops: refused, with a sentence', async () => {
    const r = await room({ rates: { messagesPerSecond: 1 } });
    await flood(r);
    r.link.take();
    const stopped = r.service.stop();
    expect(errors(r.link.sent)).toHaveLength(5);
    await stopped;
  });

  test('bytes that wait count with all that is undecided', async () => {
    const r = await room({ rates: { messagesPerSecond: 1 } });
    await play(r, ...Array.from({ length: 6 }, (_, i) => say(BOB, `m${i}`)));
    expect(r.service.stats().gathered).toBeGreaterThan(0);
    await r.clock.pass(1_100);
    expect(r.service.stats().gathered).toBe(0);
  });
});

test('a watchdog tells which kind of input held everything up', async () => {
  const told: object[] = [];
  const log = { debug: () => undefined, info: () => undefined, error: () => undefined, warn: (fields: object) => void told.push(fields) };
  const input = { kind: 'stanza' as const, stanza: parse(ask(BOB, 'x', INFO)), from: BOB, nick: '' };
  watch(log, ROOM, input, 150);
  expect(told).toEqual([]);
  watch(log, ROOM, input, 250.4);
  expect(told).toEqual([{ event: 'room.slow', room: ROOM, kind: 'iq get query http://jabber.org/protocol/disco#info', ms: 250 }]);
});

describe('the accounts that are kept in mind', () => {
  const budget = (now: () => number, isTrusted: (jid: string) => boolean = () => false): Budget =>
    new Budget({
      clock: { now, elapsed: now, after: () => () => undefined },
      moment: {
        get now() {
          return now();
        },
      },
      rates: ratesOf(DEFAULT_RATES),
      isTrusted,
      memory: () => undefined,
    });

  test('rule 7: spellings that may be one account share a rate, and none shares the trust in another', () => {
    setOwnDomains([asDomain('home.lit')]);
    const b = budget(
      () => 0,
      (jid) => jid === 'strasse@away.lit',
    );
    const spend = (who: string, tokens: number): boolean => b.take(b.of(asFull(`${foldBare(who)}/1`)), 'message', tokens);
    expect(spend('mal\u00ADlory@away.lit', 50)).toBe(true);
    for (const other of ['mallory@away.lit', 'm\u00ADallory@away.lit', 'ⓜallory@away.lit']) expect(spend(other, 1)).toBe(false);
    expect(spend('mallory@else.lit', 50)).toBe(true);
    expect(spend('straße@away.lit', 50)).toBe(true);
    expect(spend('straẞe@away.lit', 1)).toBe(false);
    expect(spend('strasse@away.lit', 1)).toBe(true);
    expect(b.isTrusted(asFull('strasse@away.lit/1'))).toBe(true);
    expect(b.isTrusted(asFull('straße@away.lit/1'))).toBe(false);
    setOwnDomains(undefined);
  });

  test('are bounded, and whoever has used up most is forgotten last', () => {
    const b = budget(() => 0);
    const spend = (who: string, tokens: number): boolean => b.take(b.of(asFull(`${who}/1`)), 'message', tokens);
    expect(spend('poor@x', 50)).toBe(true);
    for (let i = 0; i < 2 * MOST_ACCOUNTS; i++) spend(`a${i}@x`, 1 + (i % 7));
    expect(b.size).toBeLessThanOrEqual(MOST_ACCOUNTS);
    expect(spend('poor@x', 1)).toBe(false);
  });

  test('those whose tokens are all back are forgotten first', () => {
    let now = 0;
    const b = budget(() => now);
    for (let i = 0; i < MOST_ACCOUNTS; i++) b.take(b.of(asFull(`a${i}@x/1`)), 'message', 1);
    now = 60_000;
    b.take(b.of(asFull('late@x/1')), 'message', 1);
    expect(b.size).toBe(1);
  });

  test('a session remembers its account until that is forgotten', () => {
    let now = 0;
    const b = budget(() => now);
    const who = asFull('a@x/1');
    const memo = {};
    const account = b.ofSession(who, memo);
    expect(b.ofSession(who, memo)).toBe(account);
    expect(memo).toEqual({ account });
    expect(b.take(account, 'message', 1)).toBe(true);
    for (let i = 1; i < MOST_ACCOUNTS; i++) b.of(asFull(`a${i}@x/1`));
    now = 60_000;
    b.of(asFull('late@x/1'));
    const anew = b.ofSession(who, memo);
    expect(anew).not.toBe(account);
    expect(b.of(who)).toBe(anew);
    expect(b.take(anew, 'message', 50)).toBe(true);
    expect(b.take(b.of(asFull('a@x/2')), 'message', 1)).toBe(false);
  });

  test('a session asks anew for its account when the operator may trust others', () => {
    const trusted = new Set<string>();
    const b = budget(
      () => 0,
      (jid) => trusted.has(jid),
    );
    const who = asFull('a@x/1');
    const memo = {};
    expect(b.take(b.ofSession(who, memo), 'message', 50)).toBe(true);
    trusted.add('a@x');
    b.forgetTrust();
    expect(b.ofSession(who, memo).trusted).toBe(true);
    trusted.clear();
    b.forgetTrust();
    expect(b.ofSession(who, memo).trusted).toBe(false);
    // What was taken before stays taken.
    expect(b.take(b.ofSession(who, memo), 'message', 1)).toBe(false);
  });
});
