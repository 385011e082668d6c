/** Keeps over restarts how accounts were woken: before anything is sent that no row counts, and the rest within a few seconds. */
import type { Log } from '../../log';
import type { Millis } from '../../room/contract/rows';
import type { WakeUpStore } from '../../store/wake-ups';
import type { BareJid } from '../../xmpp/fold';
import type { Clock } from '../clock';
import type { WokenAccounts } from './accounts';
import type { WakeForms } from './forms';

/** Rows read and written at once. */
const PAGE = 1_000;
/** What nobody waits for is written so much later; after an error it is tried again then. */
const LATER_MS = 10_000;
const DAY_MS = 86_400_000;

export interface KeepingOptions {
  readonly store: WakeUpStore;
  readonly clock: Clock;
  readonly log: Log;
  readonly accounts: WokenAccounts;
  readonly forms: WakeForms;
}

export class Keeping {
  private last: Promise<void> = Promise.resolve();
  private next: Promise<void> | undefined;
  private isDue = false;
  private hasFailed = false;

  constructor(private readonly options: KeepingOptions) {}

  /** Reads what was kept. Throws StoreFailed. */
  async start(): Promise<void> {
    const { store, accounts, forms } = this.options;
    forms.load(await store.wakeForms());
    for (let after: BareJid | '' | undefined = ''; after !== undefined;) {
      const page = await store.wokenAfter(after, PAGE);
      accounts.load(page);
      after = page.at(-1)?.jid;
    }
    this.expire();
  }

  /** What waits is written soon. */
  later(): void {
    const { clock, accounts, forms } = this.options;
    if (this.isDue || !(accounts.hasChanged || forms.hasChanged)) return;
    this.isDue = true;
    clock.after(LATER_MS, () => {
      this.isDue = false;
      void this.save();
    });
  }

  /** Resolves when all changes until now are kept, or could not be: the log tells that, and they are tried again. */
  save(): Promise<void> {
    if (!this.next) {
      this.next = this.last.then(() => {
        this.next = undefined;
        return this.write(false);
      });
      this.last = this.next;
    }
    return this.next;
  }

  /** Nothing is sent any more: what is kept is exact. */
  async stop(): Promise<void> {
    await this.last;
    this.options.accounts.countExactly();
    await this.write(true);
  }

  private async write(isExact: boolean): Promise<void> {
    const { store, accounts, forms, log } = this.options;
    while (accounts.hasChanged || forms.hasChanged) {
      const changes = { ...accounts.changes(PAGE, isExact), ...forms.changes() };
      try {
        await store.keepWakeUps(changes);
        this.hasFailed = false;
      } catch (error) {
        accounts.putBack(changes);
        forms.putBack(changes);
        if (!this.hasFailed) log.error({ event: 'wake-up.not-kept', err: error }, 'how accounts were woken could not be written');
        this.hasFailed = true;
        if (!isExact) this.later();
        return;
      }
    }
  }

  /** Once a day those go whose time is over. */
  private expire(): void {
    const { clock, accounts, forms } = this.options;
    const now: Millis = clock.now();
    accounts.expire(now);
    forms.expire(now);
    this.later();
    clock.after(DAY_MS, () => this.expire());
  }
}
