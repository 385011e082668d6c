/** Erases expired messages: rounds over all rooms, in small steps with pauses, so that nobody notices. */
import type { RoomJid } from '../xmpp/fold';
import type { Retention } from '../room/configuring/retention';
import type { Maintenance } from '../store/maintenance';
import type { Clock } from './clock';
import type { Log } from '../log';

/** From one round's end to the next; the first begins when those who come back after a restart have been served. */
const ROUND_EVERY_MS = 10 * 60_000;
const FIRST_AFTER_MS = 60_000;
/** Rows asked for in one step. A store takes fewer where so many would hold up what is said. */
const ROWS_PER_STEP = 300;
/** Between steps: at least so long, and so many times as long as the last step took, however slow the disk is. */
const PAUSE_MS = 100;
const PAUSE_FACTOR = 20;
/** Pauses that a busy store is given before it has to take a step all the same: half a minute. */
const PATIENCE = 300;

const DAY_MS = 24 * 3600_000;

/** How much of the audit trail is kept: days (null: no limit), acts, and bytes in them. */
export interface AuditKept {
  readonly days: number | null;
  readonly rows: number;
  readonly bytes: number;
}

export interface RetainerOptions {
  readonly store: Pick<Maintenance, 'retain' | 'boundAudit'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly retention: Retention;
  readonly auditKept?: AuditKept | undefined;
  /** Whether the store has enough to do with what rooms say. */
  readonly busy: () => boolean;
}

export class Retainer {
  private running = false;
  private cancel: (() => void) | undefined;

  constructor(private readonly options: RetainerOptions) {}

  start(): void {
    this.running = true;
    this.plan(FIRST_AFTER_MS);
  }

  /** No further step is begun. */
  stop(): void {
    this.running = false;
    this.cancel?.();
  }

  private plan(ms: number): void {
    this.cancel = this.options.clock.after(ms, () => {
      void this.round().finally(() => {
        if (this.running) this.plan(ROUND_EVERY_MS);
      });
    });
  }

  private async round(): Promise<void> {
    const { store, clock, log, retention } = this.options;
    let erased = 0;
    let steps = 0;
    try {
      for (let after: RoomJid | '' | null = ''; after !== null && this.running; steps++) {
        await this.quiet();
        const began = clock.elapsed();
        const step = await store.retain({ ...retention, now: clock.now(), after, budget: ROWS_PER_STEP });
        erased += step.erased;
        after = step.next;
        if (after !== null) await this.pause(Math.max(PAUSE_MS, (clock.elapsed() - began) * PAUSE_FACTOR));
      }
      await this.boundAudit();
    } catch (error) {
      // The next round goes on with it.
      if (this.running) log.error({ event: 'retention.failed', err: error, erased }, 'expired messages could not be erased');
      return;
    }
    log[erased > 0 ? 'info' : 'debug'](
      { event: 'retention.finished', erased, steps },
      'messages that rooms do not keep any more were erased',
    );
  }

  private async boundAudit(): Promise<void> {
    const { store, clock, auditKept } = this.options;
    if (!auditKept) return;
    const { days, rows, bytes } = auditKept;
    for (let more = true; more && this.running;) {
      await this.quiet();
      more = await store.boundAudit({ before: days === null ? 0 : clock.now() - days * DAY_MS, rows, bytes });
      if (more) await this.pause(PAUSE_MS);
    }
  }

  private async quiet(): Promise<void> {
    for (let waited = 0; waited < PATIENCE && this.running && this.options.busy(); waited++) await this.pause(PAUSE_MS);
  }

  private pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.cancel = this.options.clock.after(ms, resolve);
    });
  }
}
