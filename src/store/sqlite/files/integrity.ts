/** `parlour check --integrity`: reads every page of the database and says whether they fit together. */
import { existsSync } from 'node:fs';
import type { Database } from 'better-sqlite3';
import { failed, messageOf } from '../failure';
import { reading } from './looking';
import { requireNative } from './native';

const KIBIBYTES_OF_CACHE = 64_000;
/** Faults that are told; more say nothing new. */
const MOST = 20;

/**
 * Sentences about what is wrong, none if it is sound. Nothing is written or left beside it; no Parlour may run on it. Throws StoreRefused if SQLite cannot be loaded.
 */
export function integrityFaults(database: string): string[] {
  requireNative();
  if (!existsSync(database)) return [];
  try {
    return reading(database, (db) => {
      db.pragma(`cache_size = -${KIBIBYTES_OF_CACHE}`);
      return faultsIn(db);
    });
  } catch (error) {
    return [messageOf(failed(error, database))];
  }
}

/** What does not fit together in an open database, in SQLite's words; none if it is sound. */
export function faultsIn(db: Database): string[] {
  const found = db.pragma(`integrity_check(${MOST})`) as { integrity_check: string }[];
  return found.map((row) => row.integrity_check.replaceAll('\n', ' ')).filter((text) => text !== 'ok');
}
