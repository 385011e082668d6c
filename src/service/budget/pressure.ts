/**
 * Bounded memory: above a bound the link is paused, for as long as something moves: what is not read waits at the server, undecided and
 * in order. Only when nothing has moved for a while are stanzas read again, and those refused that are for rooms which fill the memory. When
 * even refusals have gathered, reading stops until the link or the store moves, or counts as lost.
 */
import type { Link } from '../../link/link';
import type { Clock } from '../clock';
import type { Log } from '../../log';

export interface PressureOptions {
  readonly link: Pick<Link, 'pause' | 'resume' | 'congested' | 'overfull' | 'moved'>;
  readonly clock: Clock;
  readonly log: Log;
  /** Bytes. */
  readonly bound: number;
  readonly pauseMs: number;
}

/** A room with a larger part of the bound is one of those that fill it. */
const LARGE_SHARE = 1 / 64;
/** This part of the bound may gather in addition while stanzas are refused; above it reading stops. */
const REFUSING_PART = 0.5;

/** For so long after too much had gathered, in milliseconds, it may again at once. */
const SCARCE_MS = 10_000;

export class Pressure {
  /** Bytes undecided or uncommitted. */
  bytes = 0;
  /** True: what can be refused is to be refused, of rooms that fill the memory. */
  refusing = false;
  /** True: nothing is read, and nothing taken from elsewhere, until something moves. */
  stuck = false;
  private scarceUntil = -Infinity;
  private cancelPause: (() => void) | undefined;
  /** Most bytes while stanzas are refused. */
  private most = 0;
  /** Rises whenever something was decided, committed or given up. */
  private done = 0;

  constructor(
    private readonly options: PressureOptions,
    /** Called when `refusing` or `stuck` changes. */
    private readonly changed: () => void,
  ) {}

  /** Whether much has gathered, or too much had lately: strangers of foreign domains get no more than a share. */
  get scarce(): boolean {
    const { bound, link, clock } = this.options;
    if (this.refusing || this.bytes > bound / 4 || link.congested) return true;
    // Asked of every message: the clock is read only where it may matter.
    return this.scarceUntil !== -Infinity && clock.elapsed() < this.scarceUntil;
  }

  get paused(): boolean {
    return this.cancelPause !== undefined || this.stuck;
  }

  /** Whether so many bytes of one room are a large part of what is bounded. */
  fills(bytes: number): boolean {
    return bytes > this.options.bound * LARGE_SHARE;
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
    if (this.paused) {
      this.endPause();
      link.resume();
    }
    if (this.refusing) {
      this.refusing = false;
      log.info({ event: 'pressure.ended', bytes: this.bytes }, 'there is room again: stanzas are no longer refused');
      this.changed();
    }
  }

  /** The connection is gone: a new one starts unpaused. */
  offline(): void {
    if (this.paused) {
      this.endPause();
      this.options.link.resume();
    }
    this.recheck();
  }

  private high(): void {
    this.scarceUntil = this.options.clock.elapsed() + SCARCE_MS;
    if (this.cancelPause || this.stuck) return;
    const { link, log } = this.options;
    if (this.refusing) {
      if (this.bytes <= this.most && !link.overfull) return;
      this.stuck = true;
      log.warn(
        { event: 'pressure.stuck', bytes: this.bytes, congested: link.congested },
        'nothing moves and refusals pile up: reading is stopped',
      );
      link.pause();
      this.changed();
      return;
    }
    log.warn({ event: 'pressure.paused', bytes: this.bytes, congested: link.congested }, 'too much work has gathered: reading is paused');
    link.pause();
    this.wait();
  }

  /** Looks again after a while: the pause goes on if anything has moved. */
  private wait(): void {
    const { link, clock, log, pauseMs, bound } = this.options;
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
      this.most = Math.max(this.bytes, bound) + bound * REFUSING_PART;
      log.warn(
        { event: 'pressure.refusing', bytes: this.bytes, congested: link.congested },
        'reading was paused too long: stanzas are refused',
      );
      this.changed();
      // A server cuts a component that does not read (Prosody after 32 MiB or 180 s).
      link.resume();
    });
  }

  private endPause(): void {
    this.cancelPause?.();
    this.cancelPause = undefined;
    if (!this.stuck) return;
    this.stuck = false;
    this.changed();
  }
}
