/** What the fan-out by a multicast service is made with, whom it tells, and what it counts. */
import type { Link } from '../../link/link';
import type { BareJid, Domain } from '../../xmpp/fold';
import type { Log } from '../../log';
import type { Clock } from '../clock';

export interface MulticastOptions {
  readonly link: Link;
  readonly clock: Clock;
  readonly log: Log;
  /** The component's own domain. */
  readonly domain: Domain;
  /** Recipients there get what the service hands out, whichever service it is. */
  readonly serverDomain: string;
  /** A room of so many occupants goes that way, until it has less than half. */
  readonly from: number;
  /** Largest stanza that leaves, in bytes. */
  readonly sentBytes: number;
  /** A text that nobody guesses. */
  readonly secret: () => string;
}

export interface MulticastOwner {
  /** The service was open and is closed; `condition`: with which it refuses, if it does. */
  closed(condition: string | undefined): void;
  /** It is not known what of these rooms has arrived. */
  unsure(rooms: readonly BareJid[]): void;
  /** Little of a room waits any more, which was asked for by `tellLow`. */
  lowered(room: BareJid): void;
  /** Less waits than the bound of memory again. */
  drained(): void;
}

/** What is counted; rises from the start of the process. */
export interface MulticastCounts {
  /** Stanzas that the service was given. */
  stanzas: number;
  /** Those that it refused, which left one by one. */
  refused: number;
  /** How often it was closed. */
  closed: number;
}
