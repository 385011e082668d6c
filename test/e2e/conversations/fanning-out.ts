/** A large room whose server hands out the copies (XEP-0033): nobody sees a difference, or an address; and what the server loses is said again. */
import xml from '@xmpp/xml';
import { setTimeout as delay } from 'node:timers/promises';
import { createLink } from '../../../src/link/supervisor';
import type { Link } from '../../../src/link/link';
import { outgoing } from '../../../src/xmpp/outgoing';
import { childElements, serialize, type Element } from '../../../src/xmpp/xml';
import { asDomain } from '../../support/jids';
import { freePort } from '../../support/free-port';
import { CROWD, FAR, type XmppServer } from '../servers/server';
import { Parlour } from '../support/parlour';
import { adminItem, isSubject, NS, ownerSubmit, presenceOf } from '../support/stanzas';
import { User } from '../support/user';
import { expectResult, type Stage } from './stage';

const SENDERS = ['alice', 'bob', 'carol'] as const;
const DAN = `dan@${FAR}/far`;
const ADDRESS = 'http://jabber.org/protocol/address';

/** Somebody of another domain: a component that gets what a server of theirs would. */
class Far {
  readonly heard: Element[] = [];
  private readonly link: Link;
  private waiting: { matches: (stanza: Element) => boolean; found: () => void }[] = [];

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
            if (one.matches(stanza)) one.found();
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

  until(matches: (stanza: Element) => boolean): Promise<void> {
    if (this.heard.some(matches)) return Promise.resolve();
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

/** The tests; `kills`: whether the server is killed at the end, and whoever is logged in with it. */
export function fanningOut(stage: () => Stage, kills: boolean): void {
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
    // One stanza for the three of the server's own domain, and one for the fourth.
    const given = (await metric('parlour_multicast_stanzas_total')) - stanzas;
    expect(given).toBeGreaterThanOrEqual(91);
    expect((await metric('parlour_deliveries_total')) - copies).toBeGreaterThan(3 * given);
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

  if (!kills) return;
  it('what anybody heard before the server was killed is kept, and the room goes on by the same way', async () => {
    const { alice, bob, server } = stage();
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
