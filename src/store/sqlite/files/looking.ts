/** Looks at a database that nobody has open: nothing in it changes, and nothing is left beside it. */
import { accessSync, constants, existsSync, rmSync } from 'node:fs';
import Sqlite, { type Database } from 'better-sqlite3';
import type { RowDeclaration } from '../../../room/contract/row-declaration';
import { foldBare, type Domain } from '../../../xmpp/fold';
import { requireDomain } from './domains';
import { refused } from '../failure';
import { needsFold, registerFold } from '../folding/fold';
import { refuseForeignLog } from './log-mark';
import { identify, loadMigrations, pending } from './migrations';
import { requireNative } from './native';
import { realFile } from './real-file';

/** What the next start would do to it. */
export interface Look {
  /** How many steps it is behind. */
  readonly steps: number;
  /** Whether addresses in it are to be folded. */
  readonly folds: boolean;
}

export interface LookOptions {
  /** What features keep. */
  readonly rows: readonly RowDeclaration[];
  /** That of the rooms; left out: any will do. */
  readonly domain?: Domain;
}

/** Throws StoreRefused for whatever would keep Parlour from starting on it. */
export function lookAt(name: string, { rows, domain }: LookOptions): Look {
  requireNative();
  const file = realFile(name);
  try {
    for (const one of [file, `${file}-lock`]) if (existsSync(one)) accessSync(one, constants.R_OK | constants.W_OK);
    refuseForeignLog(file);
    return reading(file, (db) => {
      registerFold(db);
      if (identify(db, file) === 'new') return { steps: 0, folds: false };
      if (domain !== undefined) requireDomain(db, file, domain, foldBare);
      return { steps: pending(db, loadMigrations(), file).length, folds: needsFold(db, rows) };
    });
  } catch (error) {
    throw refused(error, file);
  }
}

/** Opens it for reading, and takes away what SQLite made beside it for that. Throws SQLite's errors. */
export function reading<T>(name: string, look: (db: Database) => T): T {
  const file = realFile(name);
  const sides = ['-wal', '-shm'].map((end) => `${file}${end}`).filter((side) => !existsSync(side));
  try {
    const db = new Sqlite(file, { readonly: true, fileMustExist: true });
    try {
      return look(db);
    } finally {
      db.close();
    }
  } finally {
    for (const side of sides) rmSync(side, { force: true });
  }
}
