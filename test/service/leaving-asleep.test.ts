/** Leaving a room that is not in memory: nothing to refuse, so it must not be a way to have rooms loaded for nothing. */
import { asDomain, asFull } from '../support/jids';
import { settle } from './fake-clock';
import { ANN, BOB, CAT, DEFAULT_RATES, DOMAIN, join, leave, rig, ROOM, type Rig } from './rig';

const options = { rates: DEFAULT_RATES, serverDomain: asDomain('x.lit') };

function claims(r: Rig): { count: number } {
  const seen = { count: 0 };
  const claim = r.store.claim.bind(r.store);
  r.store.claim = (room) => (seen.count++, claim(room));
  return seen;
}

async function asleep(): Promise<Rig> {
  const before = await rig(options);
  await before.play(join(ANN, 'ann'), join(BOB, 'bob'));
  await before.clock.pass(2_000);
  const r = await rig({ ...options, disk: before.store.disk });
  r.link.take();
  return r;
}

test('found F12, same kind: 20,000 leaves of made-up rooms load none of them, and others enter at once', async () => {
  const r = await asleep();
  const seen = claims(r);
  r.feed(...Array.from({ length: 20_000 }, (_, i) => leave('eve@evil.lit/1', 'x', `r${i}@${DOMAIN}`)));
  expect(r.service.stats().rooms['loading']).toBe(0);
  expect(await r.play(join(CAT, 'cat'))).toEqual(expect.arrayContaining([`${CAT} cat joined`]));
  expect(seen.count).toBe(1);
  await r.clock.pass(60_000);
  expect(seen.count).toBe(1);
});

test('found F12, same kind: the same from many accounts of one domain', async () => {
  const r = await asleep();
  const seen = claims(r);
  r.feed(...Array.from({ length: 5_000 }, (_, i) => leave(`z${i}@evil.lit/1`, 'x', `r${i}@${DOMAIN}`)));
  r.feed(leave(BOB, 'bob'));
  await settle();
  expect(r.link.take()).toEqual([`${ANN} ${BOB} left`]);
  expect(seen.count).toBe(1);
});

test('XEP-0045 §7.14: whoever leaves a room that sleeps has left it, also behind a flood of their own', async () => {
  const r = await asleep();
  r.feed(...Array.from({ length: 500 }, (_, i) => leave(BOB, 'x', `r${i}@${DOMAIN}`)), leave(BOB, 'bob'));
  await settle();
  await r.clock.pass(30_000);
  expect(r.link.take()).toEqual([`${ANN} ${BOB} left`]);
  expect(await r.store.roomsOf(asFull(BOB), '', 100)).toEqual([]);
});

test('§7.14: leaving a room that sleeps and entering it again at once keep their order', async () => {
  const r = await asleep();
  await r.play(leave(BOB, 'bob'), join(BOB, 'bobby'));
  await r.clock.pass(1_000);
  expect(await r.store.roomsOf(asFull(BOB), '', 100)).toEqual([ROOM]);
  const kinds = r.journal.filter((line) => line.startsWith(ROOM));
  expect(kinds).toHaveLength(2);
});

test('a look-up that fails is tried again, and the leave is not lost', async () => {
  const r = await asleep();
  const roomsOf = r.store.roomsOf.bind(r.store);
  r.store.roomsOf = () => Promise.reject(new Error('unreadable'));
  expect(await r.play(leave(BOB, 'bob'))).toEqual([]);
  r.store.roomsOf = roomsOf;
  await r.clock.pass(2_000);
  expect(r.link.take()).toEqual([`${ANN} ${BOB} left`]);
});

test('found F12, same kind: rooms are loaded in turns of the accounts that ask', async () => {
  const r = await rig({ serverDomain: asDomain('x.lit'), limits: { loads: 1 } });
  const order: string[] = [];
  const claim = r.store.claim.bind(r.store);
  r.store.claim = (room) => (order.push(room), claim(room));
  r.feed(...Array.from({ length: 1_000 }, (_, i) => join(`eve${i % 2}@evil.lit/1`, 'x', `r${i}@${DOMAIN}`)), join(CAT, 'cat'));
  await settle();
  expect(order.indexOf(ROOM)).toBeLessThan(5);
  expect(order).toHaveLength(1_001);
});

test('loads that wait are bounded: beyond that whoever has most of them is refused', async () => {
  const r = await rig({ serverDomain: asDomain('x.lit') });
  r.store.holdReads();
  r.feed(...Array.from({ length: 20_000 }, (_, i) => join(`eve${i % 50}@evil.lit/1`, 'x', `r${i}@${DOMAIN}`)), join(CAT, 'cat'));
  await settle();
  const refused = r.link.take();
  expect(refused.length).toBeGreaterThan(5_000);
  expect(refused.every((line) => line.includes('!resource-constraint') && line.startsWith('eve'))).toBe(true);
  expect(r.service.stats().rooms['loading']).toBeLessThan(11_000);
});
