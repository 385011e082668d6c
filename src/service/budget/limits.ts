/** The service's bounds, all with defaults; times in milliseconds, sizes in bytes of input on the wire plus output decided. */
export interface ServiceLimits {
  /** Undecided and uncommitted work above which the link is paused. */
  readonly gathered: number;
  /** Longest pause before stanzas are read again and refused. */
  readonly pauseMs: number;
  /** Inputs that wait for one room (loading, catching up): number, size, time. */
  readonly waiting: number;
  readonly waitingBytes: number;
  readonly waitingMs: number;
  /** Output of a room on the wire above which it stops deciding: further inputs are held. */
  readonly unsentBytes: number;
  /** Largest stanza that the link lets out. */
  readonly sentBytes: number;
  /** Rooms loaded at the same time. */
  readonly loads: number;
  /** A room nobody spoke to for so long is let go. */
  readonly idleMs: number;
  /** Rooms kept awake before the least recently used are let go earlier. */
  readonly awake: number;
  /** Between the first unconfirmed output and the ping that confirms it. */
  readonly confirmMs: number;
  /** Until the confirmation of a quiet room is written by itself. */
  readonly persistMs: number;
  /** Pings per second that verify restored occupants. */
  readonly probesPerSecond: number;
  /** Until a session that bounced softly is asked whether it is there: above the usual resumption times of XEP-0198 detours. */
  readonly suspectMs: number;
  /** Until a probe counts as unanswered. */
  readonly probeMs: number;
  /** Time between two failed probes of a session whose server cannot be reached, after which it counts as gone. */
  readonly unreachableMs: number;
  /** Until a request that was passed on to an occupant counts as unanswered. */
  readonly relayMs: number;
  /** Until a read, a load or a probe commit that failed is tried again. */
  readonly retryMs: number;
}

export const DEFAULT_LIMITS: ServiceLimits = {
  gathered: 64 * 1024 * 1024,
  pauseMs: 10_000,
  waiting: 5_000,
  waitingBytes: 8 * 1024 * 1024,
  waitingMs: 10_000,
  unsentBytes: 64 * 1024 * 1024,
  sentBytes: 512 * 1024,
  loads: 16,
  idleMs: 10 * 60_000,
  awake: 5_000,
  confirmMs: 200,
  persistMs: 1_000,
  probesPerSecond: 20,
  suspectMs: 30_000,
  probeMs: 60_000,
  unreachableMs: 2 * 3600_000,
  relayMs: 30_000,
  retryMs: 1_000,
};
