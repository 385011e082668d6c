/** Histories are bounded in bytes and read a few at a time, as the link takes them; so is who is there, where many enter. */
import { settle } from './fake-clock';
import { enter, instant, realRooms } from './real-rooms';
import { ANN, DOMAIN, rig, ROOM, type Rig } from './rig';
import { MemoryDisk } from '../support/memory-store';
import { HISTORY_BYTES } from '../../src/room/talking/history';

const person = (i: number): string => `p${i}@x.lit/1`;
const LARGE = 'x'.repeat(250_000);
const large = (n: number): string => `<message from="${ANN}" to="${ROOM}" type="groupchat" id="m${n}"><body>${n} ${LARGE}</body></message>`;

/** Counts reads under way and the contents that they gave. */
function counted(it: Rig): { most: number; under: number; bytes: number; reads: number } {
  const counts = { most: 0, under: 0, bytes: 0, reads: 0 };
  const messages = it.store.messages.bind(it.store);
  it.store.messages = async (room, query) => {
    counts.reads++;
    counts.most = Math.max(counts.most, ++counts.under);
    const rows = await messages(room, query);
    counts.under--;
    counts.bytes = Math.max(
      counts.bytes,
      rows.reduce((sum, row) => sum + row.payload.length, 0),
    );
    return rows;
  };
  return counts;
}

async function withLargeMessages(disk: MemoryDisk, messages = 20): Promise<Rig> {
  const it = await rig({ makeRoom: realRooms(true), disk });
  await it.play(enter(ANN, ROOM, 'ann'), instant(ANN, ROOM));
  for (let n = 0; n < messages; n++) await it.play(large(n));
  await it.clock.pass(1_000);
  it.link.take();
  return it;
}

test('found F3: 20 messages of 250 KB, then 80 joins: histories are bounded in bytes, few at a time, and wait for the link', async () => {
  const disk = new MemoryDisk();
  const it = await withLargeMessages(disk);
  const counts = counted(it);
  it.link.congested = true;
  await it.play(...Array.from({ length: 80 }, (_, i) => enter(person(i), ROOM, `p${i}`)));
  expect(counts.reads).toBe(0);
  expect(it.link.take().filter((line) => line.includes(LARGE))).toEqual([]);
  it.link.congested = false;
  it.service.handler.drained();
  for (let i = 0; i < 100; i++) await it.clock.pass(20);
  expect(counts.reads).toBe(80);
  expect(counts.most).toBeLessThanOrEqual(4);
  expect(counts.bytes).toBeLessThanOrEqual(HISTORY_BYTES);
  const histories = it.link.take().filter((line) => line.includes(LARGE));
  expect(histories).toHaveLength(2 * 80);
  // The newest, in order.
  expect(histories.filter((line) => line.startsWith(person(7))).map((line) => /<body>(\d+)/.exec(line)?.[1])).toEqual(['18', '19']);
});

test('found F3: the same after a restart: what is stored as entering is told in its turn, and each hears of everybody once', async () => {
  const disk = new MemoryDisk();
  const before = await withLargeMessages(disk, 4);
  before.link.congested = true;
  const N = 60;
  await before.play(...Array.from({ length: N }, (_, i) => enter(person(i), ROOM, `p${i}`)));
  const after = await rig({ makeRoom: realRooms(true), disk, attached: false });
  const counts = counted(after);
  after.link.congested = true;
  await after.online();
  const early = after.link.take();
  expect(early.filter((line) => line.startsWith(`${person(N - 1)} `) && line.includes('<status code="110"/>'))).toEqual([]);
  after.link.congested = false;
  after.service.handler.drained();
  for (let i = 0; i < 100; i++) await after.clock.pass(20);
  expect(counts.most).toBeLessThanOrEqual(4);
  const told = [...early, ...after.link.take()];
  for (let i = 0; i < N; i++) {
    const mine = told.filter((line) => line.startsWith(`${person(i)} `));
    expect(mine.filter((line) => line.includes('muc#user') && line.includes('<status code="110"/>'))).toHaveLength(1);
    expect(mine.filter((line) => line.includes('muc#user'))).toHaveLength(N + 1);
    expect(mine.filter((line) => line.includes(LARGE)).length).toBeGreaterThan(0);
    expect(mine.at(-1)).toContain('<subject');
  }
});

test('found F3: maxchars bounds what is read, not only what is said', async () => {
  const it = await withLargeMessages(new MemoryDisk(), 5);
  await it.play(`<message from="${ANN}" to="${ROOM}" type="groupchat" id="s"><body>short</body></message>`);
  it.link.take();
  const counts = counted(it);
  const out = await it.play(
    `<presence from="${person(1)}" to="${ROOM}/p"><x xmlns="http://jabber.org/protocol/muc"><history maxchars="1000"/></x></presence>`,
  );
  expect(counts.bytes).toBeLessThan(4_000);
  expect(out.filter((line) => line.includes('<body>'))).toHaveLength(1);
});

test('of the kind of F3: histories of many rooms share the few places, and one that cannot be read gives its place on', async () => {
  const it = await rig({ makeRoom: realRooms(true), disk: new MemoryDisk() });
  const rooms = Array.from({ length: 30 }, (_, i) => `r${i}@${DOMAIN}`);
  for (const room of rooms) {
    await it.play(enter(ANN, room, 'ann'), instant(ANN, room));
    await it.play(`<message from="${ANN}" to="${room}" type="groupchat" id="m"><body>hello</body></message>`);
  }
  it.link.take();
  const counts = counted(it);
  const messages = it.store.messages;
  it.store.messages = (room, query) => (room === rooms[0] ? Promise.reject(new Error('the disk fails')) : messages(room, query));
  await it.play(...rooms.map((room) => enter(person(1), room, 'p')));
  for (let i = 0; i < 30; i++) await settle();
  expect(counts.most).toBeLessThanOrEqual(4);
  expect(it.complaints).toEqual(['the archive could not be read']);
});
