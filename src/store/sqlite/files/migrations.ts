/** The numbered SQL files of `migrations/sqlite`, and bringing a database up to the last of them. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import type { Database } from 'better-sqlite3';
import { StoreRefused } from '../../failures';
import { registerNames } from '../messages/name-index';

/** Marks a file as Parlour's: "Prlr" in ASCII. */
const APPLICATION_ID = 0x50726c72;

export interface Migration {
  readonly number: number;
  /** The file's name. */
  readonly name: string;
  readonly sql: string;
  /** SHA-256 of the file, hexadecimal. */
  readonly checksum: string;
  /** False for what SQLite takes only outside a transaction; such a file must do no harm when it is run twice. */
  readonly inTransaction: boolean;
}

/** The migrations that came with this program, in order. `folder` is for tests. Throws if a number is missing or doubled. */
export function loadMigrations(folder = path.join(packageRoot(), 'migrations', 'sqlite')): Migration[] {
  const names = readdirSync(folder)
    .filter((name) => /^\d{4}-.*\.sql$/.test(name))
    .sort();
  return names.map((name, index) => {
    const number = Number(name.slice(0, 4));
    if (number !== index + 1) throw new Error(`Migration ${name} should have the number ${index + 1}`);
    const sql = readFileSync(path.join(folder, name), 'utf8');
    const checksum = createHash('sha256').update(sql).digest('hex');
    return { number, name, sql, checksum, inTransaction: !sql.startsWith('-- outside a transaction') };
  });
}

/** The folder that holds Parlour's package.json, upwards from here: sources and compiled files lie at different depths. */
function packageRoot(): string {
  for (let folder = __dirname; ; folder = path.dirname(folder)) {
    const file = path.join(folder, 'package.json');
    if (existsSync(file) && (JSON.parse(readFileSync(file, 'utf8')) as { name?: string }).name === 'parlour') return folder;
    if (folder === path.dirname(folder)) throw new Error('package.json of parlour not found above ' + __dirname);
  }
}

/** Which program's file this is. Throws StoreRefused `not-ours`; SQLite's own errors pass through. */
export function identify(db: Database, file: string): 'new' | 'ours' {
  const id = db.pragma('application_id', { simple: true }) as number;
  if (id === APPLICATION_ID) return 'ours';
  const tables = db.prepare('SELECT count(*) FROM sqlite_master').pluck().get() as number;
  if (id === 0 && tables === 0) return 'new';
  throw new StoreRefused(
    'not-ours',
    `"${file}" is the database of another program. Name another path for Parlour's database; this file was not touched.`,
  );
}

/**
 * Compares what was applied with what this program brings.
 * @returns the migrations still to apply, in order. Throws StoreRefused `newer` for a database this program cannot know.
 */
export function pending(db: Database, known: readonly Migration[], file: string): Migration[] {
  const recorded = db.prepare("SELECT count(*) FROM sqlite_master WHERE name = 'migration'").pluck().get() === 1;
  const applied = recorded
    ? (db.prepare('SELECT number, name, checksum FROM migration ORDER BY number').all() as {
        number: number;
        name: string;
        checksum: string;
      }[])
    : [];
  for (const row of applied) {
    const same = known[row.number - 1];
    if (!same) {
      throw new StoreRefused(
        'newer',
        `The database "${file}" was written by a newer Parlour (it has "${row.name}"; this one knows ${known.length} steps). Run that version, or restore a backup made before the upgrade.`,
      );
    }
    if (same.checksum !== row.checksum) {
      throw new StoreRefused(
        'newer',
        `The database "${file}" was set up by a different build of Parlour ("${row.name}" has other content here). Run the build that made it, or name another path for a new database.`,
      );
    }
  }
  return known.slice(applied.length);
}

/** Applies one migration and records it, all or nothing. `now` in milliseconds since 1970. */
export function applyMigration(db: Database, migration: Migration, now: number): void {
  registerNames(db);
  if (!migration.inTransaction) db.exec(migration.sql);
  db.transaction(() => {
    if (migration.inTransaction) db.exec(migration.sql);
    db.exec(
      'CREATE TABLE IF NOT EXISTS migration (number INTEGER PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL, applied_at INTEGER NOT NULL) STRICT',
    );
    db.prepare('INSERT INTO migration (number, name, checksum, applied_at) VALUES (?, ?, ?, ?)').run(
      migration.number,
      migration.name,
      migration.checksum,
      now,
    );
    db.pragma(`application_id = ${APPLICATION_ID}`);
  }).immediate();
}
