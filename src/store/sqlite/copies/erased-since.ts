/** What one database has erased or retracted that another one, of an earlier time, still has: to be told, and done again. */
import { existsSync } from 'node:fs';
import Sqlite, { type Database } from 'better-sqlite3';
import type { StanzaId } from '../../../room/contract/rows';
import type { BareJid, RoomJid } from '../../../xmpp/fold';
import { erasedElsewhere } from '../removing/erased-people';
import { backupOf, cameOutOf, stateOf } from './restore-mark';

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

/** Thrown with a clause: the two databases say nothing about what was erased. */
export class NotComparable extends Error {
  constructor(
    /** `unmarked`: no backup was restored in the first; `stranger`: the other did not come out of the backup. */
    readonly reason: 'unmarked' | 'stranger',
    message: string,
  ) {
    super(message);
    this.name = 'NotComparable';
  }
}

/**
 * Compares the database at `file` with the one that went on from the same backup. `as`: the file is the backup itself, or a database in which it was restored: of that one, nothing counts that
 * came after the restore. Both are only read, and have the tables of this program. Throws NotComparable and SQLite's errors.
 */
export function erasedSince(file: string, later: string, as: 'backup' | 'restored'): ErasedSince {
  if (!existsSync(later)) throw new Error(`there is no "${later}"`);
  // Not read-only: such a connection would leave files behind where a log is to be read.
  const db = new Sqlite(file, { fileMustExist: true });
  try {
    db.prepare('ATTACH ? AS later').run(later);
    return db.transaction(() => compared(db, as))();
  } finally {
    db.close();
  }
}

function compared(db: Database, as: 'backup' | 'restored'): ErasedSince {
  const own = stateOf(db, 'main');
  const backup = as === 'backup' ? own : backupOf(own);
  if (!backup) throw new NotComparable('unmarked', 'it does not say which of its rooms and messages come from a backup');
  if (!cameOutOf(stateOf(db, 'later'), backup)) throw new NotComparable('stranger', 'it did not go on from this backup');
  // What the backup had, and no more. A room that is made by the name of a remembered one has its number.
  const had =
    as === 'backup'
      ? 'SELECT id, jid, secret, created_at, archive_from, seq FROM main.room JOIN main.counters ON room = id'
      : `SELECT id, jid, room.secret, room.created_at, archive_from, seq FROM main.room AS room JOIN main.restored_room AS marked
         ON marked.room = id AND marked.secret = room.secret AND marked.created_at = room.created_at`;
  db.exec(`CREATE TEMP TABLE had AS ${had} WHERE state <> 'destroyed'`);
  // A room's secret stays with it whatever its address is. Of rooms that were brought along twice, that of the address is meant.
  db.exec(`CREATE TEMP TABLE pair AS SELECT had.id AS id, had.jid AS jid, coalesce(max(CASE WHEN there.jid = had.jid THEN there.id END), min(there.id)) AS later
           FROM had JOIN later.room AS there ON there.secret = had.secret AND there.created_at = had.created_at
           WHERE there.state <> 'destroyed' GROUP BY had.id`);
  db.exec('CREATE UNIQUE INDEX temp.pair_id ON pair (id)');
  const rooms = db.prepare<[], RoomJid>('SELECT jid FROM had WHERE id NOT IN (SELECT id FROM pair) ORDER BY jid').pluck().all();
  const trimmed = db
    .prepare(
      `SELECT pair.jid AS room, min(there.archive_from, had.seq) AS upToSeq FROM pair
       JOIN had ON had.id = pair.id JOIN later.room AS there ON there.id = pair.later
       WHERE min(there.archive_from, had.seq) > had.archive_from ORDER BY pair.jid`,
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
