/** How many messages of a person were erased is known also when the program ends in the middle of it (H23). */
import { BY_ITSELF } from '../../src/room/contract/audit';
import { MemoryDisk } from '../support/memory-store';
import { enter, instant, realRooms } from './real-rooms';
import { ANN, CAT, ROOM, rig } from './rig';
import { asBare } from '../support/jids';

const MESSAGES = 900;

test('found H23: a person with 900 messages is being erased, and the program dies: the number told in the end is whole', async () => {
  const disk = new MemoryDisk();
  const it = await rig({ makeRoom: realRooms(true), disk });
  await it.play(enter(ANN, ROOM, 'ann'), instant(ANN, ROOM), enter(CAT, ROOM, 'cat'));
  for (let n = 0; n < MESSAGES; n++)
    await it.play(`<message from="${CAT}" to="${ROOM}" type="groupchat" id="m${n}"><body>${n}</body></message>`);
  await it.clock.pass(1_000);
  // Pages are answered until some are erased; then this program asks no more.
  const archive = it.store.archive.bind(it.store);
  let pages = 0;
  it.store.archive = (room, query) => (++pages > 4 ? new Promise(() => undefined) : archive(room, query));
  void it.service.execute({ actor: BY_ITSELF, room: ROOM, command: { name: 'erase-person', jid: asBare('cat@x.lit') } });
  for (let i = 0; i < 50; i++) await it.clock.pass(10);
  expect(pages).toBe(5);

  const again = await rig({ makeRoom: realRooms(true), disk });
  const done = again.service.execute({ actor: BY_ITSELF, room: ROOM, command: { name: 'erase-person', jid: asBare('cat@x.lit') } });
  for (let i = 0; i < 100; i++) await again.clock.pass(10);
  expect(await done).toMatchObject({ ok: true, erased: MESSAGES });
  // Once told, it is not counted again.
  const later = again.service.execute({ actor: BY_ITSELF, room: ROOM, command: { name: 'erase-person', jid: asBare('cat@x.lit') } });
  for (let i = 0; i < 100; i++) await again.clock.pass(10);
  expect(await later).toMatchObject({ ok: true, erased: 0 });
});
