/** Rounds over all rooms that erase what is not kept: their pace, their bounds, and what stands in their way. */
import type { Retention } from '../../src/room/configuring/retention';
import { Retainer, type AuditKept } from '../../src/service/retention';
import { auditBytes, type RetentionStep } from '../../src/store/maintenance';
import { MemoryStore } from '../support/memory-store';
import { batch, create, message } from '../store/batches';
import { FakeClock, settle } from './fake-clock';
import { affiliate, enter, instant, realRooms } from './real-rooms';
import { ANN, rig, ROOM, say } from './rig';
import { asBare, asRoom } from '../support/jids';
import type { AuditRow } from '../../src/room/contract/audit';

const DAY = 86_400_000;
const rooms = ['a', 'b', 'c'].map((local) => `${local}@rooms.x.lit`);
const KEEP_FIVE: Retention = { days: { default: null, max: null }, messages: { default: 5, max: null } };

interface Site {
  readonly store: MemoryStore;
  readonly clock: FakeClock;
  readonly retainer: Retainer;
  readonly steps: RetentionStep[];
  readonly logged: { level: string; event: string; fields: object }[];
  busy: boolean;
  left(): Promise<number[]>;
}

async function site(retention = KEEP_FIVE, each = 400, auditKept?: AuditKept): Promise<Site> {
  const store = new MemoryStore();
  const clock = new FakeClock();
  const rows = Array.from({ length: each }, (_, i) => message(i + 1));
  const counters = { deliveredRev: each };
  await store.commit(batch(1, ...rooms.map((room) => ({ room, counters, changes: [create(room)], messages: rows }))));
  const steps: RetentionStep[] = [];
  const retain = store.retain.bind(store);
  store.retain = (step) => {
    steps.push(step);
    return retain(step);
  };
  const logged: Site['logged'] = [];
  const log = (level: string) => (fields: object, event: string) => void logged.push({ level, event, fields });
  const made = {
    store,
    clock,
    steps,
    logged,
    busy: false,
    left: () => Promise.all(rooms.map(async (room) => (await store.messages(asRoom(room), { limit: 1e6 })).length)),
  };
  const retainer = new Retainer({
    store,
    clock,
    retention,
    auditKept,
    busy: () => made.busy,
    log: { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') },
  });
  return Object.assign(made, { retainer });
}

test('a round erases in small steps with pauses, and is one line in the log; the next one follows', async () => {
  const s = await site();
  s.retainer.start();
  await s.clock.pass(59_000);
  expect(s.steps).toEqual([]);
  await s.clock.pass(1_000);
  expect(await s.left()).toEqual([100, 400, 400]);
  await s.clock.pass(99);
  expect(s.steps).toHaveLength(1);
  await s.clock.pass(1);
  expect(s.steps).toHaveLength(2);
  await s.clock.pass(1_000);
  expect(await s.left()).toEqual([5, 5, 5]);
  expect(s.steps.map(({ budget }) => budget)).toEqual(s.steps.map(() => 300));
  expect(s.logged).toEqual([
    {
      level: 'info',
      event: 'messages that rooms do not keep any more were erased',
      fields: { event: 'retention.finished', erased: 3 * 395, steps: s.steps.length },
    },
  ]);
  const before = s.steps.length;
  await s.clock.pass(11 * 60_000);
  expect(s.steps).toHaveLength(before + 1);
  // Nothing was erased: nothing to tell.
  expect(s.logged.at(-1)?.level).toBe('debug');
});

test('a slow step is followed by a long pause', async () => {
  const s = await site();
  s.store.hold();
  s.retainer.start();
  await s.clock.pass(60_000 + 500);
  s.store.letGo();
  await settle();
  await s.clock.pass(9_900);
  expect(s.steps).toHaveLength(1);
  await s.clock.pass(100);
  expect(s.steps).toHaveLength(2);
});

test('a busy store is left alone, but not for ever', async () => {
  const s = await site();
  s.busy = true;
  s.retainer.start();
  await s.clock.pass(60_000 + 29_000);
  expect(s.steps).toHaveLength(0);
  await s.clock.pass(2_000);
  expect(s.steps).toHaveLength(1);
  s.busy = false;
  await s.clock.pass(2_000);
  expect(await s.left()).toEqual([5, 5, 5]);
});

test('a store that fails: the next round goes on', async () => {
  const s = await site();
  s.store.fail('full');
  s.retainer.start();
  await s.clock.pass(61_000);
  expect(s.logged.map(({ level }) => level)).toEqual(['error']);
  s.store.heal();
  await s.clock.pass(11 * 60_000);
  expect(await s.left()).toEqual([5, 5, 5]);
});

test('stopped in the middle of a round it takes no further step and says nothing', async () => {
  const s = await site();
  s.retainer.start();
  await s.clock.pass(60_000);
  s.retainer.stop();
  await s.clock.pass(30 * 60_000);
  expect(s.steps).toHaveLength(1);
  expect(s.logged).toEqual([]);
});

test('by age, as the operator sets it', async () => {
  const s = await site({ days: { default: null, max: 1 }, messages: { default: null, max: null } }, 10);
  s.retainer.start();
  await s.clock.pass(61_000);
  // The messages are of the second second; a day has not gone by.
  expect(await s.left()).toEqual([10, 10, 10]);
  await s.clock.pass(DAY);
  expect(await s.left()).toEqual([0, 0, 0]);
});

test('a step counts the age of messages to the time of day, also when that was set since: not to the time since the machine booted', async () => {
  const s = await site();
  s.clock.set(-5 * DAY);
  s.retainer.start();
  await s.clock.pass(60_000);
  const first = s.clock.now();
  await s.clock.pass(100);
  expect(s.steps.map(({ now }) => now)).toEqual([first, first + 100]);
});

test('an owner who sets a bound has it in force, in a room that sleeps or not', async () => {
  const r = await rig({ makeRoom: realRooms(true) });
  await r.play(enter(ANN, ROOM, 'ann'), instant(ANN, ROOM));
  for (let i = 0; i < 9; i++) await r.play(say(ANN, `message ${i}`));
  const form =
    '<field var="FORM_TYPE"><value>http://jabber.org/protocol/muc#roomconfig</value></field>' +
    '<field var="{urn:parlour:room}archivemessages"><value>4</value></field>';
  await r.play(
    `<iq from="${ANN}" to="${ROOM}" type="set" id="o"><query xmlns="http://jabber.org/protocol/muc#owner"><x xmlns="jabber:x:data" type="submit">${form}</x></query></iq>`,
  );
  await r.clock.pass(62_000);
  expect((await r.store.messages(ROOM, { limit: 99 })).map(({ clientId }) => clientId)).toEqual([5, 6, 7, 8].map((i) => `message ${i}`));
  expect(r.complaints).toEqual([]);
  await r.service.stop();
});

describe('found F12: what is too much of the audit trail goes soon, not after the next round', () => {
  const act = (reason: string): AuditRow => ({
    at: 1,
    by: { kind: 'account', name: asBare('ann@x.lit'), face: 'xmpp' },
    act: 'set-affiliations',
    count: 1,
    items: [{ object: 'bob@x.lit', before: null, after: 'member', reason }],
  });
  let number = 10;
  async function acts(s: Site, count: number, reason = ''): Promise<void> {
    const row = act(reason);
    const changes = Array.from({ length: count }, () => ({ table: 'audit', row }) as const);
    await s.store.commit(batch(++number, { room: rooms[0] as string, counters: { deliveredRev: 5, rev: 5 }, changes }));
    for (let i = 0; i < count; i++) s.retainer.noteAct(row);
  }
  const bytes = (s: Site): number => s.store.disk.audit.reduce((sum, row) => sum + auditBytes(row), 0);
  const started = async (kept: Partial<AuditKept>): Promise<Site> => {
    number = 10;
    const s = await site(KEEP_FIVE, 5, { days: null, rows: 1e9, bytes: 1e9, ...kept });
    s.retainer.start();
    await s.clock.pass(70_000);
    return s;
  };

  test('after a thousand acts', async () => {
    const s = await started({ rows: 500 });
    await acts(s, 999);
    await s.clock.pass(5_000);
    expect(s.store.disk.audit).toHaveLength(999);
    await acts(s, 1);
    await s.clock.pass(60_000);
    expect(s.store.disk.audit).toHaveLength(500);
  });

  test('after a mebibyte of texts, and again', async () => {
    const s = await started({ bytes: 200_000 });
    for (let i = 0; i < 2; i++) {
      await acts(s, 30, 'x'.repeat(50_000));
      await s.clock.pass(60_000);
      expect(bytes(s)).toBeLessThanOrEqual(200_000);
    }
  });

  test('in bounded rounds, while the store has nothing better to do, and not once it is stopped', async () => {
    const s = await started({ rows: 0 });
    const bound = jest.spyOn(s.store, 'boundAudit').mockResolvedValue(true);
    s.busy = true;
    await acts(s, 1_000);
    await s.clock.pass(20_000);
    expect(bound).toHaveBeenCalledTimes(0);
    s.busy = false;
    await s.clock.pass(100_000);
    expect(bound).toHaveBeenCalledTimes(100);
    await acts(s, 1_000);
    await s.clock.pass(500);
    s.retainer.stop();
    const before = bound.mock.calls.length;
    await acts(s, 1_000);
    await s.clock.pass(100_000);
    expect(bound).toHaveBeenCalledTimes(before);
  });

  test('a failure is told, and the next acts try again', async () => {
    const s = await started({ rows: 500 });
    const bound = jest.spyOn(s.store, 'boundAudit').mockRejectedValueOnce(new Error('The disk is full'));
    await acts(s, 1_000);
    await s.clock.pass(1_000);
    expect(s.logged.at(-1)).toMatchObject({ level: 'error', fields: { event: 'retention.audit-failed' } });
    bound.mockRestore();
    await acts(s, 1_000);
    await s.clock.pass(60_000);
    expect(s.store.disk.audit).toHaveLength(500);
  });

  test('the service notes each act that is committed', async () => {
    const r = await rig({ makeRoom: realRooms(true), auditKept: { days: null, rows: 3, bytes: 1e9 } });
    await r.play(enter(ANN, ROOM, 'ann'), instant(ANN, ROOM));
    const item = (i: number): string => affiliate(ANN, ROOM, `<item affiliation="member" jid="p${i}@x.lit"/>`);
    for (let i = 0; i < 1_000; i += 100) await r.play(...Array.from({ length: 100 }, (_, j) => item(i + j)));
    await r.clock.pass(30_000);
    expect(r.store.disk.audit).toHaveLength(3);
  });
});
