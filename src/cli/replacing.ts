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
import { utf8Of } from '../config-text';
import { Ended, EXIT } from './ending';

/** Until it has its owner and rights, a file is its maker's alone. */
const OWN = 0o600;

/** Gives an open file an owner and a group. */
type Chown = (opened: number, uid: number, gid: number) => void;

/** How a file is replaced. */
interface Replacing {
  /** What was in it when the change was thought out: an editor may have saved another text since. */
  readonly before: string;
  /** Of the system, by default. */
  readonly chown?: Chown;
}

/** Replaces the file, and returns the name of the former one, which is beside it. Throws Ended, and nothing has changed. */
export function replace(file: string, text: string, { before, chown = fchownSync }: Replacing): string {
  const real = realpathSync(file);
  const [next, former] = [`${real}.new`, `${real}.old`];
  try {
    const like = statSync(real);
    made(next, text, like, chown);
    const there = readFileSync(real);
    if (utf8Of(there) !== before) throw new Error('somebody else has changed it meanwhile, so look at it and say it again');
    made(former, there, like, chown);
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
