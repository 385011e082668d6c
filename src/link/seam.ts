/**
 * What stands between two addresses of a template: its tail and its head, encoded once. Not in the chunk that it is copied to: setting a
 * typed array from another one of the same memory makes a copy of the whole first.
 */

/** Bytes of a seam for which no memory need be asked, and the longest beginning of it of which a view is kept. */
const SEAM_BYTES = 16 * 1024;
const STARTS = 2048;
/** The double quote. */
const QUOTE = 0x22;

/** The encoded seam of one template at a time; views of it are void when the next one is set. */
export class Seam {
  private bytes = Buffer.allocUnsafeSlow(SEAM_BYTES);
  /** Views of its beginning by their length: making one costs more than the copying that it is for. */
  private starts = new Array<Uint8Array | undefined>(STARTS + 1);

  /** The tail is what closes the address's attribute and `rest`. Returns the lengths of tail and head in bytes. */
  set(rest: string, head: string): [number, number] {
    // A UTF-16 unit has three bytes at most.
    const most = 1 + 3 * (rest.length + head.length);
    if (most > this.bytes.length || (this.bytes.length > SEAM_BYTES && most <= SEAM_BYTES)) {
      this.bytes = Buffer.allocUnsafeSlow(Math.max(most, SEAM_BYTES));
      this.starts.fill(undefined);
    }
    this.bytes[0] = QUOTE;
    const tailBytes = 1 + this.bytes.write(rest, 1, 'utf8');
    return [tailBytes, this.bytes.write(head, tailBytes, 'utf8')];
  }

  /** Its first so many bytes: the tail, or all of it. */
  start(bytes: number): Uint8Array {
    if (bytes > STARTS) return this.part(0, bytes);
    return (this.starts[bytes] ??= this.part(0, bytes));
  }

  /** The bytes between two indexes. */
  part(from: number, to: number): Uint8Array {
    return this.bytes.subarray(from, to);
  }
}
