/** A room with much to say decides nothing more until the link has taken most of it; other rooms go on, and nobody is refused. */
import type { Outgoing } from '../../src/xmpp/outgoing';
import { MemoryDisk } from '../support/memory-store';
import { settle } from './fake-clock';
import { FakeRoom } from './fake-room';
import { enter, instant, realRooms } from './real-rooms';
import { ANN, BOB, CAT, DOMAIN, iq, join, leave, rig, ROOM, say } from './rig';
import { asRoom } from '../support/jids';

const OTHER = asRoom(`b@${DOMAIN}`);
const MUCH = 65 * 1024 * 1024;

test('found B12, B15: what comes for a room that the server has fallen behind with waits in order, without a deadline; another room goes on', async () => {
  const { play, link, clock, service, complaints } = await rig();
  await play(join(ANN, 'ann'), join(BOB, 'bob'));
  link.waits.set(ROOM, MUCH);
  expect(await play(say(ANN, 'one'), iq(BOB, 'who', 'q'), leave(BOB, 'bob'), say(ANN, 'two'))).toEqual([]);
  expect(await play(join(CAT, 'cat', OTHER), say(CAT, 'there', OTHER))).toContain(`${CAT} there`);
  await clock.pass(600_000);
  expect(link.take()).toEqual([]);
  expect(link.paused).toBe(false);
  link.waits.delete(ROOM);
  service.handler.lowered?.(ROOM);
  await settle();
  const said = link.take().filter((line) => line.startsWith(ANN));
  expect(said).toEqual([`${ANN} one`, `${ANN} ${BOB} left`, `${ANN} two`]);
  expect(complaints).toEqual([]);
  expect(service.stats().gathered).toBe(0);
});

test('found B12: what is decided and not committed counts times those who get it; the commit lets the room go on', async () => {
  const { play, feed, store, link, service } = await rig({ limits: { unsentBytes: 10_000 } });
  for (let i = 0; i < 20; i++) await play(join(`p${i}@x.lit/1`, `p${i}`));
  link.take();
  store.hold();
  for (let i = 0; i < 50; i++) feed(say('p0@x.lit/1', `m${i}`));
  await settle();
  const before = service.stats().gathered;
  expect(before).toBeGreaterThan(0);
  store.letGo();
  for (let i = 0; i < 60; i++) await settle();
  const heard = link.take().filter((line) => line.startsWith('p7@x.lit/1 '));
  expect(heard).toEqual(Array.from({ length: 50 }, (_, i) => `p7@x.lit/1 m${i}`));
  expect(store.disk.rooms.get(ROOM)?.messages).toHaveLength(50);
  expect(service.stats().gathered).toBe(0);
});

test('found B12: beyond the bound of what is held, only those are refused who fill it', async () => {
  const { play, link, clock, service } = await rig({ limits: { waiting: 160 } });
  await play(join(ANN, 'ann'), join(BOB, 'bob'));
  link.waits.set(ROOM, MUCH);
  const crowd = Array.from({ length: 400 }, (_, i) => join(`p${i}@x.lit/1`, `p${i}`));
  expect(await play(...crowd)).toEqual([]);
  const flood = Array.from({ length: 30 }, (_, i) => say(ANN, `flood${i}`));
  expect(await play(...flood)).toEqual(Array(20).fill(`${ANN} !resource-constraint`));
  expect(await play(say(BOB, 'mine'))).toEqual([]);
  link.waits.delete(ROOM);
  service.handler.lowered?.(ROOM);
  await clock.pass(1);
  expect(link.take()).toContain(`${BOB} mine`);
});

test.each(['that was held', 'that came while the room was loading'])(
  'found B13: of a thousand inputs %s so many are decided in one event, the rest in order in the next ones',
  async (what) => {
    let decided = 0;
    const it = await rig({
      limits: { waiting: 2_000 },
      makeRoom: (jid, rows) => {
        const machine = new FakeRoom(jid, rows, []);
        const decide = machine.decide.bind(machine);
        machine.decide = (input, now) => {
          if (input.kind === 'stanza') decided++;
          return decide(input, now);
        };
        return machine;
      },
    });
    const { play, feed, link, clock, service } = it;
    const isHeld = what === 'that was held';
    if (isHeld) {
      await play(join(ANN, 'ann'));
      link.waits.set(ROOM, MUCH);
    } else feed(join(ANN, 'ann'));
    decided = 0;
    for (let i = 0; i < 1_000; i++) feed(say(`p${i}@x.lit/1`, `m${i}`));
    expect(decided).toBe(0);
    link.waits.delete(ROOM);
    if (isHeld) service.handler.lowered?.(ROOM);
    else await settle();
    expect(decided).toBeGreaterThan(0);
    expect(decided).toBeLessThanOrEqual(201);
    // What comes meanwhile has its place behind them.
    feed(say(ANN, 'behind'));
    await clock.pass(1);
    for (let i = 0; i < 20; i++) await settle();
    const heard = link.take().filter((line) => line.startsWith(`${ANN} m`) || line === `${ANN} behind`);
    expect(heard).toEqual([...Array.from({ length: 1_000 }, (_, i) => `${ANN} m${i}`), `${ANN} behind`]);
    expect(service.stats().gathered).toBe(0);
  },
);

test('a lost link ends the holding: what was held is decided, and said when the link is back', async () => {
  const { play, link, offline, online } = await rig();
  await play(join(ANN, 'ann'));
  link.waits.set(ROOM, MUCH);
  expect(await play(say(ANN, 'held'))).toEqual([]);
  link.waits.delete(ROOM);
  offline();
  await settle();
  await online();
  await settle();
  expect(link.take()).toContain(`${ANN} say-again: held`);
});

test('what is held is applied after the room was made anew', async () => {
  const { play, link, store, service } = await rig();
  await play(join(ANN, 'ann'));
  store.hold();
  await play(say(ANN, 'first'));
  link.waits.set(ROOM, MUCH);
  await play(say(ANN, 'held'));
  store.refuse(ROOM);
  store.letGo();
  await settle();
  link.waits.delete(ROOM);
  service.handler.lowered?.(ROOM);
  for (let i = 0; i < 5; i++) await settle();
  expect(link.take()).toEqual([`${ANN} !internal-server-error`, `${ANN} held`]);
});

test('found B15: somebody enters another room with a history while hundreds wait for theirs', async () => {
  const { play, link, store, clock } = await rig({ makeRoom: realRooms(true), disk: new MemoryDisk() });
  for (const room of [ROOM, OTHER]) {
    await play(enter(ANN, room, 'ann'), instant(ANN, room));
    await play(`<message from="${ANN}" to="${room}" type="groupchat" id="h"><body>history</body></message>`);
  }
  let reads = 0;
  const { messages } = store;
  store.messages = (...asked: Parameters<typeof messages>) => {
    reads++;
    return messages.apply(store, asked);
  };
  link.waits.set(ROOM, 17 * 1024 * 1024);
  await play(...Array.from({ length: 300 }, (_, i) => enter(`p${i}@x.lit/1`, ROOM, `p${i}`)));
  expect(reads).toBe(0);
  link.take();
  const told = await play(enter(BOB, OTHER, 'bob'));
  await clock.pass(20);
  expect([...told, ...link.take()].filter((line) => line.startsWith(BOB) && line.includes('history'))).toHaveLength(1);
  expect(reads).toBe(1);
});

test('found B14: what waits of many joins shares one list of addresses, and each who is told who is there gets the same texts', async () => {
  const { play, link, clock, service } = await rig({ makeRoom: realRooms(true), disk: new MemoryDisk() });
  await play(enter(ANN, ROOM, 'ann'), instant(ANN, ROOM), say(ANN, 'history'));
  for (let i = 0; i < 40; i++) await play(enter(`l${i}@x.lit/1`, ROOM, `l${i}`));
  const outs: Outgoing[] = [];
  link.send = (out) => void outs.push(out);
  link.congested = true;
  await play(...Array.from({ length: 50 }, (_, i) => enter(`p${i}@x.lit/1`, ROOM, `p${i}`)));
  const lists = outs.filter(({ to }) => typeof to !== 'string' && to.length > 1).map(({ to }) => to);
  expect(lists.length).toBeGreaterThanOrEqual(50);
  // The moderators are one person.
  expect(new Set(lists).size).toBe(1);
  link.congested = false;
  service.handler.drained();
  for (let i = 0; i < 100; i++) await clock.pass(20);
  const rosters = outs.filter(
    ({ name, to, rest }) => name === 'presence' && typeof to !== 'string' && to.length === 1 && !rest.includes('110'),
  );
  expect(rosters.length).toBeGreaterThan(30 * 90);
  // As many as there are occupants, once for each of the two entitlements, and what each was shown at their own entry.
  expect(new Set(rosters.map(({ rest }) => rest)).size).toBeLessThanOrEqual(2 * 91);
});

test('of the kind of B12: what was held when the room failed meets a deadline again: a store that does not hand out the room is no reason to wait for ever', async () => {
  const { play, link, store, clock, service } = await rig();
  await play(join(ANN, 'ann'));
  store.hold();
  await play(say(ANN, 'first'));
  link.waits.set(ROOM, MUCH);
  await play(say(ANN, 'held'));
  await clock.pass(20_000);
  store.holdReads();
  store.refuse(ROOM);
  store.letGo();
  await settle();
  expect(link.take()).toEqual([`${ANN} !internal-server-error`]);
  expect(service.stats().rooms.loading).toBe(1);
  await clock.pass(9_000);
  expect(link.take()).toEqual([]);
  await clock.pass(1_000);
  expect(link.take()).toEqual([`${ANN} !resource-constraint`]);
});
