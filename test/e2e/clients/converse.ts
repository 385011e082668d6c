/** Converse.js in headless Chromium, as somebody who looks at the page and clicks uses it. */
import { chromium } from 'playwright-core';
import type { Browser, Locator, Page } from 'playwright-core';

/** How long anything may take to appear, in ms. */
const PATIENCE = 30_000;

const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Debian's Chromium, which asks nobody but the pages of the tests. */
export function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: '/usr/bin/chromium', args: ARGUMENTS });
}

/** One person at the page of the demonstration (`src/demo/page.ts`). */
export class Converse {
  private constructor(readonly page: Page) {}

  /** Opens the page as one of its accounts, in a browser context of its own. */
  static async open(browser: Browser, url: string, user: string): Promise<Converse> {
    const page = await (await browser.newContext({ viewport: { width: 1200, height: 900 } })).newPage();
    page.setDefaultTimeout(PATIENCE);
    await page.goto(`${url}?as=${user}`);
    return new Converse(page);
  }

  /** The room's configuration form while it is shown. */
  get form(): Locator {
    return this.page.locator('converse-muc-config-modal form');
  }

  /** The field of the form with this name of XEP-0045. */
  field(name: string): Locator {
    return this.form.locator(`[name="muc#roomconfig_${name}"]`);
  }

  /** Saves the form, and waits until it is closed, which it is not after an error. */
  async save(): Promise<void> {
    await this.form.getByRole('button', { name: 'Save' }).click();
    await this.form.waitFor({ state: 'hidden' });
  }

  /** Opens the configuration form from the room's menu. */
  async configure(): Promise<void> {
    await this.page.locator('converse-muc-heading button.dropdown-toggle').click();
    await this.page.locator('converse-muc-heading a.configure-chatroom-button').click();
    await this.field('roomname').waitFor();
  }

  /** Types a message, or a command when it begins with `/`. */
  async says(text: string): Promise<void> {
    const field = this.page.locator('converse-muc textarea.chat-textarea');
    await field.fill(text);
    await field.press('Enter');
  }

  /** Retracts a message that is shown: one's own, or as a moderator somebody else's, for a reason. */
  async retracts(text: string, reason?: string): Promise<void> {
    // The button is in a menu that is shown on hovering.
    await this.page.locator('.chat-msg', { hasText: text }).locator('.chat-msg__action-retract').first().dispatchEvent('click');
    const dialogue = this.page.locator('converse-confirm-modal');
    await dialogue.waitFor();
    if (reason !== undefined) await dialogue.locator('input[name="reason"]').fill(reason);
    await dialogue.getByRole('button', { name: 'Confirm' }).click();
    await dialogue.waitFor({ state: 'hidden' });
  }

  /** Accepts every invitation that is shown, and enters under the nickname. */
  async accepts(nick: string): Promise<void> {
    for (const each of (await this.page.locator('converse-confirm-modal').all()).reverse()) {
      await each.getByRole('button', { name: 'Confirm' }).click();
      await each.waitFor({ state: 'hidden' });
    }
    const nickname = this.page.locator('converse-muc-nickname-form form');
    await nickname.locator('input[name="nick"]').fill(nick);
    await nickname.locator('input[type="submit"]').click();
  }

  /** Leaves the room by its menu. */
  async leaves(): Promise<void> {
    await this.page.locator('converse-muc-heading button.dropdown-toggle').click();
    await this.page.locator('converse-muc-heading a.close-chatbox-button').click();
    const dialogue = this.page.locator('converse-confirm-modal');
    await dialogue.getByRole('button', { name: 'Confirm' }).click();
    await this.page.locator('converse-muc').waitFor({ state: 'hidden' });
  }

  /** Waits until one may write in the room. */
  mayWrite(): Promise<void> {
    return this.appears(this.page.locator('converse-muc textarea.chat-textarea:enabled'));
  }

  /** Waits for a message in the room. */
  hears(text: string): Promise<void> {
    return this.sees(text, '.chat-msg__text');
  }

  /** Waits for a text in a part of the page, among the room's notices unless said otherwise. */
  sees(text: string, where = 'converse-muc-chat-content'): Promise<void> {
    return this.appears(this.page.locator(where, { hasText: text }));
  }

  private async appears(what: Locator): Promise<void> {
    try {
      await what.first().waitFor();
    } catch (error) {
      throw new Error(`${String(error)}\nThe page:\n${await this.page.locator('body').innerText()}`, { cause: error });
    }
  }

  /** Closes the page with everything that the browser kept for it, as at the end of a private window. */
  async close(): Promise<void> {
    await this.page.context().close();
  }
}
