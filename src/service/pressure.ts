/**
 * Bounded memory: above a bound the link is paused, for as long as something moves: what is not read waits at the server, undecided and
 * in order. Only when nothing has moved for a while are stanzas read again, and refused until there is room.
 */
import type { Link } from '../link/link';
import type { Clock } from './clock';
import type { Log } from './log';

export interface PressureOptions {
  readonly link: Pick<Link, 'pause' | 'resume' | 'congested' | 'moved'>;
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
  /** Rises whenever something was decided, committed or given up. */
  private done = 0;

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
    this.look();
  }

  /** Whatever was queued for the link counts, whether it was to be written to the store first or not. */
  look(): void {
    if (this.bytes > this.options.bound || this.options.link.congested) this.high();
  }

  remove(bytes: number): void {
    this.bytes -= bytes;
    this.done++;
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
    const { link, log } = this.options;
    log.warn({ bytes: this.bytes, congested: link.congested }, 'too much work has gathered: reading is paused');
    link.pause();
    this.wait();
  }

  /** Looks again after a while: the pause goes on if anything has moved. */
  private wait(): void {
    const { link, clock, log, pauseMs } = this.options;
    const { done } = this;
    const { moved } = link;
    this.cancelPause = clock.after(pauseMs, () => {
      // While the link takes nothing, commits bring no relief.
      if (link.moved !== moved || (!link.congested && this.done !== done)) {
        this.wait();
        return;
      }
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
