/** What a link is given: where to attach, as whom, and its limits and times. */
import type { ConnectionOptions } from 'node:tls';
import type { BackoffTimings } from './backoff';
import type { Log } from '../log';

export interface LinkLimits {
  /** Largest incoming stanza, in bytes. */
  readonly stanzaBytes: number;
  /** Deepest nesting of elements in one. */
  readonly depth: number;
  /** Largest outgoing stanza, in bytes: one that would be larger is not sent, and an answer becomes an error. */
  readonly sentBytes: number;
  /** Bound of what waits to be written, in bytes, each room counted up to `roomBytes`. */
  readonly queueBytes: number;
  /** Bytes of one room that may wait before the room stops deciding. */
  readonly roomBytes: number;
  /** Bound of the memory that waits to be written; a template with a thousand addresses takes little. */
  readonly memoryBytes: number;
}

/** All in milliseconds. */
export interface LinkTimings extends BackoffTimings {
  /** For connecting, opening the stream and the handshake together. */
  readonly deadline: number;
  readonly pingInterval: number;
  readonly pingTimeout: number;
  /** A barrier without an answer gives up. */
  readonly barrier: number;
  /** A peer that does not read for so long is dead. */
  readonly stall: number;
  /** How long `stop` waits for the server's good-bye. */
  readonly goodbye: number;
}

export interface LinkOptions {
  readonly host: string;
  readonly port: number;
  readonly secret: string;
  /** The component's domain. */
  readonly domain: string;
  /** The server's own domain, which is pinged; what follows the first dot of `domain` unless given. */
  readonly serverDomain?: string | undefined;
  /** TLS from the first byte, with these options of `node:tls`; plain TCP unless given. */
  readonly tls?: ConnectionOptions | undefined;
  readonly limits?: Partial<LinkLimits> | undefined;
  readonly timings?: Partial<LinkTimings> | undefined;
  readonly log: Log;
  /** Uniform in [0, 1), for jitter; `Math.random` unless given. */
  readonly random?: (() => number) | undefined;
}

/**
 * The limits by the configuration's. What waits is bounded by the memory that it takes, and only far above one room's bound by its bytes on the wire: a
 * message to a thousand takes little memory, and must not stop everybody else.
 */
export function linkLimitsOf(limits: {
  readonly stanzaBytes: number;
  readonly stanzaDepth: number;
  readonly queueBytes: number;
}): LinkLimits {
  const { stanzaBytes, stanzaDepth, queueBytes } = limits;
  return {
    ...DEFAULT_LIMITS,
    stanzaBytes,
    depth: stanzaDepth,
    memoryBytes: queueBytes,
    sentBytes: Math.max(DEFAULT_LIMITS.sentBytes, 2 * stanzaBytes),
  };
}

export const DEFAULT_LIMITS: LinkLimits = {
  stanzaBytes: 262_144,
  depth: 64,
  // Prosody closes the stream of a component above 512 KiB.
  sentBytes: 512 * 1024,
  queueBytes: 1024 * 1024 * 1024,
  roomBytes: 64 * 1024 * 1024,
  memoryBytes: 32 * 1024 * 1024,
};

export const DEFAULT_TIMINGS: LinkTimings = {
  deadline: 30_000,
  waitMin: 250,
  waitMax: 30_000,
  waitRefused: 30_000,
  conflictWindow: 3000,
  stable: 10_000,
  pingInterval: 20_000,
  pingTimeout: 20_000,
  barrier: 120_000,
  stall: 60_000,
  goodbye: 2000,
};
