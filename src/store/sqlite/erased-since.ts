/** What one database has erased or retracted that another one, of an earlier time, still has: to be told, and done again. */
import { existsSync } from 'node:fs';
import Sqlite, { type Database } from 'better-sqlite3';
import type { StanzaId } from '../../room/contract/rows';
import type { BareJid, RoomJid } from '../../xmpp/fold';
import { erasedElsewhere } from './erased-people';

/** What is to be done again, in the database that has it still. */
export interface ErasedSince {
  /** People whom the service erased. */
  readonly people: readonly BareJid[];
  /** Rooms that were destroyed or erased. */
  readonly rooms: readonly RoomJid[];
  readonly retracted: readonly Retracted[];
  readonly trimmed: readonly Trimmed[];
}

/** Messages of one room. */
interface Retracted {
  readonly room: RoomJid;
  readonly messages: readonly { readonly id: StanzaId; readonly payload: string; readonly person: 'kept' | 'erased' }[];
}

/** The archive of a room begins behind this message. */
interface Trimmed {
  readonly room: RoomJid;
  readonly upToSeq: number;
}

/**
 * Compares the database at `file` with a later one. Both are only read, and have the tables of this program. Throws SQLite's errors.
 */
export function erasedSince(file: string, later: string): ErasedSince {
  if (!existsSync(later)) throw new Error(`there is no "${later}"`);
  // Not read-only: such a connection would leave files behind where a log is to be read.
  const db = new Sqlite(file, { fileMustExist: true });
  try {
    db.prepare('ATTACH ? AS later').run(later);
    return db.transaction(() => compared(db))();
  } finally {
    db.close();
  }
}

function compared(db: Database): ErasedSince {
  // A room's secret stays with it whatever its address is, and no other has it.
  db.exec(`CREATE TEMP TABLE pair AS SELECT own.id AS id, own.jid AS jid, there.id AS later FROM main.room AS own
           JOIN later.room AS there ON there.secret = own.secret WHERE own.state <> 'destroyed' AND there.state <> 'destroyed'`);
  db.exec('CREATE UNIQUE INDEX temp.pair_id ON pair (id)');
  const rooms = db
    .prepare<[], RoomJid>("SELECT jid FROM main.room WHERE state <> 'destroyed' AND id NOT IN (SELECT id FROM pair) ORDER BY jid")
    .pluck()
    .all();
  const trimmed = db
    .prepare(
      `SELECT pair.jid AS room, min(there.archive_from, counters.seq) AS upToSeq FROM pair
       JOIN main.room AS own ON own.id = pair.id JOIN later.room AS there ON there.id = pair.later
       JOIN main.counters AS counters ON counters.room = pair.id
       WHERE min(there.archive_from, counters.seq) > own.archive_from ORDER BY pair.jid`,
    )
    .all() as Trimmed[];
  return { people: erasedElsewhere(db, 'later'), rooms, retracted: retractedLater(db), trimmed };
}

interface Row {
  readonly room: RoomJid;
  readonly id: StanzaId;
  readonly payload: string;
  readonly erased: number;
}

/** A message has the same number in both, if it is in both. */
function retractedLater(db: Database): Retracted[] {
  const rows = db
    .prepare(
      `SELECT pair.jid AS room, own.stanza_id AS id, tombstone.payload AS payload, coalesce(trim(there.sender) = '', 0) AS erased
       FROM later.message_tombstone AS tombstone
       JOIN later.message AS there ON there.id = tombstone.id
       JOIN main.message AS own ON own.id = there.id AND own.stanza_id = there.stanza_id
       JOIN pair ON pair.id = own.room
       WHERE tombstone.id NOT IN (SELECT id FROM main.message_tombstone) ORDER BY pair.jid, own.id`,
    )
    .iterate() as IterableIterator<Row>;
  const found: { room: RoomJid; messages: Retracted['messages'][number][] }[] = [];
  for (const { room, id, payload, erased } of rows) {
    let last = found.at(-1);
    if (last?.room !== room) found.push((last = { room, messages: [] }));
    last.messages.push({ id, payload, person: erased === 1 ? 'erased' : 'kept' });
  }
  return found;
}
