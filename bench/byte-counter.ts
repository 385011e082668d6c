/** Counts what a component sends without reading it; only its own requests (pings) are looked for, and counted apart. */

const IQ = Buffer.from('<iq ');
const NOTHING = Buffer.alloc(0);

export interface Fed {
  /** Bytes that are no IQ. */
  readonly bytes: number;
  /** Whole IQ stanzas, usually none. */
  readonly iqs: readonly string[];
}

const NO_IQS: readonly string[] = [];

/**
 * Splits a byte stream into IQs and the rest. `<iq ` can stand nowhere but at an IQ's start, because text is escaped;
 * the native search for it costs about 0.15 ms per MB. A possible IQ cut by the chunk's end waits for the next chunk.
 */
export class ByteCounter {
  private kept = NOTHING;
  /** Length of every stanza that is no IQ, 0 while they differ. */
  private length = 0;
  /** Bytes of the present delivery that have been counted. */
  private phase = 0;

  /**
   * From here on nothing but deliveries of this length and IQs will come. A chunk whose last delivery begins where the
   * count says holds no IQ, and need not be searched: an IQ would have moved it.
   */
  expect(length: number): void {
    this.length = length;
    this.phase = 0;
  }

  feed(chunk: Buffer): Fed {
    const fed = this.kept.length === 0 && this.onlyDeliveries(chunk) ? { bytes: chunk.length, iqs: NO_IQS } : this.search(chunk);
    if (this.length > 0) this.phase = (this.phase + fed.bytes) % this.length;
    return fed;
  }

  private onlyDeliveries(chunk: Buffer): boolean {
    if (this.length === 0) return false;
    const first = (this.length - this.phase) % this.length;
    const last = first + Math.floor((chunk.length - 2 - first) / this.length) * this.length;
    // What follows the last beginning is part of one delivery, unless a single byte is left, which may begin an IQ.
    return last >= first && last + this.length >= chunk.length && chunk[last] === 0x3c && chunk[last + 1] === 0x6d;
  }

  private search(chunk: Buffer): Fed {
    const data = this.kept.length === 0 ? chunk : Buffer.concat([this.kept, chunk]);
    this.kept = NOTHING;
    let bytes = data.length;
    let iqs: string[] | undefined;
    for (let at = data.indexOf(IQ); at >= 0;) {
      const end = endOfIq(data, at);
      if (end < 0) {
        this.kept = Buffer.from(data.subarray(at));
        bytes -= this.kept.length;
        break;
      }
      (iqs ??= []).push(data.toString('utf8', at, end));
      bytes -= end - at;
      at = data.indexOf(IQ, end);
    }
    if (this.kept.length === 0) {
      const cut = cutStart(data);
      this.kept = Buffer.from(data.subarray(data.length - cut));
      bytes -= cut;
    }
    return { bytes, iqs: iqs ?? NO_IQS };
  }
}

/** Where the IQ that begins at `at` ends, or -1 while its end has not come. */
function endOfIq(data: Buffer, at: number): number {
  const tagEnd = data.indexOf('>', at);
  if (tagEnd < 0) return -1;
  if (data[tagEnd - 1] === 0x2f) return tagEnd + 1;
  const close = data.indexOf('</iq>', tagEnd);
  return close < 0 ? -1 : close + 5;
}

/** How many of the last bytes could be the beginning of `<iq `. */
function cutStart(data: Buffer): number {
  for (let length = Math.min(IQ.length - 1, data.length); length > 0; length--) {
    if (IQ.compare(data, data.length - length, data.length, 0, length) === 0) return length;
  }
  return 0;
}

/** Counts occurrences of a short text in a stream, across chunk borders. For the set-up only: it reads everything. */
export class Occurrences {
  count = 0;
  private readonly needles: readonly Buffer[];
  private kept: Buffer = NOTHING;

  /** `text` with double quotes; it is counted with single ones too, since servers write either. */
  constructor(text: string) {
    this.needles = [...new Set([text, text.replaceAll('"', "'")])].map((one) => Buffer.from(one));
  }

  feed(chunk: Buffer): void {
    const data = Buffer.concat([this.kept, chunk]);
    let length = 0;
    for (const needle of this.needles) {
      for (let at = data.indexOf(needle); at >= 0; at = data.indexOf(needle, at + 1)) this.count++;
      length = needle.length;
    }
    this.kept = Buffer.from(data.subarray(Math.max(0, data.length - length + 1)));
  }
}
