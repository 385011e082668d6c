/** The mark that a restore leaves in the database: what there was then, and of which other databases it is an earlier state. What came later is nobody's to erase again. */
import { randomUUID } from 'node:crypto';
import type { Database } from 'better-sqlite3';
import type { Millis } from '../../../room/contract/rows';
import { loadMigrations } from '../files/migrations';

const MIGRATION = '0031-restores.sql';

/** How far a database is, or was when a backup of it was made. Both numbers only grow. */
interface Point {
  readonly batch: number;
  /** The highest number that a room was given. */
  readonly rooms: number;
}

/** A state of a database: how far it is, and the restores it goes back to, the first first. */
export interface State extends Point {
  readonly restores: readonly (Point & { readonly name: string })[];
}

/** Within a transaction of the caller's: this database is a backup that takes the place of another one now. Its version may be an earlier one. */
export function markRestore(db: Database, now: Millis): void {
  const tables = loadMigrations().find(({ name }) => name === MIGRATION);
  if (!tables) throw new Error(`Migration ${MIGRATION} is missing`);
  db.exec(tables.sql);
  const { batch, rooms } = pointOf(db, 'main');
  db.prepare('INSERT INTO restored (name, at, batch, rooms) VALUES (?, ?, ?, ?)').run(randomUUID(), now, batch, rooms);
  db.exec(
    'DELETE FROM restored_room; INSERT INTO restored_room (room, secret, created_at, seq) SELECT id, secret, created_at, seq FROM room JOIN counters ON room = id',
  );
}

/** That of the database attached under this name, of this or an earlier version. */
export function stateOf(db: Database, schema: 'main' | 'later'): State {
  const marked = db.prepare(`SELECT count(*) FROM ${schema}.sqlite_master WHERE name = 'restored'`).pluck().get() === 1;
  const restores = marked ? db.prepare(`SELECT name, batch, rooms FROM ${schema}.restored ORDER BY number`).all() : [];
  return { ...pointOf(db, schema), restores: restores as State['restores'] };
}

function pointOf(db: Database, schema: string): Point {
  return db
    .prepare(`SELECT batch, coalesce((SELECT seq FROM ${schema}.sqlite_sequence WHERE name = 'room'), 0) AS rooms FROM ${schema}.progress`)
    .get() as Point;
}

/** The state of the backup that was restored last; undefined: none was. */
export function backupOf({ restores }: State): State | undefined {
  const last = restores.at(-1);
  return last && { batch: last.batch, rooms: last.rooms, restores: restores.slice(0, -1) };
}

/** Whether a database came out of this state of another: it has all that was in it, but for what was erased since. */
export function cameOutOf(later: State, state: State): boolean {
  if (state.restores.some(({ name }, i) => later.restores[i]?.name !== name)) return false;
  // A restore took it back to there.
  const { batch, rooms } = later.restores[state.restores.length] ?? later;
  return batch >= state.batch && rooms >= state.rooms;
}
