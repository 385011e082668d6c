/** What one answer from an archive may cost: rows that are read, and time. Every walk through rows asks it at each row. */

/** Most of one answer. */
export interface ReadBounds {
  readonly rows: number;
  readonly ms: number;
}

/** A page for a client. */
export const READ_BOUNDS: ReadBounds = { rows: 50_000, ms: 250 };
/** Counting the matches of a filter; if it costs too much the count is left out (XEP-0059 §2.6). */
export const COUNT_BOUNDS: ReadBounds = { rows: 20_000, ms: 50 };
/** The service's own walks, which no stranger can begin. */
export const UNBOUNDED: ReadBounds = { rows: Infinity, ms: Infinity };

/** Rows between two looks at the clock. */
const LOOK = 16;

export class Budget {
  /** It is used up: the walk ends here. */
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

  /** One row will be read. False: the budget is used up. */
  spend(): boolean {
    if (this.over) return false;
    if (--this.left < 0) this.over = true;
    else if (++this.looks >= LOOK) return this.inTime();
    return !this.over;
  }

  /** Call after a slow operation. */
  inTime(): boolean {
    this.looks = 0;
    if (this.until !== Infinity && this.now() > this.until) this.over = true;
    return !this.over;
  }
}
