/** Administrators at the service's address: announcements, and the end of the service, seen by people's clients. */
import xml from '@xmpp/xml';
import type { Element } from '@xmpp/xml';
import { setTimeout as delay } from 'node:timers/promises';
import { expectResult, roomOfThree, setStage, strikeStage, type Stage } from './conversations/stage';
import { codes, NS, presenceOf } from './support/stanzas';
import { CLIENT_FLAVOURS, describeServers } from './support/suite';

jest.setTimeout(60_000);

const COMMANDS = 'http://jabber.org/protocol/commands';
const ADMIN = 'http://jabber.org/protocol/admin';

describeServers(
  'administration',
  (server) => {
    let stage: Stage;
    beforeEach(async () => {
      stage = await setStage(server(), (config) => {
        config['service'] = { admins: [`alice@${server().domain}`] };
      });
    });
    afterEach(async () => {
      await strikeStage(stage);
    });

    /** Executes a command by its node and submits its form; the `<command/>` that ends it. */
    async function run(node: string, fields: Record<string, string>, of = ADMIN): Promise<Element> {
      const { alice } = stage;
      const { component } = server();
      const first = await alice.iq('set', component, xml('command', { xmlns: COMMANDS, node: `${of}${node}`, action: 'execute' }));
      expectResult(first);
      const begun = first.getChild('command', COMMANDS) as Element;
      expect(begun.attrs['status']).toBe('executing');
      const form = xml('x', { xmlns: NS.data, type: 'submit' }, field('FORM_TYPE', of));
      for (const [name, value] of Object.entries(fields)) form.append(field(name, value));
      const { node: begunNode, sessionid } = begun.attrs as Record<string, string>;
      const second = await alice.iq(
        'set',
        component,
        xml('command', { xmlns: COMMANDS, node: begunNode, sessionid, action: 'complete' }, form),
      );
      expectResult(second);
      const done = second.getChild('command', COMMANDS) as Element;
      expect(done.attrs['status']).toBe('completed');
      return done;
    }
    const field = (name: string, value: string): Element => xml('field', { var: name }, xml('value', {}, value));

    it('announces something to everybody in rooms, and to nobody twice', async () => {
      const { alice, bob, carol } = stage;
      await roomOfThree(stage);
      await roomOfThree(stage);
      const done = await run('#announce', { announcement: 'Tea & cake at five' });
      expect(done.getChild('note')?.getText()).toMatch(/3\.$/);
      for (const user of [alice, bob, carol]) {
        const message = await user.hear('Tea & cake at five');
        expect([message.attrs['from'], message.attrs['type']]).toEqual([server().component, 'headline']);
      }
      await delay(200);
      for (const user of [alice, bob, carol]) {
        expect(user.drain().filter((s) => s.getChildText('body') === 'Tea & cake at five')).toEqual([]);
      }
    });

    it('renames a room: everybody is led to the new address, also over a kill, and what was said is there (XEP-0045 §10.9, XEP-0249)', async () => {
      const { alice, bob, carol, parlour } = stage;
      const room = await roomOfThree(stage, { 'muc#roomconfig_persistentroom': '1' });
      const present = `renamed-${Date.now().toString(36)}@${server().component}`;
      await bob.say(room, 'before the move');
      for (const user of [alice, bob, carol]) await user.hear('before the move');
      const done = await run('#rename-room', { room, to: present, reason: 'A better name' }, 'urn:parlour:admin');
      expect(done.getChild('note')?.attrs['type']).toBe('info');
      for (const [user, nick] of [
        [alice, 'alice'],
        [bob, 'bob'],
        [carol, 'carol'],
      ] as const) {
        const out = await user.waitFor(presenceOf(room, nick, 'unavailable'), 'the end at the old address');
        const destroy = out.getChild('x', NS.user)?.getChild('destroy');
        expect([destroy?.attrs['jid'], destroy?.getChildText('reason')]).toEqual([present, 'A better name']);
      }
      // The owner has not followed.
      const invited = await alice.waitFor((s) => s.is('message') && s.getChild('x', 'jabber:x:conference') !== undefined, 'an invitation');
      expect([invited.attrs['from'], invited.getChild('x', 'jabber:x:conference')?.attrs['jid']]).toEqual([present, present]);
      await parlour.killHard();
      await parlour.start();
      const arrived = await carol.join(present, 'carol');
      expect(arrived.some((s) => s.getChildText('body') === 'before the move')).toBe(true);
      await carol.send(xml('presence', { to: `${room}/carol` }, xml('x', { xmlns: 'http://jabber.org/protocol/muc' })));
      const gone = await carol.waitFor((s) => s.is('presence') && s.attrs['type'] === 'error', 'the old address');
      expect(gone.getChild('error')?.getChildText('gone')).toBe(`xmpp:${present}?join`);
    });

    it('shuts down: everybody is out with 332, the program ends by itself with 0, and persistent rooms are there afterwards', async () => {
      const { alice, bob, carol, parlour } = stage;
      const room = await roomOfThree(stage, { 'muc#roomconfig_persistentroom': '1' });
      await bob.say(room, 'the last word');
      for (const user of [alice, bob, carol]) await user.hear('the last word');
      await run('#shutdown', { delay: '0', announcement: 'For good' });
      for (const [user, nick] of [
        [alice, 'alice'],
        [bob, 'bob'],
        [carol, 'carol'],
      ] as const) {
        const out = await user.waitFor(presenceOf(room, nick, 'unavailable'), 'the end');
        expect(codes(out)).toEqual([110, 332]);
      }
      expect(await parlour.ended()).toBe(0);
      await parlour.start();
      const arrived = await carol.join(room, 'carol');
      expect(arrived.filter((s) => s.is('presence')).map((s) => s.attrs['from'] as string)).toEqual([`${room}/carol`]);
      expect(arrived.some((s) => s.getChildText('body') === 'the last word')).toBe(true);
    });
  },
  CLIENT_FLAVOURS,
);
