/** Bounded memory: pause, then refuse, then go on. */
import { settle } from './fake-clock';
import { enter, instant, realRooms } from './real-rooms';
import { ANN, BOB, iq, join, leave, rig, ROOM, say } from './rig';
import { asRoom } from '../support/jids';

const BIG = 'x'.repeat(4_000);

test('above the bound the link is paused; when the work is committed it reads again, and nothing was refused', async () => {
  const { play, store, link, service } = await rig({ limits: { gathered: 10_000 } });
  await play(join(ANN, 'ann'));
  store.hold();
  await play(say(ANN, BIG), say(ANN, BIG));
  expect(link.paused).toBe(true);
  store.letGo();
  await settle();
  expect([link.paused, link.take().length, service.stats().gathered]).toEqual([false, 2, 0]);
});

test('after ten seconds it reads again and refuses, in the room’s order, until there is room', async () => {
  const { play, store, link, clock, complaints } = await rig({ limits: { gathered: 10_000 } });
  await play(join(ANN, 'ann'), join(BOB, 'bob'));
  store.hold();
  await play(say(ANN, `${BIG}1`), say(ANN, `${BIG}2`));
  await clock.pass(9_999);
  expect(link.paused).toBe(true);
  await clock.pass(1);
  expect(link.paused).toBe(false);
  expect(await play(say(ANN, 'no'), iq(ANN, 'who', 'q'), leave(BOB, 'bob'))).toEqual([]);
  store.letGo();
  await settle();
  expect(link.take().filter((line) => line.startsWith(ANN))).toEqual([
    `${ANN} ${BIG}1`,
    `${ANN} ${BIG}2`,
    `${ANN} !resource-constraint`,
    `${ANN} !resource-constraint`,
    `${ANN} ${BOB} left`,
  ]);
  expect(await play(say(ANN, 'yes'))).toEqual([`${ANN} yes`]);
  expect(complaints).toEqual(['too much work has gathered: reading is paused', 'reading was paused too long: stanzas are refused']);
});

test('what waits for a room to be loaded counts too', async () => {
  const { play, store, link } = await rig({ limits: { gathered: 10_000 } });
  store.holdReads();
  await play(join(ANN, 'ann'), say(ANN, BIG), say(ANN, BIG), say(ANN, BIG));
  expect(link.paused).toBe(true);
  store.letReadsGo();
  await settle();
  expect(link.paused).toBe(false);
});

test('a peer that does not read: the same, until the link says that it takes bytes again', async () => {
  const { play, link, clock, service } = await rig();
  await play(join(ANN, 'ann'));
  link.congested = true;
  link.waits.set(ROOM, 8_000_000);
  await play(say(ANN, 'one'));
  expect(link.paused).toBe(true);
  await clock.pass(10_000);
  expect(link.paused).toBe(false);
  expect(await play(say(ANN, 'two'))).toEqual([`${ANN} !resource-constraint`]);
  link.congested = false;
  service.handler.drained();
  expect(await play(say(ANN, 'three'))).toEqual([`${ANN} three`]);
});

test('a lost link ends the pause', async () => {
  const { play, link, offline, online } = await rig();
  await play(join(ANN, 'ann'));
  link.congested = true;
  await play(say(ANN, 'one'));
  offline();
  link.congested = false;
  expect(link.paused).toBe(false);
  await online();
  expect(await play(say(ANN, 'two'))).toContain(`${ANN} two`);
});

test('ten thousand messages while the store answers nothing: memory stays within the bound, every asker is answered', async () => {
  const { play, feed, store, link, clock, service } = await rig({ limits: { gathered: 200_000 } });
  await play(join(ANN, 'ann'));
  store.hold();
  for (let i = 0; i < 100 && !link.paused; i++) feed(say(ANN, BIG));
  await clock.pass(10_000);
  const before = service.stats().gathered;
  expect(before).toBeLessThan(220_000);
  store.letGo();
  await settle();
  expect(service.stats().gathered).toBe(0);
  expect(link.take().length).toBe(store.disk.rooms.get(ROOM)?.counters.seq);
});

test('found B3: what writes nothing counts too once it is queued for the link: a query to a room, one to the service', async () => {
  for (const to of [ROOM, 'rooms.x.lit']) {
    const { play, link, service } = await rig();
    await play(join(ANN, 'ann'));
    link.congested = true;
    await play(iq(ANN, 'who', 'q', asRoom(to)));
    expect(link.paused).toBe(true);
    link.congested = false;
    service.handler.drained();
    expect(link.paused).toBe(false);
  }
});

test('found B12: while the server goes on reading the pause goes on, and nobody is refused, however long that takes', async () => {
  const { play, link, clock, service, complaints } = await rig();
  await play(join(ANN, 'ann'));
  link.congested = true;
  await play(say(ANN, 'one'));
  for (let i = 0; i < 20; i++) {
    link.moved++;
    await clock.pass(9_000);
    expect(link.paused).toBe(true);
  }
  link.congested = false;
  service.handler.drained();
  expect(link.paused).toBe(false);
  expect(await play(say(ANN, 'two'))).toEqual([`${ANN} two`]);
  expect(complaints).toEqual(['too much work has gathered: reading is paused']);
});

test('found B12: commits are no relief while the link takes nothing: when that does not move any more, it reads again and refuses', async () => {
  const { play, store, link, clock } = await rig();
  await play(join(ANN, 'ann'));
  store.hold();
  link.congested = true;
  await play(say(ANN, 'one'));
  link.moved++;
  await clock.pass(10_000);
  store.letGo();
  await settle();
  link.take();
  expect(link.paused).toBe(true);
  await clock.pass(10_000);
  expect(link.paused).toBe(false);
  link.waits.set(ROOM, 8_000_000);
  expect(await play(say(ANN, 'no'))).toEqual([`${ANN} !resource-constraint`]);
});

test('found B4: while the disk hangs, a refusal leaves at once to who waits for nothing else, and another keeps nothing of its stanza', async () => {
  const { play, feed, store, link, clock, service } = await rig({ limits: { gathered: 10_000 } });
  await play(join(ANN, 'ann'), join(BOB, 'bob'));
  store.hold();
  await play(say(ANN, `${BIG}1`), say(ANN, `${BIG}2`));
  await clock.pass(10_000);
  const before = service.stats().gathered;
  for (let i = 0; i < 100; i++) feed(say(BOB, BIG));
  await settle();
  expect(link.take()).toEqual(Array(100).fill(`${BOB} !resource-constraint`));
  expect(service.stats().gathered).toBe(before);
  for (let i = 0; i < 100; i++) feed(say(ANN, BIG).replace(/ id="x+"/, ` id="${i}"`));
  await settle();
  expect(link.take()).toEqual([]);
  expect(service.stats().gathered - before).toBeLessThan(100 * 1_000);
  store.letGo();
  await settle();
  expect(link.take().filter((line) => line === `${ANN} !resource-constraint`)).toHaveLength(100);
});

test('found B4: when what a refusal waited for is lost, its asker is told once', async () => {
  const { play, store, link, clock } = await rig({ limits: { gathered: 10_000 } });
  await play(join(ANN, 'ann'));
  store.hold();
  await play(say(ANN, `${BIG}1`), say(ANN, `${BIG}2`));
  await clock.pass(10_000);
  await play(say(ANN, 'no'));
  expect(link.take()).toEqual([]);
  store.fail();
  store.letGo();
  await settle();
  expect(link.take()).toEqual(Array(3).fill(`${ANN} !resource-constraint`));
});

test('found B12: when nothing moves, only rooms are refused that fill the memory or the link; others go on', async () => {
  const other = ROOM.replace('a@', 'b@');
  const { play, link, clock } = await rig();
  await play(join(ANN, 'ann'));
  link.congested = true;
  link.waits.set(ROOM, 8_000_000);
  await play(say(ANN, 'one'));
  await clock.pass(10_000);
  expect(await play(say(ANN, 'no'))).toEqual([`${ANN} !resource-constraint`]);
  expect(await play(join(BOB, 'bob', asRoom(other)), say(BOB, 'quiet', asRoom(other)))).toContain(`${BOB} quiet`);
});

test('found B4: when even refusals gather, nothing is read any more until something moves', async () => {
  const { play, feed, store, link, clock, service } = await rig({ limits: { gathered: 100_000 } });
  await play(join(ANN, 'ann'));
  store.hold();
  for (let i = 0; i < 100 && !link.paused; i++) feed(say(ANN, BIG));
  await clock.pass(10_000);
  expect(link.paused).toBe(false);
  // Each waits for what its asker said before, and has an id as long as any.
  let refusals = 0;
  for (; refusals < 20_000 && !link.paused; refusals++) feed(say(ANN, 'no').replace('id="no"', `id="${'i'.repeat(1_000)}${refusals}"`));
  expect(link.paused).toBe(true);
  expect(refusals).toBeLessThan(100);
  expect(service.stats().gathered).toBeLessThan(160_000);
  await clock.pass(30_000);
  expect(link.paused).toBe(true);
  store.letGo();
  await settle();
  expect(link.paused).toBe(false);
  expect(link.take().filter((line) => line === `${ANN} !resource-constraint`)).toHaveLength(refusals);
  expect(await play(say(ANN, 'yes'))).toEqual([`${ANN} yes`]);
});

test('found B4: a store that does not answer a commit for a minute counts as failed; what it does with it at last is looked at, and it is used again', async () => {
  const { play, store, link, clock, complaints } = await rig();
  await play(join(ANN, 'ann'), join(BOB, 'bob'));
  store.hold();
  expect(await play(say(ANN, 'late'), leave(BOB, 'bob'))).toEqual([]);
  await clock.pass(59_000);
  expect(link.take()).toEqual([]);
  await clock.pass(1_000);
  expect(link.take()).toEqual([`${ANN} !resource-constraint`]);
  expect(await play(say(ANN, 'no'))).toEqual([`${ANN} !resource-constraint`]);
  await clock.pass(60_000);
  expect(complaints).toContain('the store has not answered a commit for too long: writes are refused until it has');
  store.letGo();
  await settle();
  await clock.pass(5_000);
  // It was committed after all: who was refused and the others find it in the archive, and it is said.
  expect(store.disk.rooms.get(ROOM)?.messages.map(({ payload }) => payload)).toEqual(['late']);
  expect(link.take().join()).toContain('late');
  expect(store.disk.rooms.get(ROOM)?.sessions.has(BOB)).toBe(false);
  expect(await play(say(ANN, 'yes'))).toContain(`${ANN} yes`);
  const counters = store.disk.rooms.get(ROOM)?.counters;
  await clock.pass(10_000);
  expect(counters?.seq).toBe(2);
});

test('found B4: the same when the store fails at last: nothing of it is there, and the room goes on from its rows', async () => {
  const { play, store, link, clock, service } = await rig();
  await play(join(ANN, 'ann'));
  store.hold();
  await play(say(ANN, 'lost'));
  await clock.pass(60_000);
  expect(link.take()).toEqual([`${ANN} !resource-constraint`]);
  store.failNext();
  store.letGo();
  await settle();
  await clock.pass(5_000);
  expect(await play(say(ANN, 'yes'))).toEqual([`${ANN} yes`]);
  expect(store.disk.rooms.get(ROOM)?.messages.map(({ payload }) => payload)).toEqual(['yes']);
  expect(service.stats().gathered).toBe(0);
});

test('found B3: what is said late, with no stanza behind it, counts at once: the room list, a history', async () => {
  const { play, store, link } = await rig({ makeRoom: realRooms(true) });
  await play(enter(ANN, ROOM, 'ann'), instant(ANN, ROOM), say(ANN, 'history'));
  const listRooms = store.listRooms.bind(store);
  let list = (): void => undefined;
  store.listRooms = async (query) => {
    await new Promise<void>((resolve) => (list = resolve));
    return listRooms(query);
  };
  const items = '<query xmlns="http://jabber.org/protocol/disco#items"/>';
  await play(`<iq from="${ANN}" to="rooms.x.lit" type="get" id="q">${items}</iq>`);
  expect(link.paused).toBe(false);
  link.congested = true;
  list();
  await settle();
  expect(link.paused).toBe(true);
  expect(link.take().join()).toContain(ROOM);

  const later = await rig({ makeRoom: realRooms(true), disk: store.disk });
  await later.play(say(ANN, 'wake'));
  later.store.holdReads();
  await later.play(enter(BOB, ROOM, 'bob'));
  expect(later.link.paused).toBe(false);
  // The link is full behind what was read.
  const send = later.link.send.bind(later.link);
  later.link.send = (out) => {
    send(out);
    if (out.rest.includes('history')) later.link.congested = true;
  };
  later.store.letReadsGo();
  await settle();
  expect(later.link.paused).toBe(true);
});
