/** A room that is loaded again and again without deciding anything rests, so that it costs little and its askers are answered. */
import { BY_ITSELF } from '../../src/room/contract/audit';
import { FakeRoom } from './fake-room';
import { ANN, BOB, DOMAIN, iq, join, leave, rig, ROOM, say } from './rig';
import { asBare, asRoom } from '../support/jids';

const LINE = 'a room rests after repeated failed loads';

test('of the life of a room: three loads without one decided input: it rests, is tried after 1 s, 2 s, 4 s, and says so once', async () => {
  let loads = 0;
  let broken = true;
  const r = await rig({
    makeRoom: (jid, rows) => {
      if (jid === ROOM) loads++;
      if (broken && jid === ROOM) throw new Error('its rows make no sense');
      return new FakeRoom(jid, rows, []);
    },
  });
  for (let i = 0; i < 3; i++) expect(await r.play(iq(ANN, 'who', `q${i}`))).toEqual([`${ANN} !internal-server-error`]);
  expect(loads).toBe(3);
  expect(r.service.stats().rooms).toMatchObject({ resting: 1 });
  for (let i = 0; i < 50; i++) expect(await r.play(iq(BOB, 'who', `r${i}`))).toEqual([`${BOB} !internal-server-error`]);
  expect(
    await r.service.execute({ actor: BY_ITSELF, room: ROOM, command: { name: 'erase-person', jid: asBare('ann@x.lit') } }),
  ).toMatchObject({
    ok: false,
  });
  await r.play(leave(ANN, 'ann'));
  expect(loads).toBe(3);
  await r.clock.pass(1_000);
  expect(loads).toBe(4);
  await r.clock.pass(1_999);
  expect(loads).toBe(4);
  await r.clock.pass(1);
  expect(loads).toBe(5);
  await r.clock.pass(3_600_000);
  expect(loads).toBeLessThan(5 + 8 + 12);
  expect(r.complaints.filter((line) => line === LINE)).toHaveLength(1);
  // Other rooms do not suffer, and it comes back by itself.
  expect(await r.play(join(ANN, 'ann', asRoom(`b@${DOMAIN}`)))).toEqual([`${ANN} ann joined`]);
  broken = false;
  await r.clock.pass(300_000);
  expect(await r.play(join(ANN, 'ann'))).toEqual([`${ANN} ann joined`]);
  expect(r.service.stats().rooms.resting).toBeUndefined();
});

test('of the life of a room: one that throws at whatever it is given rests too, and one decided input counts from the start', async () => {
  const r = await rig();
  await r.play(join(ANN, 'ann'));
  for (let i = 0; i < 10; i++) {
    expect(await r.play(iq(ANN, 'boom', `b${i}`))).toEqual([`${ANN} !internal-server-error`]);
    expect(await r.play(say(ANN, `m${i}`))).toEqual([`${ANN} m${i}`]);
  }
  for (let i = 0; i < 4; i++) await r.play(iq(ANN, 'boom', `c${i}`));
  expect(r.complaints.filter((line) => line === LINE)).toHaveLength(1);
  await r.clock.pass(1_000);
  expect(await r.play(say(ANN, 'alive'))).toEqual([`${ANN} alive`]);
});
