/** What goes on failing is told once and tried less and less often: a damaged database filled the log with one stack a second. */
import { Deadlines } from '../../src/service/life/deadlines';
import { StoreFailed } from '../../src/store/failures';
import { FakeClock, settle } from './fake-clock';
import { DOMAIN, iq, join, ANN, rig } from './rig';

const BROKEN = new StoreFailed('broken', 'What was read makes no sense.');

function lines(): { log: Record<'debug' | 'info' | 'warn' | 'error', (fields: object, message: string) => void>; told: string[] } {
  const told: string[] = [];
  const tell = (level: string) => (_: object, message: string) => void told.push(`${level}: ${message}`);
  return { told, log: { debug: tell('debug'), info: tell('info'), warn: tell('warn'), error: tell('error') } };
}

test('deadlines that cannot be read: one line, then back-off up to a minute, and one line when they can be read again', async () => {
  const clock = new FakeClock();
  const { log, told } = lines();
  let reads = 0;
  let broken = true;
  const store = {
    dueRooms: () => {
      reads++;
      return broken ? Promise.reject(BROKEN) : Promise.resolve({ rooms: [], next: null });
    },
  };
  const deadlines = new Deadlines({ store, clock, log, retryMs: 1_000 }, () => undefined);
  deadlines.start();
  await settle();
  await clock.pass(3600_000);
  expect(told).toEqual(['error: rooms with due deadlines could not be read']);
  expect(reads).toBeGreaterThan(55);
  expect(reads).toBeLessThan(80);
  broken = false;
  await clock.pass(60_000);
  expect(told.slice(1)).toEqual(['info: rooms with due deadlines can be read again']);
  deadlines.stop();
});

test('rooms that owe something and cannot be listed: one line', async () => {
  const r = await rig({ attached: false });
  let reads = 0;
  r.store.unsaidAfter = () => {
    reads++;
    return Promise.reject(BROKEN);
  };
  await r.online();
  await r.clock.pass(600_000);
  expect(r.complaints.filter((line) => line.includes('undelivered'))).toHaveLength(1);
  expect(reads).toBeLessThan(20);
  await r.service.stop();
});

test('the rooms of sessions that are gone: one line for all of them', async () => {
  const r = await rig();
  r.store.roomsOf = () => Promise.reject(BROKEN);
  await r.play(join(ANN, 'ann'));
  for (let n = 0; n < 5; n++)
    r.feed(
      `<message from="s${n}@x.lit/1" to="a@${DOMAIN}" type="error"><error type="cancel"><service-unavailable xmlns="urn:ietf:params:xml:ns:xmpp-stanzas"/></error></message>`,
    );
  await r.clock.pass(60_000);
  expect(r.complaints.filter((line) => line.includes('session that is gone')).length).toBeLessThanOrEqual(1);
  await r.service.stop();
});

test('a store that cannot save for an hour: its probes are a handful of lines, and the first one after it is back is told', async () => {
  const r = await rig();
  await r.play(join(ANN, 'ann'));
  r.store.fail('broken');
  await r.play(iq(ANN, 'q', '1'), join('bob@x.lit/1', 'bob'));
  await r.clock.pass(3600_000);
  expect(r.complaints.filter((line) => line.includes('cannot save')).length).toBeLessThan(15);
  r.store.heal();
  await r.clock.pass(5_000);
  const before = r.journal.length;
  await r.play(join('cat@x.lit/1', 'cat'));
  expect(r.journal.length).toBeGreaterThan(before);
  await r.service.stop();
});
