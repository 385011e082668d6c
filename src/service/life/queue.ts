/** What waits for one room, in order. `WaitingRoom` alone changes it. */
import type { Input } from '../../room/contract/machine';
import { LateMap } from '../../room/late-map';
import type { Millis } from '../../room/contract/rows';

/** What of a held queue is from one account. */
export interface Share {
  /** Bare JID; '': no stanza's. */
  readonly sender: string;
  count: number;
  bytes: number;
}

/** An input that waits. */
export interface Waiting {
  readonly input: Input;
  /** On the wire. */
  readonly bytes: number;
  /** In memory. */
  readonly memory: number;
  /** By the clock that never goes back. */
  readonly since: Millis;
  /** While it is held: of which share it is a part. */
  share?: Share | undefined;
}

export class Queue {
  waiting: Waiting[] = [];
  bytes = 0;
  /** The same in memory. */
  memory = 0;
  /** What waits is held until the link has taken most of what the room has to say; it meets no deadline. */
  held = false;
  /** Of what is held, by the sender's bare JID. */
  readonly heldOf = new LateMap<string, Share>();
  /** Calls off the deadline of what waits. */
  cancelDeadline: (() => void) | undefined;

  get isEmpty(): boolean {
    return this.waiting.length === 0;
  }
}
