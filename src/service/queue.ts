/** What waits for one room, in order. `WaitingRoom` alone changes it. */
import type { Input } from '../room/machine';
import type { Millis } from '../room/rows';

/** An input that waits. */
export interface Waiting {
  readonly input: Input;
  readonly bytes: number;
  /** By the clock that never goes back. */
  readonly since: Millis;
}

export class Queue {
  waiting: Waiting[] = [];
  bytes = 0;
  /** What waits is held until the link has taken most of what the room has to say; it meets no deadline. */
  held = false;
  /** Of what is held, by the sender's bare JID. */
  readonly heldOf = new Map<string, { count: number; bytes: number }>();
  /** Calls off the deadline of what waits. */
  cancelDeadline: (() => void) | undefined;

  get isEmpty(): boolean {
    return this.waiting.length === 0;
  }
}
