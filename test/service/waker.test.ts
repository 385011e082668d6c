/** How accounts are woken: the form of their server, and what they can take (docs/extensions.md). */
import type { Answer, Request } from '../../src/link/link';
import type { Woken } from '../../src/room/contract/machine';
import { MOST_WAITING } from '../../src/service/wake-ups/accounts';
import type { WakeForm } from '../../src/service/wake-ups/wake-stanza';
import { Waker } from '../../src/service/wake-ups/waker';
import { setOwnDomains, type Domain } from '../../src/xmpp/fold';
import { recipientsOf, toXml, type Outgoing } from '../../src/xmpp/outgoing';
import { parse } from '../support/conversation';
import { asBare, asDomain, asFull, asRoom } from '../support/jids';
import { MemoryDisk, MemoryStore } from '../support/memory-store';
import { FakeClock, settle } from './fake-clock';

const ROOM = asRoom('coven@rooms.lit');
const OTHER = asRoom('heath@rooms.lit');
const HAG = asBare('hag@x.lit');
const DAY = 86_400_000;

interface Around {
  readonly chosen?: ReadonlyMap<Domain, WakeForm>;
  readonly disk?: MemoryDisk;
  readonly clock?: FakeClock;
}

function setUp(software: string | null = 'Prosody', { chosen = new Map(), disk = new MemoryDisk(), clock = new FakeClock() }: Around = {}) {
  const store = new MemoryStore(disk);
  let isOnline = true;
  let writes = 0;
  const keep = store.keepWakeUps.bind(store);
  store.keepWakeUps = (changes) => {
    writes++;
    return keep(changes);
  };
  const asked: Request[] = [];
  let sent: Outgoing[] = [];
  const gone: string[] = [];
  let name: string | null = software;
  let drawn = 0;
  /** What fails next, and how the log is told. */
  const failing = { sends: 0, requests: 0 };
  const logged: string[] = [];
  const log = (fields: { readonly event: string }): void => void logged.push(fields.event);
  const waker = new Waker({
    store,
    link: {
      get online() {
        return isOnline;
      },
      send: (out) => {
        if (failing.sends-- > 0) throw new Error('it cannot be written');
        sent.push(out);
      },
      request: (request): Promise<Answer> => {
        if (!isOnline) return Promise.resolve({ type: 'offline' });
        asked.push(request);
        if (failing.requests-- > 0) return Promise.reject(new Error('nobody asks'));
        if (name === null) return Promise.resolve({ type: 'timeout' });
        const query = `<query xmlns="jabber:iq:version"><name>${name}</name></query>`;
        return Promise.resolve({
          type: 'result',
          stanza: parse(`<iq type="result" id="v" from="${request.to}" to="${request.from}">${query}</iq>`),
        });
      },
    },
    clock,
    log: { debug: log, info: log, warn: log, error: log },
    random: { bytes: (count) => Buffer.alloc(count, ++drawn) },
    domain: asDomain('rooms.lit'),
    gone: (room, jid) => void gone.push(`${room} ${jid}`),
    chosen: () => chosen,
  });
  /** What has left since this was last asked. */
  const left = (): string[] => {
    const all = sent.flatMap((out) => recipientsOf(out).map((to) => toXml(out, to)));
    sent = [];
    return all;
  };
  const wake = async (people: readonly Partial<Woken>[] = [{}], room = ROOM): Promise<string[]> => {
    sent = [];
    const all = people.map((one) => ({ jid: HAG, messages: 1, mentions: 0, by: null, ...one }));
    waker.wake(room, { kind: 'wake-up', people: all, content: '<body>x</body>', language: 'en' });
    await settle();
    return left();
  };
  const bounce = (stanza: string, condition: string, type = 'cancel', from: string = HAG): boolean => {
    const id = /id="([^"]*)"/.exec(stanza)?.[1] ?? '';
    const error = `<error type="${type}"><${condition} xmlns="urn:ietf:params:xml:ns:xmpp-stanzas"/></error>`;
    return waker.bounced(parse(`<message type="error" id="${id}" from="${from}" to="${ROOM}">${error}</message>`), asFull(from), ROOM);
  };
  return {
    ...{ clock, waker, asked, wake, left, bounce, gone, failing, logged, store },
    say: (next: string) => void (name = next),
    connected: (now: boolean) => {
      isOnline = now;
      if (now) waker.online();
    },
    writes: () => writes,
  };
}
const formOf = (stanzas: readonly string[]): (string | undefined)[] =>
  stanzas.map((xml) => (xml.includes('type="groupchat"') ? 'groupchat' : xml.includes('<encrypted') ? 'doorbell' : undefined));

describe('when something throws', () => {
  test('one stanza that cannot be written keeps no other from leaving', async () => {
    const { wake, failing, logged } = setUp();
    await wake();
    failing.sends = 1;
    const left = await wake([{ messages: 2 }, { jid: asBare('cat@x.lit'), messages: 3 }]);
    expect(left.map((xml) => / to="([^"]*)"/.exec(xml)?.[1])).toEqual(['cat@x.lit']);
    expect(logged.filter((event) => event === 'stanza.unsendable')).toHaveLength(1);
  });

  test('a question that fails holds nothing for ever: those who waited for it are not woken, and it is asked again', async () => {
    const { wake, asked, failing, logged } = setUp();
    const crowd = Array.from({ length: 6_000 }, (_, i) => ({ jid: asBare(`p${i}@x.lit`) }));
    failing.requests = 1;
    expect(await wake(crowd)).toEqual([]);
    expect(logged).toContain('wake-up.failed');
    expect(await wake(crowd)).toHaveLength(6_000);
    expect(asked).toHaveLength(2);
  });

  test('who finds no place while a domain is asked is not woken, and the log tells how many, once a minute', async () => {
    const { clock, waker, logged } = setUp();
    const people = Array.from({ length: 10_001 }, (_, i) => ({ jid: asBare(`p${i}@x.lit`), messages: 1, mentions: 0, by: null }));
    for (let i = 0; i < 3; i++) waker.wake(ROOM, { kind: 'wake-up', people, content: null, language: 'en' });
    await clock.pass(61_000);
    expect(logged.filter((event) => event === 'wake-up.dropped')).toHaveLength(1);
  });
});

describe('the form', () => {
  test.each([
    ['Prosody', 'groupchat'],
    ['ejabberd', 'doorbell'],
    ['Prosodyish', 'doorbell'],
    [null, 'doorbell'],
  ])('of %s is the %s', async (software, form) => {
    const { wake, asked } = setUp(software);
    expect(formOf(await wake())).toEqual([form]);
    expect(asked.map(({ to, from }) => [to, from])).toEqual([['x.lit', 'rooms.lit/wake']]);
  });

  test('is asked once a week, of who has not said once a day, and what the operator says is not asked', async () => {
    const { wake, asked, clock, say } = setUp('ejabberd');
    for (let i = 0; i < 5; i++) await wake();
    expect(asked).toHaveLength(1);
    await clock.pass(6 * DAY);
    await wake();
    expect(asked).toHaveLength(1);
    await clock.pass(2 * DAY);
    say('Prosody');
    expect(formOf(await wake())).toEqual(['groupchat']);
    expect(asked).toHaveLength(2);
    const chosen = setUp('ejabberd', { chosen: new Map([[asDomain('x.lit'), 'groupchat']]) });
    expect(formOf(await chosen.wake())).toEqual(['groupchat']);
    expect(chosen.asked).toEqual([]);
    const silent = setUp(null);
    await silent.wake();
    await silent.wake();
    expect(silent.asked).toHaveLength(1);
    await silent.clock.pass(DAY + 1);
    await silent.wake();
    expect(silent.asked).toHaveLength(2);
  });

  test('service-unavailable tells nothing; another permanent error moves the domain to the other form, once', async () => {
    const { wake, bounce } = setUp('Prosody');
    const [first = ''] = await wake();
    expect(bounce(first, 'service-unavailable')).toBe(true);
    expect(bounce(first, 'remote-server-timeout', 'wait')).toBe(true);
    const [second = ''] = await wake();
    expect(formOf([second])).toEqual(['groupchat']);
    expect(bounce(second, 'not-allowed')).toBe(true);
    const [third = ''] = await wake();
    expect(formOf([third])).toEqual(['doorbell']);
    bounce(third, 'not-acceptable');
    bounce(second, 'not-allowed');
    expect(formOf(await wake())).toEqual(['doorbell']);
  });

  test('what a client answers tells nothing of its server, and errors to other stanzas are nobody’s here', async () => {
    const { wake, bounce } = setUp('Prosody');
    const [first = ''] = await wake();
    expect(bounce(first, 'not-allowed', 'cancel', `${HAG}/phone`)).toBe(true);
    expect(bounce('<message id="wake-guess"/>', 'not-allowed')).toBe(false);
    expect(formOf(await wake())).toEqual(['groupchat']);
  });

  test('one stanza for all who have missed the same, in each form', async () => {
    const { wake } = setUp('Prosody');
    const stanzas = await wake([{}, { jid: asBare('wicca@x.lit') }, { jid: asBare('crone@x.lit'), messages: 7 }]);
    expect(stanzas.map((xml) => /messages="(\d+)"/.exec(xml)?.[1])).toEqual(['1', '1', '7']);
  });
});

describe('what an account can take', () => {
  test('forty doorbells over all rooms until its next sign of life; a form that nobody keeps is not bounded', async () => {
    const { wake, waker } = setUp('ejabberd');
    let count = 0;
    for (let i = 0; i < 50; i++) count += (await wake([{}], i % 2 === 0 ? ROOM : OTHER)).length;
    expect(count).toBe(MOST_WAITING);
    waker.seen(HAG);
    expect(await wake()).toHaveLength(1);
    const prosody = setUp('Prosody');
    count = 0;
    for (let i = 0; i < 100; i++) count += (await prosody.wake()).length;
    expect(count).toBe(100);
  });

  test('resource-constraint is a pause of a day, or until a sign of life', async () => {
    const { wake, bounce, clock, waker } = setUp('ejabberd');
    bounce((await wake())[0] ?? '', 'resource-constraint', 'wait');
    expect(await wake()).toEqual([]);
    await clock.pass(DAY);
    const [again = ''] = await wake();
    bounce(again, 'resource-constraint', 'wait');
    expect(await wake()).toEqual([]);
    waker.seen(HAG);
    expect(await wake()).toHaveLength(1);
  });

  test('after seven days and twenty tries without any stanza from the account there are no more, until there is one', async () => {
    const { wake, clock, waker } = setUp('Prosody');
    for (let i = 0; i < 30; i++) expect(await wake()).toHaveLength(1);
    await clock.pass(7 * DAY);
    expect(await wake()).toEqual([]);
    waker.seen(HAG);
    expect(await wake()).toHaveLength(1);
    await clock.pass(8 * DAY);
    expect(await wake()).toHaveLength(1);
  });

  test('six an hour because of one other person, in whichever rooms', async () => {
    const { wake, clock } = setUp('Prosody');
    const by = asBare('pest@y.lit');
    let count = 0;
    for (let i = 0; i < 20; i++) count += (await wake([{ by }], i % 2 === 0 ? ROOM : OTHER)).length;
    expect(count).toBe(6);
    expect(await wake([{ by: asBare('friend@y.lit') }])).toHaveLength(1);
    await clock.pass(3_600_000);
    expect(await wake([{ by }])).toHaveLength(1);
  });

  test('gone is told to the room', async () => {
    const { wake, bounce, gone } = setUp('ejabberd');
    bounce((await wake())[0] ?? '', 'gone');
    expect(gone).toEqual([`${ROOM} ${HAG}`]);
  });
});

/** The same database, another process: `crash` leaves what is not written. */
async function restarted(
  before: ReturnType<typeof setUp>,
  disk: MemoryDisk,
  how: 'stop' | 'crash',
  software: string,
): Promise<ReturnType<typeof setUp>> {
  if (how === 'stop') await before.waker.stop();
  const next = setUp(software, { disk, clock: before.clock });
  await next.waker.start();
  return next;
}

describe('over restarts', () => {
  test.each(['stop', 'crash'] as const)('after a %s no account is woken more often: forty doorbells in all', async (how) => {
    const disk = new MemoryDisk();
    let at = setUp('ejabberd', { disk });
    await at.waker.start();
    let count = 0;
    for (let i = 0; i < 60; i++) {
      count += (await at.wake([{}], i % 2 === 0 ? ROOM : OTHER)).length;
      if (i % 7 === 6) at = await restarted(at, disk, how, 'ejabberd');
    }
    if (how === 'stop') expect(count).toBe(MOST_WAITING);
    // What is not written exactly is written higher.
    else expect(count).toBeLessThanOrEqual(MOST_WAITING);
    expect(count).toBeGreaterThanOrEqual(20);
    at.waker.seen(HAG);
    await at.clock.pass(10_000);
    at = await restarted(at, disk, 'crash', 'ejabberd');
    expect(await at.wake()).toHaveLength(1);
  });

  test('a pause goes on, of a full account and of one that is given up; a domain keeps its form and is asked once a week', async () => {
    const disk = new MemoryDisk();
    const first = setUp('Prosody', { disk });
    await first.waker.start();
    const cat = asBare('cat@y.lit');
    for (let i = 0; i < 20; i++) await first.wake([{ jid: cat }]);
    first.bounce((await first.wake())[0] ?? '', 'resource-constraint', 'wait');
    const [refused = ''] = await first.wake([{ jid: asBare('crone@z.lit') }]);
    first.bounce(refused, 'not-allowed', 'cancel', 'crone@z.lit');
    await first.clock.pass(10_000);
    const second = await restarted(first, disk, 'crash', 'ejabberd');
    expect(await second.wake()).toEqual([]);
    expect(formOf(await second.wake([{ jid: cat }]))).toEqual(['groupchat']);
    expect(formOf(await second.wake([{ jid: asBare('crone@z.lit') }]))).toEqual(['doorbell']);
    await second.clock.pass(6 * DAY);
    expect(await second.wake()).toHaveLength(1);
    expect(second.asked).toEqual([]);
    await second.clock.pass(DAY);
    const third = await restarted(second, disk, 'stop', 'Prosody');
    expect(await third.wake([{ jid: cat }])).toEqual([]);
    third.waker.seen(cat);
    expect(await third.wake([{ jid: cat }])).toHaveLength(1);
    expect(third.asked).toHaveLength(1);
  });

  test('rows go with a sign of life, an erased person and after a year; a phone that connects after each push costs few', async () => {
    const disk = new MemoryDisk();
    const at = setUp('Prosody', { disk });
    await at.waker.start();
    await at.wake([{}, { jid: asBare('cat@x.lit') }, { jid: asBare('crone@x.lit') }]);
    expect([...disk.woken.keys()]).toHaveLength(3);
    at.waker.seen(HAG);
    await at.store.noteErasure(asBare('cat@x.lit'), null);
    at.waker.seen(asBare('cat@x.lit'));
    await at.clock.pass(10_000);
    expect([...disk.woken.keys()]).toEqual(['crone@x.lit']);
    await at.clock.pass(367 * DAY);
    expect([...disk.woken.keys()]).toEqual([]);
    expect([...disk.wakeForms.keys()]).toEqual([]);
    const before = at.writes();
    for (let i = 0; i < 100; i++) {
      await at.wake();
      at.waker.seen(HAG);
    }
    expect(at.writes() - before).toBeLessThanOrEqual(2);
  });

  test('a server that has not answered in time is asked again soon: the connection may have been busy', async () => {
    const at = setUp(null);
    await at.wake();
    expect(at.asked).toHaveLength(1);
    await at.clock.pass(4 * 60_000);
    await at.wake();
    expect(at.asked).toHaveLength(1);
    await at.clock.pass(2 * 60_000);
    await at.wake();
    expect(at.asked).toHaveLength(2);
  });

  test('a store that fails wakes people all the same; the log tells it once, and it is written when it can be', async () => {
    const disk = new MemoryDisk();
    const at = setUp('ejabberd', { disk });
    await at.waker.start();
    at.store.fail();
    for (let i = 0; i < 3; i++) expect(await at.wake()).toHaveLength(1);
    expect(at.logged.filter((event) => event === 'wake-up.not-kept')).toHaveLength(1);
    at.store.heal();
    await at.clock.pass(10_000);
    expect(disk.woken.get(HAG)).toMatchObject({ tries: 10, waiting: 10 });
    expect(disk.wakeForms.get(asDomain('x.lit'))).toMatchObject({ software: 'ejabberd' });
  });
});

describe('while there is no connection', () => {
  test('wake-ups wait, together, and are told when there is one', async () => {
    const { wake, left, connected, asked } = setUp('Prosody');
    connected(false);
    expect(await wake()).toEqual([]);
    expect(await wake([{ messages: 2, mentions: 1 }, { jid: asBare('cat@x.lit') }])).toEqual([]);
    expect(asked).toEqual([]);
    connected(true);
    await settle();
    const told = left();
    expect(told.map((xml) => / to="([^"]*)"/.exec(xml)?.[1])).toEqual([HAG, 'cat@x.lit']);
    expect(told[0]).toContain('messages="3" mentions="1"');
    // Of several messages there is no one content.
    expect(told[0]).not.toContain('<body>x</body>');
    expect(told[1]).toContain('<body>x</body>');
    connected(true);
    await settle();
    expect(left()).toEqual([]);
  });

  test('a domain that could not be asked because the connection was lost is asked later, and ten thousand people wait at most', async () => {
    const { wake, left, connected, waker, logged, clock } = setUp('Prosody');
    waker.wake(ROOM, { kind: 'wake-up', people: [{ jid: HAG, messages: 1, mentions: 0, by: null }], content: null, language: 'en' });
    connected(false);
    await settle();
    expect(left()).toEqual([]);
    const crowd = Array.from({ length: 10_001 }, (_, i) => ({ jid: asBare(`p${i}@x.lit`) }));
    await wake(crowd);
    await clock.pass(61_000);
    expect(logged).toContain('wake-up.dropped');
    connected(true);
    await settle();
    expect(formOf(left()).filter((form) => form === 'groupchat')).toHaveLength(10_000);
  });

  test('the connection is lost between the count and the stanza: it counts once', async () => {
    const { wake, left, connected, waker } = setUp('ejabberd');
    await wake();
    const cat = { jid: asBare('cat@x.lit'), messages: 1, mentions: 0, by: null };
    waker.wake(ROOM, { kind: 'wake-up', people: [cat], content: null, language: 'en' });
    // It waits for its row.
    connected(false);
    await settle();
    expect(left()).toEqual([]);
    expect(waker.accounts.get(cat.jid)).toBeUndefined();
    connected(true);
    await settle();
    expect(left()).toHaveLength(1);
    expect(waker.accounts.get(cat.jid)).toMatchObject({ tries: 1, waiting: 1 });
  });

  test('people of our own server find a place before those of others, of whom there may be any number', async () => {
    setOwnDomains([asDomain('home.lit')]);
    try {
      const { wake, left, connected } = setUp('Prosody');
      connected(false);
      await wake(Array.from({ length: 10_001 }, (_, i) => ({ jid: asBare(`p${i}@x.lit`) })));
      await wake([{ jid: asBare('ann@home.lit') }]);
      connected(true);
      await settle();
      const told = left();
      expect(told).toHaveLength(5_001);
      expect(told.some((xml) => xml.includes('ann@home.lit'))).toBe(true);
    } finally {
      setOwnDomains(undefined);
    }
  });
});
