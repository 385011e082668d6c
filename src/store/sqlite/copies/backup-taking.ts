/** A backup that is to be restored: whether it can be, and a copy of it beside the database. */
import { closeSync, existsSync, openSync, readSync, statSync, writeSync } from 'node:fs';
import path from 'node:path';
import Sqlite, { type Database } from 'better-sqlite3';
import type { Millis } from '../../../room/contract/rows';
import type { Domain } from '../../../xmpp/fold';
import { StoreRefused } from '../../failures';
import { roomFor } from '../files/disk-room';
import { domainsOfRooms } from '../files/domains';
import { messageOf } from '../failure';
import { faultsIn } from '../files/integrity';
import { refuseForeignLog } from '../files/log-mark';
import { identify, loadMigrations, pending } from '../files/migrations';
import { named, requireReadable } from '../files/readable';
import { realFile } from '../files/real-file';

/** Where from and where to. */
export interface Taking {
  /** The database. */
  readonly path: string;
  /** The backup. */
  readonly from: string;
  /** That of the rooms, as the configuration has it. */
  readonly domain: Domain;
}

/** What is in a backup. */
export interface Found {
  readonly rooms: number;
  readonly messages: number;
  /** Time of the latest thing that was said in it; 0: nothing. */
  readonly upTo: Millis;
}

/** Milliseconds for another program to let go of the file. */
const PATIENCE = 5_000;
const SPARE = 64 * 1024 * 1024;
/** Bytes that are copied at once. */
const CHUNK = 1024 * 1024;
const WHAT = 'The backup';

/** Throws StoreRefused if the file cannot be a backup. */
export function requireBackup({ path: database, from }: Pick<Taking, 'path' | 'from'>): void {
  const there = requireReadable(
    from,
    WHAT,
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

/** With its log, if it is a copy that was made of the file alone. */
export function copyIn(from: string, part: string): void {
  const real = realFile(from);
  for (const end of ['', '-wal']) if (existsSync(`${real}${end}`)) copyFile(`${real}${end}`, `${part}${end}`);
}

/** The new file is its owner's from its first byte on, whatever mode the other one has: rooms' secrets and messages are in it. */
function copyFile(from: string, to: string): void {
  const bytes = Buffer.allocUnsafe(CHUNK);
  const source = named(from, WHAT, () => openSync(from, 'r'));
  try {
    const target = openSync(to, 'wx', 0o600);
    try {
      for (;;) {
        const read = named(from, WHAT, () => readSync(source, bytes, 0, CHUNK, null));
        if (read === 0) return;
        for (let done = 0; done < read;) done += writeSync(target, bytes, done, read - done);
      }
    } finally {
      closeSync(target);
    }
  } finally {
    closeSync(source);
  }
}

/** Throws StoreRefused if it is no database of Parlour's, of these rooms, that this program knows and that is sound. */
export function examined(part: string, { from, domain }: Pick<Taking, 'from' | 'domain'>): Found {
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
        "SELECT (SELECT count(*) FROM room WHERE state <> 'destroyed') AS rooms, (SELECT messages FROM progress) AS messages, coalesce((SELECT max(stamp) FROM counters), 0) AS upTo",
      )
      .get() as Found;
  } catch (error) {
    throw error instanceof StoreRefused
      ? error
      : new StoreRefused('unreadable', `"${from}" is damaged, or no backup of Parlour's. Take another one. (${messageOf(error)})`, {
          cause: error,
        });
  } finally {
    db?.close();
  }
}
