/**
 * Whether the write-ahead log beside a database belongs to it. SQLite does not ask: it would mix the pages of a copy that was laid over
 * the file with those of the log of another. So the database has a number in its header (`user_version`), one higher in each log: when a log
 * begins, its first page says so, and the file itself has the number before, or after page 1 was folded in the same. Copies that
 * SQLite made (`.backup`, `VACUUM INTO`) have another schema number.
 */
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import type { Database } from 'better-sqlite3';
import { StoreRefused } from '../../failures';
import { codeOf, refused } from '../failure';

const WAL_HEADER = 32;
const FRAME_HEADER = 24;
const MAGIC = 0x377f0682;
const HEADER = 100;

/** What page 1 says of itself. */
interface Mark {
  readonly number: number;
  readonly schema: number;
}

/** The log of this connection has just begun anew: it is marked. Not made certain at once: nothing depends on it that comes before it. */
export function markLog(db: Database): void {
  const level = db.pragma('synchronous', { simple: true }) as number;
  db.pragma('synchronous = NORMAL');
  try {
    const number = db.pragma('user_version', { simple: true }) as number;
    db.pragma(`user_version = ${(number + 1) | 0}`);
  } finally {
    db.pragma(`synchronous = ${level}`);
  }
}

/** Throws StoreRefused if there is a log that belongs to another file than the one beside it. */
export function refuseForeignLog(database: string): void {
  let file: Mark | undefined;
  let marks: readonly Mark[] = [];
  try {
    file = markOfFile(database);
    if (file) marks = marksOfLog(`${database}-wal`);
  } catch (error) {
    throw refused(error, database);
  }
  const [first] = marks;
  if (!file || !first) return;
  const before = file.number === ((first.number - 1) | 0) && file.schema === first.schema;
  if (before || marks.some(({ number, schema }) => file.number === number && file.schema === schema)) return;
  throw new StoreRefused(
    'unreadable',
    `The log "${database}-wal" does not belong to the database "${database}": another copy was put in the place of the one that it was written for. ` +
      `To go on with the copy, move "${database}-wal" and "${database}-shm" away (what was said since the copy was made is in them); to go on where Parlour ended, put the former file back.`,
  );
}

function markOf(page: Buffer): Mark {
  return { number: page.readInt32BE(60), schema: page.readUInt32BE(40) };
}

/** As it stands in the file itself; undefined: there is none, or none of SQLite's. */
function markOfFile(file: string): Mark | undefined {
  const header = Buffer.alloc(HEADER);
  const fd = openSync(file, 'r');
  try {
    if (readSync(fd, header, 0, HEADER, 0) < HEADER) return undefined;
  } finally {
    closeSync(fd);
  }
  return header.toString('latin1', 0, 15) === 'SQLite format 3' ? markOf(header) : undefined;
}

/** What the committed copies of page 1 in the log say, the oldest first. https://sqlite.org/fileformat2.html#walformat */
function marksOfLog(file: string): Mark[] {
  const log = contentOf(file);
  if (log.length < WAL_HEADER || (log.readUInt32BE(0) & ~1) >>> 0 !== MAGIC) return [];
  const size = log.readUInt32BE(8);
  const sum = new Checksum((log.readUInt32BE(0) & 1) === 1);
  sum.add(log, 0, 24);
  if (!sum.is(log, 24)) return [];
  const committed: Mark[] = [];
  let marks: Mark[] = [];
  for (let at = WAL_HEADER; at + FRAME_HEADER + size <= log.length; at += FRAME_HEADER + size) {
    if (log.compare(log, 16, 24, at + 8, at + 16) !== 0) break;
    sum.add(log, at, at + 8);
    sum.add(log, at + FRAME_HEADER, at + FRAME_HEADER + size);
    if (!sum.is(log, at + 16)) break;
    if (log.readUInt32BE(at) === 1) marks.push(markOf(log.subarray(at + FRAME_HEADER)));
    if (log.readUInt32BE(at + 4) === 0) continue;
    committed.push(...marks);
    marks = [];
  }
  return committed;
}

function contentOf(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return Buffer.alloc(0);
    throw error;
  }
}

/** The running checksum of a log: two sums over words of 32 bits, in the byte order that the log's first word tells. */
class Checksum {
  private one = 0;
  private two = 0;

  constructor(private readonly bigEndian: boolean) {}

  add(bytes: Buffer, start: number, end: number): void {
    const { bigEndian } = this;
    for (let at = start; at < end; at += 8) {
      this.one = (this.one + (bigEndian ? bytes.readUInt32BE(at) : bytes.readUInt32LE(at)) + this.two) | 0;
      this.two = (this.two + (bigEndian ? bytes.readUInt32BE(at + 4) : bytes.readUInt32LE(at + 4)) + this.one) | 0;
    }
  }

  /** Whether it stands at this place. */
  is(bytes: Buffer, at: number): boolean {
    return bytes.readInt32BE(at) === this.one && bytes.readInt32BE(at + 4) === this.two;
  }
}
