/** Messages retracted by who wrote them and by moderators (XEP-0424, XEP-0425), in clients that nobody here wrote. */
import type { Browser } from 'playwright-core';
import { startPage } from '../../src/demo/page';
import type { Page } from '../../src/demo/page';
import { Converse, launchBrowser } from './clients/converse';
import { play } from './clients/python';
import { ensurePackage } from './support/packages';
import { Parlour } from './support/parlour';
import { BROWSER_FLAVOURS, CLIENT_FLAVOURS, describeServers, describeWith, START_TIMEOUT } from './support/suite';

jest.setTimeout(120_000);

describeWith(['python3-slixmpp'], 'retracting with slixmpp', () => {
  beforeAll(() => ensurePackage('python3-slixmpp'), START_TIMEOUT);

  describeServers(
    'slixmpp',
    (server) => {
      let parlour: Parlour | undefined;
      beforeAll(async () => {
        parlour = await new Parlour(server()).start();
      }, START_TIMEOUT);
      afterAll(async () => {
        await parlour?.stop();
      });

      it('retracts and moderates in the forms of version 0; whoever enters later is shown tombstones', async () => {
        const room = `retractions@${server().component}`;
        expect(await play(server(), 'slixmpp_story.py', 'retraction', ['ann', 'ben'], room)).toEqual([
          { event: 'created', codes: [110, 201] },
          { event: 'retracted', nick: 'guest', same: true },
          { event: 'moderated', sender: room, by: `${room}/owner`, reason: 'no spam', same: true },
          { event: 'refused', condition: 'forbidden' },
          { event: 'past', tombstones: [true, true], words: [] },
        ]);
      });
    },
    CLIENT_FLAVOURS,
  );
});

describeWith(['chromium'], 'retracting with Converse.js', () => {
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
      let page: Page | undefined;
      const windows: Converse[] = [];
      beforeAll(async () => {
        parlour = await new Parlour(server()).start();
      }, START_TIMEOUT);
      afterEach(async () => {
        await Promise.all(windows.splice(0).map((each) => each.close()));
        await page?.stop();
      });
      afterAll(async () => {
        await parlour?.stop();
      });

      async function open(url: string, user: string): Promise<Converse> {
        const person = await Converse.open(browser, url, user);
        windows.push(person);
        return person;
      }

      it('retracts one’s own message and moderates another’s; both see it, and so does who comes later', async () => {
        const accounts = await Promise.all(['ann', 'ben', 'cat'].map(async (user) => ({ user, password: await server().account(user) })));
        const { websocket, domain, component: rooms } = server();
        const settings = { muc_instant_rooms: true, auto_register_muc_nickname: false, allow_bookmarks: false };
        page = await startPage({ websocket, domain, rooms, room: `retracting@${rooms}`, accounts, settings });
        const ann = await open(page.url, 'ann');
        await ann.mayWrite();
        const ben = await open(page.url, 'ben');
        await ben.mayWrite();

        await ben.says('to the wrong room');
        await ann.hears('to the wrong room');
        await ben.retracts('to the wrong room');
        await ann.sees('ben has removed a message', '.chat-msg--retracted');
        await ben.sees('You have removed a message', '.chat-msg--retracted');
        await ben.says('free potions');
        await ann.hears('free potions');
        await ann.retracts('free potions', 'no spam');
        for (const each of [ann, ben]) {
          await each.sees('ann has removed a message', '.chat-msg--retracted');
          await each.sees('no spam', '.chat-msg--retracted');
        }

        const cat = await open(page.url, 'cat');
        await cat.mayWrite();
        await cat.sees('ben has removed a message', '.chat-msg--retracted');
        await cat.sees('no spam', '.chat-msg--retracted');
        for (const words of ['to the wrong room', 'free potions'])
          expect(await cat.page.locator('.chat-msg__text', { hasText: words }).count()).toBe(0);
      });
    },
    BROWSER_FLAVOURS,
  );
});
