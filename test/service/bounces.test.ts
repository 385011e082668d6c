/** Who is gone is found by what bounces, and by asking (XEP-0045 §11.1, §18.1.2). */
import { parse } from '../support/conversation';
import { settle } from './fake-clock';
import { enter, instant, realRooms } from './real-rooms';
import { ANN, BOB, CAT, DOMAIN, join, leave, rig, ROOM, say, type Rig } from './rig';
import { asFull, asRoom } from '../support/jids';

const B = asRoom(`b@${DOMAIN}`);
const STANZAS = 'urn:ietf:params:xml:ns:xmpp-stanzas';

const bounce = (name: string, condition: string, content = '', from = BOB): string =>
  `<${name} from="${from}" to="${ROOM}/ann" type="error">${content}<error type="cancel"><${condition} xmlns="${STANZAS}"/></error></${name}>`;

async function twoRooms(): Promise<Rig> {
  const r = await rig();
  await r.play(join(ANN, 'ann'), join(BOB, 'bob'), join(ANN, 'ann', B), join(BOB, 'bob', B));
  return r;
}

const everywhere = [`${ANN} ${BOB} is gone`, `${ANN} ${BOB} is gone`];

test.each(['gone', 'item-not-found', 'recipient-unavailable', 'jid-malformed', 'redirect'])(
  'a %s that bounces what we sent ends the full JID’s sessions in every room',
  async (condition) => {
    const r = await twoRooms();
    expect(await r.play(bounce('presence', condition))).toEqual(everywhere);
    await r.play(join(BOB, 'bob'), join(BOB, 'bob', B));
    expect(await r.play(bounce('message', condition, '<body>hi</body>'))).toEqual(everywhere);
  },
);

test.each([
  ['an error to an IQ', bounce('iq', 'item-not-found')],
  ['a private message that bounced', bounce('message', 'item-not-found', '<x xmlns="http://jabber.org/protocol/muc#user"/>')],
  ['an error from the bare JID', bounce('message', 'item-not-found', '', asFull('bob@x.lit'))],
  ['an error from their server', bounce('presence', 'gone', '', asFull('x.lit'))],
  ['an error without a condition', `<message from="${BOB}" to="${ROOM}" type="error"/>`],
  ['an error that says something else', bounce('message', 'not-acceptable')],
])('no evidence: %s', async (_what, stanza) => {
  const r = await twoRooms();
  r.link.answer = () => {
    throw new Error('asked');
  };
  expect(await r.play(stanza)).toEqual([]);
  await r.clock.pass(120_000);
  expect(r.link.take()).toEqual([]);
});

test('after a soft bounce a session is asked once, after a delay, and stays if it answers', async () => {
  const r = await twoRooms();
  await r.clock.pass(1_000);
  r.link.requests = [];
  r.link.answer = ({ to }) => ({ type: 'result', stanza: { attrs: { from: to } } as never });
  expect(await r.play(bounce('message', 'service-unavailable'), bounce('presence', 'remote-server-timeout'))).toEqual([]);
  await r.clock.pass(29_999);
  expect(r.link.requests).toEqual([]);
  await r.clock.pass(1);
  expect(r.link.requests.map(({ to, type }) => [to, type])).toEqual([[BOB, 'get']]);
  expect(r.link.requests[0]?.from).not.toBe(DOMAIN);
  expect(r.link.take()).toEqual([]);
});

test('a bounce while the join is uncommitted reaches that room too', async () => {
  const r = await twoRooms();
  const c = asRoom(`c@${DOMAIN}`);
  await r.play(join(CAT, 'cat', c));
  r.store.hold();
  await r.play(join(BOB, 'bob', c));
  await r.play(bounce('presence', 'gone'));
  r.store.letGo();
  await settle();
  expect(r.link.take()).toEqual([`${CAT} bob joined`, `${BOB} bob joined`, ...everywhere, `${CAT} ${BOB} is gone`]);
});

test('many bounces of one full JID look its rooms up once', async () => {
  const r = await twoRooms();
  let lookups = 0;
  const roomsOf = r.store.roomsOf.bind(r.store);
  r.store.roomsOf = (...of) => (lookups++, roomsOf(...of));
  expect(await r.play(...Array.from({ length: 50 }, () => bounce('message', 'gone')))).toEqual(everywhere);
  expect(lookups).toBe(1);
});

test('a lookup that fails is tried again', async () => {
  const r = await twoRooms();
  const roomsOf = r.store.roomsOf.bind(r.store);
  r.store.roomsOf = () => Promise.reject(new Error('unreadable'));
  expect(await r.play(bounce('presence', 'gone'))).toEqual([]);
  r.store.roomsOf = roomsOf;
  await r.clock.pass(1_000);
  expect(r.link.take()).toEqual(everywhere);
});

test('after each attach every session is asked once, at a bounded rate; who is gone is removed', async () => {
  const r = await rig({ limits: { probesPerSecond: 10 } });
  await r.play(...Array.from({ length: 30 }, (_, i) => join(`u${i}@x.lit/1`, `n${i}`)), join('u7@x.lit/1', 'n7', B));
  r.offline();
  r.link.requests = [];
  r.link.answer = ({ to }) => (to === 'u7@x.lit/1' ? { type: 'error', stanza: parseError('item-not-found') } : { type: 'timeout' });
  await r.online();
  r.link.take();
  await r.clock.pass(1_000);
  expect(r.link.requests.length).toBeLessThanOrEqual(12);
  await r.clock.pass(3_000);
  expect(new Set(r.link.requests.map(({ to }) => to)).size).toBe(30);
  expect(r.link.requests).toHaveLength(30);
  expect(r.link.take().filter((line) => line.includes('is gone'))).toHaveLength(29);
  expect(await r.store.roomsOf(asFull('u7@x.lit/1'), '', 100)).toEqual([]);
});

test('a lost link ends the round, the next one begins from the start', async () => {
  const r = await rig({ limits: { probesPerSecond: 10 } });
  await r.play(join(ANN, 'ann'), join(BOB, 'bob'), join(CAT, 'cat'));
  r.offline();
  r.link.requests = [];
  await r.online();
  r.offline();
  await r.clock.pass(5_000);
  expect(r.link.requests.length).toBeLessThanOrEqual(1);
  r.link.requests = [];
  await r.online();
  await r.clock.pass(5_000);
  expect(r.link.requests.map(({ to }) => to)).toEqual([ANN, BOB, CAT]);
  await r.play(leave(ANN, 'ann'), say(BOB, 'still here'));
});

function parseError(condition: string): never {
  return parse(bounce('iq', condition)) as never;
}

test('what comes back of a message to an account is told to its room, with whose it was; of one to a session, or a private one, it is not', async () => {
  const r = await twoRooms();
  r.journal.length = 0;
  await r.play(bounce('message', 'not-acceptable', '<body>hi</body>', asFull('bob@x.lit')));
  expect(r.journal).toEqual([`${ROOM} bounced`]);
  await r.play(
    bounce('message', 'not-acceptable', '<body>hi</body>'),
    bounce('message', 'not-acceptable', '<x xmlns="http://jabber.org/protocol/muc#user"/>', asFull('bob@x.lit')),
    bounce('presence', 'not-acceptable', '', asFull('bob@x.lit')),
  );
  expect(r.journal).toEqual([`${ROOM} bounced`]);
});

test('of the kind of F13: errors from made-up addresses take nobody’s place among those who are asked', async () => {
  const r = await rig({ makeRoom: realRooms(true) });
  await r.play(enter(ANN, ROOM, 'ann'), instant(ANN, ROOM), enter(CAT, ROOM, 'cat'));
  await r.clock.pass(5_000);
  r.link.requests = [];
  r.link.answer = ({ to }) => ({ type: 'result', stanza: { attrs: { from: to } } as never });
  for (let i = 0; i < 12_000; i++) r.feed(bounce('presence', 'service-unavailable', '', asFull(`z${i}@d${i % 3000}.example/1`)));
  r.feed(bounce('presence', 'service-unavailable', '', asFull(CAT)));
  await r.clock.pass(31_000);
  expect(r.link.requests.map(({ to }) => to)).toContain(CAT);
  expect(r.link.requests.length).toBeLessThan(1_500);
});
