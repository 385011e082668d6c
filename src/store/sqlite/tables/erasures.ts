/** The list of people who are to be erased from every room. */
import type { By } from '../../../room/contract/audit';
import type { BareJid } from '../../../xmpp/fold';
import type { Database, Statement } from 'better-sqlite3';
import type { PersonErasure } from '../../maintenance';

export class ErasureList {
  private readonly put: Statement;
  private readonly drop: Statement;

  constructor(db: Database) {
    this.put = db.prepare(
      `REPLACE INTO person_erasure (jid, asked_by, asked_kind, asked_face, asked_claimed, asked_at, after_room, rooms, messages, failed)
       VALUES (@jid, @name, @kind, @face, @claimed, @askedAt, @after, @rooms, @messages, @failed)`,
    );
    this.drop = db.prepare('DELETE FROM person_erasure WHERE jid = ?');
  }

  /** Saves the progress, or (null) removes it when done. */
  note(jid: BareJid, erasure: PersonErasure | null): void {
    if (!erasure) {
      this.drop.run(jid);
      return;
    }
    const { askedBy, ...progress } = erasure;
    const { kind, face, name, claimed = false } = askedBy;
    this.put.run({ ...progress, kind, face, name: name ?? '', claimed: Number(claimed) });
  }
}

/** All unfinished ones, in the order in which they were asked for. */
export function readErasures(db: Database): PersonErasure[] {
  const rows = db
    .prepare(
      `SELECT jid, asked_by AS name, asked_kind AS kind, asked_face AS face, asked_claimed AS claimed, asked_at AS askedAt, after_room AS after, rooms, messages, failed
       FROM person_erasure ORDER BY asked_at, jid`,
    )
    .all() as (Omit<PersonErasure, 'askedBy'> & Pick<By, 'kind' | 'face'> & { name: string; claimed: number })[];
  return rows.map(({ name, kind, face, claimed, ...progress }) => ({
    ...progress,
    askedBy: { kind, name: name === '' ? null : name, face, ...(claimed === 1 ? { claimed: true as const } : {}) },
  }));
}
