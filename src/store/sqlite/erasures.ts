/** The list of people who are to be erased from every room. */
import type { BareJid } from '../../xmpp/fold';
import type { Database, Statement } from 'better-sqlite3';
import type { PersonErasure } from '../maintenance';

export class ErasureList {
  private readonly put: Statement;
  private readonly drop: Statement;

  constructor(db: Database) {
    this.put = db.prepare(
      `REPLACE INTO person_erasure (jid, asked_by, asked_at, after_room, rooms, messages, failed)
       VALUES (@jid, @askedBy, @askedAt, @after, @rooms, @messages, @failed)`,
    );
    this.drop = db.prepare('DELETE FROM person_erasure WHERE jid = ?');
  }

  /** Saves the progress, or (null) removes it when done. */
  note(jid: BareJid, erasure: PersonErasure | null): void {
    if (erasure) this.put.run(erasure);
    else this.drop.run(jid);
  }
}

/** All unfinished ones, in the order in which they were asked for. */
export function readErasures(db: Database): PersonErasure[] {
  return db
    .prepare(
      `SELECT jid, asked_by AS askedBy, asked_at AS askedAt, after_room AS after, rooms, messages, failed
       FROM person_erasure ORDER BY asked_at, jid`,
    )
    .all() as PersonErasure[];
}
