/** A gate that lets a fixed number of tasks pass at a time; the others wait for their turn. */

/** So many wait for each place when it is crowded. */
const CROWD = 5;

/**
 * Keeps a flood of questions to the service from the store's one reader: whatever a room needs to be loaded waits behind
 * few of them. How many may wait here is bounded by whoever asks.
 */
export class Gate {
  private running = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(private readonly width: number) {}

  /** Whether many wait for each place. */
  get crowded(): boolean {
    return this.waiting.length > this.width * CROWD;
  }

  async run<T>(task: () => Promise<T>): Promise<T> {
    // A finished task gives its place to the first that waits.
    if (this.running < this.width) this.running++;
    else await new Promise<void>((resolve) => this.waiting.push(resolve));
    try {
      return await task();
    } finally {
      const next = this.waiting.shift();
      if (next) next();
      else this.running--;
    }
  }
}
