/** The end of the service (XEP-0045 §11.2), over all rooms: asleep, awake, being loaded; with a store that fails; with nobody let in. */
import { administrator, BY_ITSELF } from '../../src/room/contract/audit';
import { asBare } from '../support/jids';
import { MemoryDisk } from '../support/memory-store';
import { settle } from './fake-clock';
import { enter, instant, realRooms } from './real-rooms';
import { ANN, BOB, CAT, DOMAIN, iq, leave, rig, ROOM, type Rig } from './rig';

const OTHER = `b@${DOMAIN}`;

/** Who was told 110 and 332 by which room. */
const told = (r: Rig): string[] =>
  r.link.xml
    .filter((xml) => xml.includes('type="unavailable"') && xml.includes('<status code="110"/>') && xml.includes('<status code="332"/>'))
    .map((xml) => `${/to="([^"]*)"/.exec(xml)?.[1] ?? ''} by ${/from="([^"]*)"/.exec(xml)?.[1] ?? ''}`)
    .sort();

async function occupied(persistent: boolean, disk = new MemoryDisk()): Promise<Rig> {
  const r = await rig({ makeRoom: realRooms(persistent), disk });
  await r.play(enter(ANN, ROOM, 'ann'), instant(ANN, ROOM), enter(BOB, ROOM, 'bob'));
  await r.play(enter(BOB, OTHER, 'bob'), instant(BOB, OTHER));
  r.link.take();
  return r;
}

test.each([[true], [false]])('everybody in every room is told once, and is out of it for good (persistent: %s)', async (persistent) => {
  const r = await occupied(persistent);
  const ended = r.service.shutDown(administrator(asBare('root@x.lit')), 'Moving house');
  await settle();
  await ended;
  expect(told(r)).toEqual([`${ANN} by ${ROOM}/ann`, `${BOB} by ${ROOM}/bob`, `${BOB} by ${OTHER}/bob`]);
  expect(r.link.xml.filter((xml) => xml.includes('unavailable'))).toHaveLength(3);
  expect(r.link.xml[0]).toContain('<reason>Moving house</reason>');
  expect(await r.store.sessionsAfter('', 9)).toEqual([]);
  const trail = r.store.disk.audit.filter(({ act }) => act === 'shut-down');
  expect(trail.map(({ by, count }) => `${by.name ?? ''} ${by.kind}/${by.face} ${count}`)).toEqual([
    'root@x.lit administrator/ad-hoc 2',
    'root@x.lit administrator/ad-hoc 1',
  ]);
  await r.clock.pass(2_000);
  expect([...r.store.disk.rooms.keys()]).toEqual(persistent ? [ROOM, OTHER] : []);
  await r.service.stop();
});

test('rooms that sleep are woken for it', async () => {
  const disk = new MemoryDisk();
  const before = await occupied(true, disk);
  await before.clock.pass(2_000);
  await before.service.stop();
  const r = await rig({ makeRoom: realRooms(true), disk });
  expect(r.service.stats().rooms.awake).toBe(0);
  const ended = r.service.shutDown(BY_ITSELF);
  for (let i = 0; i < 4; i++) await settle();
  await ended;
  expect(told(r)).toHaveLength(3);
});

test('people who entered before are told, even if the join was not committed; people who come after are refused', async () => {
  const r = await occupied(true);
  r.store.hold();
  r.feed(enter(CAT, ROOM, 'cat'), enter(CAT, `new@${DOMAIN}`, 'cat'));
  const ended = r.service.shutDown(BY_ITSELF);
  r.feed(enter('dan@x.lit/1', ROOM, 'dan'), iq('dan@x.lit/1', 'query', 'q'));
  r.store.letGo();
  for (let i = 0; i < 4; i++) await settle();
  await ended;
  expect(told(r)).toEqual([
    `${ANN} by ${ROOM}/ann`,
    `${BOB} by ${ROOM}/bob`,
    `${BOB} by ${OTHER}/bob`,
    `${CAT} by ${ROOM}/cat`,
    `${CAT} by new@${DOMAIN}/cat`,
  ]);
  const dan = r.link.xml.filter((xml) => xml.includes('to="dan@x.lit/1"'));
  expect(dan).toHaveLength(2);
  expect(dan.find((xml) => xml.startsWith('<presence'))).toContain('<resource-constraint');
  // A question is still answered, by the room.
  expect(dan.find((xml) => xml.startsWith('<iq'))).toContain('<service-unavailable');
  r.link.take();
  expect(await r.play(enter(ANN, ROOM, 'ann'), leave(ANN, 'ann'))).toEqual([`${ANN} !resource-constraint`]);
});

test('a store that fails for a while: tried again until everybody is told', async () => {
  const r = await occupied(true);
  r.store.failNext();
  let over = false;
  const ended = r.service.shutDown(BY_ITSELF).then(() => (over = true));
  await settle();
  expect([over, told(r)]).toEqual([false, []]);
  await r.clock.pass(5_000);
  await ended;
  expect(told(r)).toHaveLength(3);
});

test('a store that fails for good: it is given up and logged', async () => {
  const r = await occupied(true);
  r.store.fail();
  const ended = r.service.shutDown(BY_ITSELF);
  await r.clock.pass(120_000);
  await ended;
  expect(told(r)).toEqual([]);
  expect(r.complaints).toContain('some rooms could not be told of the shutdown');
});

test('rooms that cannot be listed: those awake are told, and it is logged', async () => {
  const r = await occupied(true);
  r.store.occupiedAfter = () => Promise.reject(new Error('unreadable'));
  await r.service.shutDown(BY_ITSELF);
  expect(told(r)).toHaveLength(3);
  expect(r.complaints).toEqual(['the rooms with people in them could not be read; only those awake are told of the end']);
});

test('farewells that did not reach the server are said by the next start', async () => {
  const r = await occupied(true);
  r.offline();
  await r.service.shutDown(BY_ITSELF, 'Later');
  await r.service.stop();
  const next = await rig({ makeRoom: realRooms(true), disk: r.store.disk });
  for (let i = 0; i < 4; i++) await settle();
  expect(told(next)).toHaveLength(3);
  // After that start it is a service like any other.
  expect((await next.play(enter(CAT, ROOM, 'cat'))).join()).not.toContain('!');
});
