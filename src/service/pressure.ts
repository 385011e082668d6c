/** Bounded memory: above a bound the link is paused, at most for a while; then stanzas are read again and refused until there is room. */
import type { Link } from '../link/link';
import type { Clock } from './clock';
import type { Log } from './log';

export interface PressureOptions {
  readonly link: Pick<Link, 'pause' | 'resume' | 'congested'>;
  readonly clock: Clock;
  readonly log: Log;
  /** Bytes. */
  readonly bound: number;
  readonly pauseMs: number;
}

export class Pressure {
  /** Bytes undecided or uncommitted. */
  bytes = 0;
  /** True: what can be refused is to be refused. */
  refusing = false;
  private cancelPause: (() => void) | undefined;

  constructor(
    private readonly options: PressureOptions,
    /** Called when `refusing` changes. */
    private readonly changed: () => void,
  ) {}

  get paused(): boolean {
    return this.cancelPause !== undefined;
  }

  add(bytes: number): void {
    this.bytes += bytes;
    if (this.bytes > this.options.bound || this.options.link.congested) this.high();
  }

  remove(bytes: number): void {
    this.bytes -= bytes;
    if (this.cancelPause !== undefined || this.refusing) this.recheck();
  }

  /** Ends pausing or refusing once half of the bound is free and the link takes bytes again. */
  recheck(): void {
    const { link, bound, log } = this.options;
    if (this.bytes > bound / 2 || link.congested) return;
    if (this.cancelPause) {
      this.endPause();
      link.resume();
    }
    if (this.refusing) {
      this.refusing = false;
      log.info({ bytes: this.bytes }, 'there is room again: stanzas are no longer refused');
      this.changed();
    }
  }

  /** The connection is gone: a new one starts unpaused. */
  offline(): void {
    if (!this.cancelPause) return;
    this.endPause();
    this.options.link.resume();
  }

  private high(): void {
    if (this.cancelPause || this.refusing) return;
    const { link, clock, log, pauseMs } = this.options;
    log.warn({ bytes: this.bytes, congested: link.congested }, 'too much work has gathered: reading is paused');
    link.pause();
    this.cancelPause = clock.after(pauseMs, () => {
      this.cancelPause = undefined;
      this.refusing = true;
      log.warn({ bytes: this.bytes, congested: link.congested }, 'the pause was not enough: stanzas are refused');
      this.changed();
      // A server cuts a component that does not read (Prosody after 32 MiB or 180 s).
      link.resume();
    });
  }

  private endPause(): void {
    this.cancelPause?.();
    this.cancelPause = undefined;
  }
}
