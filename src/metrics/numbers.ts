/** What is measured, as plain numbers of one moment: gathered when somebody asks, and nothing else happens for it. */
import { statSync } from 'node:fs';
import { monitorEventLoopDelay, type IntervalHistogram } from 'node:perf_hooks';
import type { Link } from '../link/link';
import type { ServiceStats } from '../service/contract';
import type { Lag, Maintenance } from '../store/maintenance';

export interface Numbers {
  readonly link: Pick<Link, 'online' | 'queued' | 'congested' | 'counts'>;
  readonly service: ServiceStats;
  /** Messages that indexes do not have yet; null: the store does not say. */
  readonly lag: Lag | null;
  /** Sizes of the database and its log, in bytes. */
  readonly database: { readonly bytes: number; readonly log: number };
  readonly backups: Backups;
  /** Requests to the API that were refused, by code. */
  readonly refusals: Iterable<readonly [code: string, count: number]>;
  /** Delays of the event loop since the last look, in seconds. */
  readonly loop: { readonly median: number; readonly p99: number; readonly most: number };
  /** Bytes. */
  readonly memory: { readonly resident: number; readonly heap: number; readonly outside: number };
  /** Seconds since the epoch, and of processor time. */
  readonly startedAt: number;
  readonly processor: number;
  readonly version: string;
}

/** Since the start; `latestAt`: begin of the latest that there is, in milliseconds since the epoch. */
interface Backups {
  readonly made: number;
  readonly failed: number;
  readonly latestAt: number | null;
}

export interface Sources {
  readonly link: Numbers['link'];
  readonly stats: () => ServiceStats;
  readonly store: Pick<Maintenance, 'lag'>;
  readonly backups: () => Backups;
  readonly refusals: () => Numbers['refusals'];
  /** The file. */
  readonly database: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly version: string;
}

/** How long the store is waited for. */
const PATIENCE_MS = 2_000;
/** Between two looks at the loop. */
const RESOLUTION_MS = 20;

export class Gatherer {
  private readonly delays: IntervalHistogram;

  constructor(private readonly sources: Sources) {
    this.delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
    this.delays.enable();
  }

  /** No more is measured. */
  stop(): void {
    this.delays.disable();
  }

  async gather(): Promise<Numbers> {
    const { link, stats, store, backups, refusals, database, startedAt, version } = this.sources;
    const lag = await within(store.lag(), PATIENCE_MS);
    const { rss, heapUsed, external } = process.memoryUsage();
    const { user, system } = process.cpuUsage();
    return {
      link,
      service: stats(),
      lag,
      database: { bytes: sizeOf(database), log: sizeOf(`${database}-wal`) },
      backups: backups(),
      refusals: refusals(),
      loop: this.loop(),
      memory: { resident: rss, heap: heapUsed, outside: external },
      startedAt: startedAt / 1000,
      processor: (user + system) / 1e6,
      version,
    };
  }

  /** What is measured is the time between two looks: how much later than it should be. */
  private loop(): Numbers['loop'] {
    const { delays } = this;
    const late = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e9 - RESOLUTION_MS / 1000);
    const found = { median: late(delays.percentile(50)), p99: late(delays.percentile(99)), most: late(delays.max) };
    const any = delays.count > 0;
    delays.reset();
    return any ? found : { median: 0, p99: 0, most: 0 };
  }
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

/** The answer, or null if it fails or takes too long. */
async function within<T>(asked: Promise<T>, ms: number): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => (timer = setTimeout(() => resolve(null), ms)));
  const answer = await Promise.race([asked.catch(() => null), late]);
  clearTimeout(timer);
  return answer;
}
