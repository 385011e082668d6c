/** `parlour check --integrity`: reads every page of the database and says whether they fit together. */
import { existsSync } from 'node:fs';
import type { Database } from 'better-sqlite3';
import { openForReading } from './connection';
import { failed, messageOf } from './failure';
import { requireNative } from './native';

/** Faults that are told; more say nothing new. */
const MOST = 20;

/**
 * Sentences about what is wrong, none if it is sound. Nothing is written, and a running Parlour goes on.
 * Throws StoreRefused if the database cannot be opened.
 */
export function integrityFaults(database: string): string[] {
  requireNative();
  if (!existsSync(database)) return [];
  const db = openForReading({ path: database, durability: 'full', busyTimeout: 5_000 });
  try {
    return faultsIn(db);
  } catch (error) {
    return [messageOf(failed(error, database))];
  } finally {
    db.close();
  }
}

/** What does not fit together in an open database, in SQLite's words; none if it is sound. */
export function faultsIn(db: Database): string[] {
  const found = db.pragma(`integrity_check(${MOST})`) as { integrity_check: string }[];
  return found.map((row) => row.integrity_check.replaceAll('\n', ' ')).filter((text) => text !== 'ok');
}
