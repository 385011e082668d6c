/** A client that nobody here wrote: Converse.js, two people at its page in a browser. */
import xml from '@xmpp/xml';
import type { Browser } from 'playwright-core';
import { startPage } from '../../src/demo/page';
import type { Page } from '../../src/demo/page';
import { Converse, launchBrowser } from './clients/converse';
import { ensurePackage } from './support/packages';
import { Parlour } from './support/parlour';
import { AtTheWire, BY_A_FRIEND, ONE_MESSAGE, PRESET, PRIVACY, withDoorbells } from './support/private-group';
import { User } from './support/user';
import { BROWSER_FLAVOURS, describeServers, describeWith, START_TIMEOUT } from './support/suite';

jest.setTimeout(120_000);

/** One red pixel. */
const PICTURE = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==', 'base64');

describeWith(['chromium'], 'Converse.js', () => {
  let browser: Browser;
  beforeAll(async () => {
    await ensurePackage('chromium');
    browser = await launchBrowser();
  }, START_TIMEOUT);
  afterAll(async () => {
    await browser.close();
  });

  describeServers(
    'Converse.js',
    (server) => {
      let parlour: Parlour | undefined;
      let pages: Page[] = [];
      let windows: Converse[] = [];
      beforeAll(async () => {
        parlour = await new Parlour(server(), withDoorbells).start();
      }, START_TIMEOUT);
      afterEach(async () => {
        await Promise.all(windows.map((each) => each.close()));
        await Promise.all(pages.map((each) => each.stop()));
        windows = [];
        pages = [];
      });
      afterAll(async () => {
        await parlour?.stop();
      });

      /**
       * A page that enters the room by itself. It does not accept the defaults of a new room unasked, and registers nobody with
       * the room: its nickname would be kept for the next test. Nobody comes back to the room of another test by a bookmark.
       */
      async function pageOf(room: string, settings: Record<string, unknown> = {}): Promise<string> {
        const accounts = await Promise.all(['ann', 'ben'].map(async (user) => ({ user, password: await server().account(user) })));
        const { websocket, domain, component: rooms } = server();
        const page = await startPage({
          websocket,
          domain,
          rooms,
          room,
          accounts,
          settings: { muc_instant_rooms: false, auto_register_muc_nickname: false, allow_bookmarks: false, ...settings },
        });
        pages.push(page);
        return page.url;
      }

      async function open(url: string, user: string): Promise<Converse> {
        const person = await Converse.open(browser, url, user);
        windows.push(person);
        return person;
      }

      it('creates a reserved room with its form, gives voice, changes the configuration, kicks and bans', async () => {
        const url = await pageOf(`browsers@${server().component}`);
        const heading = 'converse-muc-heading';
        const people = 'converse-muc-occupants';
        const gone = 'converse-muc-disconnected';

        const ann = await open(url, 'ann');
        await ann.sees(`Configuration of browsers@${server().component}`, 'converse-muc-config-modal');
        await ann.field('roomname').fill('Grüße & <more>');
        await ann.field('moderatedroom').check();
        await ann.field('whois').selectOption({ label: 'Anyone' });
        expect(await ann.field('roomowners').inputValue()).toBe('ann@localhost');
        await ann.save();
        await ann.sees('Grüße & <more>', heading);

        let ben = await open(url, 'ben');
        await ben.sees("You're not allowed to send messages in this room", 'converse-muc-bottom-panel');
        await ben.sees('Grüße & <more>', heading);
        await ben.sees('This groupchat is not anonymous');
        await ann.sees('ben', people);
        await ann.says('/voice ben');
        await ben.mayWrite();
        await ben.says('thank you');
        await ann.hears('thank you');
        await ann.says('/topic Tea, and nothing but tea');
        await ben.sees('Tea, and nothing but tea', heading);

        await ann.configure();
        // Converse shows the form of the last time until the present one is there.
        await ann.field('moderatedroom').and(ann.page.locator(':checked')).waitFor();
        await ann.field('roomname').fill('Tea room');
        await ann.save();
        await ben.sees('The groupchat configuration has changed');
        await ben.sees('Tea room', heading);

        await ann.says('/kick ben be quiet');
        await ben.sees('You have been kicked from this groupchat', gone);
        await ben.sees('This action was done by ann.', gone);
        await ben.sees('The reason given is: "be quiet".', gone);
        await ann.sees('ben has been kicked out by ann');
        await ben.close();
        ben = await open(url, 'ben');
        await ben.hears('thank you');
        await ben.sees("You're not allowed to send messages in this room", 'converse-muc-bottom-panel');
        await ann.sees('ben', people);
        await ann.says('/member ben welcome');
        await ben.mayWrite();
        await ben.says('a member now');
        await ann.hears('a member now');

        await ann.says('/ban ben go away');
        await ben.sees('You have been banned from this groupchat', gone);
        await ben.sees('The reason given is: "go away".', gone);
        await ann.sees('ben has been banned by ann');
        await ben.close();
        ben = await open(url, 'ben');
        await ben.sees('You are banned from this room. Its admins can lift the ban.', gone);
      });

      it('fetches by pages from the archive what was said before, each message once and in order (XEP-0313)', async () => {
        const room = `archive@${server().component}`;
        const ann = await open(await pageOf(room), 'ann');
        await ann.field('roomname').waitFor();
        await ann.save();
        const said = Array.from({ length: 12 }, (_, i) => `message number ${i + 1}.`);
        for (const body of said) {
          await ann.says(body);
          await ann.hears(body);
        }
        // Without the history of an entry: it is the archive that is read, the end first, and what is missing when its place is seen.
        const ben = await open(await pageOf(room, { muc_history_max_stanzas: 0, archived_messages_page_size: '5' }), 'ben');
        for (const body of [...said].reverse()) await ben.hears(body);
        await ann.says('and a new one');
        await ben.hears('and a new one');
        expect(await ben.page.locator('.chat-msg__text').allInnerTexts()).toEqual([...said, 'and a new one']);
        expect((await ben.page.locator('.chat-msg__author').first().innerText()).trim()).toBe('ann');
      });

      it('gives the room a picture, which the others see (XEP-0054, XEP-0486)', async () => {
        const url = await pageOf(`avatar@${server().component}`);
        const ann = await open(url, 'ann');
        await ann.field('roomname').waitFor();
        await ann.form.locator('input[name="avatar_image"]').setInputFiles({ name: 'red.png', mimeType: 'image/png', buffer: PICTURE });
        await ann.save();
        const ben = await open(url, 'ben');
        const shown = 'converse-muc-heading converse-avatar image';
        for (const { page } of [ann, ben])
          expect(await page.locator(shown).first().getAttribute('href')).toMatch(/^data:image\/png;base64,/);
      });

      it('found E13: makes nobody a member who opens a public room, though Converse registers them by itself; their nickname is kept (§7.10)', async () => {
        const room = `public@${server().component}`;
        const registering = { auto_register_muc_nickname: true };
        const ann = await open(await pageOf(room), 'ann');
        await ann.field('persistentroom').check();
        await ann.save();
        const ben = await open(await pageOf(room, registering), 'ben');
        await ben.mayWrite();
        await ben.says('just passing by');
        await ann.hears('just passing by');
        const owner = await User.connect(server(), 'ann', 'list');
        const passer = await User.connect(server(), 'ben', 'nick');
        const nickname = async (): Promise<string | undefined> => {
          const answer = await passer.iq('get', room, xml('query', { xmlns: 'jabber:iq:register' }));
          return answer.getChild('query', 'jabber:iq:register')?.getChildText('username') ?? undefined;
        };
        // Converse registers after it has entered.
        const deadline = Date.now() + 10_000;
        while ((await nickname()) === undefined && Date.now() < deadline);
        expect(await nickname()).toBe('ben');
        const admin = 'http://jabber.org/protocol/muc#admin';
        const list = await owner.iq('get', room, xml('query', { xmlns: admin }, xml('item', { affiliation: 'member' })));
        expect(list.attrs['type']).toBe('result');
        expect(list.getChild('query', admin)?.getChildren('item')).toEqual([]);
        // XEP-0317: a hat is shown with what its wearer has said and says, to both.
        const hat = async (node: string, fields: Readonly<Record<string, string>>): Promise<void> => {
          const filled = Object.entries(fields).map(([name, value]) => xml('field', { var: `hats#${name}` }, xml('value', {}, value)));
          const form = xml('x', { xmlns: 'jabber:x:data', type: 'submit' }, ...filled);
          const command = { xmlns: 'http://jabber.org/protocol/commands', node: `urn:xmpp:hats:commands:${node}`, action: 'execute' };
          expect((await owner.iq('set', room, xml('command', command, form))).attrs['type']).toBe('result');
        };
        await hat('create', { title: 'Keeper of the tea', uri: 'urn:example:tea' });
        await hat('assign', { jid: 'ben@localhost', uri: 'urn:example:tea' });
        for (const person of [ann, ben]) await person.sees('Keeper of the tea', '.chat-msg:has-text("just passing by")');
        await Promise.all([owner.disconnect(), passer.disconnect()]);
      });

      it('invites somebody into a members-only room, who is asked and enters (§9.5, XEP-0249)', async () => {
        const room = `members@${server().component}`;
        const dialogue = 'converse-confirm-modal';
        const ann = await open(await pageOf(room), 'ann');
        await ann.field('membersonly').check();
        await ann.save();
        const ben = await open(await pageOf(room, { auto_join_rooms: [] }), 'ben');
        await ben.sees('I am online', '.xmpp-status');
        await ann.page.locator('.occupants-header button.dropdown-toggle').click();
        await ann.page.locator('a.open-invite-modal').click();
        const invitation = ann.page.locator('converse-muc-invite-modal');
        await invitation.locator('input[name="invitee_jids"]').fill('ben@localhost');
        await invitation.locator('[name="reason"]').fill('come & see');
        await invitation.getByRole('button', { name: 'Invite' }).click();
        // Converse sends its own invitation and makes the person a member, so the room sends one as well (§9.5).
        for (const inviter of [room, 'ann@localhost']) {
          const question = `${inviter} has invited you to join the groupchat "${room}", and left the following reason: "come & see"`;
          await ben.sees(question, dialogue);
        }
        await ben.accepts('ben');
        await ben.mayWrite();
        await ben.says('here I am');
        await ann.hears('here I am');
      });

      it('makes a private group with one word of its form and adds somebody; it rings for them, and shows no chat (docs/extensions.md)', async () => {
        const room = `family@${server().component}`;
        const wire = await AtTheWire.of(server(), 'ben');
        const ann = await open(await pageOf(room), 'ann');
        await ann.form.locator(`select[name="${PRESET.field}"]`).selectOption({ label: PRESET.label });
        await ann.save();
        expect(await wire.privacy(room)).toEqual(PRIVACY);
        const ben = await open(await pageOf(room, { auto_join_rooms: [] }), 'ben');
        await ben.sees('I am online', '.xmpp-status');
        await ann.says('/member ben@localhost');
        expect(await wire.invitations(room)).toBe(1);
        await ben.sees(`${room} has invited you to join the groupchat`, 'converse-confirm-modal');
        await ben.accepts('ben');
        await ben.mayWrite();
        await ben.leaves();
        await ann.sees('ben has left the groupchat');
        await ann.says('supper is ready');
        expect(await wire.doorbell(room)).toEqual(ONE_MESSAGE);
        await ben.page.getByText('friend@localhost').first().waitFor();
        expect(await ben.page.locator('body').innerText()).not.toContain('family');
        await ben.page.getByText('friend@localhost').first().click();
        await ben.hears(BY_A_FRIEND);
        await wire.leaves();
      });
    },
    BROWSER_FLAVOURS,
  );
});
