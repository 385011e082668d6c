/** What has reached the server, and what is said again when it may not have (design "What others see raises the room's rev"). */
import { BY_ITSELF } from '../../src/room/contract/audit';
import { settle } from './fake-clock';
import { enter, realRooms } from './real-rooms';
import { ANN, BOB, DOMAIN, iq, join, rig, ROOM, say } from './rig';
import { asRoom } from '../support/jids';

test('output is confirmed by one ping behind it, and a quiet room’s deliveredRev is written by itself a second later', async () => {
  const { play, store, link, clock } = await rig();
  await play(join(ANN, 'ann'), say(ANN, 'one'), join(BOB, 'bob', asRoom(`b@${DOMAIN}`)));
  const batches = store.taken.length;
  await clock.pass(200);
  expect([link.barriers, store.taken.length]).toEqual([1, batches]);
  await clock.pass(1_000);
  expect(store.taken.slice(batches).map(({ rooms, counters }) => [rooms, counters.deliveredRev])).toEqual([
    [
      [ROOM, `b@${DOMAIN}`],
      [2, 1],
    ],
  ]);
  await clock.pass(60_000);
  expect([link.barriers, store.taken.length]).toEqual([1, batches + 1]);
});

test('in a busy room deliveredRev rides on the next batch', async () => {
  const { play, store, clock } = await rig();
  await play(join(ANN, 'ann'));
  await clock.pass(200);
  await play(say(ANN, 'one'));
  expect(store.taken.at(-1)?.counters).toMatchObject({ rev: [2], deliveredRev: [1] });
});

test('in a room that is not archived the time of its latest use is written once an hour, by a message that writes nothing else', async () => {
  const { play, store, link, clock } = await rig({ makeRoom: realRooms(true) });
  await play(
    enter(ANN, ROOM, 'Ann'),
    `<iq from="${ANN}" to="${ROOM}" type="set" id="c"><query xmlns="http://jabber.org/protocol/muc#owner"><x xmlns="jabber:x:data" type="submit"><field var="FORM_TYPE"><value>http://jabber.org/protocol/muc#roomconfig</value></field><field var="muc#roomconfig_enablearchiving"><value>0</value></field><field var="muc#roomconfig_publicroom"><value>0</value></field></x></query></iq>`,
  );
  await clock.pass(10_000);
  link.take();
  const used = (): number => store.disk.rooms.get(ROOM)?.counters.used ?? 0;
  const [before, batches] = [used(), store.taken.length];
  for (let i = 0; i < 3; i++) {
    await clock.pass(60_000);
    await play(`<message from="${ANN}" to="${ROOM}" type="groupchat"><body>not kept</body></message>`);
  }
  expect([used(), store.taken.length]).toEqual([before, batches]);
  await clock.pass(3_600_000);
  expect(await play(`<message from="${ANN}" to="${ROOM}" type="groupchat"><body>later</body></message>`)).toHaveLength(1);
  expect(store.taken.length).toBe(batches + 1);
  expect(used()).toBeGreaterThanOrEqual(before + 3_600_000);
  await clock.pass(60_000);
  await play(`<message from="${ANN}" to="${ROOM}" type="groupchat"><body>later</body></message>`);
  expect(store.taken.length).toBe(batches + 1);
});

test('a ping that finds the link lost confirms nothing', async () => {
  const { play, store, link, clock, offline } = await rig();
  link.held = [];
  await play(join(ANN, 'ann'));
  await clock.pass(200);
  offline();
  await clock.pass(60_000);
  expect(store.disk.rooms.get(ROOM)?.counters).toMatchObject({ rev: 1, deliveredRev: 0 });
});

test('after a start, what was committed and perhaps never delivered is said again, before anything is decided', async () => {
  const first = await rig();
  await first.play(join(ANN, 'ann'), say(ANN, 'one'));
  const second = await rig({ disk: first.store.disk });
  expect(second.link.take()).toEqual([`${ANN} say-again: one`]);
  const third = await rig({ disk: first.store.disk });
  third.link.take();
  expect(third.journal).toEqual([`${ROOM} say-again`, `${ROOM} messages`]);
  await third.clock.pass(2_000);
  const fourth = await rig({ disk: first.store.disk });
  expect([fourth.journal, fourth.link.take()]).toEqual([[], []]);
});

test('a stanza that wakes such a room waits until it has said everything', async () => {
  const first = await rig();
  await first.play(join(ANN, 'ann'), say(ANN, 'one'));
  const { play, store, link, online } = await rig({ disk: first.store.disk, attached: false });
  store.unsaidAfter = () => new Promise(() => undefined);
  store.holdReads();
  await online();
  expect(await play(say(ANN, 'two'), iq(ANN, 'who', 'q'), say(ANN, 'three'))).toEqual([]);
  store.letReadsGo();
  await settle();
  expect(link.take()).toEqual([`${ANN} say-again: one`, `${ANN} two`, `${ANN} in: ann`, `${ANN} three`]);
});

test('after a lost link awake rooms say again what was not confirmed, and only that', async () => {
  const { play, link, clock, offline, online } = await rig();
  await play(join(ANN, 'ann'), say(ANN, 'one'));
  await clock.pass(200);
  await play(say(ANN, 'two'));
  offline();
  await online();
  expect(link.take()).toEqual([`${ANN} say-again: two`]);
  await clock.pass(200);
  offline();
  await online();
  expect(link.take()).toEqual([]);
});

test('what was decided for the lost link and is committed only afterwards reaches everybody once, in order', async () => {
  const { play, store, link, clock, offline, online } = await rig();
  await play(join(ANN, 'ann'), join(BOB, 'bob'));
  await clock.pass(200);
  await play(say(ANN, 'one'));
  store.hold();
  await play(say(ANN, 'two'), iq(ANN, 'who', 'q'));
  offline();
  await online();
  expect(await play(say(BOB, 'three'))).toEqual([]);
  store.letGo();
  await settle();
  expect(link.take()).toEqual([
    `${ANN} in: ann bob`,
    `${ANN} say-again: one`,
    `${BOB} say-again: one`,
    `${ANN} say-again: two`,
    `${BOB} say-again: two`,
    `${ANN} three`,
    `${BOB} three`,
  ]);
});

test('what is decided while there is no link is said when there is one', async () => {
  const { play, link, clock, service, offline, online } = await rig();
  await play(join(ANN, 'ann'));
  await clock.pass(200);
  offline();
  await service.execute({ actor: BY_ITSELF, room: ROOM, command: { name: 'set-affiliations', items: [] } });
  expect(link.take()).toEqual([]);
  await online();
  expect(link.take()).toEqual([`${ANN} say-again: news`]);
});

test('a link lost while saying again: the next one gets everything, the old read’s answer is void', async () => {
  const first = await rig();
  await first.play(join(ANN, 'ann'), say(ANN, 'one'));
  const { store, link, offline, online } = await rig({ disk: first.store.disk });
  link.take();
  store.holdReads();
  offline();
  await online();
  offline();
  await online();
  store.letReadsGo();
  await settle();
  expect(link.take()).toEqual([`${ANN} say-again: one`]);
});

test('a read for saying again that fails is tried until it works; meanwhile the room waits', async () => {
  const first = await rig();
  await first.play(join(ANN, 'ann'), say(ANN, 'one'));
  const { play, store, link, clock, offline, online, complaints } = await rig({ disk: first.store.disk });
  link.take();
  const messages = store.messages.bind(store);
  store.messages = () => Promise.reject(new Error('unreadable'));
  offline();
  await online();
  expect(await play(say(ANN, 'two'))).toEqual([]);
  await clock.pass(3_000);
  expect(link.take()).toEqual([]);
  store.messages = messages;
  await clock.pass(1_000);
  expect(link.take()).toEqual([`${ANN} say-again: one`, `${ANN} two`]);
  expect(new Set(complaints)).toEqual(new Set(['the archive could not be read']));
});

test('a reload after a refused commit does not repeat what the present link has taken', async () => {
  const { play, store, link } = await rig();
  link.held = [];
  await play(join(ANN, 'ann'), say(ANN, 'one'));
  store.refuse(ROOM);
  expect(await play(say(ANN, 'two'))).toEqual([`${ANN} !internal-server-error`]);
  expect(await play(say(ANN, 'three'))).toEqual([`${ANN} three`]);
});

test('a refused commit loses no confirmation: it is written with the machine made anew', async () => {
  const { play, store, clock } = await rig();
  await play(join(ANN, 'ann'), say(ANN, 'one'));
  await clock.pass(200);
  store.refuse(ROOM);
  await play(say(ANN, 'two'));
  await clock.pass(2_000);
  expect(store.disk.rooms.get(ROOM)?.counters).toMatchObject({ rev: 2, deliveredRev: 2, seq: 1 });
});

test('a link lost while a room is to be reloaded: the reload says again what only the lost link had taken', async () => {
  const { play, store, link, offline, online } = await rig();
  link.held = [];
  await play(join(ANN, 'ann'), say(ANN, 'one'));
  store.hold();
  await play(say(ANN, 'two'), iq(ANN, 'boom', 'q'));
  offline();
  await online();
  store.letGo();
  await settle();
  expect(link.take().filter((line) => line.includes('o'))).toEqual([
    `${ANN} !internal-server-error`,
    `${ANN} say-again: one`,
    `${ANN} say-again: two`,
  ]);
});

test('a link lost while a room is being reloaded: the same', async () => {
  const { play, store, link, offline, online } = await rig();
  link.held = [];
  await play(join(ANN, 'ann'), say(ANN, 'one'));
  store.holdReads();
  await play(iq(ANN, 'boom', 'q'));
  offline();
  await online();
  store.letReadsGo();
  await settle();
  expect(link.take()).toEqual([`${ANN} say-again: one`]);
});
