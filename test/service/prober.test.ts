/** Who is still there is found by asking; a client that knows neither ping nor disco#info is not thrown out for it. */
import { Prober } from '../../src/service/presence/prober';
import type { Answer, Request } from '../../src/link/link';
import type { Outgoing } from '../../src/xmpp/outgoing';
import { parse } from '../support/conversation';

const BOT = 'bot@example.com/1';

function setUp(answers: Record<string, string>) {
  const sent: Outgoing[] = [];
  const gone: string[] = [];
  const timers: (() => void)[] = [];
  const error = (condition: string): string =>
    `<iq from="${BOT}" type="error"><error type="cancel"><${condition} xmlns="urn:ietf:params:xml:ns:xmpp-stanzas"/></error></iq>`;
  const log = { debug: jest.fn(), info: jest.fn(), warn: jest.fn(), error: jest.fn() };
  const prober = new Prober({
    store: { sessionsAfter: () => Promise.resolve([]) },
    link: {
      online: true,
      send: (out) => void sent.push(out),
      request: ({ payload }: Request): Promise<Answer> => {
        const condition = answers[payload.includes('ping') ? 'ping' : 'disco'] ?? '';
        if (condition === 'silence') return Promise.resolve({ type: 'timeout' });
        if (condition === 'result') return Promise.resolve({ type: 'result', stanza: parse(`<iq from="${BOT}" type="result"/>`) });
        return Promise.resolve({ type: 'error', stanza: parse(error(condition)) });
      },
    },
    clock: {
      now: () => 0,
      elapsed: () => 0,
      after: (_ms, run) => {
        timers.push(run);
        return () => void timers.splice(timers.indexOf(run), 1);
      },
    },
    log,
    address: 'rooms.example.com/probe',
    perSecond: 20,
    probeMs: 1000,
    others: () => [],
    gone: (jid, text) => void gone.push(`${jid} ${text}`),
  });
  const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  return { prober, sent, gone, timers, settle };
}

test.each([
  [{ ping: 'result' }, []],
  [{ ping: 'feature-not-implemented' }, []],
  [{ ping: 'silence' }, []],
  [{ ping: 'item-not-found' }, [`${BOT} item-not-found`]],
  [{ ping: 'service-unavailable', disco: 'result' }, []],
  [{ ping: 'service-unavailable', disco: 'recipient-unavailable' }, [`${BOT} recipient-unavailable`]],
])('answers %j: gone %j', async (answers, expected) => {
  const { prober, gone, sent } = setUp(answers);
  await prober.probe(BOT);
  expect(gone).toEqual(expected);
  expect(sent).toEqual([]);
});

test('neither ping nor disco#info: a message that is not returned means that somebody is there', async () => {
  const { prober, gone, sent, timers, settle } = setUp({ ping: 'service-unavailable', disco: 'service-unavailable' });
  const probe = prober.probe(BOT);
  await settle();
  expect(sent).toMatchObject([{ name: 'message', from: 'rooms.example.com/probe', to: BOT }]);
  timers[0]?.();
  await probe;
  expect(gone).toEqual([]);
});

test('…and one that is returned, that nobody is; the same id from somebody else says nothing', async () => {
  const { prober, gone, sent, settle } = setUp({ ping: 'service-unavailable', disco: 'service-unavailable' });
  const probe = prober.probe(BOT);
  await settle();
  const id = /id="([^"]+)"/.exec(sent[0]?.rest ?? '')?.[1] ?? '';
  const bounce = (from: string): string => `<message from="${from}" to="rooms.example.com/probe" type="error" id="${id}"/>`;
  expect(prober.bounced(parse(bounce('other@example.com/1')))).toBe(false);
  expect(prober.bounced(parse(bounce(BOT)))).toBe(true);
  await probe;
  expect(gone).toEqual([`${BOT} service-unavailable`]);
});
