/** Puts a backup in the place of the database while no Parlour runs: checked first, the replaced one kept aside, and nothing given twice that clients know from what is undone. */
import { closeSync, constants, copyFileSync, existsSync, linkSync, openSync, readSync, renameSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import Sqlite, { type Database } from 'better-sqlite3';
import type { Millis } from '../../room/contract/rows';
import type { Domain } from '../../xmpp/fold';
import { StoreRefused } from '../failures';
import { roomFor } from './disk-room';
import { domainsOfRooms } from './domains';
import { erasedSince, type ErasedSince } from './erased-since';
import { messageOf, refused } from './failure';
import { faultsIn } from './integrity';
import { requireAlone, takeLock } from './lock';
import { refuseForeignLog } from './log-mark';
import { identify, loadMigrations, pending } from './migrations';
import { requireNative } from './native';
import { onDisk } from './on-disk';

export interface RestoreOrder {
  /** The database. */
  readonly path: string;
  /** The backup. */
  readonly from: string;
  /** That of the rooms, as the configuration has it. */
  readonly domain: Domain;
  readonly now: Millis;
}

/** What was done, for the operator to be told. */
export interface Restored {
  readonly rooms: number;
  readonly messages: number;
  /** Time of the latest thing that was said in it; 0: nothing. */
  readonly upTo: Millis;
  /** Where the replaced database is; null: there was none. */
  readonly aside: string | null;
  /** What the replaced one had erased since; a sentence: why that cannot be told; null: there was none. */
  readonly since: ErasedSince | string | null;
  /** Tokens of the API that had been revoked since, by name: they stay revoked. */
  readonly revoked: readonly string[];
}

const SIDES = ['-wal', '-shm', '-journal'] as const;
/** Milliseconds for another program to let go of the file. */
const PATIENCE = 5_000;
const SPARE = 64 * 1024 * 1024;

/** Throws StoreRefused with a sentence; the database is as it was then. */
export function restoreDatabase(order: RestoreOrder): Restored {
  requireNative();
  const { path: database, from } = order;
  requireBackup(order);
  const lock = takeLock(database);
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
    const aside = existsSync(database) ? setAside(database, order.now) : null;
    renameSync(part, database);
    onDisk(path.dirname(database));
    return { ...found, aside, since, revoked };
  } catch (error) {
    throw refused(error, database);
  } finally {
    remove(part);
    lock.release();
  }
}

function remove(file: string): void {
  for (const end of ['', ...SIDES]) rmSync(`${file}${end}`, { force: true });
}

/** Throws StoreRefused if the file cannot be a backup. */
function requireBackup({ path: database, from }: RestoreOrder): void {
  const there = statSync(from, { throwIfNoEntry: false });
  if (!there)
    throw new StoreRefused(
      'unreadable',
      `There is no file "${from}". \`parlour backup\` makes backups, and backups.folder says where they are.`,
    );
  if (!there.isFile()) throw new StoreRefused('unreadable', `"${from}" is not a file. Name a backup.`);
  const own = statSync(database, { throwIfNoEntry: false });
  if (!existsSync(path.dirname(database)))
    throw new StoreRefused(
      'unreadable',
      `The folder "${path.dirname(database)}" of the database does not exist. Make it, or set database.database.`,
    );
  if (own?.ino === there.ino && own.dev === there.dev)
    throw new StoreRefused('unreadable', `"${from}" is the database itself. Name a backup.`);
  const [free, needed] = [roomFor(database), there.size + SPARE];
  if (free !== undefined && free < needed)
    throw new StoreRefused(
      'unreadable',
      `The disk of the database "${database}" has ${Math.floor(free / 2 ** 20)} MiB left, and the backup needs ${Math.ceil(needed / 2 ** 20)}, since the database is kept. Free some space.`,
    );
}

/** Nobody has the present database open, and its log is folded. False: it cannot be read, and its log stays with it. Throws StoreRefused `in-use`. */
function letGo(database: string): boolean {
  // SQLite would remove the log of what is no database.
  if (!isDatabase(database)) return false;
  try {
    refuseForeignLog(database);
    requireAlone(database, PATIENCE);
    return !SIDES.some((end) => existsSync(`${database}${end}`));
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

/** With its log, if it is a copy that was made of the file alone. */
function copyIn(from: string, part: string): void {
  for (const end of ['', '-wal']) if (existsSync(`${from}${end}`)) copyFileSync(`${from}${end}`, `${part}${end}`, constants.COPYFILE_EXCL);
}

/** Throws StoreRefused if it is no database of Parlour's, of these rooms, that this program knows and that is sound. */
function examined(part: string, { from, domain }: RestoreOrder): Pick<Restored, 'rooms' | 'messages' | 'upTo'> {
  let db: Database | undefined;
  try {
    refuseForeignLog(part);
    db = new Sqlite(part, { timeout: PATIENCE });
    if (identify(db, from) === 'new') throw new StoreRefused('not-ours', `"${from}" is empty. Name a backup of Parlour's database.`);
    pending(db, loadMigrations(), from);
    // Side files of its own would not go with it.
    db.pragma('journal_mode = DELETE');
    const faults = faultsIn(db);
    if (faults.length > 0) throw new StoreRefused('unreadable', `The backup "${from}" is not sound: ${faults[0]}. Take another one.`);
    const domains = domainsOfRooms(db);
    if (domains.length > 0 && !domains.includes(domain))
      throw new StoreRefused(
        'not-ours',
        `The rooms of the backup "${from}" are at ${domains.join(', ')}, and component.domain is "${domain}". Restore it with the configuration of that domain; \`parlour change-domain\` moves its rooms afterwards.`,
      );
    return db
      .prepare(
        'SELECT (SELECT count(*) FROM room) AS rooms, (SELECT messages FROM progress) AS messages, coalesce((SELECT max(stamp) FROM counters), 0) AS upTo',
      )
      .get() as Pick<Restored, 'rooms' | 'messages' | 'upTo'>;
  } catch (error) {
    throw error instanceof StoreRefused
      ? error
      : new StoreRefused('unreadable', `The backup "${from}" cannot be used. (${messageOf(error)})`, { cause: error });
  } finally {
    db?.close();
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
    return { since: erasedSince(part, database), revoked };
  } catch (error) {
    return { since: `the replaced database cannot be read (${messageOf(error)})`, revoked: [] };
  } finally {
    db.close();
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
    }).immediate();
  } finally {
    db.close();
  }
}

const has = (db: Database, table: string): boolean =>
  db.prepare('SELECT count(*) FROM sqlite_master WHERE name = ?').pluck().get(table) === 1;

/** The replaced database gets another name, with what belongs to it; its own stays until the backup takes it. */
function setAside(database: string, now: Millis): string {
  const time = new Date(now).toISOString().replace(/\.\d+/, '').replaceAll(/[-:]/g, '');
  let aside = `${database}-replaced-${time}`;
  for (let n = 2; existsSync(aside); n++) aside = `${database}-replaced-${time}.${n}`;
  try {
    linkSync(database, aside);
  } catch {
    // A file system without links.
    renameSync(database, aside);
  }
  for (const end of SIDES) if (existsSync(`${database}${end}`)) renameSync(`${database}${end}`, `${aside}${end}`);
  return aside;
}
