/** Copies of a database: one that is kept before addresses are folded, and one that is folded only to see what would happen. */
import { closeSync, copyFileSync, existsSync, mkdtempSync, openSync, renameSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Sqlite, { type Database } from 'better-sqlite3';
import { FOLD_VERSION } from '../../../xmpp/fold';
import { StoreRefused } from '../../failures';
import { codeOf, messageOf, refused } from '../failure';
import { refuseForeignLog } from '../files/log-mark';
import { applyMigration, identify, loadMigrations, pending } from '../files/migrations';
import { onDisk } from '../files/on-disk';
import { realFile } from '../files/real-file';
import type { RowDeclaration } from '../../../room/contract/row-declaration';
import { foldDatabase, needsFold, registerFold } from './fold';

/** The name of the next copy. One that is there is of an earlier try, and may be the only one from before something else. */
function nameOfCopy(file: string): string {
  let copy = `${file}-before-fold-${FOLD_VERSION}`;
  for (let n = 2; existsSync(copy); n++) copy = `${file}-before-fold-${FOLD_VERSION}.${n}`;
  return copy;
}

/** Copies the database to a file beside it, whole or not at all. Returns the copy's name; throws StoreRefused if there is no room for it. */
export function copyAside(db: Database, file: string): string {
  const copy = nameOfCopy(file);
  const part = `${copy}.part`;
  try {
    rmSync(part, { force: true });
    // Rooms' secrets are in it from its first page on. SQLite writes into an empty file, and does not wait for the disk.
    closeSync(openSync(part, 'wx', 0o600));
    db.prepare('VACUUM INTO ?').run(part);
    onDisk(part);
    renameSync(part, copy);
    onDisk(path.dirname(copy));
  } catch (error) {
    if (existsSync(part) && statSync(part).isFile()) rmSync(part);
    throw new StoreRefused(
      'unreadable',
      `The database "${file}" must be copied before its addresses are folded, and "${copy}" could not be written. Free as much space as the database has, or make its folder writable. (${messageOf(error)})`,
      { cause: error },
    );
  }
  return copy;
}

/**
 * What folding would come to, in sentences; the database is only read, while no Parlour runs on it. Works on a copy in the folder for
 * temporary files (`temporary`), which is removed again. Throws StoreRefused.
 */
export async function previewFold(name: string, declared: readonly RowDeclaration[], temporary = tmpdir()): Promise<string[]> {
  const file = realFile(name);
  if (!existsSync(file)) return ['There is no database yet: nothing would change.'];
  refuseForeignLog(file);
  const place = folderIn(temporary);
  try {
    const copy = path.join(place, 'copy.db');
    copyOf(file, copy);
    const db = new Sqlite(copy);
    try {
      identify(db, file);
      registerFold(db);
      const needed = needsFold(db, declared);
      for (const step of pending(db, loadMigrations(), file)) applyMigration(db, step, 0);
      const told = foldDatabase(db, declared);
      return needed ? [copyToCome(file), ...told] : ['Every address is in the form by which it is compared: nothing would change.'];
    } finally {
      db.close();
    }
  } catch (error) {
    throw ofTheDisk(error) ? temporaryRefused(temporary, error) : refused(error, file);
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

const MIB = 1024 * 1024;

/** What the operator is told of the copy that the next start makes. */
function copyToCome(file: string): string {
  const bytes = [file, `${file}-wal`].map((part) => statSync(part, { throwIfNoEntry: false })?.size ?? 0);
  const size = Math.max(1, Math.ceil(bytes.reduce((sum, size) => sum + size) / MIB));
  return `Before that the next start copies the database to "${nameOfCopy(file)}", of ${size} MiB at most.`;
}

/** A folder of our own for the copy that is looked at. Throws StoreRefused. */
function folderIn(temporary: string): string {
  try {
    return mkdtempSync(path.join(temporary, 'parlour-check-'));
  } catch (error) {
    throw temporaryRefused(temporary, error);
  }
}

/** With its log, if there is one: the database itself is not opened. */
function copyOf(file: string, copy: string): void {
  for (const end of ['', '-wal']) if (existsSync(`${file}${end}`)) copyFileSync(`${file}${end}`, `${copy}${end}`);
}

/** Whether an error is of writing the copy: the database itself is only read. */
const ofTheDisk = (error: unknown): boolean =>
  /^(ENO|EACCES|EROFS|EDQUOT|EIO|SQLITE_(FULL|CANTOPEN|READONLY|IOERR_(WRITE|FSYNC|TRUNCATE|SHM)))/.test(codeOf(error));

function temporaryRefused(temporary: string, error: unknown): StoreRefused {
  return new StoreRefused(
    'unreadable',
    `The folder for temporary files "${temporary}" cannot be used, or is full. It must have as much room as the database; name another one in the environment variable TMPDIR. (${messageOf(error)})`,
    { cause: error },
  );
}
