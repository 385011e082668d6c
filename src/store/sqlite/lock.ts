/** One process per database: a tiny SQLite file beside it is held under an exclusive transaction, which ends with the process. */
import { existsSync, realpathSync } from 'node:fs';
import path from 'node:path';
import Sqlite from 'better-sqlite3';
import { StoreRefused } from '../store';
import { codeOf, refused } from './failure';
import { requireNative } from './native';

export interface Lock {
  release(): void;
}

/** Milliseconds: somebody who only asks `isHeld` is gone long before. */
const PATIENCE = 200;

/** The lock's file. Links are followed, so that two names of one database have one lock. */
export function lockFile(database: string): string {
  const real = existsSync(database) ? realpathSync(database) : path.join(realpathSync(path.dirname(database)), path.basename(database));
  return `${real}-lock`;
}

/** Takes the lock. Throws StoreRefused: `in-use` if another process has it. */
export function takeLock(database: string): Lock {
  let db: Sqlite.Database | undefined;
  try {
    db = new Sqlite(lockFile(database), { timeout: PATIENCE });
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
    throw refused(error, lockFile(database));
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
