/** The border folds addresses once, remembers how they were spelt, and asks under that spelling (A1-A3). */
import { Requests } from '../../src/link/requests';
import { Prober } from '../../src/service/presence/prober';
import { SeenDomains } from '../../src/service/presence/seen-domains';
import type { Answer, Request } from '../../src/link/link';
import { parse } from '../support/conversation';
import { FakeClock, settle } from './fake-clock';
import { enter, instant, realRooms } from './real-rooms';
import { ANN, BOB, DOMAIN, join, rig, ROOM, say } from './rig';
import { asBare, asFull, asRoom } from '../support/jids';

const upper = (jid: string): string => jid.slice(0, jid.indexOf('/')).toUpperCase() + jid.slice(jid.indexOf('/'));
const STANZAS = 'urn:ietf:params:xml:ns:xmpp-stanzas';

test('A1, A2: a room gets folded addresses, whatever they are spelt like', async () => {
  const { play } = await rig();
  await play(join(ANN, 'ann'), join(upper(BOB), 'bob', asRoom(ROOM.toUpperCase())));
  const heard = await play(say(upper(ANN), 'hi', asRoom(ROOM.toUpperCase())));
  expect(heard).toHaveLength(2);
});

test('A1: what bounces from another spelling ends the session', async () => {
  const { play } = await rig();
  await play(join(ANN, 'ann'), join(BOB, 'bob'));
  const bounce = `<presence from="${upper(BOB)}" to="${ROOM.toUpperCase()}/ann" type="error"><error type="cancel"><gone xmlns="${STANZAS}"/></error></presence>`;
  expect(await play(bounce)).toEqual([`${ANN} ${BOB} is gone`]);
});

test('A1: a refusal answers exactly the addresses that were used', async () => {
  const { feed, link } = await rig();
  feed(`<iq from="Ann@X.lit/1" to="${DOMAIN.toUpperCase()}/Xyz" type="get" id="i"><query xmlns="a"/></iq>`);
  expect(link.xml[0]).toContain(`from="${DOMAIN.toUpperCase()}/Xyz" to="Ann@X.lit/1"`);
  feed(`<presence from="Ann@X.lit/1" to="${ROOM.toUpperCase()}" type="subscribe" id="s"/>`);
});

test('A1: the answer to a request of our own counts whatever spelling it comes from, but not from somebody else', async () => {
  const sent: string[] = [];
  const requests = new Requests((out) => void sent.push(out.rest));
  const answer = requests.ask({ from: 'rooms.x.lit/p', to: 'Bob@bücher.lit/1', type: 'get', payload: '<a/>', deadline: 60_000 });
  const id = /id="([^"]+)"/.exec(sent[0] as string)?.[1] as string;
  const from = (jid: string): boolean => requests.answered(parse(`<iq from="${jid}" to="Rooms.x.lit/p" type="result" id="${id}"/>`));
  expect(from('bobby@bücher.lit/1')).toBe(false);
  expect(from('bob@bücher.lit/2')).toBe(false);
  expect(from('bob@xn--bcher-kva.lit/1')).toBe(true);
  expect((await answer).type).toBe('result');
});

test('A1: a session is asked whether it is there under the spelling it came in with, and is gone under its folded JID', async () => {
  const asked: string[] = [];
  const gone: string[] = [];
  const error = parse(`<iq type="error"><error type="cancel"><item-not-found xmlns="${STANZAS}"/></error></iq>`);
  const prober = new Prober({
    store: {
      sessionsAfter: (after) => Promise.resolve(after === '' ? [{ jid: asFull('bob@x.lit/A'), address: 'BOB@x.lit/A' }] : []),
    },
    link: {
      online: true,
      send: () => undefined,
      request: ({ to }: Request): Promise<Answer> => {
        asked.push(to);
        return Promise.resolve({ type: 'error', stanza: error });
      },
    },
    clock: new FakeClock(),
    log: { debug: jest.fn(), info: jest.fn(), warn: jest.fn(), error: jest.fn() },
    address: 'rooms.x.lit/probe',
    perSecond: 20,
    probeMs: 1000,
    others: () => [],
    gone: (jid) => void gone.push(jid),
  });
  prober.verifyAll();
  await new Promise((resolve) => setImmediate(resolve));
  expect(asked).toEqual(['BOB@x.lit/A']);
  expect(gone).toEqual(['bob@x.lit/A']);
});

test('A6: a domain without a dot is known when somebody was seen on it, or the configuration names it', () => {
  const domains = new SeenDomains([asBare('localhost')]);
  domains.note(asBare('bridge'));
  expect(['localhost', 'bridge', 'john'].map((domain) => domains.has(asBare(domain)))).toEqual([true, true, false]);
  for (let i = 0; i < 2_000; i++) domains.note(asBare(`d${i}`));
  expect(domains.has(asBare('d1999'))).toBe(false);
});

test.each([
  ['capitals', 'Bob@X.lit/2'],
  ['punycode', 'dan@xn--bcher-kva.lit/1'],
])('A1: a request is answered once, whatever its sender is spelt like: %s', async (_, from) => {
  const it = await rig({ makeRoom: realRooms(true) });
  await it.play(enter(ANN, ROOM, 'ann'), instant(ANN, ROOM), enter(from, ROOM, 'other'));
  for (const payload of [
    '<ping xmlns="urn:xmpp:ping"/>',
    '<query xmlns="http://jabber.org/protocol/disco#info"/>',
    '<query xmlns="jabber:iq:register"/>',
    '<vCard xmlns="vcard-temp"/>',
    '<query xmlns="http://jabber.org/protocol/muc#owner"/>',
  ]) {
    it.link.take();
    it.feed(`<iq from="${from}" to="${ROOM}" type="get" id="i">${payload}</iq>`);
    await settle();
    const answers = it.link.xml.filter((xml) => xml.startsWith('<iq '));
    expect([payload, answers.length, answers.every((xml) => xml.includes(`to="${from}"`))]).toEqual([payload, 1, true]);
  }
  expect(it.complaints).toEqual([]);
});
