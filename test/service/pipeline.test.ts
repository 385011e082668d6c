/** Decide, commit, send: what leaves when, and in which order (design "The pipeline, exactly"). */
import { BY_ITSELF } from '../../src/room/contract/audit';
import { settle } from './fake-clock';
import { ANN, BOB, CAT, DOMAIN, iq, join, leave, rig, ROOM, say } from './rig';
import { asRoom } from '../support/jids';

test('nothing leaves before its commit, and everything after it', async () => {
  const { play, store, link } = await rig();
  await play(join(ANN, 'ann'));
  store.hold();
  expect(await play(say(ANN, 'one'))).toEqual([]);
  store.letGo();
  await settle();
  expect(link.take()).toEqual([`${ANN} one`]);
  expect(store.disk.rooms.get(ROOM)?.messages.map(({ payload }) => payload)).toEqual(['one']);
});

test('stanzas of one event are one batch; two batches are with the store, and what comes meanwhile is the next', async () => {
  const { play, feed, store } = await rig();
  await play(join(ANN, 'ann'));
  const before = store.taken.length;
  store.hold();
  await play(say(ANN, 'one'), say(ANN, 'two'));
  feed(say(ANN, 'three'));
  await settle();
  feed(say(ANN, 'four'));
  await settle();
  feed(say(ANN, 'five'));
  await settle();
  store.letGo();
  await settle();
  expect(store.taken.slice(before).map((batch) => batch.messages.payload)).toEqual([['one', 'two'], ['three'], ['four', 'five']]);
  // The second was made before the first was answered.
  expect(store.taken.slice(before).map(({ number, knows }) => number - knows)).toEqual([1, 2, 2]);
  expect(store.taken.map((batch) => batch.number)).toEqual(store.taken.map((_, i) => i + 1));
});

test('a batch carries each room once, with its last counters', async () => {
  const { play, store } = await rig();
  await play(join(ANN, 'ann'), join(BOB, 'bob', asRoom(`b@${DOMAIN}`)));
  await play(say(ANN, 'one'), say(BOB, 'two', asRoom(`b@${DOMAIN}`)), say(ANN, 'three'));
  const batch = store.taken.at(-1);
  expect(batch?.rooms).toEqual([ROOM, `b@${DOMAIN}`]);
  expect(batch?.counters.seq).toEqual([2, 1]);
  expect(batch?.messages.room).toEqual([0, 1, 0]);
  expect(batch?.changes).toEqual([null, null]);
});

test('a query that overtakes a pending join waits for it: its answer leaves behind the join', async () => {
  const { play, store, link } = await rig();
  await play(join(ANN, 'ann'));
  store.hold();
  expect(await play(join(BOB, 'bob'), iq(ANN, 'who', 'q'))).toEqual([]);
  store.letGo();
  await settle();
  expect(link.take()).toEqual([`${ANN} bob joined`, `${BOB} bob joined`, `${ANN} in: ann bob`]);
});

test('what writes nothing leaves at once if nothing of its room is uncommitted, whatever other rooms wait for', async () => {
  const { play, store } = await rig();
  await play(join(ANN, 'ann'), join(BOB, 'bob', asRoom(`b@${DOMAIN}`)));
  store.hold();
  expect(await play(say(BOB, 'slow', asRoom(`b@${DOMAIN}`)), iq(ANN, 'who', 'q'), say(ANN, 'quick'))).toEqual([
    `${ANN} in: ann`,
    `${ANN} quick`,
  ]);
  store.letGo();
});

test('a leaver and a joiner while a message waits: each message goes to those who were in when it was decided', async () => {
  const { play, store, link } = await rig();
  await play(join(ANN, 'ann'), join(BOB, 'bob'));
  store.hold();
  await play(say(ANN, 'one'), leave(BOB, 'bob'), join(CAT, 'cat'), say(ANN, 'two'));
  store.letGo();
  await settle();
  expect(link.take()).toEqual([
    `${ANN} one`,
    `${BOB} one`,
    `${ANN} ${BOB} left`,
    `${ANN} cat joined`,
    `${CAT} cat joined`,
    `${ANN} two`,
    `${CAT} two`,
  ]);
});

test('in order also across two batches with answers and unarchived messages in between', async () => {
  const { play, feed, store, link } = await rig();
  await play(join(ANN, 'ann'));
  store.hold();
  await play(say(ANN, 'one'));
  await play(say(ANN, 'quick 1'), iq(ANN, 'who', 'q1'));
  await play(say(ANN, 'two'));
  feed(say(ANN, 'quick 2'));
  store.letGo();
  await settle();
  expect(link.take()).toEqual([`${ANN} one`, `${ANN} quick 1`, `${ANN} in: ann`, `${ANN} two`, `${ANN} quick 2`]);
});

test('a joiner’s archive read runs after the commit of the join, and its answer is an input', async () => {
  const { play, store, link, journal } = await rig();
  await play(join(ANN, 'ann'), say(ANN, 'one'));
  store.hold();
  await play(join(BOB, 'reader'));
  expect(journal.at(-1)).toBe(`${ROOM} presence`);
  store.letGo();
  await settle();
  expect(link.take()).toEqual([`${ANN} reader joined`, `${BOB} reader joined`, `${ANN} history: one`, `${BOB} history: one`]);
  expect(journal.at(-1)).toBe(`${ROOM} messages`);
});

test('a command is answered after its commit, and not before', async () => {
  const { play, store, service, link } = await rig();
  await play(join(ANN, 'ann'));
  store.hold();
  let outcome: unknown;
  void service
    .execute({ actor: BY_ITSELF, room: ROOM, command: { name: 'set-affiliations', items: [] } })
    .then((answer) => (outcome = answer));
  await settle();
  expect([outcome, link.take()]).toEqual([undefined, []]);
  store.letGo();
  await settle();
  expect([outcome, link.take()]).toEqual([{ ok: true }, [`${ANN} news`]]);
});

test('a request that a room leaves unanswered gets internal-server-error, a second answer is left out; both are logged', async () => {
  const { play, complaints } = await rig();
  await play(join(ANN, 'ann'));
  expect(await play(iq(ANN, 'silent', 'q1'))).toEqual([`${ANN} !internal-server-error`]);
  expect(await play(iq(ANN, 'twice', 'q2'))).toEqual([`${ANN} done`]);
  expect(complaints).toEqual(['a room left a request unanswered', 'a room answered a request more than once']);
});

test('a room that throws answers its asker in order, is made anew from its rows, and goes on', async () => {
  const { play, store, link, complaints } = await rig();
  await play(join(ANN, 'ann'));
  store.hold();
  await play(say(ANN, 'one'), iq(ANN, 'boom', 'q1'), say(ANN, 'two'), iq(ANN, 'who', 'q2'));
  expect(link.take()).toEqual([]);
  store.letGo();
  await settle();
  expect(link.take()).toEqual([`${ANN} one`, `${ANN} !internal-server-error`, `${ANN} two`, `${ANN} in: ann`]);
  expect(complaints).toEqual(['a room threw while deciding']);
});

test('a deadline wakes its room, asleep or awake', async () => {
  const first = await rig();
  await first.play(join(ANN, 'ann'), iq(ANN, 'deadline', 'q', ROOM, 'set'));
  await first.clock.pass(4_999);
  expect(first.link.take()).toEqual([]);
  await first.clock.pass(2);
  expect(first.link.take()).toEqual([`${ANN} timer`]);
  await first.play(iq(ANN, 'deadline', 'q', ROOM, 'set'));
  await first.clock.pass(2_000);
  const second = await rig({ disk: first.store.disk });
  expect(second.service.stats().rooms['awake']).toBe(0);
  await second.clock.pass(12_000);
  expect(second.link.take()).toEqual([`${ANN} timer`]);
});

test('stopping: nothing new is decided, what was decided is committed, sent, confirmed and written', async () => {
  const { play, feed, store, link, service } = await rig();
  await play(join(ANN, 'ann'));
  store.hold();
  feed(say(ANN, 'one'));
  const stopped = service.stop();
  await settle();
  feed(say(ANN, 'two'), iq(ANN, 'who', 'q'));
  store.letGo();
  await stopped;
  expect(link.take()).toEqual([`${ANN} one`, `${ANN} !resource-constraint`, `${ANN} !resource-constraint`]);
  const { rev, deliveredRev } = store.disk.rooms.get(ROOM)?.counters ?? {};
  expect([rev, deliveredRev]).toEqual([2, 2]);
});

test('stopping does not wait for ever', async () => {
  const { play, store, clock, service, complaints } = await rig();
  await play(join(ANN, 'ann'));
  store.hold();
  await play(say(ANN, 'one'));
  const stopped = service.stop();
  await clock.pass(10_000);
  await stopped;
  expect(complaints).toEqual(['the store or the server did not answer in time; stopping all the same']);
  store.letGo();
});

test('what a room says while much of it is still to be written gathers for one commit, 20 ms at most; another room takes it along', async () => {
  const { play, feed, store, link, clock } = await rig();
  const other = asRoom(`b@${DOMAIN}`);
  await play(join(ANN, 'ann'), join(BOB, 'bob', other));
  const before = store.taken.length;
  const batches = (): (readonly string[])[] => store.taken.slice(before).map((batch) => batch.messages.payload);
  link.waits.set(ROOM, 9 * 1024 * 1024);
  for (const text of ['one', 'two']) {
    feed(say(ANN, text));
    await settle();
  }
  expect(batches()).toEqual([]);
  await clock.pass(20);
  expect(batches()).toEqual([['one', 'two']]);
  feed(say(ANN, 'three'));
  await settle();
  expect(batches()).toHaveLength(1);
  await play(say(BOB, 'hello', other));
  expect(batches().slice(1)).toEqual([['three', 'hello']]);
  // The time of the first is over with it: what comes next has its own.
  feed(say(ANN, 'four'));
  await settle();
  await clock.pass(19);
  expect(batches()).toHaveLength(2);
  await clock.pass(1);
  expect(batches().slice(2)).toEqual([['four']]);
  link.waits.clear();
  await play(say(ANN, 'five'));
  expect(batches().slice(3)).toEqual([['five']]);
});
