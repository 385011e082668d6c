/** Puts a text in the place of a file, whole or not at all: whoever could read or write the file still can, and nobody else. */
import {
  closeSync,
  fchmodSync,
  fchownSync,
  fsyncSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  type Stats,
} from 'node:fs';
import { Ended, EXIT } from './ending';

/** Until it has its owner and rights, a file is its maker's alone. */
const OWN = 0o600;

/** Gives an open file an owner and a group. */
export type Chown = (opened: number, uid: number, gid: number) => void;

/** Replaces the file, and returns the name of the former one, which is beside it. `chown`: of the system. Throws Ended, and nothing has changed. */
export function replace(file: string, text: string, chown: Chown = fchownSync): string {
  const real = realpathSync(file);
  const [next, former] = [`${real}.new`, `${real}.old`];
  try {
    const like = statSync(real);
    made(next, text, like, chown);
    made(former, readFileSync(real), like, chown);
    renameSync(next, real);
  } catch (error) {
    rmSync(next, { force: true });
    throw new Ended(EXIT.refused, `${file} cannot be changed: ${(error as Error).message}. Nothing was changed.`);
  }
  return former;
}

/** A new file with this owner, group and mode, on the disk. Throws what the file system throws, and Error if it cannot have them. */
function made(file: string, content: string | Buffer, { mode, uid, gid }: Stats, chown: Chown): void {
  rmSync(file, { force: true });
  // What a process may make is cut by its umask; what it changes is not.
  const opened = openSync(file, 'wx', OWN);
  try {
    writeFileSync(opened, content);
    try {
      chown(opened, uid, gid);
    } catch {
      throw new Error(
        `it would not keep its owner and group (${uid}:${gid}), and whoever reads it now might not. Give the command as its owner or as root`,
      );
    }
    // After the owner: changing that takes bits away.
    fchmodSync(opened, mode & 0o7777);
    fsyncSync(opened);
  } finally {
    closeSync(opened);
  }
}
