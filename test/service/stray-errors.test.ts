/** Errors are never answered, so nobody is told to stop: what they cost is bounded, and what tells that somebody is gone is not lost among them. */
import { asDomain, asFull } from '../support/jids';
import { settle } from './fake-clock';
import { enter, instant, realRooms } from './real-rooms';
import { ANN, DOMAIN, rig, ROOM, type Rig } from './rig';

const STANZAS = 'urn:ietf:params:xml:ns:xmpp-stanzas';
const error = (from: string, to: string, condition = 'gone', name = 'message'): string =>
  `<${name} from="${from}" to="${to}" type="error"><error type="cancel"><${condition} xmlns="${STANZAS}"/></error></${name}>`;
const left = (nick: string): RegExp =>
  new RegExp(`from="${ROOM}/${nick}" [^>]*type="unavailable"|type="unavailable"[^>]*from="${ROOM}/${nick}"`);

async function open(people: readonly string[]): Promise<Rig> {
  const r = await rig({ makeRoom: realRooms(true, { occupants: 2_000 }), serverDomain: asDomain('x.lit') });
  await r.play(enter(ANN, ROOM, 'ann'), instant(ANN, ROOM));
  await r.play(...people.map((jid, i) => enter(jid, ROOM, `p${i}`)));
  return r;
}

/** Counts questions, and how many are with the store at the same time. */
function watch(r: Rig): { lookups: number; most: number } {
  const seen = { lookups: 0, most: 0 };
  let now = 0;
  const roomsOf = r.store.roomsOf.bind(r.store);
  r.store.roomsOf = async (...of) => {
    seen.lookups++;
    seen.most = Math.max(seen.most, ++now);
    await Promise.resolve();
    return roomsOf(...of).finally(() => now--);
  };
  return seen;
}

test('found F12: ten thousand hard errors from made-up JIDs of one domain cost few look-ups, one at a time', async () => {
  const r = await open([]);
  const seen = watch(r);
  r.feed(...Array.from({ length: 10_000 }, (_, i) => error(`z${i}@evil.lit/1`, ROOM)));
  await settle();
  expect(r.link.take()).toEqual([]);
  expect(seen.most).toBeLessThanOrEqual(1);
  expect(seen.lookups).toBeLessThanOrEqual(250);
});

test('found F12, same kind: errors to ten thousand made-up rooms load few of them', async () => {
  const r = await open([]);
  let claims = 0;
  const claim = r.store.claim.bind(r.store);
  r.store.claim = (room) => (claims++, claim(room));
  r.feed(...Array.from({ length: 10_000 }, (_, i) => error('z@evil.lit', `r${i}@${DOMAIN}`, 'remote-server-not-found')));
  r.feed(...Array.from({ length: 10_000 }, (_, i) => error('z@evil.lit', `s${i}@${DOMAIN}/nick`, 'service-unavailable')));
  await settle();
  expect(claims).toBeLessThanOrEqual(250);
});

test('found F12, same kind: soft errors from made-up JIDs have few of them asked whether they are there', async () => {
  const r = await open([]);
  r.feed(...Array.from({ length: 9_000 }, (_, i) => error(`z${i}@evil.lit/1`, ROOM, 'service-unavailable')));
  r.link.requests = [];
  await r.clock.pass(40_000);
  expect(r.link.requests.length).toBeLessThanOrEqual(250);
});

test('found F12, same kind: somebody who is in a room floods it with errors that look like failed invitations; few are given to it', async () => {
  let decided = 0;
  const real = realRooms(true);
  const s = await rig({
    serverDomain: asDomain('x.lit'),
    makeRoom: (jid, rows) => {
      const machine = real(jid, rows);
      const decide = machine.decide.bind(machine);
      machine.decide = (input, now) => {
        if (input.kind === 'bounced') decided++;
        return decide(input, now);
      };
      return machine;
    },
  });
  await s.play(enter(ANN, ROOM, 'ann'), instant(ANN, ROOM), enter('bob@evil.lit/1', ROOM, 'bob'));
  s.feed(...Array.from({ length: 10_000 }, () => error('bob@evil.lit/1', ROOM, 'not-acceptable')));
  await settle();
  expect(decided).toBeLessThanOrEqual(250);
});

test('XEP-0045 §18.1.2: in the midst of such a flood, also of their own domain, whoever is in a room and bounces is removed at once', async () => {
  const r = await open(['bob@evil.lit/1', 'cat@y.lit/1']);
  r.feed(...Array.from({ length: 5_000 }, (_, i) => error(`z${i}@evil.lit/1`, ROOM)));
  r.feed(error('bob@evil.lit/1', `${ROOM}/ann`), error('cat@y.lit/1', ROOM, 'item-not-found', 'presence'));
  await settle();
  expect(r.link.xml.join('\n')).toMatch(left('p0'));
  expect(r.link.xml.join('\n')).toMatch(left('p1'));
});

test('XEP-0045 §18.1.2: a server that loses four hundred people at once: none of their bounces is lost', async () => {
  const people = Array.from({ length: 400 }, (_, i) => `u${i}@big.lit/1`);
  const r = await open(people);
  const seen = watch(r);
  r.link.take();
  r.feed(...people.map((jid) => error(jid, `${ROOM}/ann`, 'recipient-unavailable')));
  await settle();
  expect(seen.most).toBeLessThanOrEqual(4);
  for (const jid of ['u0@big.lit/1', 'u399@big.lit/1']) expect(await r.store.roomsOf(asFull(jid), '', 100)).toEqual([]);
  const told = r.link.xml.filter((xml) => xml.includes(` to="${ANN}"`) && xml.includes('unavailable'));
  expect(told).toHaveLength(400);
});

test('the bounce of an invitation still reaches the room', async () => {
  const r = await open([]);
  r.link.take();
  const invite = `<message from="${ANN}" to="${ROOM}" id="i1"><x xmlns="http://jabber.org/protocol/muc#user"><invite to="nobody@y.lit"/></x></message>`;
  await r.play(invite);
  const echo = '<x xmlns="http://jabber.org/protocol/muc#user"><invite from="ann@x.lit"/></x>';
  const told = await r.play(error('nobody@y.lit', ROOM, 'item-not-found').replace('<error ', `${echo}<error `));
  expect(told).toEqual([expect.stringContaining('item-not-found')]);
});
