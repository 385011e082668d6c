/** When a ping without an answer means that the other end is gone, and what an answer means for the waits. */
import { Backoff } from '../../src/link/backoff';
import type { Answer } from '../../src/link/link';
import { DEFAULT_TIMINGS } from '../../src/link/options';
import { Pings } from '../../src/link/pings';
import { Requests } from '../../src/link/requests';
import { address, outgoing } from '../../src/xmpp/outgoing';
import { parse } from '../support/conversation';
import { DOMAIN, sleep, until } from './fake-server';
import { onlineRig, rig, SHORT, type Rig } from './harness';

let made: Rig | undefined;
beforeEach(() => jest.useFakeTimers());
afterEach(async () => {
  jest.useRealTimers();
  await made?.end();
  made = undefined;
});

interface Line {
  pings: Pings;
  signs: { waits: boolean; moved: number; heard: number };
  dead: () => number;
  answered: () => number;
  ids: string[];
  answer: (id: string) => void;
}

/** Pings every 20 s that wait 20 s, with every sign in the test's hands. */
function line(): Line {
  const signs = { waits: false, moved: 0, heard: 0 };
  const ids: string[] = [];
  let dead = 0;
  let answered = 0;
  const requests = new Requests((out) => ids.push(/ id="([^"]+)"/.exec(out.rest)?.[1] ?? ''));
  const pings = new Pings(
    { from: 'rooms.x/link', to: 'x', interval: 20_000, timeout: 20_000, barrier: 120_000 },
    (request, patience): Promise<Answer> => requests.ask(request, patience),
    { sent: () => 0, deaf: () => false, waits: () => signs.waits, moved: () => signs.moved, heard: () => signs.heard },
    () => answered++,
    () => dead++,
  );
  const answer = (id: string): void => {
    requests.answered(parse(`<iq type="result" from="x" to="rooms.x/link" id="${id}"/>`));
  };
  return { pings, signs, dead: () => dead, answered: () => answered, ids, answer };
}

const pass = (ms: number): Promise<void> => jest.advanceTimersByTimeAsync(ms);

test('a server that is silent and takes nothing misses two pings and is gone', async () => {
  const { dead } = line();
  await pass(60_000);
  expect(dead()).toBe(0);
  await pass(1_000);
  expect(dead()).toBe(1);
});

test('found B13: a ping that waits behind what the socket does not take is no miss, and its answer counts whenever it comes', async () => {
  const { pings, signs, dead, answered, ids, answer } = line();
  signs.waits = true;
  await pass(600_000);
  expect([dead(), ids.length]).toEqual([0, 1]);
  signs.waits = false;
  answer(ids[0] as string);
  await pass(0);
  expect([dead(), answered()]).toEqual([0, 1]);
  pings.stop();
});

test('found B13: bytes that the server takes, or sends, are a sign of life', async () => {
  const { pings, signs, dead } = line();
  for (let i = 0; i < 20; i++) {
    await pass(15_000);
    if (i < 10) signs.moved++;
    else signs.heard += 100;
  }
  expect(dead()).toBe(0);
  await pass(90_000);
  expect(dead()).toBe(1);
  pings.stop();
});

test('found B13: a barrier waits as long as what was sent before it moves', async () => {
  const { pings, signs } = line();
  const reached: boolean[] = [];
  void pings.barrier().then((one) => reached.push(one));
  for (let i = 0; i < 10; i++) {
    signs.moved++;
    await pass(60_000);
  }
  expect(reached).toEqual([]);
  await pass(180_000);
  expect(reached).toEqual([false]);
  pings.stop();
});

test('found B13: a backlog that a slow server takes longer for than two pings wait: one connection, all of it arrives', async () => {
  jest.useRealTimers();
  const rigged = await onlineRig({ pingInterval: 20, pingTimeout: 20, stall: 2000 });
  made = rigged;
  const { peer, link, server } = rigged;
  const many = Array.from({ length: 1_000 }, (_, i) => address(`a${i}@b/c`));
  peer.socket.pause();
  for (let i = 0; i < 20; i++) link.send(outgoing('message', `r@${DOMAIN}`, many, {}, `<body>${'x'.repeat(1_000)}</body>`));
  for (let i = 0; i < 5; i++) {
    await sleep(60);
    peer.socket.resume();
    await sleep(1);
    peer.socket.pause();
    expect(link.online).toBe(true);
  }
  peer.socket.resume();
  await until(() => peer.received > 20_000_000, 'all of it');
  expect([server.count, link.online, link.moved > 0]).toEqual([1, true, true]);
});

test('found G3: a link that drops soon, again and again, with a ping answered each time, is tried again at once', async () => {
  jest.useRealTimers();
  const now = await rig({ pingInterval: 20, pingTimeout: 2000, waitMin: 10, waitMax: 60_000 });
  made = now;
  for (let i = 0; i < 10; i++) {
    const peer = await (await now.server.next()).accept();
    const [, from, id] = await peer.expect(/<iq from="([^"]+)" to="example\.org" type="get" id="([^"]+)"><ping/);
    peer.send(`<iq from="example.org" to="${from}" id="${id}" type="result"/>`);
    await sleep(20);
    peer.socket.resetAndDestroy();
    await until(() => now.logged('link.retry').length === i + 1, 'the retry');
  }
  expect(Math.max(...now.logged('link.retry').map(({ fields }) => Number(fields['wait'])))).toBeLessThanOrEqual(SHORT.waitMin);
});

test('found G3: any answered ping begins the waits anew, and refusals wait as long as ever', () => {
  const backoff = new Backoff(DEFAULT_TIMINGS, () => 0);
  for (let i = 0; i < 9; i++) backoff.next('lost', true);
  backoff.answered();
  expect(backoff.next('lost', true).wait).toBe(125);
  backoff.answered();
  expect(backoff.next('not-authorized', false).wait).toBeGreaterThanOrEqual(30_000);
});

test.each([
  ['remote-server-not-found', 1],
  ['service-unavailable', 0],
])('a domain that the server does not know is told once: %s', async (condition, lines) => {
  jest.useRealTimers();
  made = await rig({ pingInterval: 30 });
  const peer = await (await made.server.next()).accept();
  for (let n = 0; n < 3; n++) {
    const [, from, to, id] = await peer.expect(/<iq from="([^"]*)" to="([^"]*)"[^>]* id="([^"]*)"/);
    peer.send(
      `<iq type='error' from='${to}' to='${from}' id='${id}'><error type='cancel'><${condition} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>`,
    );
  }
  await sleep(30);
  expect(made.logged('link.domain-unknown')).toHaveLength(lines);
});
