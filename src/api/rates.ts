/** How often something may happen: a bucket that fills steadily. Time is handed in, in milliseconds. */

export class Bucket {
  private level: number;
  private since: number;

  constructor(
    private readonly perSecond: number,
    /** As many at once. */
    private readonly most: number,
    now: number,
  ) {
    this.level = most;
    this.since = now;
  }

  /** 0: it may happen, and is counted; else the milliseconds until it may. */
  take(now: number): number {
    this.level = Math.min(this.most, this.level + (Math.max(0, now - this.since) / 1000) * this.perSecond);
    this.since = now;
    if (this.level < 1) return Math.ceil(((1 - this.level) / this.perSecond) * 1000);
    this.level -= 1;
    return 0;
  }
}
