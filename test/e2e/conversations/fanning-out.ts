/** A large room whose server hands out the copies (XEP-0033): nobody sees a difference, or an address, here or at another server; and what it refuses or loses is said again. */
import xml from '@xmpp/xml';
import { setTimeout as delay } from 'node:timers/promises';
import { createLink } from '../../../src/link/supervisor';
import type { Link } from '../../../src/link/link';
import { outgoing } from '../../../src/xmpp/outgoing';
import { childElements, serialize, type Element } from '../../../src/xmpp/xml';
import { asDomain } from '../../support/jids';
import { freePort } from '../../support/free-port';
import { startServer } from '../servers/flavours';
import { CROWD, FAR, type XmppServer } from '../servers/server';
import { Parlour } from '../support/parlour';
import { adminItem, isSubject, NS, ownerSubmit, presenceOf } from '../support/stanzas';
import { User } from '../support/user';
import { expectResult, type Stage } from './stage';

const SENDERS = ['alice', 'bob', 'carol'] as const;
const DAN = `dan@${FAR}/far`;
/** The server's multicast service, which serves CROWD alone. */
const SERVICE = 'multicast.localhost';
/** Another server. */
const PLAIN = 'plain.test';
const ADDRESS = 'http://jabber.org/protocol/address';

/** Somebody of another domain: a component that gets what a server of theirs would. */
class Far {
  readonly heard: Element[] = [];
  private readonly link: Link;
  private waiting: { matches: (stanza: Element) => boolean; found: (stanza: Element) => void }[] = [];

  constructor({ host, componentPort: port, secret }: XmppServer) {
    const log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
    this.link = createLink({ host, port, secret, domain: asDomain(FAR), serverDomain: 'localhost', log });
  }

  start(): Promise<this> {
    return new Promise((resolve) =>
      this.link.start({
        stanza: (stanza) => {
          this.heard.push(stanza);
          const { waiting } = this;
          this.waiting = [];
          for (const one of waiting)
            if (one.matches(stanza)) one.found(stanza);
            else this.waiting.push(one);
        },
        online: () => resolve(this),
        offline: () => undefined,
        drained: () => undefined,
      }),
    );
  }

  join(room: string): void {
    this.link.send(outgoing('presence', DAN, `${room}/dan`, {}, `<x xmlns="${NS.muc}"/>`));
  }

  /** A message with finished XML in it. */
  say(to: string, id: string, content: string): void {
    this.link.send(outgoing('message', DAN, to, { id }, content));
  }

  until(matches: (stanza: Element) => boolean): Promise<Element> {
    const there = this.heard.find(matches);
    if (there !== undefined) return Promise.resolve(there);
    return new Promise((found) => this.waiting.push({ matches, found }));
  }

  stop(): Promise<void> {
    return this.link.stop(1_000);
  }
}

const bodiesOf = (stanzas: readonly Element[]): string[] =>
  stanzas.flatMap((stanza) =>
    stanza.name === 'message' && stanza.attrs['type'] === 'groupchat' ? (stanza.getChildText('body') ?? []) : [],
  );

export interface FanningOut {
  /** The server is killed at the end, and whoever is logged in with it. */
  readonly kills: boolean;
  /** The service sends copies to other domains too, and reads its limits while it runs; the server speaks to others. */
  readonly everywhere: boolean;
}

export function fanningOut(stage: () => Stage, { kills, everywhere }: FanningOut): void {
  const room = `heath@${CROWD}`;
  const fromRoom = (user: User): Element[] => user.log().filter((s) => (s.attrs['from'] as string | undefined)?.startsWith(room));
  let parlour: Parlour;
  let far: Far;
  let port: number;

  beforeAll(async () => {
    port = await freePort();
    const { server } = stage();
    parlour = await new Parlour(server, (config) => {
      config['component'] = { domain: CROWD };
      config['multicast'] = { service: 'auto', from: 4 };
      config['metrics'] = { listen: port };
      config['roomDefaults'] = { 'muc#roomconfig_persistentroom': true };
    }).start();
    await parlour.logged('multicast.open', 10_000);
    far = await new Far(server).start();
    const { alice, bob, carol } = stage();
    await alice.join(room, 'alice');
    expectResult(await alice.iq('set', room, ownerSubmit({ 'muc#maxhistoryfetch': '200' })));
    await bob.join(room, 'bob');
    await carol.join(room, 'carol');
    far.join(room);
    await far.until(isSubject);
    for (const name of SENDERS) await stage()[name].settle(room);
  });
  afterAll(async () => {
    await parlour.stop();
    await far.stop();
  });

  /** A number of the metrics. */
  async function metric(name: string): Promise<number> {
    const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    return Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1]);
  }

  it('everybody hears everything once and in one order, answers and private messages included, and is shown no address', async () => {
    const { alice, bob, carol } = stage();
    const users = [alice, bob, carol];
    const [stanzas, copies] = [await metric('parlour_multicast_stanzas_total'), await metric('parlour_deliveries_total')];
    const sent = await metric('parlour_link_stanzas_total');
    await Promise.all(Array.from({ length: 30 }, (_, i) => users.map((user, k) => user.say(room, `${SENDERS[k]} ${i}`))).flat());
    await bob.send(
      xml('message', { type: 'chat', to: `${room}/carol`, id: 'pm' }, xml('body', {}, 'between us'), xml('x', { xmlns: NS.user })),
    );
    await alice.send(
      xml(
        'message',
        { type: 'groupchat', to: room, id: 'forged' },
        xml('body', {}, 'forged'),
        xml('addresses', { xmlns: ADDRESS }, xml('address', { type: 'bcc', jid: carol.fullJid }), xml('address', { type: 'to', jid: DAN })),
      ),
    );
    await Promise.all([...users.map((user) => user.hear('forged')), far.until((s) => s.getChildText('body') === 'forged')]);
    await carol.hear('between us');
    const heard = (): string[][] => [...users.map((user) => bodiesOf(fromRoom(user))), bodiesOf(far.heard)];
    for (const late = AbortSignal.timeout(8_000); !late.aborted && heard().some((one) => one.length < 91);) await delay(20);
    const [own] = heard();
    expect(own).toHaveLength(91);
    for (const other of heard()) expect(other).toEqual(own);
    // One stanza for the three of the server's own domain; for the fourth another, unless the service serves them too.
    const given = (await metric('parlour_multicast_stanzas_total')) - stanzas;
    expect(given).toBeGreaterThanOrEqual(91);
    expect((await metric('parlour_deliveries_total')) - copies).toBeGreaterThan(3 * given);
    const queued = (await metric('parlour_link_stanzas_total')) - sent;
    if (everywhere) expect(queued).toBeLessThan(1.5 * given);
    else expect(queued).toBeGreaterThan(1.9 * given);
    // The answer to what was asked behind it comes behind it.
    void alice.say(room, 'before the answer');
    await alice.settle(room);
    expect(bodiesOf(fromRoom(alice)).at(-1)).toBe('before the answer');
    expectResult(await alice.iq('set', room, adminItem({ nick: 'carol', role: 'none' })));
    await carol.waitFor(presenceOf(room, 'carol', 'unavailable'), 'to be kicked');
    await carol.join(room, 'carol');
    expect(await metric('parlour_multicast_rooms')).toBe(1);
    for (const [who, others] of [
      [bob, [alice, carol]],
      [carol, [alice, bob]],
    ] as const) {
      const bytes = fromRoom(who).map(String).join();
      expect(bytes).not.toContain(ADDRESS);
      for (const other of others) expect(bytes).not.toContain(other.bareJid);
      expect(bytes).not.toContain(DAN);
    }
    const bytes = far.heard.map(serialize).join();
    expect(bytes).not.toContain(ADDRESS);
    for (const other of users) expect(bytes).not.toContain(other.bareJid);
    expect(far.heard.some((s) => childElements(s).some(({ name }) => name === 'addresses'))).toBe(false);
    expect(await metric('parlour_multicast_closed_total')).toBe(0);
  });

  if (everywhere) {
    it('nobody but the component that is named may use the service: others are refused, nobody hears it, and no address is repeated', async () => {
      const { alice, bob } = stage();
      const to = alice.bareJid;
      const content = (id: string): Element[] => [
        xml('body', {}, `not by the service ${id}`),
        xml('addresses', { xmlns: ADDRESS }, xml('address', { type: 'bcc', jid: to })),
      ];
      await bob.send(xml('message', { to: SERVICE, id: 'stranger' }, ...content('bob')));
      far.say(SERVICE, 'stranger', content('far').map(serialize).join(''));
      const isRefused = (stanza: Element): boolean => stanza.attrs['id'] === 'stranger' && stanza.attrs['type'] === 'error';
      const errors = [await bob.waitFor(isRefused, 'to be refused'), await far.until(isRefused)];
      for (const error of errors) {
        expect(error.getChild('error')?.attrs['type']).toBe('auth');
        expect(error.getChild('error')?.getChild('forbidden')).toBeDefined();
        expect(error.getChild('addresses')).toBeUndefined();
      }
      // What comes behind it has come.
      await alice.settle(room);
      expect(alice.log().map(String).join()).not.toContain('not by the service');
    });

    it('people of another server get theirs by it too: each once and in order, and that server is told of no address', async () => {
      const { alice, bob, carol, server } = stage();
      const other = await startServer(server.flavour, {}, { plain: PLAIN });
      try {
        server.meet(PLAIN, other.s2sPort);
        other.meet(CROWD, server.s2sPort);
        const erin = await User.connect(other, 'erin');
        await erin.join(room, 'erin', { history: { maxstanzas: '0' } });
        await erin.settle(room);
        const [given, sent] = [await metric('parlour_multicast_stanzas_total'), await metric('parlour_link_stanzas_total')];
        const before = bodiesOf(fromRoom(bob)).length;
        for (let i = 0; i < 20; i++) void [alice, bob, carol, erin][i % 4]?.say(room, `afar ${i}`);
        const heard = (): string[][] => [bodiesOf(fromRoom(erin)), bodiesOf(fromRoom(bob)).slice(before)];
        for (const late = AbortSignal.timeout(8_000); !late.aborted && heard().some((one) => one.length < 20);) await delay(20);
        const [afar, here] = heard();
        expect(here).toHaveLength(20);
        expect(afar).toEqual(here);
        // For erin none of its own: all of them left by the service.
        expect((await metric('parlour_multicast_stanzas_total')) - given).toBeGreaterThanOrEqual(20);
        expect((await metric('parlour_link_stanzas_total')) - sent).toBeLessThan(35);
        // A plain server passes on to its people what it gets.
        const bytes = erin.log().map(String).join();
        expect(bytes).not.toContain(ADDRESS);
        for (const jid of [alice.bareJid, bob.bareJid, carol.bareJid, DAN]) expect(bytes).not.toContain(jid);
        expect(await metric('parlour_multicast_closed_total')).toBe(0);
        await erin.disconnect();
        await bob.waitFor(presenceOf(room, 'erin', 'unavailable'), 'erin to leave');
      } finally {
        await other.stop();
      }
    });

    it('if the server takes fewer addresses from now on, what it refuses is said one by one: each once and in order', async () => {
      const { alice, bob, carol, server } = stage();
      const users = [alice, bob, carol];
      const before = users.map((user) => bodiesOf(fromRoom(user)).length);
      const far0 = bodiesOf(far.heard).length;
      await server.limit(2);
      // Until the server has read its configuration again, and then some more.
      let count = 0;
      const say = (): unknown => users[count % 3]?.say(room, `fewer ${count++}`);
      for (
        const late = AbortSignal.timeout(20_000);
        !late.aborted && (await metric('parlour_multicast_closed_total')) === 0;
        await delay(50)
      )
        say();
      for (let i = 0; i < 10; i++) say();
      const heard = (): string[][] => [
        ...users.map((user, i) => bodiesOf(fromRoom(user)).slice(before[i])),
        bodiesOf(far.heard).slice(far0),
      ];
      for (const late = AbortSignal.timeout(8_000); !late.aborted && heard().some((one) => one.length < count);) await delay(20);
      const [own] = heard();
      expect(own).toHaveLength(count);
      for (const other of heard()) expect(other).toEqual(own);
      expect(await metric('parlour_multicast_closed_total')).toBe(1);
      expect(await metric('parlour_multicast_refused_total')).toBeGreaterThanOrEqual(1);
      await parlour.logged('multicast.closed');
    });
  }

  if (!kills) return;
  it('what anybody heard before the server was killed is kept, and the room goes on by the same way', async () => {
    const { alice, bob, server } = stage();
    if (everywhere) {
      await server.limit(30);
      await parlour.terminate();
      await parlour.start();
      await parlour.logged('multicast.open');
    }
    const attached = parlour.attachments();
    for (let i = 0; i < 40; i++) void alice.say(room, `late ${i}`).catch(() => undefined);
    await bob.hear('late 3');
    process.kill(server.pid(), 'SIGKILL');
    await server.halt();
    await server.resume();
    await parlour.attachedAgain(attached);
    const again = await User.connect(server, 'alice', 'again');
    const entered = await again.join(room, 'alice', { history: { maxstanzas: '200' } });
    const kept = bodiesOf(entered);
    expect(new Set(kept).size).toBe(kept.length);
    for (const user of [alice, bob]) {
      const heard = bodiesOf(fromRoom(user));
      expect(heard.length).toBeGreaterThan(91);
      expect(kept.slice(0, heard.length)).toEqual(heard);
    }
    await again.say(room, 'and on');
    await again.hear('and on');
    await again.disconnect();
  });
}
