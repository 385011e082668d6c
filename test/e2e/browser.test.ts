/** The page of `npm start` in headless Chromium: two people in two browser contexts see what the other says. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Browser } from 'playwright-core';
import type { Ready } from '../../src/demo/demo';
import { endOf, kill, launch } from './servers/process';
import type { Running } from './servers/process';
import { Converse, launchBrowser } from './clients/converse';
import { ensurePackage } from './support/packages';
import { CLI } from './support/parlour';
import { describeWith, START_TIMEOUT } from './support/suite';

jest.setTimeout(120_000);

describeWith(['prosody', 'chromium'], 'the web page of npm start', () => {
  const place = mkdtempSync(path.join(tmpdir(), 'parlour-e2e-'));
  const readyFile = path.join(place, 'ready.json');
  let demo: Running | undefined;
  let ready: Ready;
  let browser: Browser | undefined;

  beforeAll(async () => {
    await ensurePackage('prosody');
    await ensurePackage('chromium');
    demo = launch(process.execPath, [CLI, 'demo', '--yes', '--ready-file', readyFile]);
    while (!existsSync(readyFile)) {
      if (demo.ended()) throw new Error(`the demonstration ended before it was ready:\n${demo.output()}`);
      await delay(100);
    }
    ready = JSON.parse(readFileSync(readyFile, 'utf8')) as Ready;
    browser = await launchBrowser();
  }, START_TIMEOUT);

  afterAll(async () => {
    await browser?.close();
    if (demo !== undefined) {
      kill(demo.child.pid, 'SIGTERM');
      await endOf(demo, 15_000);
    }
    rmSync(place, { recursive: true, force: true });
  }, 30_000);

  /** Opens the page as one of the accounts, and waits until the room is shown. */
  async function enter(user: string): Promise<Converse> {
    if (browser === undefined) throw new Error('the browser has not been started');
    const person = await Converse.open(browser, ready.page, user);
    await person.mayWrite();
    return person;
  }

  it('shows each the message of the other', async () => {
    const [first, second] = ready.accounts.map(({ user }) => user) as [string, string];
    const [ada, ben] = await Promise.all([enter(first), enter(second)]);
    await ada.says('Hello from the first window 👋');
    await Promise.all([ada.hears('Hello from the first window 👋'), ben.hears('Hello from the first window 👋')]);
    await ben.says('and hello from the second');
    await Promise.all([ada.hears('and hello from the second'), ben.hears('and hello from the second')]);
    // Reflected messages are recognised as one's own: each is shown once.
    for (const { page } of [ada, ben]) expect(await page.locator('.chat-msg__text').count()).toBe(2);
    // PARLOUR_SCREENSHOTS names a folder for pictures of what people saw.
    const pictures = process.env['PARLOUR_SCREENSHOTS'];
    if (pictures !== undefined)
      for (const [name, { page }] of [
        ['ada', ada],
        ['ben', ben],
      ] as const)
        await page.screenshot({ path: path.join(pictures, `${name}.png`) });
  });
});
