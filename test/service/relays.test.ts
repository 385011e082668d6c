/** Requests passed on between occupants: one answer each, and bounds (XEP-0045 §17.4). */
import type { Answer, Request } from '../../src/link/link';
import type { Decision, Input, RelayedInput, RelayIq } from '../../src/room/contract/machine';
import { Relays } from '../../src/service/presence/relays';
import { parse } from '../support/conversation';
import { settle } from './fake-clock';
import { FakeRoom } from './fake-room';
import { ANN, BOB, iq, rig, ROOM } from './rig';
import { asDomain } from '../support/jids';

const effect = (asker = ANN): RelayIq => ({
  kind: 'relay-iq',
  from: `${ROOM}/ann`,
  to: BOB,
  type: 'get',
  payload: '<query xmlns="jabber:iq:version"/>',
  asker,
  id: 'v1',
  asked: `${ROOM}/bob`,
});

/** Relays over a link whose requests wait until they are answered. */
function setUp(): {
  relays: Relays;
  asked: Request[];
  reply: (answer: Answer) => Promise<void>;
  answered: [string, RelayedInput][];
} {
  const asked: Request[] = [];
  const waiting: ((answer: Answer) => void)[] = [];
  const answered: [string, RelayedInput][] = [];
  const link = {
    request: (request: Request): Promise<Answer> => {
      asked.push(request);
      return new Promise((resolve) => waiting.push(resolve));
    },
  };
  const relays = new Relays(
    link,
    30_000,
    (room, input) => answered.push([room, input]),
    () => true,
  );
  const reply = async (answer: Answer): Promise<void> => {
    waiting.shift()?.(answer);
    await settle();
  };
  return { relays, asked, reply, answered };
}

test('a request goes out as the room says, with the deadline; its answer becomes an input of that room', async () => {
  const { relays, asked, reply, answered } = setUp();
  const sent = effect();
  relays.run(ROOM, sent);
  const { from, to, type, payload } = sent;
  expect(asked).toEqual([{ from, to, type, payload, deadline: 30_000 }]);
  expect(answered).toEqual([]);
  const answer = { type: 'result', stanza: parse(`<iq from="${BOB}" to="${ROOM}/ann" type="result" id="x"/>`) } as const;
  await reply(answer);
  expect(answered).toEqual([[ROOM, { kind: 'relayed', effect: sent, answer }]]);
});

test.each(['timeout', 'offline'] as const)('%s is an answer, too', async (type) => {
  const { relays, reply, answered } = setUp();
  relays.run(ROOM, effect());
  await reply({ type });
  expect(answered).toEqual([[ROOM, { kind: 'relayed', effect: effect(), answer: { type } }]]);
});

test('the 51st request of one asker that waits is refused, once the decision that asked is through; others may ask, and so may that asker after one answer', async () => {
  const { relays, asked, reply, answered } = setUp();
  for (let i = 0; i < 51; i++) relays.run(ROOM, effect());
  expect(asked).toHaveLength(50);
  expect(answered).toEqual([]);
  await Promise.resolve();
  expect(answered).toEqual([[ROOM, { kind: 'relayed', effect: effect(), answer: { type: 'busy' } }]]);
  relays.run(ROOM, effect(BOB));
  expect(asked).toHaveLength(51);
  await reply({ type: 'timeout' });
  relays.run(ROOM, effect());
  expect(asked).toHaveLength(52);
  relays.run(ROOM, effect());
  expect(asked).toHaveLength(52);
});

test('F15 one foreign domain has half of what may be under way, whatever its accounts; another finds room, and sessions of one account count together', async () => {
  const asked: string[] = [];
  const never = { request: ({ from }: Request) => (asked.push(from), new Promise<Answer>(() => undefined)) };
  const busy: string[] = [];
  const relays = new Relays(
    never,
    30_000,
    (_room, { effect: { asker } }) => busy.push(asker),
    (domain) => domain === 'home.lit',
  );
  for (let i = 0; i < 5_001; i++) relays.run(ROOM, effect(`p${i}@crowd.lit/1`));
  await settle();
  expect(busy).toEqual(['p5000@crowd.lit/1']);
  relays.run(ROOM, effect('late@other.lit/1'));
  for (let i = 0; i < 51; i++) relays.run(ROOM, effect(`one@home.lit/${i}`));
  await settle();
  expect(busy).toEqual(['p5000@crowd.lit/1', 'one@home.lit/50']);
  expect(asked).toHaveLength(5_051);
});

test("F15 the service knows the server's own domain from its configuration, and no other has more than its share of what is under way", async () => {
  /** Passes every request on, and hears that the service takes no more. */
  class PassingRoom extends FakeRoom {
    override decide(input: Input, now: number): Decision {
      const decision = super.decide(input, now);
      if (input.kind === 'relayed') busy.push(input.effect.asker);
      return input.kind === 'stanza' ? { ...decision, effects: [effect(input.from)] } : decision;
    }
  }
  const busy: string[] = [];
  const r = await rig({ serverDomain: asDomain('home.lit'), makeRoom: (jid, rows) => new PassingRoom(jid, rows, []) });
  r.link.request = () => new Promise<Answer>(() => undefined);
  const ask = async (domain: string, many: number): Promise<void> => {
    for (let i = 0; i < many; i++) {
      r.feed(iq(`p${i}@${domain}/1`, 'silent', 'v'));
      if (i % 100 === 0) await settle();
    }
    await settle();
  };
  await ask('crowd.lit', 5_001);
  expect(busy).toEqual(['p5000@crowd.lit/1']);
  await ask('home.lit', 4_000);
  expect(busy).toHaveLength(1);
});

test('when all are answered nothing is counted any more', async () => {
  const { relays, asked, reply } = setUp();
  for (const round of [1, 2]) {
    for (let i = 0; i < 50; i++) relays.run(ROOM, effect());
    for (let i = 0; i < 50; i++) await reply({ type: 'offline' });
    expect(asked).toHaveLength(round * 50);
  }
});

test('in all at most 10 000', async () => {
  const { relays, asked, reply, answered } = setUp();
  for (let i = 0; i < 10_001; i++) relays.run(ROOM, effect(`p${i}@x.lit/1`));
  expect(asked).toHaveLength(10_000);
  await Promise.resolve();
  expect(answered.map(([, { answer }]) => answer.type)).toEqual(['busy']);
  await reply({ type: 'timeout' });
  relays.run(ROOM, effect('late@x.lit/1'));
  expect(asked).toHaveLength(10_001);
});
