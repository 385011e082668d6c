/** Opening the database file: what is checked, and the settings that hold on every open. */
import { accessSync, closeSync, constants, openSync, statSync } from 'node:fs';
import path from 'node:path';
import Sqlite, { type Database } from 'better-sqlite3';
import type { RowDeclaration } from '../../../room/contract/row-declaration';
import { foldBare, type Domain } from '../../../xmpp/fold';
import { StoreRefused } from '../../failures';
import { requireDomain } from './domains';
import { codeOf, refused } from '../failure';
import { copyAside } from '../folding/copy';
import { foldDatabase, needsFold, registerFold } from '../folding/fold';
import { foldLog } from './log-keeper';
import { applyMigration, identify, loadMigrations, pending } from './migrations';

/** How the database is opened; the same for both threads. */
export interface ConnectionOptions {
  readonly path: string;
  /** `full`: a commit survives power loss. `normal`: it survives the end of the process, but power loss may take the last ones. */
  readonly durability: 'full' | 'normal';
  /** Milliseconds to wait for another program's lock. */
  readonly busyTimeout: number;
  /** That of the rooms: a database whose rooms are all of another one is refused for writing. Left out: any will do. */
  readonly domain?: Domain;
}

const KIBIBYTES_OF_CACHE = 64_000;
/** A log that a large batch or a long read made grow beyond the bounds of `log-keeper.ts` is cut down to this. */
const BYTES_OF_LOG_KEPT = 16 * 1024 * 1024;
/** Milliseconds for readers of a writer that died. */
const READERS_WAIT = 20;

/**
 * Makes sure that the file exists and is writable; otherwise SQLite would silently open it read-only.
 * Throws StoreRefused `unreadable`.
 */
export function prepareFile(file: string): void {
  const folder = path.dirname(file);
  try {
    if (!statSync(folder).isDirectory())
      throw new StoreRefused('unreadable', `"${folder}" is not a folder. Name another path for the database.`);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw refused(error, file);
    throw new StoreRefused('unreadable', `The folder "${folder}" does not exist. Create it, or name another path for the database.`, {
      cause: error,
    });
  }
  try {
    // Rooms' secrets and messages are in it: for its owner only. SQLite gives its side files the same mode.
    closeSync(openSync(file, 'a', 0o600));
    accessSync(folder, constants.W_OK);
  } catch (error) {
    if (codeOf(error) === 'EISDIR')
      throw new StoreRefused('unreadable', `"${file}" is a folder. Name a file for the database.`, { cause: error });
    throw refused(error, file);
  }
}

/** A database that is open for writing, and what was done to bring it up to date. */
export interface Opened {
  readonly db: Database;
  /** Migrations that were applied, by name. */
  readonly applied: string[];
  /** The result of folding its addresses, in sentences for the operator. */
  readonly told: string[];
}

/** Opens for writing, bringing schema and addresses up to date. `rows`: what features keep. Throws StoreRefused. */
export function openForWriting(options: ConnectionOptions, now: number, rows: readonly RowDeclaration[]): Opened {
  let db: Database | undefined;
  try {
    db = new Sqlite(options.path, { timeout: options.busyTimeout });
    const ours = identify(db, options.path) === 'ours';
    registerFold(db);
    if (options.domain !== undefined) requireDomain(db, options.path, options.domain, foldBare);
    const copy = ours && needsFold(db, rows) ? copyAside(db, options.path) : undefined;
    const steps = pending(db, loadMigrations(), options.path);
    // The file's layout comes first: the change to WAL already writes the first page.
    const layout = steps.findIndex((step) => step.inTransaction);
    for (const step of steps.slice(0, layout === -1 ? steps.length : layout)) applyMigration(db, step, now);
    setUp(db, options);
    // The file itself gets a number that no copy has which was made while it was closed, and the log that begins gets the next one.
    for (let i = 0; i < 2; i++) foldLog(db, 'TRUNCATE', READERS_WAIT, options.busyTimeout);
    for (const step of layout === -1 ? [] : steps.slice(layout)) applyMigration(db, step, now);
    refuseReadOnly(db);
    const told = foldDatabase(db, rows);
    if (copy !== undefined)
      told.unshift(`Before its addresses were folded the database was copied to "${copy}". Delete the copy when all is well.`);
    return { db, applied: steps.map((step) => step.name), told };
  } catch (error) {
    db?.close();
    throw refused(error, options.path);
  }
}

/** Opens for reading only; the writer has been there before. Throws StoreRefused. */
export function openForReading(options: ConnectionOptions): Database {
  try {
    const db = new Sqlite(options.path, { readonly: true, timeout: options.busyTimeout });
    db.pragma(`cache_size = -${KIBIBYTES_OF_CACHE}`);
    db.pragma('trusted_schema = OFF');
    return db;
  } catch (error) {
    throw refused(error, options.path);
  }
}

/** Settings that belong to the connection. `synchronous` is set every time: this build's default for WAL is NORMAL. */
function setUp(db: Database, options: ConnectionOptions): void {
  const mode = db.pragma('journal_mode = WAL', { simple: true });
  if (mode !== 'wal') {
    throw new StoreRefused(
      'unreadable',
      `The file system of "${options.path}" does not support SQLite's write-ahead log. Put the database on a local disk.`,
    );
  }
  db.pragma(`synchronous = ${options.durability === 'full' ? 'FULL' : 'NORMAL'}`);
  db.pragma(`cache_size = -${KIBIBYTES_OF_CACHE}`);
  db.pragma('wal_autocheckpoint = 0');
  db.pragma(`journal_size_limit = ${BYTES_OF_LOG_KEPT}`);
  db.pragma('secure_delete = ON');
  db.pragma('trusted_schema = OFF');
}

/** A file that may not be written is refused now, not at the first message. A full disk is not: it may pass. */
function refuseReadOnly(db: Database): void {
  try {
    db.prepare('UPDATE progress SET batch = batch').run();
  } catch (error) {
    if (!codeOf(error).startsWith('SQLITE_FULL')) throw error;
  }
}
