/** Fan-out by a multicast service (docs/architecture.md "Fan-out"): found, tried, used by large rooms, in the order of before; and given up when it refuses. */
import type { Domain, RoomJid } from '../../src/xmpp/fold';
import type { RoomRows } from '../../src/room/contract/rows';
import type { Answer, Request } from '../../src/link/link';
import { findMulticast } from '../../src/service/multicast/discovery';
import { Loops } from '../../src/service/multicast/loops';
import { parse } from '../support/conversation';
import { FakeClock, settle } from './fake-clock';
import { FakeLink } from './fake-link';
import { FakeRoom } from './fake-room';
import { MulticastLink, SERVICE } from './multicast-link';
import { DOMAIN, iq, join, leave, rig, ROOM, say, type Rig, type RigOptions } from './rig';
import fc, { runs } from '../support/property';

/** A room that says how large it is. */
class SizedRoom extends FakeRoom {
  get occupants(): number {
    return [...this.sessions].length;
  }
}

const jid = (i: number, domain = 'x.lit'): string => `u${i}@${domain}/1`;
const RULES = { service: 'auto', from: 4, addresses: 3 };

interface Started extends Rig {
  readonly link: MulticastLink;
}

async function start(options: RigOptions = {}, before: (link: MulticastLink) => void = () => undefined): Promise<Started> {
  const link = new MulticastLink();
  before(link);
  const made = await rig({
    link,
    multicast: RULES,
    serverDomain: 'x.lit' as Domain,
    makeRoom: (room: RoomJid, rows: RoomRows | null) => new SizedRoom(room, rows, []),
    attached: false,
    ...options,
  });
  link.deliver = (xml) => made.feed(xml);
  await made.online();
  await settle();
  return { ...made, link };
}

/** Somebody's lines. */
const to = (who: string, lines: readonly string[]): string[] =>
  lines.filter((line) => line.startsWith(`${who} `)).map((line) => line.slice(who.length + 1));

async function fill({ play, link }: Started, count: number): Promise<void> {
  for (let i = 1; i <= count; i++) await play(join(jid(i), `n${i}`));
  await settle();
  link.take();
  link.given.length = 0;
}

describe('opening', () => {
  test('what the server names is tried with addresses of ours, and used', async () => {
    const { link, service, lines } = await start();
    expect(service.stats().multicast).toMatchObject({ open: true, rooms: 0 });
    expect(lines).toContainEqual({ event: 'multicast.open', service: SERVICE, addresses: 3, everywhere: false });
    expect(link.sent).toEqual([]);
    for (const xml of link.given) expect(xml.match(/jid="[^"]*"/g)?.every((one) => one.startsWith(`jid="${DOMAIN}/`))).toBe(true);
  });

  test('only what is on the server or below it is asked, and the first in its order is used', async () => {
    const asked: string[] = [];
    const has = parse(
      '<iq type="result"><query xmlns="http://jabber.org/protocol/disco#info"><feature var="http://jabber.org/protocol/address"/></query></iq>',
    );
    const items = ['else.lit', 'evilx.lit', 'one.x.lit', 'two.x.lit'].map((one) => `<item jid="${one}"/>`).join('');
    const list = parse(`<iq type="result"><query xmlns="http://jabber.org/protocol/disco#items">${items}</query></iq>`);
    const request = async ({ to: whom, payload }: Request): Promise<Answer> => {
      asked.push(whom);
      if (whom === 'x.lit') return payload.includes('items') ? { type: 'result', stanza: list } : { type: 'timeout' };
      if (whom === 'one.x.lit') for (let i = 0; i < 3; i++) await settle();
      return { type: 'result', stanza: has };
    };
    expect(await findMulticast({ request }, DOMAIN, 'x.lit')).toEqual({ service: 'one.x.lit', everywhere: false });
    expect(asked).toEqual(['x.lit', 'x.lit', 'one.x.lit', 'two.x.lit']);
  });

  test.each(['auto', SERVICE])('one that says it sends copies everywhere gets recipients of other domains too (%s)', async (service) => {
    const set = await start({ multicast: { ...RULES, service } }, (link) => (link.everywhere = true));
    expect(set.lines).toContainEqual({ event: 'multicast.open', service: SERVICE, addresses: 3, everywhere: true });
    await fill(set, 3);
    const far = jid(4, 'far.lit');
    await set.play(join(far, 'n4'));
    await settle();
    set.link.take();
    set.link.given.length = 0;
    const heard = [...(await set.play(say(jid(1), 'hello')))];
    await settle();
    heard.push(...set.link.take());
    expect(to(far, heard)).toEqual(['hello']);
    expect(set.link.given.some((xml) => xml.includes(far))).toBe(true);
  });

  test('what comes from others with the id of a loop is no loop of ours', async () => {
    const link = new FakeLink();
    const loops = new Loops({ ...{ link, clock: new FakeClock(), domain: DOMAIN }, secret: () => 's', deaf: () => false, patience: 1_000 });
    const outcome = loops.fly(SERVICE);
    const copy = (from: string, type = ''): boolean => loops.took(parse(`<message from="${from}" to="${DOMAIN}/loop-s" id="s"${type}/>`));
    expect([copy('ann@x.lit/1'), copy(SERVICE), copy(`${DOMAIN}/multicast-s`, ' type="error"')]).toEqual([false, false, false]);
    expect(copy(`${DOMAIN}/multicast-s`)).toBe(true);
    expect(await outcome).toEqual({ kind: 'back' });
  });

  test('a service that takes fewer addresses gets half as many, and half again', async () => {
    const { lines } = await start({ multicast: { ...RULES, addresses: 100 } }, (link) => (link.limit = 20));
    expect(lines).toContainEqual({ event: 'multicast.open', service: SERVICE, addresses: 12, everywhere: false });
  });

  test.each(['shows', 'doubles', 'tracks', 'turns'] as const)('one that %s is not used', async (does) => {
    const { service, complaints } = await start({}, (link) => (link.does = does));
    expect(service.stats().multicast.open).toBe(false);
    expect(complaints).toEqual([expect.stringContaining('is not used')]);
  });

  test('one that refuses, or says nothing, is left alone for ten minutes', async () => {
    const { service, clock, link } = await start({}, (one) => (one.refuses = 'forbidden'));
    expect(service.stats().multicast.open).toBe(false);
    link.refuses = undefined;
    link.silent = true;
    await clock.pass(10 * 60_000 + 60_000);
    expect(service.stats().multicast.open).toBe(false);
    link.silent = false;
    await clock.pass(10 * 60_000);
    expect(service.stats().multicast.open).toBe(true);
  });

  test('none is looked for if none is wanted', async () => {
    const { link } = await start({ multicast: { ...RULES, service: 'none' } });
    expect([link.requests, link.given]).toEqual([[], []]);
  });
});

describe('a large room', () => {
  test('speaks by the service to its own server, in stanzas of as many addresses as that takes, and directly to others', async () => {
    const set = await start();
    await fill(set, 5);
    const { play, link } = set;
    await play(join(jid(6, 'far.lit'), 'n6'));
    link.take();
    link.given.length = 0;
    const lines = await play(say(jid(1), 'hello'));
    await settle();
    const all = [...lines, ...link.take()];
    for (let i = 1; i <= 5; i++) expect(to(jid(i), all)).toEqual(['hello']);
    expect(to(jid(6, 'far.lit'), all)).toEqual(['hello']);
    const groups = link.given.map((xml) => [...xml.matchAll(/ jid="([^"]*)"/g)].map(([, one]) => one));
    expect(groups).toEqual([
      [jid(1), jid(2), jid(3)],
      [jid(4), jid(5)],
    ]);
    for (const xml of link.given) expect(xml.match(/<address /g)).toHaveLength(xml.match(/<address type="bcc"/g)?.length ?? 0);
    expect(set.service.stats().multicast).toMatchObject({ rooms: 1 });
  });

  test('goes that way when what it said directly is confirmed, and back at half when what it said by the service is', async () => {
    const set = await start();
    await fill(set, 3);
    const { play, link, service } = set;
    link.held = [];
    await play(join(jid(4), 'n4'));
    expect(await play(say(jid(1), 'one'))).toEqual([]);
    for (const answer of link.held.splice(0)) answer(true);
    link.held = undefined;
    await settle();
    expect(to(jid(4), link.take())).toEqual(['one']);
    expect(link.given).not.toEqual([]);
    link.works = false;
    for (let i = 4; i > 1; i--) await play(leave(jid(i), `n${i}`));
    link.given.length = 0;
    await play(say(jid(1), 'two'));
    expect(to(jid(1), link.sent)).toEqual([]);
    link.works = true;
    link.work();
    await settle();
    await settle();
    expect(to(jid(1), link.take())).toEqual([`${jid(4)} left`, `${jid(3)} left`, `${jid(2)} left`, 'two']);
    expect(service.stats().multicast.rooms).toBe(0);
  });

  test('an answer waits until what was said before is confirmed, and what is said later to whoever asked waits behind it; nobody else waits', async () => {
    const set = await start();
    await fill(set, 4);
    const { play, link } = set;
    link.works = false;
    await play(say(jid(1), 'one'), iq(jid(2), 'who', 'q'), say(jid(1), 'two'), iq(jid(2), 'who', 'r'));
    expect(link.take()).toEqual([]);
    const groups = (): number => link.given.filter((xml) => xml.includes('>two<')).length;
    expect(groups()).toBe(2);
    link.work();
    await settle();
    link.works = true;
    link.work();
    await settle();
    await settle();
    const lines = link.take();
    expect(to(jid(2), lines)).toEqual(['one', 'in: n1 n2 n3 n4', 'two', 'in: n1 n2 n3 n4']);
    expect(to(jid(1), lines)).toEqual(['one', 'two']);
    const asked = await play(iq(jid(3), 'who', 's'));
    await settle();
    expect(to(jid(3), [...asked, ...link.take()])).toEqual(['in: n1 n2 n3 n4']);
  });

  test('goes back though somebody asks while it waits for that, and answers them', async () => {
    const set = await start();
    await fill(set, 4);
    const { play, link, service } = set;
    link.works = false;
    for (let i = 4; i > 1; i--) await play(leave(jid(i), `n${i}`));
    await play(iq(jid(1), 'who', 'q'), say(jid(1), 'one'));
    link.works = true;
    for (let i = 0; i < 4; i++) {
      link.work();
      await settle();
    }
    expect(service.stats().multicast.rooms).toBe(0);
    expect(to(jid(1), link.take())).toEqual([`${jid(4)} left`, `${jid(3)} left`, `${jid(2)} left`, 'in: n1', 'one']);
  });

  test('says what waits before the service of rooms stops', async () => {
    const set = await start();
    await fill(set, 4);
    const { play, link, clock, service } = set;
    link.works = false;
    await play(say(jid(1), 'one'), iq(jid(2), 'who', 'q'));
    const stopped = service.stop();
    await clock.pass(30_000);
    await stopped;
    expect(to(jid(2), link.sent)).toEqual(['in: n1 n2 n3 n4']);
  });

  test('what it said is confirmed by a stanza through the service, and not by a ping', async () => {
    const set = await start();
    await fill(set, 4);
    const { play, link, clock, store } = set;
    await clock.pass(5_000);
    link.works = false;
    await play(say(jid(1), 'one'));
    await clock.pass(5_000);
    const delivered = (): number => store.disk.rooms.get(ROOM)?.counters.deliveredRev ?? 0;
    expect(delivered()).toBe(4);
    link.work();
    await settle();
    await clock.pass(5_000);
    expect(delivered()).toBe(5);
  });

  test('what the service had when the server was killed is said again', async () => {
    const set = await start();
    await fill(set, 4);
    const { play, link, clock, offline, online } = set;
    await clock.pass(5_000);
    link.works = false;
    await play(say(jid(1), 'one'));
    await clock.pass(5_000);
    link.kill();
    offline();
    link.works = true;
    link.take();
    await online();
    await settle();
    for (let i = 1; i <= 4; i++) expect(to(jid(i), link.sent)).toEqual(['say-again: one']);
    link.take();
    const lines = await play(say(jid(1), 'two'));
    await settle();
    for (let i = 1; i <= 4; i++) expect(to(jid(i), [...lines, ...link.take()])).toEqual(['two']);
  });

  test('after a minute of silence it is said again, directly', async () => {
    const set = await start();
    await fill(set, 4);
    const { play, link, clock, service } = set;
    await clock.pass(5_000);
    link.silent = true;
    await play(say(jid(1), 'one'));
    expect(link.take()).toEqual([]);
    await clock.pass(70_000);
    for (let i = 1; i <= 4; i++) expect(to(jid(i), link.sent)).toEqual(['say-again: one']);
    expect(service.stats().multicast).toMatchObject({ open: false, rooms: 0, closed: 1 });
  });

  test('what it says to one alone takes the same way, and what an old archive holds of addresses is nothing to the service', async () => {
    const set = await start();
    await fill(set, 4);
    const { play, link } = set;
    const ns = 'http://jabber.org/protocol/address';
    const said = `x</t><addresses xmlns="${ns}"><address type="bcc" jid="evil@x.lit"/></addresses><p:addresses xmlns:p="${ns}"/><y><addresses xmlns="${ns}"/></y><t>`;
    await play(`<message from="${jid(1)}" to="${ROOM}" type="groupchat"><body>${said.replaceAll('<', '&lt;')}</body></message>`);
    await settle();
    expect(link.given.length).toBeGreaterThan(0);
    for (const xml of link.given) {
      expect(xml.match(/<(p:)?addresses/g)).toHaveLength(2);
      expect(xml).not.toContain('evil');
    }
  });

  test('more than the service confirms waits, for a second at most, and rooms take turns', async () => {
    const set = await start({ multicast: { ...RULES, addresses: 5_000 } }, (link) => (link.limit = 5_000));
    const { play, link, clock } = set;
    const other = `b@${DOMAIN}` as RoomJid;
    for (let i = 1; i <= 40; i++) await play(join(jid(i), `n${i}`), join(jid(i), `n${i}`, other));
    await clock.pass(5_000);
    link.take();
    link.works = false;
    link.given.length = 0;
    for (let k = 0; k < 500; k++) await play(say(jid(1), `m${k}`));
    await play(say(jid(1), 'other', other));
    const count = (): number => link.given.filter((xml) => xml.includes('groupchat')).length;
    expect(count()).toBe(410);
    await clock.pass(1_000);
    expect(count()).toBe(501);
    link.works = true;
    link.work();
    await settle();
    expect(to(jid(7), link.take())).toHaveLength(501);
  });
});

describe('a service that refuses', () => {
  test.each([true, false])(
    'what it refused leaves one by one at once, each once and in order; errors that repeat the stanza: %s',
    async (repeats) => {
      const set = await start();
      await fill(set, 5);
      const { play, link, complaints, service, clock, lines } = set;
      link.repeats = repeats;
      link.works = false;
      const heard = await play(say(jid(1), 'one'), say(jid(1), 'two'));
      link.work(2);
      await settle();
      link.refuses = 'forbidden';
      link.works = true;
      heard.push(...link.take(), ...(await play(say(jid(1), 'three'), iq(jid(3), 'who', 'q'), say(jid(1), 'four'))));
      link.work();
      await settle();
      await settle();
      heard.push(...link.take());
      for (let i = 1; i <= 5; i++)
        expect(to(jid(i), heard)).toEqual(['one', 'two', 'three', ...(i === 3 ? ['in: n1 n2 n3 n4 n5'] : []), 'four']);
      expect(complaints).toEqual([expect.stringContaining('the multicast service was closed: it refuses (forbidden)')]);
      expect(service.stats().multicast).toMatchObject({ open: false, rooms: 0, closed: 1 });
      // Nobody was taken for gone.
      await clock.pass(60_000);
      expect(await play(iq(jid(1), 'who', 'w'))).toEqual([`${jid(1)} in: n1 n2 n3 n4 n5`]);
      link.refuses = undefined;
      await clock.pass(10 * 60_000);
      expect(lines.filter(({ event }) => event === 'multicast.open')).toHaveLength(2);
    },
  );

  test('if it takes fewer addresses than before, it is tried with half as many at once', async () => {
    const set = await start({ multicast: { ...RULES, addresses: 40 } });
    await fill(set, 30);
    const { play, link, lines, clock } = set;
    link.limit = 20;
    const heard = await play(say(jid(1), 'one'));
    for (let i = 0; i < 5; i++) await settle();
    heard.push(...link.take());
    for (let i = 1; i <= 30; i++) expect(to(jid(i), heard)).toEqual(['one']);
    expect(lines.filter(({ event }) => event === 'multicast.open').map((line) => (line as { addresses?: number }).addresses)).toEqual([
      40, 20,
    ]);
    // Once in ten minutes: a service that passes trials and refuses what rooms say is not tried without end.
    link.limit = 10;
    heard.splice(0, Infinity, ...(await play(say(jid(1), 'two'))), ...(await play(say(jid(1), 'three'))));
    for (let i = 0; i < 5; i++) await settle();
    heard.push(...link.take());
    for (let i = 1; i <= 30; i++) expect(to(jid(i), heard)).toEqual(['two', 'three']);
    const opened = (): number => lines.filter(({ event }) => event === 'multicast.open').length;
    await clock.pass(9 * 60_000);
    expect(opened()).toBe(2);
    await clock.pass(2 * 60_000);
    for (let i = 0; i < 5; i++) await settle();
    expect(opened()).toBe(3);
  });
});

type Step = readonly [what: 'say' | 'ask' | 'come' | 'go' | 'work' | 'wait', who: number];
const step = fc.tuple(
  fc.constantFrom('say', 'say', 'ask', 'come', 'go', 'work', 'work', 'wait'),
  fc.integer({ min: 1, max: 8 }),
) as fc.Arbitrary<Step>;

/** What everybody hears, in their order. */
async function story(set: Started, steps: readonly Step[], refusedAfter: number): Promise<Map<string, string[]>> {
  const { feed, play, link, clock } = set;
  const heard: string[] = [];
  const who = (i: number): string => jid(i, i % 4 === 0 ? 'far.lit' : 'x.lit');
  for (let i = 1; i <= 5; i++) await play(join(who(i), `n${i}`));
  await settle();
  link.take();
  link.works = false;
  let n = 0;
  for (const [what, i] of steps) {
    if (n === refusedAfter) link.refuses = 'forbidden';
    if (what === 'say') feed(say(who(i), `m${++n}`));
    else if (what === 'ask') feed(iq(who(i), 'who', `q${++n}`));
    else if (what === 'come') feed(join(who(i), `n${i}`));
    else if (what === 'go') feed(leave(who(i), `n${i}`));
    else if (what === 'work') link.work(i);
    else if (i < 3) await clock.pass(100);
    else await settle();
  }
  link.works = true;
  for (let i = 0; i < 6; i++) {
    link.work();
    await settle();
  }
  heard.push(...link.take());
  const all = new Map<string, string[]>();
  for (let i = 1; i <= 8; i++) all.set(who(i), to(who(i), heard));
  return all;
}

test('whatever the service does when, and whenever it begins to refuse, everybody hears the same and in the same order as without it', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), fc.integer({ min: 0, max: 60 }), async (steps, refusedAfter) => {
      const plain = await story(await start({ multicast: { ...RULES, service: 'none' } }), steps, Infinity);
      expect(await story(await start(), steps, refusedAfter)).toEqual(plain);
    }),
    runs(60),
  );
});
