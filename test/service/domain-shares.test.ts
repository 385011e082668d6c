/** A domain has no fixed rate: only while something is scarce do the strangers of each foreign domain get a fair share (found F12, issue 12 section 2). */
import { DomainShares } from '../../src/service/budget/domain-shares';
import { settle } from './fake-clock';
import { affiliate, enter, instant, realRooms } from './real-rooms';
import { ANN, DOMAIN, rig, ROOM, say, type Rig } from './rig';
import { asBare, asDomain } from '../support/jids';

const DAY = 86_400_000;
const INFO = '<query xmlns="http://jabber.org/protocol/disco#info"/>';
const ask = (from: string, id: string, to: string = ROOM): string => `<iq from="${from}" to="${to}" type="get" id="${id}">${INFO}</iq>`;
const answered = (r: Rig, domain: string): number =>
  r.link.xml.filter((xml) => xml.startsWith('<iq ') && xml.includes(`@${domain}/`) && xml.includes('type="result"')).length;

async function room(): Promise<Rig> {
  const r = await rig({
    makeRoom: realRooms(true),
    rates: { messagesPerSecond: 1000 },
    serverDomain: asDomain('x.lit'),
    limits: { gathered: 100_000 },
  });
  await r.play(enter(ANN, ROOM, 'ann'), instant(ANN, ROOM), affiliate(ANN, ROOM, '<item affiliation="member" jid="friend@flood.lit"/>'));
  r.link.xml = [];
  return r;
}

/** Nothing is committed: what is said gathers. */
async function scarce(r: Rig): Promise<void> {
  r.store.hold();
  r.feed(...Array.from({ length: 6 }, (_, i) => say(ANN, `${i}${'x'.repeat(5_000)}`)));
  await settle();
}

const strangers = (domain: string, count: number): string[] => Array.from({ length: count }, (_, i) => `s${i}@${domain}/1`);

describe('a flood by ever new accounts of one foreign domain', () => {
  test('is answered while nothing is scarce', async () => {
    const r = await room();
    r.feed(...strangers('flood.lit', 100).map((from) => ask(from, 'i')));
    await settle();
    expect(answered(r, 'flood.lit')).toBe(100);
  });

  test("waits while much has gathered; another domain, who belongs, and the server's own people do not", async () => {
    const r = await room();
    await scarce(r);
    r.feed(...strangers('flood.lit', 100).map((from) => ask(from, 'i', DOMAIN)));
    r.feed(...strangers('other.lit', 4).map((from) => ask(from, 'i', DOMAIN)));
    r.feed(...strangers('x.lit', 50).map((from) => ask(from, 'i', DOMAIN)));
    await settle();
    expect(answered(r, 'flood.lit')).toBe(10);
    expect(answered(r, 'other.lit')).toBe(4);
    expect(answered(r, 'x.lit')).toBe(50);
    expect(r.link.xml.filter((xml) => xml.includes('type="error"'))).toEqual([]);
    r.store.letGo();
    await settle();
    // Enough for everybody again: all of it is answered, nothing refused.
    await r.clock.pass(15_000);
    expect(answered(r, 'flood.lit')).toBe(100);
    expect(r.link.xml.filter((xml) => xml.includes('type="error"'))).toEqual([]);
  });

  test('does not hold up whoever of that domain belongs to the room', async () => {
    const r = await room();
    r.feed(enter('friend@flood.lit/1', ROOM, 'friend'));
    await settle();
    await scarce(r);
    r.link.xml = [];
    r.feed(...strangers('flood.lit', 100).map((from) => ask(from, 'i', DOMAIN)));
    r.feed(...Array.from({ length: 20 }, (_, i) => ask('friend@flood.lit/1', `f${i}`, DOMAIN)));
    await settle();
    expect(r.link.xml.filter((xml) => xml.includes('friend@flood.lit/1') && xml.includes('type="result"'))).toHaveLength(20);
  });
});

describe('shares', () => {
  const shares = (scarce = true): DomainShares => new DomainShares({ scarce: () => scarce, isLocal: (domain) => domain === 'x.lit' });
  const passing = (s: DomainShares, domain: string, ms: number): number => {
    let passed = 0;
    for (let now = 0; now <= ms; now += 10)
      while (s.when(asDomain(domain), now) <= now) {
        s.take(asDomain(domain), now);
        passed++;
      }
    return passed;
  };

  test('one domain alone gets all of it; of two each gets half', () => {
    expect(passing(shares(), 'a.lit', 10_000)).toBeCloseTo(510, -1);
    const both = shares();
    let [a, b] = [0, 0];
    for (let now = 0; now <= 10_000; now += 10) {
      for (; both.when(asDomain('a.lit'), now) <= now; a++) both.take(asDomain('a.lit'), now);
      for (; both.when(asDomain('b.lit'), now) <= now; b++) both.take(asDomain('b.lit'), now);
    }
    expect(Math.abs(a - b)).toBeLessThan(20);
    expect(a + b).toBeLessThan(560);
  });

  test('an account that was in a room within seven days is no stranger', () => {
    const s = shares();
    s.note(asBare('a@far.lit'), 0);
    expect([
      s.isStranger(asBare('a@far.lit'), asDomain('far.lit'), 7 * DAY),
      s.isStranger(asBare('a@far.lit'), asDomain('far.lit'), 7 * DAY + 1),
    ]).toEqual([false, true]);
    expect([s.isStranger(asBare('b@far.lit'), asDomain('far.lit'), 0), s.isStranger(asBare('b@x.lit'), asDomain('x.lit'), 0)]).toEqual([
      true,
      false,
    ]);
  });

  test('so many domains that they cannot be told apart share as one', () => {
    const s = shares();
    for (let i = 0; i < 3_000; i++) s.take(asDomain(`d${i}.lit`), 0);
    expect(s.when(asDomain('one-more.lit'), 0)).toBeGreaterThan(0);
  });
});
