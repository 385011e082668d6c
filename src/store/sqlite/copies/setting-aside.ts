/** The files that are one database: it and what SQLite keeps beside it. They go together, to another name or away. */
import { existsSync, linkSync, renameSync, rmSync } from 'node:fs';
import type { Millis } from '../../../room/contract/rows';

export const SIDES = ['-wal', '-shm', '-journal'] as const;

/** Removes all of them that there are. */
export function remove(file: string): void {
  for (const end of ['', ...SIDES]) rmSync(`${file}${end}`, { force: true });
}

/** Where they are now. */
export interface Aside {
  /** The database; null: there was none. */
  readonly database: string | null;
  /** What lay beside it, under its new names. */
  readonly sides: readonly string[];
}

/**
 * A replaced database gets another name, with what belongs to it; its own stays until the backup takes it. What a database left that is not there any more goes too: SQLite would take it for
 * that of the backup.
 */
export function setAside(database: string, now: Millis): Aside {
  const there = existsSync(database);
  const sides = SIDES.filter((end) => existsSync(`${database}${end}`));
  const aside = freeName(database, now);
  if (there) {
    try {
      linkSync(database, aside);
    } catch {
      // A file system without links.
      renameSync(database, aside);
    }
  }
  for (const end of sides) renameSync(`${database}${end}`, `${aside}${end}`);
  return { database: there ? aside : null, sides: sides.map((end) => `${aside}${end}`) };
}

/** None of the files under it is there. */
function freeName(database: string, now: Millis): string {
  const time = new Date(now).toISOString().replace(/\.\d+/, '').replaceAll(/[-:]/g, '');
  const name = `${database}-replaced-${time}`;
  const taken = (one: string): boolean => ['', ...SIDES].some((end) => existsSync(`${one}${end}`));
  let aside = name;
  for (let n = 2; taken(aside); n++) aside = `${name}.${n}`;
  return aside;
}
