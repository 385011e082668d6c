/** The ways of rooms by a multicast service, seen from beneath the rooms: what is confirmed, and what leaves when the service fails or the process stops. */
import { Multicast } from '../../src/service/multicast/multicast';
import { address, outgoing, type Address, type Outgoing } from '../../src/xmpp/outgoing';
import { parse } from '../support/conversation';
import { asRoom } from '../support/jids';
import { FakeClock, settle } from './fake-clock';
import { MulticastLink, SERVICE } from './multicast-link';
import { DOMAIN, ROOM } from './rig';

const OTHER = asRoom(`b@${DOMAIN}`);
const ANN = 'ann@x.lit/1';
const BOB = 'bob@x.lit/1';

interface Made {
  readonly link: MulticastLink;
  readonly clock: FakeClock;
  readonly multicast: Multicast;
  /** What the owner was told. */
  readonly told: string[];
  /** Events of the log. */
  readonly events: unknown[];
}

/** With a room that goes that way; the service works when told. `everywhere`: it sends copies to other domains too. */
async function make(everywhere = false): Promise<Made> {
  const link = new MulticastLink();
  const clock = new FakeClock();
  const told: string[] = [];
  const events: unknown[] = [];
  let secrets = 0;
  const log = (fields: { event: string }): void => void events.push(fields.event);
  const multicast = new Multicast(
    {
      ...{ link, clock, domain: DOMAIN, serverDomain: 'x.lit', from: 2, sentBytes: 512 * 1024 },
      log: { debug: log, info: log, warn: log, error: log },
      secret: () => `s${++secrets}`,
    },
    {
      closed: (condition) => void told.push(`closed ${condition}`),
      unsure: (rooms) => void told.push(`unsure ${rooms.join(' ')}`),
      lowered: (room) => void told.push(`lowered ${room}`),
      drained: () => undefined,
    },
  );
  link.deliver = (xml) => void multicast.took(parse(xml));
  link.works = false;
  multicast.open({ service: SERVICE, everywhere }, 10);
  multicast.routeOf(ROOM, 5);
  await settle();
  return { link, clock, multicast, told, events };
}

const message = (text: string, to: Outgoing['to'] = [ANN, BOB].map(address), from: string = ROOM): Outgoing =>
  outgoing('message', from, to, { id: text }, `<t>${text}</t>`);
const answer = (text: string, to: string): Outgoing => outgoing('iq', ROOM, to, { type: 'result', id: text }, `<t>${text}</t>`);
const error = (id: string, condition = 'forbidden'): string =>
  `<message type="error" from="${SERVICE}" to="${ROOM}" id="${id}"><error type="auth"><${condition} xmlns="urn:ietf:params:xml:ns:xmpp-stanzas"/></error></message>`;
const both = (text: string): string[] => [`${ANN} ${text}`, `${BOB} ${text}`];

test('what a silent service swallowed is not confirmed by a ping', async () => {
  const { link, clock, multicast, told } = await make();
  link.silent = true;
  multicast.send(message('one'), ROOM);
  const reached = multicast.route.reached();
  await clock.pass(70_000);
  expect(await reached).toBe(false);
  expect(told).toEqual(['closed undefined', `unsure ${ROOM}`]);
  expect(await multicast.route.reached()).toBe(true);
});

test('what a service refuses is confirmed when it has left directly, and no earlier', async () => {
  const { link, multicast, told } = await make();
  multicast.send(message('one'), ROOM);
  const answers: boolean[] = [];
  void multicast.route.reached().then((reached) => answers.push(reached));
  await settle();
  multicast.send(message('two'), ROOM);
  link.refuses = 'forbidden';
  link.work(2);
  await settle();
  expect([link.sent, answers, told]).toEqual([[], [], []]);
  link.work();
  await settle();
  expect(link.sent).toEqual([...both('one'), ...both('two')]);
  expect([answers, told]).toEqual([[true], ['closed forbidden']]);
});

test('if it falls silent while it refuses, nothing is confirmed', async () => {
  const { link, clock, multicast } = await make();
  multicast.send(message('one'), ROOM);
  const reached = multicast.route.reached();
  link.refuses = 'forbidden';
  link.work(1);
  link.kill();
  await clock.pass(70_000);
  expect(await reached).toBe(false);
});

test.each(['refuses', 'silent'] as const)('a room that was held goes on when the service %s', async (how) => {
  const { link, clock, multicast, told } = await make();
  link.held = [];
  link.tellLow = () => false;
  multicast.routeOf(OTHER, 5);
  multicast.send(message('one', [address(ANN)], OTHER), OTHER);
  expect(multicast.tellLow(OTHER)).toBe(true);
  if (how === 'silent') link.silent = true;
  else link.refuses = 'forbidden';
  link.works = true;
  multicast.send(message('two'), ROOM);
  await clock.pass(70_000);
  expect(told.filter((line) => line.startsWith('lowered'))).toEqual([`lowered ${OTHER}`]);
});

test('an error about nothing that it was given closes no service, and goes to nobody', async () => {
  const { link, multicast, events } = await make();
  multicast.send(message('one'), ROOM);
  link.deliver(error('other'));
  link.deliver(
    error('one').replace('<error ', '<addresses xmlns="http://jabber.org/protocol/address"><address desc="zz"/></addresses><error '),
  );
  expect([multicast.isOpen, events]).toEqual([true, ['multicast.stray', 'multicast.stray']]);
  link.deliver(error('one'));
  expect(multicast.isOpen).toBe(false);
});

test('an address that the server does not take is tried directly, and closes no service', async () => {
  const { link, multicast } = await make();
  multicast.send(message('one', 'typed@x.lit'), ROOM);
  multicast.send(message('two'), ROOM);
  link.refuses = 'jid-malformed';
  link.work(1);
  link.refuses = undefined;
  expect(link.sent).toEqual(['typed@x.lit one']);
  link.work();
  await settle();
  expect([link.sent, multicast.isOpen]).toEqual([['typed@x.lit one', ...both('two')], true]);
  multicast.send(message('three'), ROOM);
  link.refuses = 'jid-malformed';
  link.work(1);
  expect(multicast.isOpen).toBe(false);
});

test('on a link that is never idle silence counts from when the server has read the loop; what is not read proves nothing', async () => {
  const { link, clock, multicast } = await make();
  link.silent = true;
  link.held = [];
  multicast.send(message('one'), ROOM);
  const busy = async (seconds: number): Promise<void> => {
    for (let i = 0; i < seconds; i++) {
      link.moved++;
      await clock.pass(1_000);
    }
  };
  await busy(200);
  expect(multicast.isOpen).toBe(true);
  for (const read of link.held.splice(0)) read(true);
  await busy(30);
  multicast.pause();
  await busy(200);
  expect(multicast.isOpen).toBe(true);
  multicast.resume();
  await busy(40);
  expect(multicast.isOpen).toBe(false);
});

test('at the stop whatever waits leaves directly, answers too, and what was refused before it', async () => {
  const { link, multicast } = await make();
  multicast.send(message('one'), ROOM);
  multicast.send(answer('two', ANN), ROOM);
  multicast.send(message('three'), ROOM);
  void multicast.request({ from: `${ROOM}/x`, to: BOB, type: 'get', payload: '', deadline: 1 });
  link.refuses = 'forbidden';
  link.work(1);
  expect(link.sent).toEqual([]);
  multicast.finish();
  expect(link.sent.filter((line) => line.startsWith(ANN))).toEqual([`${ANN} one`, `${ANN} two`, `${ANN} three`]);
  expect([link.requests.length, multicast.rooms, multicast.isOpen]).toEqual([1, 0, false]);
});

test('a room that is let go while nothing is read goes directly when it is read again', async () => {
  const { link, multicast } = await make();
  link.works = true;
  multicast.pause();
  multicast.routeOf(ROOM, 0);
  expect(multicast.rooms).toBe(1);
  multicast.resume();
  await settle();
  expect(multicast.rooms).toBe(0);
  multicast.send(message('one'), ROOM);
  expect([link.sent, link.given.filter((xml) => xml.includes('one'))]).toEqual([both('one'), []]);
});

test('one that has grown again by then stays', async () => {
  const { link, multicast } = await make();
  link.works = true;
  multicast.pause();
  multicast.routeOf(ROOM, 0);
  multicast.routeOf(ROOM, 5);
  multicast.resume();
  await settle();
  expect(multicast.rooms).toBe(1);
});

test('what a silent service has for one alone leaves directly, before what waits; what rooms say again does not', async () => {
  const { link, clock, multicast, told } = await make();
  link.silent = true;
  multicast.send(message('entered', ANN), ROOM);
  multicast.send(message('said'), ROOM);
  multicast.send({ ...message('left', BOB), kind: 'farewell' }, ROOM);
  multicast.send(answer('asked', ANN), ROOM);
  await clock.pass(70_000);
  expect(link.sent).toEqual([`${ANN} entered`, `${ANN} asked`]);
  expect(told).toEqual(['closed undefined', `unsure ${ROOM}`]);
});

test('whoever waits for an answer is left out of what the others hear, whatever the number of groups, and hears it behind the answer', async () => {
  const { link, multicast } = await make();
  const all = Array.from({ length: 35 }, (_, i) => address(`u${i}@x.lit/1`));
  const [first, twelfth] = [all[0] as Address, all[12] as Address];
  multicast.send(message('one', all), ROOM);
  for (const { jid } of [first, twelfth]) multicast.send(answer('two', jid), ROOM);
  multicast.send({ ...message('three', all), except: [all[34] as Address, twelfth] }, ROOM);
  const groups = link.given.filter((xml) => xml.includes('three')).map((xml) => xml.match(/ jid="/g)?.length);
  expect(groups).toEqual([9, 9, 10, 4]);
  link.works = true;
  link.work();
  await settle();
  await settle();
  const heard = (jid: string): string[] =>
    link.sent.filter((line) => line.startsWith(`${jid} `)).map((line) => line.split(' ')[1] as string);
  expect(heard(first.jid)).toEqual(['one', 'two', 'three']);
  expect(heard(twelfth.jid)).toEqual(['one', 'two']);
  expect(heard('u34@x.lit/1')).toEqual(['one']);
  expect(heard('u5@x.lit/1')).toEqual(['one', 'three']);
});

test('a service that sends copies everywhere is given recipients of other domains too, and an answer to one of them waits for what was said', async () => {
  const { link, multicast } = await make(true);
  const [far, own] = ['dan@far.lit/1', ANN];
  multicast.send(message('one', [far, own].map(address)), ROOM);
  multicast.send(answer('two', far), ROOM);
  await settle();
  expect(link.sent).toEqual([]);
  expect(link.given[0]?.match(/ jid="[^"]*"/g)).toEqual([` jid="${far}"`, ` jid="${own}"`]);
  link.works = true;
  link.work();
  await settle();
  expect(link.sent).toEqual([`${far} one`, `${own} one`, `${far} two`]);
});
