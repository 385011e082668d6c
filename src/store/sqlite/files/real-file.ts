/** Where a database really is: SQLite follows a link to it, and keeps what belongs to it beside the file itself. */
import { readlinkSync, realpathSync } from 'node:fs';
import path from 'node:path';

/** Links in a row; a circle of them is not followed for ever. */
const MOST = 40;

/** The file that this name leads to, which need not be there. A name that is no link, or cannot be looked at, stays: whoever opens it is told why. */
export function realFile(file: string): string {
  let at = file;
  for (let n = 0; n < MOST; n++) {
    const target = followed(at);
    if (target === undefined) return at;
    at = target;
  }
  return file;
}

function followed(file: string): string | undefined {
  try {
    const link = readlinkSync(file);
    return path.resolve(realpathSync(path.dirname(file)), link);
  } catch {
    return undefined;
  }
}
