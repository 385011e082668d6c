/** All rooms of a database get another domain of the service, in one transaction, while no Parlour runs on it. */
import { existsSync } from 'node:fs';
import type { Database } from 'better-sqlite3';
import { FORMER_NAMES } from '../../../room/contract/row-names';
import { inOtherDomain, movedToDomain } from '../../../room/contract/declared-rows';
import { EVENTS } from '../../../room/contract/events';
import type { RowDeclaration } from '../../../room/contract/row-declaration';
import type { Domain } from '../../../xmpp/fold';
import { domainOf } from '../../../xmpp/jid';
import { StoreRefused } from '../../failures';
import { openForWriting } from './connection';
import { refused } from '../failure';
import { columnsThatHold } from '../folding/fold';
import { emptyOut } from '../folding/set-aside';
import { requireAlone, takeLock } from './lock';
import { refuseForeignLog } from './log-mark';
import { requireNative } from './native';
import { realFile } from './real-file';

/** Milliseconds for another program to let go of the file. */
const PATIENCE = 5_000;

/** What is to be changed. */
interface DomainChange {
  /** The database file. */
  readonly path: string;
  readonly from: Domain;
  readonly to: Domain;
  /** What features keep: all of `FeatureSet.rows`, since what nothing declares stays as it is. */
  readonly rows: readonly RowDeclaration[];
}

/**
 * All of it or nothing. Whoever was in a room is out, since nobody can be told under the old address; messages, their ids, lists and occupant-ids stay.
 * Throws StoreRefused with a sentence: the database is in use, cannot be used, or a room is at the new domain already.
 */
export async function changeDomain({ path: named, from, to, rows }: DomainChange): Promise<{ readonly rooms: number }> {
  requireNative();
  const path = realFile(named);
  if (!existsSync(path)) throw new StoreRefused('unreadable', `There is no database "${named}". Name the one whose rooms are to move.`);
  const lock = takeLock(path);
  try {
    refuseForeignLog(path);
    requireAlone(path, PATIENCE);
    const { db } = openForWriting({ path, durability: 'full', busyTimeout: PATIENCE }, Date.now(), rows);
    try {
      db.function('moved', { deterministic: true }, (jid: unknown) => (typeof jid === 'string' ? movedToDomain(jid, from, to) : jid));
      const count = db.transaction(() => moveAll(db, { from, to, rows })).immediate();
      // Nothing of the old addresses stays in the log.
      db.pragma('wal_checkpoint(TRUNCATE)');
      return await Promise.resolve({ rooms: count });
    } catch (error) {
      throw refused(error, path);
    } finally {
      db.close();
    }
  } finally {
    lock.release();
  }
}

interface Moving {
  readonly id: number;
  readonly jid: string;
  readonly options: string;
  readonly state: string;
  readonly tombstone: string | null;
}

function moveAll(db: Database, change: Omit<DomainChange, 'path'>): number {
  const { from, to } = change;
  const all = db.prepare('SELECT id, jid, options, state, tombstone FROM room ORDER BY id').all() as Moving[];
  const names = new Set(all.map(({ jid }) => jid));
  const taken = all.find(({ jid }) => domainOf(jid) === from && names.has(movedToDomain(jid, from, to)));
  if (taken)
    throw new StoreRefused('unreadable', `There is a room ${movedToDomain(taken.jid, from, to)} already. Rename or erase it first.`);
  // Their progress is a place in the order of addresses: what is done already is done once more.
  db.exec("UPDATE person_erasure SET after_room = '', rooms = 0, messages = 0, failed = 0");
  const moving = all.filter(({ jid }) => domainOf(jid) === from);
  for (const room of moving) leave(db, room);
  for (const [table, column] of columnsThatHold(db, 'room', 'named-room'))
    db.prepare(`UPDATE ${table} SET ${column} = moved(${column}) WHERE moved(${column}) <> ${column}`).run();
  for (const { id, tombstone } of all) {
    const after = tombstone === null ? null : tombstoneIn(tombstone, from, to);
    if (after !== tombstone) db.prepare('UPDATE room SET tombstone = ? WHERE id = ?').run(after, id);
  }
  moveFeatures(db, change);
  moveEvents(db, change);
  return moving.length;
}

/** What the room said of itself until now, it said under its former address. What it owed to people who are there now is owed to nobody. */
function leave(db: Database, room: Moving): void {
  emptyOut(db, room);
  if (room.state === 'destroyed') return;
  db.prepare('UPDATE counters SET delivered_rev = rev WHERE room = ?').run(room.id);
  db.prepare(
    `INSERT OR IGNORE INTO feature (room, feature, key, value) SELECT @id, '${FORMER_NAMES}', CAST(seq AS TEXT), json_quote(@jid)
     FROM counters WHERE room = @id`,
  ).run({ id: room.id, jid: room.jid });
}

function tombstoneIn(json: string, from: string, to: string): string {
  const tombstone = JSON.parse(json) as Record<string, unknown>;
  const { alternate } = tombstone;
  if (typeof alternate !== 'string' || domainOf(alternate) !== from) return json;
  return JSON.stringify({ ...tombstone, alternate: movedToDomain(alternate, from, to) });
}

function moveFeatures(db: Database, { from, to, rows }: Omit<DomainChange, 'path'>): void {
  const put = db.prepare('UPDATE OR REPLACE feature SET key = ?, value = ? WHERE room = ? AND feature = ? AND key = ?');
  for (const declaration of rows) {
    const found = db
      .prepare('SELECT room, key, value FROM feature WHERE feature = ? AND (instr(key, ?) > 0 OR instr(value, ?) > 0)')
      .all(declaration.name, from, from) as { room: number; key: string; value: string }[];
    for (const row of found) {
      const after = inOtherDomain(declaration, row, from, to);
      if (after !== row) put.run(after.key, after.value, row.room, declaration.name, row.key);
    }
  }
}

function moveEvents(db: Database, { from, to }: Omit<DomainChange, 'path'>): void {
  const put = db.prepare('UPDATE event SET room = ?, value = ? WHERE number = ?');
  const found = db.prepare('SELECT number, room AS key, value FROM event').all() as { number: number; key: string; value: string }[];
  for (const row of found) {
    const after = inOtherDomain(EVENTS, row, from, to);
    if (after !== row) put.run(after.key, after.value, row.number);
  }
}
