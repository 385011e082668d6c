/** What one answer from an archive may cost: rows that are looked at, and time. Whoever walks through rows asks it at each. */

/** Most of one answer. */
export interface ReadBounds {
  readonly rows: number;
  readonly ms: number;
}

/** A page or an end for somebody who asks. */
export const READ_BOUNDS: ReadBounds = { rows: 50_000, ms: 250 };
/** Counting what a filter leaves, which is left out where it is too dear (XEP-0059 §2.6). */
export const COUNT_BOUNDS: ReadBounds = { rows: 20_000, ms: 50 };
/** The service's own walks, which no stranger can begin. */
export const UNBOUNDED: ReadBounds = { rows: Infinity, ms: Infinity };

/** Rows between two looks at the clock. */
const LOOK = 16;

export class Budget {
  /** It is used up: what is walked through ends here. */
  over = false;
  private left = Infinity;
  private until = Infinity;
  private looks = 0;

  constructor(private readonly now: () => number = () => performance.now()) {}

  /** Begins an answer. */
  begin({ rows, ms }: ReadBounds): void {
    this.over = false;
    this.left = rows;
    this.until = ms === Infinity ? Infinity : this.now() + ms;
    this.looks = 0;
  }

  /** One row will be looked at. False: none may be any more. */
  spend(): boolean {
    if (this.over) return false;
    if (--this.left < 0) this.over = true;
    else if (++this.looks >= LOOK) return this.inTime();
    return !this.over;
  }

  /** After something that took its time. */
  inTime(): boolean {
    this.looks = 0;
    if (this.until !== Infinity && this.now() > this.until) this.over = true;
    return !this.over;
  }
}
