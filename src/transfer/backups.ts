/** Backups while the service runs: when somebody wants one, and by the clock; of the latter the oldest go. */
import { existsSync, mkdirSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import type { Log } from '../log';
import type { Millis } from '../room/contract/rows';
import type { Clock } from '../service/clock';
import type { Copied, Copies } from '../store/copies';
import type { Domain } from '../xmpp/fold';
import { inWords, type Text } from '../words';
import { backupName, backupsIn, removeLeftovers, type BackupFile, type BackupKind } from './backup-files';

/** How backups are made, from the configuration. */
export interface BackupSettings {
  /** An absolute path. */
  readonly folder: string;
  /** Whether the folder is made if it is not there. One that the operator names is not: it may be a disk that is not mounted. */
  readonly make: boolean;
  /** Hours from one by the clock to the next; null: none is made by the clock. */
  readonly everyHours: number | null;
  /** How many of those are kept. */
  readonly keep: number;
  /** Most of those that somebody asked for. Nobody's is removed for another: one more is refused. */
  readonly mostByHand: number;
}

export interface BackupsOptions {
  readonly domain: Domain;
  readonly store: Copies;
  readonly clock: Clock;
  readonly log: Log;
  /** Read at each use: they may change. */
  readonly settings: () => BackupSettings;
}

/** A backup that was made. */
export interface Backup extends Copied {
  readonly name: string;
  /** Backups by the clock that gave way to it, by name. */
  readonly removed: readonly string[];
}

/** A backup that was not made, and why, in a sentence that says what to change. */
export class BackupFailed extends Error {
  constructor(
    /** `running`: another one is being made; `full`: the folder has as many by hand as it may. */
    readonly reason: 'running' | 'full' | 'failed',
    /** For whoever asked, in their language. */
    readonly text: Text,
    options?: ErrorOptions,
  ) {
    super(String(text), options);
    this.name = 'BackupFailed';
  }
}

/** Why no backup was made. */
const failed = (why: Text, cause?: unknown): BackupFailed => new BackupFailed('failed', inWords('backupFailed', { why }), { cause });

/** What came of backups since the program started. */
export interface BackupCounts {
  readonly made: number;
  readonly failed: number;
  /** Begin of the latest in the folder, also from before the start; null: there is none. */
  readonly latestAt: Millis | null;
}

const HOUR = 3_600_000;
const SECOND = 1_000;
/** After a failed one by the clock, in milliseconds: less than `everyHours` can be. */
const TRY_AGAIN = 15 * 60_000;
/** So far in the future a name may be, in milliseconds: it says the next second that is free. What is beyond is of a clock that was wrong. */
const AHEAD = 60_000;
/** A start has other things to do. */
const AFTER_START = 60_000;

export class Backups {
  private running: Promise<unknown> | null = null;
  private done = 0;
  private readonly ending = new AbortController();
  private callOff = (): void => undefined;
  /** One by the clock is being made. */
  private due = false;
  private made = 0;
  private failed = 0;
  private latestAt: Millis | null = null;
  /** By the steady clock: nothing by the clock is made before. */
  private notBefore = 0;
  /** The latest of this process by the clock, and when that was by the steady clock: its file may be taken elsewhere at once, or the folder be closed. */
  private byClock: { readonly name: string; readonly at: Millis } | null = null;

  constructor(private readonly options: BackupsOptions) {}

  /** Makes backups by the clock from now on, if that is wanted; the latest in the folder counts. */
  start(): void {
    this.notBefore = this.options.clock.elapsed() + AFTER_START;
    this.plan();
  }

  /** The settings have changed. While one by the clock is being made, its end looks at them. */
  replan(): void {
    if (!this.due) this.plan();
  }

  /** Gives up what is being made, and makes none any more. */
  async stop(): Promise<void> {
    this.callOff();
    this.ending.abort();
    await this.running?.catch(() => undefined);
  }

  get counts(): BackupCounts {
    const { made, failed, latestAt } = this;
    return { made, failed, latestAt };
  }

  /** How much of the one that is being made is copied, from 0 to 1; null: none is. */
  get underWay(): number | null {
    return this.running && this.done;
  }

  /** Makes one. Throws BackupFailed; what was there before stays then. */
  async make(kind: BackupKind): Promise<Backup> {
    if (this.running) throw new BackupFailed('running', inWords('backupRunning'));
    this.done = 0;
    const making = this.makeOne(kind);
    this.running = making;
    try {
      return await making;
    } finally {
      this.running = null;
    }
  }

  /** Those in the folder, the latest first. Throws BackupFailed. */
  list(): BackupFile[] {
    const { domain, settings } = this.options;
    const { folder } = settings();
    try {
      return existsSync(folder) ? backupsIn(folder, domain) : [];
    } catch (error) {
      throw new BackupFailed('failed', inWords('backupUnreadable', { folder, why: messageOf(error) }), { cause: error });
    }
  }

  private async makeOne(kind: BackupKind): Promise<Backup> {
    const { store, clock, log, settings } = this.options;
    const begun = clock.elapsed();
    try {
      const { folder, keep, make, mostByHand } = settings();
      prepare(folder, make);
      if (kind === 'by-hand') this.noMoreThan(folder, mostByHand);
      this.sweep(folder);
      const { name, at } = this.freeName(folder, kind);
      const copied = await store.copyTo(path.join(folder, name), {
        signal: this.ending.signal,
        progress: (done) => (this.done = done),
      });
      this.made++;
      this.latestAt = at;
      if (kind === 'scheduled') this.byClock = { name, at: clock.elapsed() };
      const removed = kind === 'scheduled' ? this.rotate(folder, keep) : [];
      const { rooms, messages, bytes } = copied;
      const ms = Math.round(clock.elapsed() - begun);
      log.info({ event: 'backup.made', name, folder, kind, bytes, rooms, messages, ms, removed }, 'a backup was made');
      return { ...copied, name, removed };
    } catch (error) {
      // Nothing went wrong, so nothing is counted or told but to whoever asked.
      if (error instanceof BackupFailed && error.reason === 'full') throw error;
      if (this.ending.signal.aborted) throw failed(inWords('backupEnding'), error);
      this.failed++;
      log.error({ event: 'backup.failed', kind, why: messageOf(error) }, 'a backup could not be made; those from before stay');
      throw error instanceof BackupFailed ? error : failed(messageOf(error), error);
    }
  }

  /** Throws BackupFailed `full`, if the folder has as many by hand as it may; those from the future are there too. */
  private noMoreThan(folder: string, most: number): void {
    const count = backupsIn(folder, this.options.domain).filter(({ kind }) => kind === 'by-hand').length;
    if (count >= most) throw new BackupFailed('full', inWords('backupFull', { folder, most }));
  }

  /** A name of this second, or of the next one that nothing has. */
  private freeName(folder: string, kind: BackupKind): { name: string; at: Millis } {
    const { domain, clock } = this.options;
    let at = Math.floor(clock.now() / SECOND) * SECOND;
    while (existsSync(path.join(folder, backupName(domain, at, kind)))) at += SECOND;
    return { name: backupName(domain, at, kind), at };
  }

  /** Removes the oldest of those by the clock; those from the future neither count nor go. What cannot be removed is told, and stays. */
  private rotate(folder: string, keep: number): string[] {
    const { domain, log } = this.options;
    const removed: string[] = [];
    try {
      const old = backupsIn(folder, domain).filter((one) => one.kind === 'scheduled' && !this.isFuture(one));
      for (const { name } of old.slice(keep)) {
        rmSync(path.join(folder, name));
        removed.push(name);
      }
    } catch (error) {
      log.warn({ event: 'backup.not-removed', folder, err: error }, 'an old backup could not be removed');
    }
    return removed;
  }

  /** What a killed process left of its backup goes. What cannot be removed is told, and stays. */
  private sweep(folder: string): void {
    const { domain, clock, log } = this.options;
    try {
      removeLeftovers(folder, domain, clock.now() - HOUR);
    } catch (error) {
      log.warn({ event: 'backup.not-removed', folder, err: error }, 'what a backup left that was given up could not be removed');
    }
  }

  private isFuture({ at }: BackupFile): boolean {
    return at > this.options.clock.now() + AHEAD;
  }

  /** Those in the folder; undefined: they cannot be read, which is told. */
  private there(): BackupFile[] | undefined {
    try {
      return this.list();
    } catch (error) {
      // The backup that is due says it again.
      this.options.log.warn({ event: 'backup.failed', why: messageOf(error) }, 'backups cannot be read');
      return undefined;
    }
  }

  /** Milliseconds until one by the clock is due; null: none is wanted. */
  private wait(): number | null {
    const { clock, settings } = this.options;
    const there = this.there();
    // The latest first; those from the future do not count.
    const past = there?.filter((one) => !this.isFuture(one));
    if (past) this.latestAt = past[0]?.at ?? null;
    const { everyHours } = settings();
    if (everyHours === null) return null;
    const every = everyHours * HOUR;
    const latest = past?.find(({ kind }) => kind === 'scheduled');
    const { byClock } = this;
    const isUnseen = byClock !== null && there?.some(({ name }) => name === byClock.name) !== true;
    const since = Math.min(latest ? Math.max(0, clock.now() - latest.at) : every, isUnseen ? clock.elapsed() - byClock.at : every);
    return Math.max(every - since, this.notBefore - clock.elapsed(), 0);
  }

  /** Sets the one timer there is. */
  private plan(): void {
    this.callOff();
    if (this.ending.signal.aborted) return;
    const wait = this.wait();
    // Timers cannot be longer than 24 days, and the time of day may be set meanwhile.
    if (wait !== null) this.callOff = this.options.clock.after(Math.min(wait, HOUR), () => void this.look());
  }

  /** Makes one, if it is still due: files, settings and the time of day may be others than when the timer was set. Never rejects. */
  private async look(): Promise<void> {
    if (this.wait() === 0) await this.byTheClock();
    this.plan();
  }

  /** Never rejects. */
  private async byTheClock(): Promise<void> {
    this.due = true;
    try {
      await this.make('scheduled');
      this.notBefore = 0;
    } catch (error) {
      if (!(error instanceof BackupFailed)) throw error;
      this.notBefore = this.options.clock.elapsed() + TRY_AGAIN;
    } finally {
      this.due = false;
    }
  }
}

/** Makes sure of the folder. Throws BackupFailed. */
function prepare(folder: string, make: boolean): void {
  try {
    if (make) mkdirSync(folder, { recursive: true, mode: 0o700 });
    if (statSync(folder).isDirectory()) return;
  } catch (error) {
    throw failed(inWords('backupFolder', { folder, why: messageOf(error) }), error);
  }
  throw failed(inWords('backupNoFolder', { folder }));
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
