/** What the service counts while it runs: plain numbers, read when somebody looks at them. */

/** How many values were at most each of some bounds, in ascending order, and their sum. */
export class Spread {
  /** Values in each bound that are above the one before; the last: above all. */
  readonly counts: number[];
  sum = 0;

  constructor(readonly bounds: readonly number[]) {
    this.counts = new Array<number>(bounds.length + 1).fill(0);
  }

  note(value: number): void {
    let i = 0;
    while (i < this.bounds.length && value > (this.bounds[i] as number)) i++;
    (this.counts[i] as number)++;
    this.sum += value;
  }
}

/** Seconds. */
const COMMIT_BOUNDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10] as const;

export class Counted {
  /** Stanzas that came for rooms and were decided. */
  readonly decided = { message: 0, presence: 0, iq: 0 };
  /** Sessions that have entered a room, also again. */
  entries = 0;
  /** From the batch being handed to the store to its answer, in seconds. */
  readonly commits = new Spread(COMMIT_BOUNDS);
}
