/**
 * Phones of people who are away ring (docs/extensions.md): stock servers push to a push service, and only loud notifications count. `npm test` plays the short form,
 * `.ci/nightly` (ALL_SERVERS=true) the whole list of issue "Every phone rings" at the newest servers.
 */
import xml from '@xmpp/xml';
import { setTimeout as delay } from 'node:timers/promises';
import { expectResult } from './conversations/stage';
import { PUSHES, type Flavour } from './servers/server';
import { archivePage } from './support/archive';
import { Parlour } from './support/parlour';
import { PUSH_DOMAIN, PushService } from './support/push-service';
import { adminItem, ownerSubmit, stanzaId } from './support/stanzas';
import { describeServers } from './support/suite';
import { User } from './support/user';

jest.setTimeout(600_000);

const WHOLE = process.env['ALL_SERVERS'] === 'true';
// Debian's stable Prosody has no cloud_notify.
const SERVERS: readonly Flavour[] = WHOLE ? ['prosody (newest)', 'ejabberd (newest)'] : ['prosody (newest)', 'ejabberd (stable)'];
const MESSAGES = WHOLE ? 100 : 3;
/** Of messages that a server keeps (docs/extensions.md). */
const MOST_WAITING = 40;
const INTERVAL_S = 1;
const PRIVATE = {
  'muc#roomconfig_persistentroom': '1',
  'muc#roomconfig_membersonly': '1',
  'muc#roomconfig_whois': 'anyone',
};
const PUBLIC = { 'muc#roomconfig_persistentroom': '1' };
const MINUTE = 60_000;

describeServers(
  'pushes',
  (server, flavour) => {
    const keeps = flavour.startsWith('ejabberd');
    const room = 'coven@rooms.localhost';
    const heath = 'heath@rooms.localhost';
    let parlour: Parlour;
    let pushes: PushService;
    let alice: User;
    let carol: User;
    /** How often hag's phone has rung until here. */
    let hag = 0;

    /** Logs in a phone for which the server pushes when it is gone. */
    async function phone(name: string): Promise<User> {
      const user = await User.connect(server(), name, 'phone');
      expectResult(await user.iq('set', user.bareJid, xml('enable', { xmlns: 'urn:xmpp:push:0', jid: PUSH_DOMAIN, node: name })));
      return user;
    }
    /** A phone that was in these rooms, and is gone. */
    async function gone(name: string, ...rooms: readonly string[]): Promise<void> {
      const user = await phone(name);
      for (const one of rooms) {
        expectResult(await alice.iq('set', one, adminItem({ jid: user.bareJid, affiliation: 'member' })));
        await user.join(one, name);
        await user.leave(one, name);
      }
      await user.disconnect();
    }
    /** A phone that was woken connects, reads the rooms' archives as clients do, and sleeps again. */
    async function comes(name: string, ...rooms: readonly string[]): Promise<User> {
      const user = await User.connect(server(), name, 'phone');
      for (const one of rooms) {
        await user.join(one, name);
        await archivePage(user, one);
        await user.leave(one, name);
      }
      return user;
    }
    async function make(address: string, fields: Record<string, string>): Promise<void> {
      await alice.join(address, 'alice');
      expectResult(await alice.iq('set', address, ownerSubmit(fields)));
    }
    async function logIn(): Promise<void> {
      alice = await User.connect(server(), 'alice');
      carol = await User.connect(server(), 'carol');
      for (const one of [room, heath]) await alice.join(one, 'alice');
      await carol.join(room, 'carol');
    }

    beforeAll(async () => {
      pushes = await new PushService(server()).start();
      parlour = await new Parlour(server(), (config) => {
        config['wakeUps'] = { intervalSeconds: INTERVAL_S };
        config['limits'] = { trusted: ['alice@localhost'] };
      }).start();
      alice = await User.connect(server(), 'alice');
      await make(room, PRIVATE);
      await make(heath, PUBLIC);
      carol = await phone('carol');
      expectResult(await alice.iq('set', room, adminItem({ jid: carol.bareJid, affiliation: 'member' })));
      await carol.join(room, 'carol');
      await gone('bob', room);
      await gone('hag', room);
    }, 120_000);
    afterAll(async () => {
      await Promise.all([alice, carol].map((user) => user.disconnect()));
      await parlour.stop();
      await pushes.stop();
    });

    it(`${MESSAGES} messages, one per interval: each rings a phone that connects after each push; one that never does hears all, or the first ${MOST_WAITING}`, async () => {
      for (let i = 1; i <= MESSAGES; i++) {
        const began = Date.now();
        await alice.say(room, `message ${i}`);
        expect([i, await pushes.until('bob', i)]).toEqual([i, true]);
        await (await comes('bob', room)).disconnect();
        await delay(Math.max(0, 1_000 * INTERVAL_S + 50 - (Date.now() - began)));
      }
      await pushes.quiet('hag', 500);
      hag = keeps ? Math.min(MESSAGES, MOST_WAITING) : MESSAGES;
      expect(pushes.of('bob')).toEqual(MESSAGES);
      expect(pushes.of('hag')).toEqual(hag);
      // Who is in the room and available is not rung, on any client.
      expect(pushes.of('carol')).toBe(0);
    });

    // By night alone; the next one restarts Parlour always.
    if (WHOLE)
      it('still so after restarts of Parlour and of the server', async () => {
        await parlour.terminate();
        await Promise.all([alice, carol].map((user) => user.disconnect()));
        await server().halt();
        await server().resume();
        await parlour.start();
        await logIn();
        await delay(1_000 * INTERVAL_S);
        const bob = pushes.of('bob');
        await alice.say(room, 'after the restart');
        expect(await pushes.until('bob', bob + 1)).toBe(true);
        await pushes.quiet('hag', 500);
        // Whoever has forty waiting hears nothing more, whichever process counted them, until their next sign of life.
        if (hag < MOST_WAITING || !keeps) hag++;
        expect(pushes.of('hag')).toEqual(hag);
        await (await comes('hag', room)).disconnect();
        await delay(1_000 * INTERVAL_S);
        await alice.say(room, 'after their sign of life');
        hag++;
        expect([await pushes.until('hag', hag), pushes.of('hag')]).toEqual([true, hag]);
      });

    it('clients that are away for five minutes do not silence the phone, if all of them are, and show nothing but the room', async () => {
      await (await phone('dora')).disconnect();
      const desk = await User.connect(server(), 'dora', 'desk');
      const laptop = await User.connect(server(), 'dora', 'laptop');
      expectResult(await alice.iq('set', room, adminItem({ jid: desk.bareJid, affiliation: 'member' })));
      for (const client of [desk, laptop]) await client.join(room, 'dora');
      const goesAway = async (client: User, show: string): Promise<void> => {
        await client.send(xml('presence', { to: `${room}/dora` }, xml('show', {}, show)));
        await client.settle(room);
      };
      const silent = async (words: string): Promise<void> => {
        await alice.say(room, words);
        for (const client of [desk, laptop]) await client.hear(words);
        await pushes.quiet('dora', 500);
        expect([words, pushes.of('dora')]).toEqual([words, before]);
      };
      await goesAway(desk, 'away');
      // What the server made of being added to the room is past.
      await pushes.quiet('dora', 500);
      const before = pushes.of('dora');
      await silent('they may come back');
      await parlour.terminate();
      await parlour.start(6 * MINUTE);
      await silent('they are at their other client');
      await goesAway(laptop, 'xa');
      await silent('they were at it a moment ago');
      await parlour.terminate();
      await parlour.start(12 * MINUTE);
      for (const client of [desk, laptop]) client.drain();
      await alice.say(room, 'they do not');
      for (const client of [desk, laptop]) await client.hear('they do not');
      expect([await pushes.until('dora', before + 1), pushes.of('dora')]).toEqual([true, before + 1]);
      await delay(300);
      // A doorbell has nothing that a client could show.
      const shown = [...desk.drain(), ...laptop.drain()].filter(
        (stanza) => stanza.is('message') && ['body', 'subject', 'x'].some((name) => stanza.getChild(name)),
      );
      expect(shown.map(String)).toEqual([]);
      for (const client of [desk, laptop]) await client.disconnect();
    });

    it("Siskin's and Snikket's field of the registration form rings for every message", async () => {
      const user = await phone('siskin');
      await user.join(heath, 'siskin');
      const field = (name: string, value: string) => xml('field', { var: name }, xml('value', {}, value));
      const form = xml(
        'x',
        { xmlns: 'jabber:x:data', type: 'submit' },
        field('FORM_TYPE', 'http://jabber.org/protocol/muc#register'),
        field('muc#register_roomnick', 'siskin'),
        field('{http://tigase.org/protocol/muc}offline', '1'),
      );
      expectResult(await user.iq('set', heath, xml('query', { xmlns: 'jabber:iq:register' }, form)));
      await user.leave(heath, 'siskin');
      await user.disconnect();
      await alice.say(heath, 'to everybody');
      expect([await pushes.until('siskin', 1), pushes.of('siskin')]).toEqual([true, 1]);
    });

    it('a moderated message is in no archive of the account', async () => {
      await alice.say(room, 'words of a secret kind');
      const said = await alice.hear('words of a secret kind');
      const id = stanzaId(said, room) ?? '';
      const moderate = xml(
        'moderate',
        { xmlns: 'urn:xmpp:message-moderate:1', id },
        xml('retract', { xmlns: 'urn:xmpp:message-retract:1' }),
      );
      expectResult(await alice.iq('set', room, moderate));
      const user = await User.connect(server(), 'hag', 'phone');
      const page = await archivePage(user, user.bareJid);
      expect([page.error, page.messages.filter((message) => message.toString().includes('secret'))]).toEqual([null, []]);
      await user.disconnect();
    });

    // By night alone.
    if (WHOLE)
      it('a crowd of messages rings once and once with the count; a thousand mentions by one person likewise', async () => {
        await parlour.terminate();
        parlour.configure((config) => {
          config['wakeUps'] = { intervalSeconds: 20 };
        });
        await parlour.start();
        await gone('quiet', room);
        await gone('named', heath);
        const began = Date.now();
        for (let i = 0; i < 100; i++) {
          await alice.say(room, `quick ${i}`);
          for (let k = 0; k < 10; k++) await alice.say(heath, `named: ${10 * i + k}`);
          await delay(50);
        }
        expect(Date.now() - began).toBeLessThan(19_000);
        expect([pushes.of('quiet'), pushes.of('named')]).toEqual([1, 1]);
        await delay(25_000 - (Date.now() - began));
        expect(pushes.of('quiet')).toEqual(2);
        await delay(70_000 - (Date.now() - began));
        expect([pushes.of('quiet'), pushes.of('named')]).toEqual([2, 2]);
      });

    // By night alone.
    if (WHOLE)
      it("fifty mentions in each of twenty rooms leave a friend's message its place", async () => {
        const rooms = Array.from({ length: 20 }, (_, i) => `many${i}@rooms.localhost`);
        for (const one of rooms) await make(one, PUBLIC);
        await gone('eve', ...rooms);
        const began = Date.now();
        for (let i = 0; i < 50; i++) for (const one of rooms) await alice.say(one, `eve: ${i}`);
        await alice.settle(rooms[19] as string);
        // Six an hour because of one person, over all rooms; what was counted meanwhile is told when a minute is over, which it is not.
        await pushes.quiet('eve', 500);
        expect([Date.now() - began < MINUTE, pushes.of('eve')]).toEqual([true, 6]);
        await carol.send(xml('message', { to: 'eve@localhost', type: 'chat' }, xml('body', {}, 'a friend’s words')));
        // Which the server pushes too, as it does any message to who is away.
        expect([await pushes.until('eve', 7), pushes.of('eve')]).toEqual([true, 7]);
        const eve = await User.connect(server(), 'eve', 'phone');
        await eve.hear('a friend’s words');
        await eve.disconnect();
      });

    it('a phone that sleeps on the server (XEP-0198) is woken by the server', async () => {
      const user = await phone('sleepy');
      expectResult(await alice.iq('set', room, adminItem({ jid: user.bareJid, affiliation: 'member' })));
      await user.join(room, 'sleepy');
      // A server also pushes what a session had not acknowledged when it fell asleep: here it has acknowledged all.
      await user.settle(room);
      await delay(500);
      user.vanish();
      await pushes.quiet('sleepy', 500);
      const before = pushes.of('sleepy');
      await alice.say(room, 'is anybody awake');
      // To Parlour they are there: what rings is the server's own.
      expect(await pushes.until('sleepy', before + 1)).toBe(true);
      await pushes.quiet('sleepy', 500);
      expect(pushes.of('sleepy')).toBe(before + 1);
    });
  },
  SERVERS,
  PUSHES,
);
