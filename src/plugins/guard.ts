/** Runs what a plug-in contributes. What it throws stops nothing else; a plug-in that throws again and again is disabled, and the rooms go on. */
import type { Log } from '../log';

/** Failures of one hook in a row, and accounts that met them, from which on the plug-in is disabled: one account alone never does that. */
const FAILURES = 10;
const ACCOUNTS = 3;

/** At most one failure per plug-in is logged in so many milliseconds: people can make a plug-in fail at will. */
const LOG_EVERY_MS = 10_000;

/** What becomes of a call. */
export type Called<T> = { readonly is: 'done'; readonly value: T } | { readonly is: 'failed' } | { readonly is: 'disabled' };

const FAILED = { is: 'failed' } as const;
const DISABLED = { is: 'disabled' } as const;

export type GuardLog = Pick<Log, 'warn' | 'error' | 'info'>;

interface Streak {
  count: number;
  readonly accounts: Set<string>;
}

/** What is known of a plug-in that runs. */
export interface GuardState {
  readonly name: string;
  readonly failures: number;
  readonly disabled: boolean;
}

export class Guard {
  private disabled = false;
  private failures = 0;
  private readonly streaks = new Map<string, Streak>();
  private loggedAt = -Infinity;
  private unlogged = 0;

  /** @param elapsed milliseconds by a clock that never goes back. */
  constructor(
    readonly name: string,
    private readonly log: GuardLog,
    private readonly elapsed: () => number,
  ) {}

  get state(): GuardState {
    return { name: this.name, failures: this.failures, disabled: this.disabled };
  }

  /**
   * Calls one hook.
   *
   * @param account the bare JID of who caused it; '': nobody did, and it never disables the plug-in.
   */
  call<T>(hook: string, account: string, run: () => T): Called<T> {
    if (this.disabled) return DISABLED;
    try {
      const value = run();
      if (value instanceof Promise) {
        value.catch(() => undefined);
        throw new TypeError(`the hook "${hook}" returned a promise; it must answer at once`);
      }
      if (this.streaks.size > 0) this.streaks.delete(hook);
      return { is: 'done', value };
    } catch (error) {
      this.failed(hook, account, error);
      return FAILED;
    }
  }

  /** Something of it that takes time has failed; it is counted and told, and disables nothing: nobody waits for it. */
  lateFailure(hook: string, error: unknown): void {
    this.failures++;
    this.tell(hook, error);
  }

  /** The operator has looked at it: it is asked again. */
  enable(): void {
    if (this.disabled) this.log.info({ event: 'plugin.enabled', plugin: this.name }, 'a plug-in is enabled again');
    this.disabled = false;
    this.streaks.clear();
  }

  private failed(hook: string, account: string, error: unknown): void {
    this.failures++;
    this.tell(hook, error);
    let streak = this.streaks.get(hook);
    if (!streak) this.streaks.set(hook, (streak = { count: 0, accounts: new Set() }));
    streak.count++;
    if (account !== '' && streak.accounts.size < ACCOUNTS) streak.accounts.add(account);
    if (streak.count < FAILURES || streak.accounts.size < ACCOUNTS) return;
    this.disabled = true;
    this.log.error(
      { event: 'plugin.disabled', plugin: this.name, hook, failures: this.failures },
      'a plug-in failed too often and is disabled: its closed checks refuse, its other hooks are skipped; mend it and restart, or send SIGUSR2 or SIGHUP to enable it again',
    );
  }

  private tell(hook: string, error: unknown): void {
    const now = this.elapsed();
    if (now - this.loggedAt < LOG_EVERY_MS) {
      this.unlogged++;
      return;
    }
    this.log.warn({ event: 'plugin.failed', plugin: this.name, hook, err: error, unlogged: this.unlogged }, 'a plug-in failed');
    this.loggedAt = now;
    this.unlogged = 0;
  }
}
