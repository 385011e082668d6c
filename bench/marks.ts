/** Marks in messages: each is the time at which it was said. */

/** How the body of such a message begins; the time follows, in milliseconds. */
export const MARK = 'innocent-';

/** Looks for marks in a stream, across the borders of chunks. */
export class Marks {
  /** Milliseconds that each copy took. */
  readonly took: number[] = [];
  private kept = Buffer.alloc(0);
  private readonly mark = Buffer.from(`<body>${MARK}`);

  feed(chunk: Buffer): void {
    const now = performance.now();
    const data = this.kept.length === 0 ? chunk : Buffer.concat([this.kept, chunk]);
    let end = Math.max(0, data.length - this.mark.length + 1);
    for (let at = data.indexOf(this.mark); at >= 0; at = data.indexOf(this.mark, at + 1)) {
      const start = at + this.mark.length;
      const close = data.indexOf(0x3c, start);
      if (close < 0) {
        end = at;
        break;
      }
      this.took.push(now - Number(data.toString('latin1', start, close)));
      end = Math.max(end, close);
    }
    this.kept = Buffer.from(data.subarray(end));
  }
}
