/** What all acts of the fan-out share: how the service stands, which rooms go that way, and what it was given and has not confirmed. */
import type { Link } from '../../link/link';
import type { BareJid } from '../../xmpp/fold';
import type { Outgoing } from '../../xmpp/outgoing';
import type { MulticastCounts } from './contract';
import type { Splitter } from './parts';
import { Sent } from './sent';
import type { Way } from './way';

/** A service that takes what it is given. */
export interface Open {
  readonly service: string;
  readonly splitter: Splitter;
  /** Whether somebody gets theirs from the service. */
  readonly serves: (jid: string) => boolean;
}

/** `closing`: it refuses, and nothing more is given to it. */
export type State = { readonly kind: 'none' } | ({ readonly kind: 'open' | 'closing' } & Open);

export class Standing {
  state: State = { kind: 'none' };
  /** Rises when it is not known any more what has arrived: the connection was lost, or the service was silent. */
  epoch = 0;
  /** Nothing is read. */
  paused = false;
  readonly ways = new Map<BareJid, Way>();
  readonly sent = new Sent();
  readonly counts: MulticastCounts = { stanzas: 0, refused: 0, closed: 0 };
  /** Stanzas of rooms that go that way which were handed to the link. */
  handed = 0;

  constructor(private readonly link: Pick<Link, 'send'>) {}

  /** Hands the link something of a room. */
  hand(way: Way, out: Outgoing): void {
    this.handed++;
    this.link.send(out, way.room);
  }

  /** Whether the room still goes by this way, and not by a later one or directly. */
  has(way: Way): boolean {
    return this.ways.get(way.room) === way;
  }

  /** Whether somebody gets theirs from the service, if there is one. */
  serves(jid: string): boolean {
    return this.state.kind !== 'none' && this.state.serves(jid);
  }
}
