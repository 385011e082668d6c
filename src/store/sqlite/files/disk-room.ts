/** How much room the disk of the database has. */
import { statfsSync } from 'node:fs';
import path from 'node:path';

/** Room for the log, for folding it and for indexes, with time left for the operator to react. */
const ROOM_NEEDED = 64 * 1024 * 1024;

const MIB = 1024 * 1024;

/** Bytes that this user may still write where the database is; undefined where the system does not tell. */
export function roomFor(database: string): number | undefined {
  try {
    const { bavail, bsize } = statfsSync(path.dirname(database));
    return bavail * bsize;
  } catch {
    return undefined;
  }
}

/** A sentence if there is less room than there should be. */
export function roomWarning(database: string): string | undefined {
  const room = roomFor(database);
  if (room === undefined || room >= ROOM_NEEDED) return undefined;
  return `The disk of the database "${database}" has ${Math.floor(room / MIB)} MiB left; at least ${ROOM_NEEDED / MIB} MiB should be free. Free some space.`;
}
