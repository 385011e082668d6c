/** The life of a room: absent, loading, awake, released; and what waits meanwhile. */
import { settle } from './fake-clock';
import { FakeRoom } from './fake-room';
import { ANN, BOB, CAT, DOMAIN, iq, join, leave, rig, ROOM, say } from './rig';
import { asRoom } from '../support/jids';

test('a join into a room being loaded waits for it, in order with what came before and after', async () => {
  const first = await rig();
  await first.play(join(ANN, 'ann'));
  await first.clock.pass(2_000);
  const { play, store, link } = await rig({ disk: first.store.disk });
  store.holdReads();
  expect(await play(say(ANN, 'one'), join(BOB, 'bob'), say(ANN, 'two'))).toEqual([]);
  store.letReadsGo();
  await settle();
  expect(link.take()).toEqual([`${ANN} one`, `${ANN} bob joined`, `${BOB} bob joined`, `${ANN} two`, `${BOB} two`]);
});

test('two creators at once: one creates, the other joins what the first created', async () => {
  const { feed, link, store } = await rig();
  store.holdReads();
  feed(join(ANN, 'ann'), join(BOB, 'bob'));
  store.letReadsGo();
  await settle();
  expect(link.take()).toEqual([`${ANN} ann joined`, `${ANN} bob joined`, `${BOB} bob joined`]);
  const creations = store.taken.flatMap((batch) => batch.changes.flat()).filter((change) => change?.table === 'room');
  expect(creations).toHaveLength(1);
});

test('a room that does not exist is let go as soon as it has answered, and is claimed only once for what waited', async () => {
  const { play, service, store } = await rig();
  let claims = 0;
  const claim = store.claim.bind(store);
  store.claim = (room) => (claims++, claim(room));
  expect(await play(iq(ANN, 'who', 'q1'), iq(ANN, 'who', 'q2'), iq(ANN, 'who', 'q3'))).toHaveLength(3);
  expect(claims).toBe(1);
  expect(service.stats().rooms).toEqual({ loading: 0, awake: 0, 'catching-up': 0, releasing: 0 });
});

test('a destroyed room is let go when its farewells are confirmed; until then a join meets the same machine', async () => {
  const { play, clock, service } = await rig();
  await play(join(ANN, 'ann'));
  expect(await play(iq(ANN, 'destroy', 'q', ROOM, 'set'))).toEqual([`${ANN} destroyed`, `${ANN} done`]);
  expect(service.stats().rooms['awake']).toBe(1);
  await clock.pass(2_000);
  expect(service.stats().rooms['awake']).toBe(0);
  expect(await play(join(ANN, 'ann'))).toEqual([`${ANN} ann joined`]);
});

test('loads at the same time are bounded, first come first served', async () => {
  const { play, store, link } = await rig({ limits: { loads: 2 } });
  const claimed: string[] = [];
  const claim = store.claim.bind(store);
  store.claim = (room) => (claimed.push(room), claim(room));
  store.holdReads();
  const rooms = ['1', '2', '3', '4'].map((name) => `${name}@${DOMAIN}`);
  await play(...rooms.map((room) => join(ANN, 'ann', asRoom(room))));
  expect(claimed).toEqual(rooms.slice(0, 2));
  store.letReadsGo();
  await settle();
  expect(claimed).toEqual(rooms);
  expect(link.take()).toHaveLength(4);
});

test('what waits for a room is bounded by number and bytes; more is refused, but nobody’s leaving', async () => {
  const { play, store, service } = await rig({ limits: { waiting: 3, waitingBytes: 1_000 } });
  store.holdReads();
  await play(join(ANN, 'ann'), say(ANN, '1'), say(ANN, '2'));
  expect(await play(say(ANN, '3'), leave(ANN, 'ann'))).toEqual([`${ANN} !resource-constraint`]);
  expect(await play(join(BOB, 'bob', asRoom(`b@${DOMAIN}`)), say(BOB, 'x'.repeat(1_000), asRoom(`b@${DOMAIN}`)))).toEqual([
    `${BOB} !resource-constraint`,
  ]);
  store.letReadsGo();
  await settle();
  expect(store.disk.rooms.get(ROOM)?.sessions.size).toBe(0);
  expect(service.stats().gathered).toBe(0);
});

test('what waits too long is refused when its own time is up', async () => {
  const { play, store, clock, link } = await rig({ limits: { waitingMs: 10_000 } });
  store.holdReads();
  await play(join(ANN, 'ann'));
  await clock.pass(6_000);
  await play(join(BOB, 'bob'));
  await clock.pass(4_000);
  expect(link.take()).toEqual([`${ANN} !resource-constraint`]);
  await clock.pass(5_999);
  expect(link.take()).toEqual([]);
  await clock.pass(1);
  expect(link.take()).toEqual([`${BOB} !resource-constraint`]);
  store.letReadsGo();
  await settle();
  expect(link.take()).toEqual([]);
});

test('a claim that fails: the inputs get their errors, the room is absent again, and the next stanza tries anew', async () => {
  const { play, store, service } = await rig();
  const claim = store.claim.bind(store);
  store.claim = () => Promise.reject(new Error('no'));
  expect(await play(join(ANN, 'ann'), iq(BOB, 'who', 'q'))).toEqual([`${ANN} !internal-server-error`, `${BOB} !internal-server-error`]);
  expect(service.stats().rooms['loading']).toBe(0);
  store.claim = claim;
  expect(await play(join(ANN, 'ann'))).toEqual([`${ANN} ann joined`]);
});

test('a leave survives loads that fail, and rows that no machine can be made of', async () => {
  const first = await rig();
  await first.play(join(ANN, 'ann'), join(BOB, 'bob'));
  await first.clock.pass(2_000);
  let broken = true;
  const { play, store, clock, link } = await rig({
    disk: first.store.disk,
    makeRoom: (jid, rows) => {
      if (broken) throw new Error('these rows make no sense');
      return new FakeRoom(jid, rows, []);
    },
  });
  expect(await play(leave(BOB, 'bob'), say(ANN, 'one'))).toEqual([`${ANN} !internal-server-error`]);
  broken = false;
  await clock.pass(1_000);
  expect(link.take()).toEqual([`${ANN} ${BOB} left`]);
  expect([...(store.disk.rooms.get(ROOM)?.sessions.keys() ?? [])]).toEqual([ANN]);
});

test('idle rooms are let go, and above the cap the least recently used; they come back as they were', async () => {
  const { play, clock, service } = await rig({ limits: { idleMs: 60_000, awake: 1 } });
  await play(join(ANN, 'ann'));
  await clock.pass(2_000);
  await play(join(BOB, 'bob', asRoom(`b@${DOMAIN}`)));
  await clock.pass(2_000);
  expect(service.stats().rooms['awake']).toBe(1);
  expect(await play(join(CAT, 'cat'))).toEqual([`${ANN} cat joined`, `${CAT} cat joined`]);
  await clock.pass(120_000);
  expect(service.stats().rooms['awake']).toBe(0);
});
