/** People whose servers cannot be reached, components that enter by a bare JID, and rounds that get to their end. */
import type { Answer, Request } from '../../src/link/link';
import { parse } from '../support/conversation';
import { settle } from './fake-clock';
import { ANN, BOB, join, leave, rig, ROOM, type Rig } from './rig';
import { asFull } from '../support/jids';

const STANZAS = 'urn:ietf:params:xml:ns:xmpp-stanzas';
const HOUR = 3600_000;
const bounce = (condition: string, from = BOB): string =>
  `<presence from="${from}" to="${ROOM}/ann" type="error"><error type="wait"><${condition} xmlns="${STANZAS}"/></error></presence>`;
const failing =
  (condition: string, who: string) =>
  ({ to }: Request): Answer =>
    to === who
      ? {
          type: 'error',
          stanza: parse(`<iq from="${to}" type="error"><error type="wait"><${condition} xmlns="${STANZAS}"/></error></iq>`),
        }
      : { type: 'timeout' };

async function both(from = BOB): Promise<Rig> {
  const r = await rig();
  await r.play(join(ANN, 'ann'), join(from, 'bob'));
  return r;
}

test('found C8: a server that answers everything with remote-server-timeout: two failed probes 2 h apart remove', async () => {
  const r = await both();
  r.link.answer = failing('remote-server-timeout', BOB);
  for (let i = 0; i < 26; i++) await r.play(bounce('remote-server-timeout'));
  await r.clock.pass(HOUR);
  for (let i = 0; i < 4; i++) {
    await r.play(bounce('remote-server-timeout'));
    await r.clock.pass(60_000);
  }
  expect(r.link.take()).toEqual([]);
  await r.clock.pass(2 * HOUR);
  expect(r.link.take()).toEqual([`${ANN} ${BOB} is gone`]);
});

test('found C8: who answers in between stays', async () => {
  const r = await both();
  r.link.answer = failing('remote-server-timeout', BOB);
  await r.play(bounce('remote-server-timeout'));
  await r.clock.pass(HOUR);
  r.link.answer = ({ to }) => ({ type: 'result', stanza: parse(`<iq from="${to}" type="result"/>`) });
  await r.play(bounce('remote-server-timeout'));
  await r.clock.pass(HOUR);
  r.link.answer = failing('remote-server-timeout', BOB);
  await r.play(bounce('remote-server-timeout'));
  await r.clock.pass(1.5 * HOUR);
  expect(r.link.take()).toEqual([]);
});

test('of the kind of C8: hours in the configuration, and remote-server-not-found once is soft, twice hard', async () => {
  const r = await rig({ limits: { unreachableMs: 5 * HOUR } });
  await r.play(join(ANN, 'ann'), join(BOB, 'bob'));
  r.link.answer = failing('remote-server-timeout', BOB);
  await r.play(bounce('remote-server-timeout'));
  await r.clock.pass(4.9 * HOUR);
  expect(r.link.take()).toEqual([]);
  await r.clock.pass(0.2 * HOUR);
  expect(r.link.take()).toEqual([`${ANN} ${BOB} is gone`]);
  await r.play(join(BOB, 'bob'));
  r.link.answer = () => ({ type: 'timeout' });
  expect(await r.play(bounce('remote-server-not-found'))).toEqual([]);
  await r.clock.pass(60_000);
  expect(r.link.take()).toEqual([]);
  r.link.answer = failing('remote-server-not-found', BOB);
  expect(await r.play(bounce('remote-server-not-found'))).toEqual([]);
  await r.clock.pass(60_000);
  expect(r.link.take()).toEqual([`${ANN} ${BOB} is gone`]);
});

test('found C8, same kind: one timeout and one not-found are no two of either: only a second not-found, or two hours, remove', async () => {
  const r = await both();
  r.link.answer = failing('remote-server-timeout', BOB);
  await r.play(bounce('remote-server-timeout'));
  await r.clock.pass(60_000);
  r.link.answer = failing('remote-server-not-found', BOB);
  await r.play(bounce('remote-server-timeout'));
  await r.clock.pass(30_000);
  expect(r.link.take()).toEqual([]);
  await r.clock.pass(15_000);
  expect(r.link.take()).toEqual([`${ANN} ${BOB} is gone`]);
});

test('found C8, same kind: a name that was not found once, between timeouts, keeps nobody from staying', async () => {
  const r = await both();
  r.link.answer = failing('remote-server-timeout', BOB);
  await r.play(bounce('remote-server-timeout'));
  await r.clock.pass(60_000);
  r.link.answer = failing('remote-server-not-found', BOB);
  await r.play(bounce('remote-server-timeout'));
  await r.clock.pass(30_000);
  r.link.answer = ({ to }) => ({ type: 'result', stanza: parse(`<iq from="${to}" type="result"/>`) });
  await r.clock.pass(3 * HOUR);
  expect(r.link.take()).toEqual([]);
});

test.each(['bridge.x.lit', 'bot@x.lit'])(
  'found C7: an occupant that entered with a bare JID (%s): a hard bounce removes it',
  async (jid) => {
    const r = await both(asFull(jid));
    expect(await r.play(bounce('item-not-found', asFull(jid)))).toEqual([`${ANN} ${jid} is gone`]);
  },
);

test('of the kind of C7: a hard bounce from a bare JID says nothing about the full JIDs of that account', async () => {
  const r = await both();
  expect(await r.play(bounce('item-not-found', asFull('bob@x.lit')), bounce('gone', asFull('x.lit')))).toEqual([]);
});

test('found B8: departures dropped while a room loads: the round that asks who is there gets to its end, and one more follows', async () => {
  const first = await rig();
  const people = Array.from({ length: 30 }, (_, i) => `p${String(i).padStart(2, '0')}@x.lit/1`);
  await first.play(...people.map((jid, i) => join(jid, `p${i}`)));
  const r = await rig({ disk: first.store.disk, limits: { waiting: 1 }, attached: false });
  await r.online();
  await r.clock.pass(60_000);
  r.link.requests = [];
  r.store.fail('full');
  await r.play(`<message from="${people[0]}" to="${ROOM}" type="groupchat" id="m"><body>m</body></message>`);
  // A thousand are dropped while a round is under way.
  for (let i = 0; i < 1_000; i++) {
    r.feed(leave(`q${i}@x.lit/1`, 'q'));
    if (i % 100 === 0) await r.clock.pass(50);
  }
  await settle();
  await r.clock.pass(20_000);
  for (const jid of people) expect(r.link.requests.filter(({ to }) => to === jid).length).toBeGreaterThan(0);
  expect(r.link.requests.length).toBeLessThanOrEqual(3 * people.length);
});
