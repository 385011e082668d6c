/** The time of day is set back or forth: what waits, and for how long, does not notice (C6). */
import type { Answer } from '../../src/link/link';
import { parse } from '../support/conversation';
import { settle } from './fake-clock';
import { ANN, BOB, join, rig, ROOM, say } from './rig';

const HOUR = 3600_000;

test.each([-HOUR, HOUR])(
  'C6 the time of day moves by %d ms: what waits for a room is refused when its time is up, not sooner or later',
  async (by) => {
    const { play, store, clock, link } = await rig({ limits: { waitingMs: 10_000 } });
    store.holdReads();
    await play(join(ANN, 'ann'));
    await clock.pass(4_000);
    clock.set(by);
    await play(join(BOB, 'bob'));
    await clock.pass(5_999);
    expect(link.take()).toEqual([]);
    await clock.pass(1);
    expect(link.take()).toEqual([`${ANN} !resource-constraint`]);
    await clock.pass(4_000);
    expect(link.take()).toEqual([`${BOB} !resource-constraint`]);
  },
);

test('C6 the time of day is set back: somebody whose server is unreachable is out after two hours all the same', async () => {
  const r = await rig();
  await r.play(join(ANN, 'ann'), join(BOB, 'bob'));
  r.link.take();
  const error = '<error type="wait"><remote-server-timeout xmlns="urn:ietf:params:xml:ns:xmpp-stanzas"/></error>';
  r.link.answer = ({ to }): Answer =>
    to === BOB ? { type: 'error', stanza: parse(`<iq from="${to}" type="error">${error}</iq>`) } : { type: 'timeout' };
  await r.play(`<presence from="${BOB}" to="${ROOM}/ann" type="error">${error}</presence>`);
  await r.clock.pass(60_000);
  r.clock.set(-24 * HOUR);
  await r.clock.pass(2 * HOUR);
  expect(r.link.take()).toEqual([`${ANN} ${BOB} is gone`]);
});

test('C6 the time of day is set back by a day: a room that nobody speaks to is let go after its time, not a day later', async () => {
  const r = await rig({ limits: { idleMs: 60_000 } });
  await r.play(join(ANN, 'ann'), say(ANN, 'x'));
  r.clock.set(-24 * HOUR);
  await r.clock.pass(5 * 60_000);
  await settle();
  expect(r.service.stats().rooms['awake']).toBe(0);
});
