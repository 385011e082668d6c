/** Puts a backup in the place of the database while no Parlour runs: checked first, the replaced one kept aside, and nothing given twice that clients know from what is undone. */
import { closeSync, existsSync, openSync, readSync, renameSync, statSync } from 'node:fs';
import path from 'node:path';
import Sqlite, { type Database } from 'better-sqlite3';
import type { Millis } from '../../../room/contract/rows';
import { StoreRefused } from '../../failures';
import { copyIn, examined, requireBackup, type Found, type Taking } from './backup-taking';
import { erasedSince, NotComparable, type ErasedSince } from './erased-since';
import { messageOf, refused } from '../failure';
import { requireAlone, takeLock } from '../files/lock';
import { refuseForeignLog } from '../files/log-mark';
import { loadMigrations, pending } from '../files/migrations';
import { requireNative } from '../files/native';
import { onDisk } from '../files/on-disk';
import { realFile } from '../files/real-file';
import { markRestore } from './restore-mark';
import { remove, setAside, SIDES } from './setting-aside';

export interface RestoreOrder extends Taking {
  readonly now: Millis;
}

/** What was done, for the operator to be told. */
export interface Restored extends Found {
  /** Where the replaced database is; null: there was none. */
  readonly aside: string | null;
  /** Where that is which a database left that was not there any more. */
  readonly left: readonly string[];
  /** What the replaced one had erased since; a sentence: why that cannot be told; null: there was none. */
  readonly since: ErasedSince | string | null;
  /** Tokens of the API that had been revoked since, by name: they stay revoked. */
  readonly revoked: readonly string[];
}

/** Milliseconds for another program to let go of the file. */
const PATIENCE = 5_000;

/** A link to the database stays one. Throws StoreRefused with a sentence; the database is as it was then. */
export function restoreDatabase(given: RestoreOrder): Restored {
  requireNative();
  const order = { ...given, path: realFile(given.path) };
  try {
    requireBackup(order);
    const lock = takeLock(order.path);
    try {
      return replaced(order);
    } finally {
      lock.release();
    }
  } catch (error) {
    throw refused(error, order.path);
  }
}

function replaced(order: RestoreOrder): Restored {
  const { path: database, from } = order;
  const part = `${database}.restoring`;
  try {
    const there = existsSync(database) && statSync(database).size > 0;
    const whole = there && letGo(database);
    remove(part);
    copyIn(from, part);
    const found = examined(part, order);
    const { since, revoked } = there ? compare(part, database, whole) : { since: null, revoked: [] };
    jump(part, order.now, revoked);
    onDisk(part);
    const { database: aside, sides } = setAside(database, order.now);
    renameSync(part, database);
    onDisk(path.dirname(database));
    return { ...found, aside, left: aside === null ? sides : [], since, revoked };
  } finally {
    remove(part);
  }
}

/** Nobody has the present database open, and its log is folded. False: it cannot be read, and its log stays with it. Throws StoreRefused `in-use`. */
function letGo(database: string): boolean {
  // SQLite would remove the log of what is no database.
  if (!isDatabase(database)) return false;
  try {
    refuseForeignLog(database);
    requireAlone(database, PATIENCE);
    // A killed process leaves its `-shm` as well. It says nothing without a log, and does not go with it, since whoever is alone needs none.
    return !SIDES.some((end) => end !== '-shm' && existsSync(`${database}${end}`));
  } catch (error) {
    if (error instanceof StoreRefused && error.reason === 'in-use') throw error;
    return false;
  }
}

function isDatabase(file: string): boolean {
  const head = Buffer.alloc(15);
  const opened = openSync(file, 'r');
  try {
    return readSync(opened, head) === head.length && head.toString('latin1') === 'SQLite format 3';
  } finally {
    closeSync(opened);
  }
}

/** Why the replaced database cannot be asked stands in the place of what it would say. */
function compare(part: string, database: string, whole: boolean): Pick<Restored, 'since' | 'revoked'> {
  if (!whole) return { since: 'the replaced database cannot be read', revoked: [] };
  const db = new Sqlite(part, { fileMustExist: true });
  try {
    if (pending(db, loadMigrations(), part).length > 0) return { since: 'the backup is of an earlier version of Parlour', revoked: [] };
    db.prepare('ATTACH ? AS later').run(database);
    const revoked = db
      .prepare('SELECT name FROM token WHERE hash NOT IN (SELECT hash FROM later.token) ORDER BY name')
      .pluck()
      .all() as string[];
    db.exec('DETACH later');
    return { since: sinceBackup(part, database), revoked };
  } catch (error) {
    return { since: `the replaced database cannot be read (${messageOf(error)})`, revoked: [] };
  } finally {
    db.close();
  }
}

function sinceBackup(part: string, database: string): ErasedSince | string {
  try {
    return erasedSince(part, database, 'backup');
  } catch (error) {
    if (error instanceof NotComparable) return 'the replaced database did not go on from this backup';
    throw error;
  }
}

/**
 * Clients, plug-ins and programs know numbers from what is undone. Each of these numbers goes on from the time of day in microseconds, which is above any that was given before, also if
 * one backup is restored twice: none is counted up a million times a second. Ids of messages are of their time and of chance; occupant-ids are made of the room's secret. What
 * a room still had to say at the backup, it has said since.
 */
function jump(part: string, now: Millis, revoked: readonly string[]): void {
  const db = new Sqlite(part, { fileMustExist: true });
  const least = now * 1_000;
  try {
    db.transaction(() => {
      db.prepare('UPDATE counters SET rev = max(rev, ?)').run(least);
      db.exec('UPDATE counters SET delivered_rev = rev; DELETE FROM saying');
      // Of events, acts of the audit trail, rooms and processes.
      db.prepare("UPDATE sqlite_sequence SET seq = max(seq, ?) WHERE name IN ('event', 'audit')").run(least);
      for (const name of ['event', 'audit'])
        if (has(db, name))
          db.prepare(
            'INSERT INTO sqlite_sequence (name, seq) SELECT @name, @least WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = @name)',
          ).run({ name, least });
      for (const name of revoked) db.prepare('DELETE FROM token WHERE name = ?').run(name);
      markRestore(db, now);
    }).immediate();
  } finally {
    db.close();
  }
}

const has = (db: Database, table: string): boolean =>
  db.prepare('SELECT count(*) FROM sqlite_master WHERE name = ?').pluck().get(table) === 1;
