/** Copies the database page by page as of one moment, checks the copy, and gives it its name when it is on the disk. */
import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import Sqlite, { type Database } from 'better-sqlite3';
import type { Copied } from '../../copies';
import { StoreFailed } from '../../failures';
import { openForReading } from '../files/connection';
import { roomFor } from '../files/disk-room';
import { codeOf, messageOf } from '../failure';
import { faultsIn } from '../files/integrity';
import { identify } from '../files/migrations';
import { onDisk } from '../files/on-disk';

export interface CopyOrder {
  /** The database. */
  readonly path: string;
  /** The file to make. */
  readonly into: string;
  /** Milliseconds to wait for a lock. */
  readonly busyTimeout: number;
}

/** Pages of one step: 1 MiB. Between two steps it is seen whether the copy is still wanted. */
const PAGES = 256;
/** Pages after which the copy is brought to the disk: all at once at the end would delay the commits of the service. */
const PAGES_BETWEEN_SYNCS = 4_096;
const MIB = 1024 * 1024;
/** What must stay free on the disks, in bytes. */
const SPARE = 64 * MIB;

/** What a copy is written to until it is whole. */
export const partialOf = (into: string): string => `${into}.partial`;

/** Removes what an earlier try, or this one, has left. */
export function removePartial(into: string): void {
  for (const end of ['', '-journal', '-wal', '-shm']) rmSync(`${partialOf(into)}${end}`, { force: true });
}

/**
 * Makes the copy. `tell` is told how much is copied, from 0 to 1. Commits go on: the state of the beginning is held by a read transaction, which keeps the log from being folded, so
 * that the log grows by what is committed meanwhile. Throws StoreFailed.
 */
export async function copyDatabase(order: CopyOrder, tell: (done: number) => void): Promise<Copied> {
  const { path: source, into } = order;
  const partial = partialOf(into);
  try {
    if (existsSync(into)) throw new StoreFailed('unavailable', `"${into}" is there already.`);
    requireSpace(order);
    removePartial(into);
    // Rooms' secrets are in it from its first page on.
    closeSync(openSync(partial, 'wx', 0o600));
    const held = await copyPages(order, tell);
    const copied = checked(source, partial, held);
    onDisk(partial);
    renameSync(partial, into);
    onDisk(path.dirname(into));
    return copied;
  } catch (error) {
    removePartial(into);
    throw error instanceof StoreFailed ? error : ofTheCopy(into, error);
  }
}

/** Rooms and messages. */
type Held = Omit<Copied, 'bytes'>;

async function copyPages(order: CopyOrder, tell: (done: number) => void): Promise<Held> {
  const { path: source, into, busyTimeout } = order;
  const db = openForReading({ path: source, durability: 'full', busyTimeout });
  const partial = openSync(partialOf(into), 'r');
  try {
    identify(db, source);
    // Without it the copy would begin anew with each commit.
    db.exec('BEGIN');
    const held = heldIn(db);
    let synced = 0;
    await db.backup(partialOf(into), {
      progress: ({ totalPages, remainingPages }) => {
        const copied = totalPages - remainingPages;
        if (copied - synced < PAGES_BETWEEN_SYNCS) return PAGES;
        synced = copied;
        fsyncSync(partial);
        requireLogSpace(source);
        tell(copied / totalPages);
        return PAGES;
      },
    });
    return held;
  } finally {
    db.close();
    closeSync(partial);
  }
}

function heldIn(db: Database): Held {
  return db
    .prepare("SELECT (SELECT count(*) FROM room WHERE state <> 'destroyed') AS rooms, (SELECT messages FROM progress) AS messages")
    .get() as Held;
}

/** Since pages are copied as they are, what is found here is true of the database too. */
function checked(source: string, partial: string, held: Held): Copied {
  const db = new Sqlite(partial);
  try {
    // In the other mode a copy cannot be opened where nothing can be written beside it.
    if (db.pragma('journal_mode = DELETE', { simple: true }) !== 'delete') throw new Error('it stays in WAL mode');
    const faults = faultsIn(db);
    if (faults.length > 0)
      throw new StoreFailed(
        'broken',
        `The database "${source}" is not sound, and so is its copy: ${faults[0]}. Keep the last good backup; run "parlour check --integrity" while Parlour is stopped.`,
      );
    const found = heldIn(db);
    if (found.rooms !== held.rooms || found.messages !== held.messages)
      throw new Error(`it holds ${found.rooms} rooms and ${found.messages} messages instead of ${held.rooms} and ${held.messages}`);
    return { ...found, bytes: statSync(partial).size };
  } finally {
    db.close();
  }
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

/** Throws StoreFailed if the copy, and what is committed meanwhile, would not find room. */
function requireSpace({ path: source, into }: CopyOrder): void {
  const bytes = sizeOf(source) + sizeOf(`${source}-wal`);
  const free = roomFor(into);
  if (free !== undefined && free < bytes + SPARE)
    throw new StoreFailed(
      'full',
      `The folder "${path.dirname(into)}" has ${mib(free)} MiB left, and the copy needs ${mib(bytes + SPARE)}. Free some space, or name another folder in backups.folder.`,
    );
  requireLogSpace(source);
}

/** The log must find the room to be folded, as `log-keeper.ts` wants it. */
function requireLogSpace(source: string): void {
  const free = roomFor(source);
  const log = sizeOf(`${source}-wal`);
  if (free !== undefined && free < SPARE + 4 * log)
    throw new StoreFailed(
      'full',
      `The disk of the database "${source}" has ${mib(free)} MiB left, and its log, which grows while it is copied, has ${mib(log)}. Free some space.`,
    );
}

const mib = (bytes: number): number => Math.ceil(bytes / MIB);

function ofTheCopy(into: string, error: unknown): StoreFailed {
  const code = codeOf(error);
  const full = /^(ENOSPC|EDQUOT|SQLITE_FULL)/.test(code);
  const what = full
    ? 'The disk is full: free some space'
    : 'Make its folder writable for the user Parlour runs as, or name another one in backups.folder';
  const tail = `(${code === '' ? '' : `${code}: `}${messageOf(error)})`;
  return new StoreFailed(full ? 'full' : 'unavailable', `The copy "${into}" could not be made. ${what}. ${tail}`, { cause: error });
}
