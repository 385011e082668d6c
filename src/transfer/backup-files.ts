/** Backups in their folder: how their files are called, and which files there are ours. */
import { closeSync, openSync, readSync, readdirSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import type { Millis } from '../room/contract/rows';
import type { Domain } from '../xmpp/fold';

/** Who wanted it. Only those by the clock take each other's place. */
export type BackupKind = 'by-hand' | 'scheduled';

export interface BackupFile {
  /** Without its folder. */
  readonly name: string;
  readonly kind: BackupKind;
  /** When it was begun, in whole seconds. */
  readonly at: Millis;
  readonly bytes: number;
}

const END: Readonly<Record<BackupKind, string>> = { 'by-hand': '.db', scheduled: '-scheduled.db' };
/** Longest part of a name that is made of the domain, in characters: a name has 255 bytes. */
const MOST_OF_DOMAIN = 50;

/** Several Parlours may share a folder. */
function beginOf(domain: Domain): string {
  return `parlour-${domain.replaceAll(/[^\p{L}\p{N}.-]/gu, '_').slice(0, MOST_OF_DOMAIN)}-`;
}

/** The name of a backup of the rooms of this domain: `parlour-rooms.example.com-20260131T235959Z.db`. */
export function backupName(domain: Domain, at: Millis, kind: BackupKind): string {
  const digits = new Date(at).toISOString().replace(/\.\d+/, '').replaceAll(/[-:]/g, '');
  return beginOf(domain) + digits + END[kind];
}

/** Undefined: it is none of ours. */
function read(domain: Domain, name: string): Pick<BackupFile, 'kind' | 'at'> | undefined {
  const begin = beginOf(domain);
  const found = name.startsWith(begin) ? /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z(-scheduled)?\.db$/.exec(name.slice(begin.length)) : null;
  if (!found) return undefined;
  const [, year, month, day, hour, minute, second, scheduled] = found;
  const at = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(at) ? undefined : { kind: scheduled === undefined ? 'by-hand' : 'scheduled', at };
}

/** It is not there any more, or not for this user: the copy of an administrator, say. */
const UNSEEN: ReadonlySet<string | undefined> = new Set(['ENOENT', 'EACCES', 'EPERM']);

/** "SQLite format 3", and at byte 68 "Prlr": the number of Parlour's databases. What has gone meanwhile, or is closed to this user, is none that could be named or removed. */
function isDatabaseOfOurs(file: string): boolean {
  const head = Buffer.alloc(72);
  let opened: number;
  try {
    opened = openSync(file, 'r');
  } catch (error) {
    if (UNSEEN.has((error as NodeJS.ErrnoException).code)) return false;
    throw error;
  }
  try {
    return (
      readSync(opened, head) === head.length && head.toString('latin1', 0, 15) === 'SQLite format 3' && head.readUInt32BE(68) === 0x50726c72
    );
  } finally {
    closeSync(opened);
  }
}

/** Backups of this domain's rooms in a folder, the latest first; what else is there is not named. Throws what the file system throws. */
export function backupsIn(folder: string, domain: Domain): BackupFile[] {
  return readdirSync(folder, { withFileTypes: true })
    .flatMap((entry): BackupFile[] => {
      const what = entry.isFile() ? read(domain, entry.name) : undefined;
      const file = path.join(folder, entry.name);
      return what && isDatabaseOfOurs(file)
        ? [{ ...what, name: entry.name, bytes: statSync(file, { throwIfNoEntry: false })?.size ?? 0 }]
        : [];
    })
    .sort((a, b) => b.at - a.at || (a.name < b.name ? 1 : -1));
}

/** What a backup is written to, and what SQLite has beside it. */
const PARTIAL = /\.partial(?:-journal|-wal|-shm)?$/;

/**
 * Removes what backups of this domain's rooms left that did not come to their end, because the process was killed. `before`: nothing that was written to since then, which is perhaps
 * being made. Throws what the file system throws.
 */
export function removeLeftovers(folder: string, domain: Domain, before: Millis): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (!entry.isFile() || !PARTIAL.test(entry.name) || !read(domain, entry.name.replace(PARTIAL, ''))) continue;
    const file = path.join(folder, entry.name);
    const written = statSync(file, { throwIfNoEntry: false })?.mtimeMs;
    if (written !== undefined && written < before) rmSync(file, { force: true });
  }
}
