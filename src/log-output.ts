/** Where the log's lines go: a line that cannot be written is dropped, counted and told later. Nothing waits for a log, nothing ends over it. */
import { constants, fstatSync, openSync, writeSync } from 'node:fs';

/** Bytes of lines kept for a pipe whose reader is slow. */
const KEPT = 262_144;
/** Milliseconds after which it is tried again without a new line. */
const AGAIN = 1_000;

/** What is written to; tests have their own. Returns how many bytes went in; throws like `fs.writeSync`. */
export type Write = (bytes: Buffer) => number;

/** The line that tells how many lines are missing. */
export type Notice = (lost: number, why: string) => string;

export class LogOutput {
  private lost = 0;
  private why = '';
  /** Lines that a pipe has no room for at the moment; the first may be the rest of one. */
  private kept: Buffer[] = [];
  private keptBytes = 0;
  /** A line was begun whose rest is lost. */
  private torn = false;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly out: Write,
    private readonly notice: Notice,
  ) {}

  /** Takes one line with its end. Never throws. */
  write(line: string): void {
    const bytes = Buffer.from(line);
    if (!this.flush()) this.keep(bytes);
    else this.put(bytes, 1);
    if (this.lost > 0 || this.kept.length > 0) this.tryLater();
  }

  /** Writes what waits, and tells what is lost; whether nothing is in front of a new line any more. */
  flush(): boolean {
    for (let first = this.kept[0]; first; first = this.kept[0]) {
      this.kept.shift();
      this.keptBytes -= first.length;
      if (!this.put(first, 1)) return false;
    }
    if (this.lost === 0) return true;
    const { lost } = this;
    this.lost = 0;
    // Lost itself, the notice counts for all that it would have told.
    return this.put(Buffer.from(this.notice(lost, this.why)), lost);
  }

  /** Writes all of it, or sees to the rest. `lines`: how many are missing if it is lost. */
  private put(line: Buffer, lines: number): boolean {
    let rest = line;
    try {
      if (this.torn) {
        if (this.out(Buffer.from('\n')) === 0) throw new Error('nothing is taken');
        this.torn = false;
      }
      while (rest.length > 0) {
        const written = this.out(rest);
        if (written === 0) throw new Error('nothing is taken');
        rest = rest.subarray(written);
      }
      return true;
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (code === 'EAGAIN' && this.keptBytes + rest.length <= KEPT) {
        this.kept.unshift(rest);
        this.keptBytes += rest.length;
        return false;
      }
      if (rest.length < line.length) this.torn = true;
      this.lost += lines;
      this.why = code ?? message;
      return false;
    }
  }

  /** Behind what waits already, or lost. */
  private keep(line: Buffer): void {
    if (this.kept.length > 0 && this.keptBytes + line.length <= KEPT) {
      this.kept.push(line);
      this.keptBytes += line.length;
    } else {
      this.lost++;
      if (this.why === '') this.why = 'EAGAIN';
    }
  }

  private tryLater(): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      if (!this.flush()) this.tryLater();
    }, AGAIN).unref();
  }
}

/** Writes to standard output. A pipe is opened anew so that a full one says so instead of holding the process. */
export function toStandardOutput(): Write {
  let fd = 1;
  try {
    if (fstatSync(1).isFIFO()) fd = openSync('/proc/self/fd/1', constants.O_WRONLY | constants.O_NONBLOCK);
  } catch {
    fd = 1;
  }
  return (bytes) => writeSync(fd, bytes);
}
