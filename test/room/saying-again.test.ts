/** Saying again in large rooms: slices of a bounded size, lists that are shared, and an order that a crash in between does not change. */
import { Missed } from '../../src/room/talking/missed';
import { buryWaiting, buryOne } from '../../src/room/retracting/retract';
import type { MessageRow } from '../../src/room/contract/rows';
import type { RoomState } from '../../src/room/state';
import { Turn } from '../../src/room/turn';
import { measured } from '../support/work';
import { World } from './world';
import { Crowd, type Cost, type Size } from './crowd';
import { asNick, asStanzaId } from '../support/ids';

const OPTIONS = { 'muc#roomconfig_persistentroom': ['1'] };
const ROW: MessageRow = {
  ...{
    seq: 1,
    rev: 1,
    stamp: 1,
    id: asStanzaId(''),
    nick: asNick('p1'),
    sender: null,
    jidShown: true,
    occupantId: null,
    clientId: null,
    lang: null,
    inHistory: true,
  },
  payload: '',
};
const storm = (occupants: number, messages: number): Size => ({ occupants, messages, affiliations: 0, rows: 0, entering: true });

/** What is done in one decision: 20 ms at a microsecond for each step or character over 10, and 10 for each stanza or row. */
const most: Partial<Record<keyof Cost, number>> = { steps: 30_000, writes: 1_500, outputs: 1_500, reads: 1_500, hashes: 1_500 };

function sayAgain(size: Size): { crowd: Crowd; total: Cost; decisions: readonly Cost[] } {
  const crowd = new Crowd(size, OPTIONS);
  const total = crowd.give({ kind: 'say-again' });
  return { crowd, total, decisions: crowd.decisions };
}

test('found B2, B13: a thousand entering and 1500 undelivered messages are said again in slices, and twice as many in twice as many', () => {
  const [one, two] = [sayAgain(storm(1_000, 1_500)), sayAgain(storm(2_000, 3_000))];
  for (const { decisions } of [one, two]) {
    for (const cost of decisions) {
      const over = Object.entries(most).filter(([key, bound]) => cost[key as keyof Cost] > bound);
      expect(over.map(([key]) => `${key}: ${cost[key as keyof Cost]}`)).toEqual([]);
    }
  }
  // Taken together, what grows with the product of both is nothing.
  for (const key of ['steps', 'characters', 'outputs', 'writes'] as const)
    expect([key, two.total[key] <= 2.3 * one.total[key]]).toEqual([key, true]);
});

test('found B2, B14: what five hundred have missed is one list for all of them', () => {
  const { crowd } = sayAgain(storm(500, 400));
  const { state } = crowd.machine as unknown as { state: RoomState };
  const { entering } = state.occupants.audiences;
  expect(entering).toHaveLength(501);
  expect(new Set(entering.map(({ entry }) => entry.missed)).size).toBe(1);
  const [one] = entering;
  expect([...(one?.entry.missedBy([one.address]) ?? [])]).toHaveLength(400);
  expect(entering.flatMap(({ entry }) => entry.everything())).toEqual([]);
});

test('found B2: of more than is kept for those who are entering, the oldest is left to their history', () => {
  const missed = new Missed();
  const rest = 'x'.repeat(1024 * 1024);
  for (let seq = 1; seq <= 20; seq++) missed.add(seq, 1000 + seq, { name: 'message', from: 'r@x', rest });
  const first = missed.since(1002);
  expect(missed.seqAt(first)).toBe(13);
  expect([...missed.from(first)].map((one) => one.rest.length)).toEqual(Array(8).fill(rest.length));
  expect(missed.seqAt(missed.since(1018))).toBe(18);
  expect(missed.seqAt(missed.since(1021))).toBeUndefined();
});

test('found H22, B2: what a thousand would still be told is buried for all of them by one look at the list', () => {
  const cost = (occupants: number): number => {
    const { crowd } = sayAgain(storm(occupants, 400));
    const { state } = crowd.machine as unknown as { state: RoomState };
    const turn = new Turn(0, 0);
    const [row] = [{ ...ROW, id: Crowd.messageId(1) }];
    for (let seq = 1; seq <= 100; seq++)
      buryOne(state, turn, { ...row, seq, id: Crowd.messageId(seq), payload: `<body>word${seq} and more</body>` }, '<retracted/>', 'kept');
    const { work } = measured(() => {
      buryWaiting(state, turn);
    });
    return work.steps;
  };
  expect(cost(1_000)).toBeLessThan(6_000);
});

test.each([0, 1, 2, 3, 4, 5, 6])(
  'found B2: who dies after %d slices of saying again has given nothing up: all of it is said again',
  (slices) => {
    const world = new World();
    const enter = (jid: string, nick: string): void => {
      world.join(jid, `<presence from="${jid}" to="coven@chat.lit/${nick}"><x xmlns="http://jabber.org/protocol/muc"/></presence>`);
    };
    enter('ann@users.lit/1', 'ann');
    world.send(
      `<iq from="ann@users.lit/1" to="coven@chat.lit" type="set" id="i"><query xmlns="http://jabber.org/protocol/muc#owner"><x xmlns="jabber:x:data" type="submit"/></query></iq>`,
    );
    world.settle();
    enter('bob@users.lit/1', 'bob');
    for (let i = 0; i < 6; i++)
      world.send(`<message from="ann@users.lit/1" to="coven@chat.lit" type="groupchat" id="m${i}"><body>said ${i}</body></message>`);
    const { deliveredRev } = world.state;
    world.log.length = 0;
    world.dieSayingAgain(slices);
    expect(world.state.deliveredRev).toBe(deliveredRev);
    world.settle();
    for (const jid of ['ann@users.lit/1', 'bob@users.lit/1']) {
      const told = world.log.filter((xml) => xml.includes(` to="${jid}"`)).map((xml) => /<body>(said \d)/.exec(xml)?.[1]);
      expect([...new Set(told.filter((body) => body !== undefined))]).toEqual([0, 1, 2, 3, 4, 5].map((i) => `said ${i}`));
    }
  },
);
