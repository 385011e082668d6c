/** A room that another process runs meanwhile: nothing of it leaves, it is settled, and loaded again or refused (architecture.md, life of a room). */
import { BY_ITSELF } from '../../src/room/contract/audit';
import { settle } from './fake-clock';
import { ANN, BOB, iq, join, leave, rig, ROOM, say } from './rig';

test('what it decided is refused in order, and nothing of it leaves; the room is claimed anew and goes on from what is there', async () => {
  const { play, store, link, service, complaints, clock } = await rig();
  await play(join(ANN, 'ann'), join(BOB, 'bob'), say(ANN, 'before'));
  store.hold();
  await play(say(ANN, 'one'), leave(BOB, 'bob'));
  await play(say(ANN, 'two'), iq(ANN, 'who', 'q'));
  store.lose(ROOM);
  store.letGo();
  await settle();
  expect(link.take().filter((line) => line.startsWith(ANN) && !line.includes('left'))).toEqual([
    `${ANN} !internal-server-error`,
    `${ANN} !internal-server-error`,
    `${ANN} !internal-server-error`,
  ]);
  expect(complaints).toContain('the store refused what a room wrote');
  expect(store.disk.rooms.get(ROOM)?.messages.map(({ payload }) => payload)).toEqual(['before']);
  expect(service.stats().rooms['loading']).toBe(1);
  store.letGoOf(ROOM);
  await clock.pass(60_000);
  link.take();
  expect(await play(say(ANN, 'three'))).toEqual([`${ANN} three`]);
  expect(store.disk.rooms.get(ROOM)?.messages.map(({ payload }) => payload)).toEqual(['before', 'three']);
});

test('as long as the other has it what comes is refused; leaving waits, and is done when the room can be had', async () => {
  const { play, store, link, clock } = await rig();
  await play(join(ANN, 'ann'), join(BOB, 'bob'));
  store.lose(ROOM);
  await play(say(ANN, 'lost'), leave(BOB, 'bob'));
  link.take();
  expect(store.disk.rooms.get(ROOM)?.messages).toEqual([]);
  store.letGoOf(ROOM);
  await clock.pass(60_000);
  await settle();
  expect([...(store.disk.rooms.get(ROOM)?.sessions.keys() ?? [])]).toEqual([ANN]);
  expect(await play(say(ANN, 'again'))).toContain(`${ANN} again`);
  expect(store.disk.rooms.get(ROOM)?.messages.map(({ payload }) => payload)).toEqual(['again']);
});

test('a command of a lost room settles', async () => {
  const { play, store, service } = await rig();
  await play(join(ANN, 'ann'));
  store.lose(ROOM);
  const outcome = service.execute({ actor: BY_ITSELF, room: ROOM, command: { name: 'set-affiliations', items: [] } });
  await settle();
  expect(await outcome).toMatchObject({ ok: false });
});

test('each commit carries the token of the claim under which the room was loaded, another after each load', async () => {
  const { play, store } = await rig();
  await play(join(ANN, 'ann'), say(ANN, 'one'));
  store.refuse(ROOM);
  await play(say(ANN, 'bad'));
  await play(say(ANN, 'two'));
  const tokens = store.taken.filter(({ messages }) => messages.room.length > 0).map(({ tokens: [token] = [] }) => token);
  expect(tokens).toHaveLength(3);
  expect(tokens[0]).toBe(tokens[1]);
  expect(tokens[2]).not.toBe(tokens[0]);
  expect(tokens.every((token) => typeof token === 'string')).toBe(true);
});
