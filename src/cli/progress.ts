/** How far long work is: one line at a terminal that is written over, and nothing where nobody watches. */
import type { Terminal } from './terminal';

/** Columns of the bar, and the least time between two looks, in milliseconds. */
const BAR = 24;
const EVERY_MS = 100;

export class Progress {
  private next = 0;
  private drawn = false;

  constructor(
    private readonly terminal: Pick<Terminal, 'err' | 'watched'>,
    private readonly what: string,
    /** How much there is; undefined: nobody knows. */
    private readonly of?: number,
  ) {}

  /** So much is done. */
  at(done: number): void {
    const now = performance.now();
    if (!this.terminal.watched || now < this.next) return;
    this.next = now + EVERY_MS;
    this.drawn = true;
    this.terminal.err(`\r\u001b[K${this.what} ${this.bar(done)}`);
  }

  /** Takes the line away. */
  end(): void {
    if (this.drawn) this.terminal.err('\r\u001b[K');
    this.drawn = false;
  }

  private bar(done: number): string {
    if (this.of === undefined || this.of === 0) return String(done);
    const full = Math.min(BAR, Math.round((done / this.of) * BAR));
    return `[${'#'.repeat(full)}${' '.repeat(BAR - full)}] ${done}/${this.of}`;
  }
}
