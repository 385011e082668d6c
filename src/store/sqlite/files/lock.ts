/**
 * One process per database: a tiny SQLite file beside it is held under an exclusive transaction, which ends with the process. Since that
 * file goes by the database's name, it is also made sure at the start that nobody has the database itself open, under whatever name.
 */
import { closeSync, existsSync, openSync, realpathSync, statSync } from 'node:fs';
import path from 'node:path';
import Sqlite from 'better-sqlite3';
import { StoreRefused } from '../../failures';
import { codeOf, messageOf, reasonOf, refused } from '../failure';
import { requireNative } from './native';
import { realFile } from './real-file';

export interface Lock {
  release(): void;
}

/** Milliseconds: `isHeld` holds the lock for much less. */
const PATIENCE = 200;

/** The lock's file. Links are followed, so that two names of one database have one lock. */
function lockFile(database: string): string {
  const file = realFile(database);
  const real = existsSync(file) ? realpathSync(file) : path.join(realpathSync(path.dirname(file)), path.basename(file));
  return `${real}-lock`;
}

/** Takes the lock. Throws StoreRefused: `in-use` if another process has it. */
export function takeLock(database: string): Lock {
  const file = lockFile(database);
  let db: Sqlite.Database | undefined;
  try {
    // SQLite would open a read-only file for reading, and a reader locks nobody out.
    closeSync(openSync(file, 'a', 0o600));
    db = new Sqlite(file, { timeout: PATIENCE });
    db.exec('BEGIN EXCLUSIVE');
    const held = db;
    return { release: () => held.close() };
  } catch (error) {
    db?.close();
    if (codeOf(error).startsWith('SQLITE_BUSY')) {
      throw new StoreRefused(
        'in-use',
        `Another Parlour is running on the database "${database}". Stop it first, or name another path for this one.`,
        { cause: error },
      );
    }
    if (/^(ENOSPC|EDQUOT)/.test(codeOf(error)) || reasonOf(codeOf(error)) === 'full') throw refused(error, database);
    throw new StoreRefused(
      'unreadable',
      `The lock "${file}" of the database cannot be taken. Make it writable for the user Parlour runs as, or remove it while no Parlour runs. (${messageOf(error)})`,
      { cause: error },
    );
  }
}

/**
 * Makes sure that nobody has the database open: not another Parlour by a hard link or with another lock, nor any other program. Whoever
 * has it open in WAL mode holds a shared lock on the file itself. Folds a log that is there. Waits `patience` milliseconds.
 * Throws StoreRefused `in-use`.
 */
export function requireAlone(database: string, patience: number): void {
  if (statSync(database).size === 0) return;
  let db: Sqlite.Database | undefined;
  try {
    db = new Sqlite(database, { timeout: patience });
    db.pragma('locking_mode = EXCLUSIVE');
    db.exec('BEGIN EXCLUSIVE; ROLLBACK');
  } catch (error) {
    // Any other error occurs again, and is reported, when the database is opened for use.
    if (!/^SQLITE_(BUSY|LOCKED)/.test(codeOf(error))) return;
    throw new StoreRefused(
      'in-use',
      `The database "${database}" is open in another program: another Parlour under another name of the file, a shell, or a copy that is being made. End that program first. (${messageOf(error)})`,
      { cause: error },
    );
  } finally {
    db?.close();
  }
}

/**
 * Whether a running Parlour holds this database, for `parlour check`; takes nothing from it.
 * Throws StoreRefused if that cannot be told.
 */
export function isHeld(database: string): boolean {
  requireNative();
  if (!existsSync(path.dirname(database)) || !existsSync(lockFile(database))) return false;
  let db: Sqlite.Database | undefined;
  try {
    db = new Sqlite(lockFile(database), { readonly: true, fileMustExist: true, timeout: 0 });
    db.prepare('SELECT count(*) FROM sqlite_master').get();
    return false;
  } catch (error) {
    if (codeOf(error).startsWith('SQLITE_BUSY')) return true;
    throw refused(error, lockFile(database));
  } finally {
    db?.close();
  }
}
