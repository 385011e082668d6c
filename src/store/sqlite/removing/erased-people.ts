/** Who was erased from all rooms, as a hash: a backup that is restored has them again. */
import { createHmac } from 'node:crypto';
import type { Database } from 'better-sqlite3';
import type { Millis } from '../../../room/contract/rows';
import type { BareJid } from '../../../xmpp/fold';
import { bareOf, storedBare } from '../../../xmpp/jid';
import { columnsThatHold } from '../folding/fold';

/** Hashes that are kept; of more the oldest go. */
const MOST = 100_000;

function hashOf(key: string, jid: string): string {
  return createHmac('sha256', Buffer.from(key, 'hex')).update(jid).digest('hex');
}

function keyOf(db: Database, schema: string): string {
  return db.prepare(`SELECT key FROM ${schema}.erased_key`).pluck().get() as string;
}

/** Within a transaction of the caller's: this person is erased from every room. */
export function noteErased(db: Database, jid: BareJid, at: Millis): void {
  db.prepare('REPLACE INTO erased_person (hash, at) VALUES (?, ?)').run(hashOf(keyOf(db, 'main'), jid), at);
  db.prepare(`DELETE FROM erased_person WHERE at < (SELECT at FROM erased_person ORDER BY at DESC LIMIT 1 OFFSET ${MOST - 1})`).run();
}

/** Bare JIDs that this database names and that were erased from the one attached as `other`, but not from this one. */
export function erasedElsewhere(db: Database, other: string): BareJid[] {
  const erased = new Set(
    db.prepare(`SELECT hash FROM ${other}.erased_person WHERE hash NOT IN (SELECT hash FROM main.erased_person)`).pluck().all() as string[],
  );
  if (erased.size === 0) return [];
  const key = keyOf(db, other);
  return [...peopleNamed(db)].filter((jid) => erased.has(hashOf(key, jid))).sort();
}

/** Everybody whom a column names, or the key of a row that a feature keeps. */
function peopleNamed(db: Database): Set<BareJid> {
  const people = new Set<BareJid>();
  const columns = [
    ...columnsThatHold(db, 'jid'),
    ['feature', 'key'] as const,
    ['audit', 'actor'] as const,
    ['audit_item', 'object'] as const,
  ];
  for (const [table, column] of columns) {
    const found = db.prepare(`SELECT DISTINCT ${column} FROM main.${table} WHERE ${column} LIKE '%_@_%'`).pluck();
    // Keys of features may have several parts; a blank is in no bare JID.
    for (const text of found.iterate() as IterableIterator<string>)
      for (const part of bareOf(text).trim().split(' ')) if (part.includes('@')) people.add(storedBare(part));
  }
  return people;
}
