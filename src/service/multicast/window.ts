/** How much the service may have unconfirmed, and the rooms that wait for it, in turns. */
import type { Clock } from '../clock';
import type { Sent } from './sent';
import type { Way } from './way';

/** Addresses that the service has not confirmed; further stanzas wait for that, a second at most. It takes what it gets into a queue without a bound. */
export const WINDOW = 16_384;
/** Stanzas that one room gives in its turn, where several wait. */
const TURN = 8;
/** Milliseconds that what waits for the window waits at most, so that nothing depends on our reading: reading may be paused. */
const WINDOW_MS = 1_000;
/** Bytes of memory of what is not confirmed: above it nothing more is given to the service. */
const MOST_SENT = 32 * 1024 * 1024;

export interface WindowOptions {
  readonly sent: Pick<Sent, 'copies' | 'memory'>;
  readonly clock: Pick<Clock, 'after'>;
  /** Asks the service to confirm what it has. */
  readonly ask: () => void;
  /** Lets leave what may of a room. */
  readonly pump: (way: Way) => void;
}

export class Window {
  private readonly waiting = new Set<Way>();
  /** Stanzas that the room whose turn it is may give still. */
  private turn = Infinity;
  /** Addresses that may be given beyond the window, since it has waited long. */
  private beyond = 0;
  private cancel: (() => void) | undefined;

  constructor(private readonly options: WindowOptions) {}

  /** Whether the service may be given one more stanza of the room now; if not, the room waits and is come back to. */
  admits(way: Way): boolean {
    const { hasRoom } = this;
    if (hasRoom && this.turn > 0) {
      this.turn--;
      return true;
    }
    this.waiting.add(way);
    if (!hasRoom) this.wait();
    return false;
  }

  /** The room waits no more. */
  leave(way: Way): void {
    this.waiting.delete(way);
  }

  /** The service has confirmed something: those that wait take turns. */
  confirmed(): void {
    this.reset();
    this.goOn();
  }

  /** Nobody waits any more, and nothing is unconfirmed. */
  clear(): void {
    this.waiting.clear();
    this.reset();
  }

  private reset(): void {
    this.beyond = 0;
    this.cancel?.();
    this.cancel = undefined;
  }

  private get hasRoom(): boolean {
    const { copies, memory } = this.options.sent;
    return copies < WINDOW + this.beyond && memory < MOST_SENT;
  }

  private wait(): void {
    const { ask, clock, sent } = this.options;
    ask();
    this.cancel ??= clock.after(WINDOW_MS, () => {
      this.cancel = undefined;
      this.beyond = sent.copies;
      this.goOn();
    });
  }

  private goOn(): void {
    // Whoever has had their turn and waits still stands behind the others, and is come to again.
    for (const way of this.waiting) {
      if (!this.hasRoom) break;
      this.waiting.delete(way);
      this.turn = TURN;
      this.options.pump(way);
    }
    this.turn = Infinity;
    if (this.waiting.size > 0) this.wait();
  }
}
