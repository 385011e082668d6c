/** The time of day is set back or forth: what waits, and for how long, does not notice (C6). */
import type { Answer } from '../../src/link/link';
import { resourceOf } from '../../src/xmpp/jid';
import type { Decision, Input } from '../../src/room/contract/machine';
import { parse } from '../support/conversation';
import { settle } from './fake-clock';
import { affiliate, enter, instant, realRooms } from './real-rooms';
import { ANN, BOB, join, rig, ROOM, say } from './rig';
import { asFull } from '../support/jids';

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

describe('found C6: a clock that was once in the future', () => {
  const YEAR = 365 * 24 * HOUR;
  const stampOf = (decision: Decision): number[] =>
    decision.writes.flatMap((write) => (write.table === 'message' ? [write.row.stamp] : []));
  const input = (text: string, from = ANN): Input => {
    const stanza = parse(text);
    return { kind: 'stanza', stanza, from: asFull(from), nick: resourceOf(stanza.attrs['to'] as string) };
  };

  test("does not move a room for good: its time is the clock's again, and what is archived stays in order, just behind the latest", () => {
    const room = realRooms(true)(ROOM, null);
    const now = Date.UTC(2026, 0, 1);
    room.decide(input(enter(ANN, ROOM, 'ann')), now + YEAR);
    room.decide(input(instant(ANN, ROOM)), now + YEAR);
    const [first = 0] = stampOf(room.decide(input(say(ANN, 'then')), now + YEAR));
    const later = Array.from({ length: 3000 }, (_, i) => stampOf(room.decide(input(say(ANN, `m${i}`)), now + i * 0.5))[0] as number);
    expect(first).toBe(now + YEAR);
    expect([...later].sort((a, b) => a - b)).toEqual(later);
    // No further than the clock has gone on, and a second.
    expect(later.at(-1)).toBeLessThanOrEqual(first + 1_000 + 1_500);
    const { writes, counters } = room.decide(input(affiliate(ANN, ROOM, '<item affiliation="member" jid="bob@x.lit"/>')), now + HOUR);
    expect(writes.flatMap((write) => (write.table === 'affiliation' && write.row ? [write.row.setAt] : []))).toEqual([now + HOUR]);
    expect(counters.stamp).toBe(later.at(-1));
  });

  test('a question notices that other things are due: it writes nothing, and the room writes its deadline when it is told the time', async () => {
    const r = await rig({ makeRoom: realRooms(true) });
    r.clock.set(YEAR);
    const moderated = instant(ANN, ROOM).replace(
      '/></query>',
      '><field var="muc#roomconfig_moderatedroom"><value>1</value></field></x></query>',
    );
    const asks =
      '<x xmlns="jabber:x:data" type="submit"><field var="FORM_TYPE"><value>http://jabber.org/protocol/muc#request</value></field><field var="muc#role"><value>participant</value></field></x>';
    await r.play(
      enter(ANN, ROOM, 'ann'),
      moderated,
      enter(BOB, ROOM, 'bob'),
      `<message from="${BOB}" to="${ROOM}" id="v">${asks}</message>`,
    );
    await settle();
    r.clock.set(-YEAR);
    const due = (): number | null | undefined => r.store.disk.rooms.get(ROOM)?.room.deadline;
    expect(due()).toBeGreaterThan(r.clock.now() + YEAR / 2);
    await r.play(`<iq from="${BOB}" to="${ROOM}" type="get" id="i"><query xmlns="http://jabber.org/protocol/disco#info"/></iq>`);
    await r.clock.pass(1);
    await settle();
    expect(due() ?? 0).toBeLessThan(r.clock.now() + YEAR / 2);
  });

  test('of its kind: a clock set back by some seconds moves nothing back', () => {
    const room = realRooms(true)(ROOM, null);
    const now = Date.UTC(2026, 0, 1);
    room.decide(input(enter(ANN, ROOM, 'ann')), now + 30_000);
    room.decide(input(instant(ANN, ROOM)), now + 30_000);
    const { writes } = room.decide(input(affiliate(ANN, ROOM, '<item affiliation="member" jid="bob@x.lit"/>')), now);
    expect(writes.flatMap((write) => (write.table === 'affiliation' && write.row ? [write.row.setAt] : []))).toEqual([now + 30_000]);
  });

  test('is told once in the log', async () => {
    const r = await rig({ makeRoom: realRooms(true) });
    await r.play(enter(ANN, ROOM, 'ann'), instant(ANN, ROOM), say(ANN, 'then'));
    r.clock.set(-YEAR);
    r.feed(say(ANN, 'a'), say(ANN, 'b'), say(ANN, 'c'));
    await settle();
    expect(r.complaints.filter((one) => one.includes('the clock was once ahead'))).toHaveLength(1);
    expect(r.link.xml.filter((xml) => xml.includes('<body>c</body>'))).toHaveLength(1);
  });
});
