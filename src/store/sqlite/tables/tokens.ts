/** The tokens of the HTTP API, in their table. */
import type { Database } from 'better-sqlite3';
import type { StoredToken } from '../../tokens';

/** False: there is another of this name. One that is in already (asked again after a death of the writer) is well. */
export function addToken(db: Database, token: StoredToken): boolean {
  db.prepare(
    `INSERT INTO token (name, hash, scope, rooms, created_at, created_by, id, post_as)
     VALUES (@name, @hash, @scope, @rooms, @createdAt, @createdBy, @id, @postAs)
     ON CONFLICT (name) DO NOTHING`,
  ).run(token);
  return db.prepare('SELECT hash FROM token WHERE name = ?').pluck().get(token.name) === token.hash;
}

/** False: there is none of this hash. One that has the other already (asked again after a death of the writer) is well. */
export function rehashToken(db: Database, { hash, next }: { readonly hash: string; readonly next: string }): boolean {
  db.prepare('UPDATE token SET hash = ? WHERE hash = ?').run(next, hash);
  return db.prepare('SELECT count(*) FROM token WHERE hash = ?').pluck().get(next) === 1;
}

export function dropToken(db: Database, name: string): boolean {
  return db.prepare('DELETE FROM token WHERE name = ?').run(name).changes > 0;
}

/** All of them, by name. */
export function readTokens(db: Database): StoredToken[] {
  return db
    .prepare(
      'SELECT name, hash, scope, rooms, created_at AS createdAt, created_by AS createdBy, id, post_as AS postAs FROM token ORDER BY name',
    )
    .all() as StoredToken[];
}
