/** Erases expired messages, and acts of the audit trail that are too many: rounds over all rooms, in small steps with pauses, so that nobody notices. */
import type { RoomJid } from '../xmpp/fold';
import type { Retention } from '../room/configuring/retention';
import type { AuditRow } from '../room/contract/audit';
import { auditBytes, type Maintenance } from '../store/maintenance';
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
/** What may be added to the audit trail before somebody looks whether it is too much, without waiting for the next round. */
const ACTS_UNSEEN = 1_000;
const BYTES_UNSEEN = 1024 * 1024;
/** Steps of such a look; the next acts bring the next one. */
const STEPS_AT_ONCE = 100;

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
  /** The audit trail is being looked at. */
  private bounding = false;
  /** Acts since somebody began to look at it, and bytes in them. */
  private unseen = { acts: 0, bytes: 0 };

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

  /** An act was added to the audit trail: after many, it is looked at at once. */
  noteAct(row: AuditRow): void {
    if (!this.options.auditKept || !this.running) return;
    this.unseen.acts++;
    this.unseen.bytes += auditBytes(row);
    if (this.bounding || (this.unseen.acts < ACTS_UNSEEN && this.unseen.bytes < BYTES_UNSEEN)) return;
    this.boundAudit(STEPS_AT_ONCE).catch((error: unknown) => {
      // The next round goes on with it.
      if (this.running) this.options.log.error({ event: 'retention.audit-failed', err: error }, 'the audit trail could not be bounded');
    });
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
      if (!this.running) return;
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

  private async boundAudit(steps = Infinity): Promise<void> {
    const { store, clock, auditKept } = this.options;
    if (!auditKept || this.bounding) return;
    const { days, rows, bytes } = auditKept;
    this.bounding = true;
    this.unseen = { acts: 0, bytes: 0 };
    try {
      for (let step = 0, more = true; more && this.running && step < steps; step++) {
        await this.quiet();
        more = await store.boundAudit({ before: days === null ? 0 : clock.now() - days * DAY_MS, rows, bytes });
        if (more) await this.pause(PAUSE_MS);
      }
    } finally {
      this.bounding = false;
    }
  }

  private async quiet(): Promise<void> {
    for (let waited = 0; waited < PATIENCE && this.running && this.options.busy(); waited++) await this.pause(PAUSE_MS);
  }

  /** Who pauses looks behind it whether it is to go on. */
  private pause(ms: number): Promise<void> {
    return new Promise((resolve) => void this.options.clock.after(ms, resolve));
  }
}
