/** Reads archived messages of one room. */
import type { Database, Statement } from 'better-sqlite3';
import { answerQuery, isWithin, type Stay } from '../archive-page';
import type { MessageQuery } from '../store';
import type { ArchiveAnswer, ArchiveQuery } from '../../room/archive-query';
import type { MessageRow } from '../../room/rows';

type RawRow = Omit<MessageRow, 'inHistory' | 'jidShown'> & { readonly inHistory: number; readonly jidShown: number };

function messageRow(raw: RawRow): MessageRow {
  return { ...raw, inHistory: raw.inHistory === 1, jidShown: raw.jidShown === 1 };
}

export class ArchiveReader {
  private readonly all: Statement;
  private readonly stays: Statement;
  private readonly room: Statement;
  private readonly newest: Statement;

  constructor(private readonly db: Database) {
    this.room = db.prepare('SELECT id, archive_from AS archiveFrom FROM room WHERE jid = ?');
    this.all = db.prepare(
      `SELECT seq, rev, stamp, stanza_id AS id, nick, sender, jid_shown AS jidShown, occupant_id AS occupantId, client_id AS clientId, lang, in_history AS inHistory, payload
       FROM message WHERE room = ? AND seq > ? ORDER BY stamp, seq`,
    );
    this.stays = db.prepare('SELECT jid, begin_seq AS begin, end_seq AS end FROM stay WHERE room = ?');
    this.newest = db.prepare(
      `SELECT seq, rev, stamp, stanza_id AS id, nick, sender, jid_shown AS jidShown, occupant_id AS occupantId, client_id AS clientId, lang, in_history AS inHistory, payload
       FROM message WHERE room = ? AND stamp >= ? AND seq <= ? ORDER BY stamp DESC, seq DESC`,
    );
  }

  /** Answers an archive query. A room that is not there has an empty archive. */
  answer(jid: string, query: ArchiveQuery): ArchiveAnswer {
    return this.db.transaction(() => {
      const room = this.room.get(jid) as { id: number; archiveFrom: number } | undefined;
      const raw = room ? (this.all.all(room.id, room.archiveFrom) as RawRow[]) : [];
      const stays = room ? (this.stays.all(room.id) as Stay[]) : [];
      return answerQuery(raw.map(messageRow), stays, query, (row, text) => row.payload.toLowerCase().includes(text.toLowerCase()));
    })();
  }

  /** The newest messages that fit the query, oldest first. A room that is not there has none. */
  read(jid: string, query: MessageQuery): MessageRow[] {
    return this.db.transaction(() => {
      const room = this.room.get(jid) as { id: number; archiveFrom: number } | undefined;
      if (!room || query.limit <= 0) return [];
      const rows: MessageRow[] = [];
      const stays = query.stayOf === undefined ? null : (this.stays.all(room.id) as Stay[]).filter(({ jid }) => jid === query.stayOf);
      const from = query.since ?? Number.MIN_SAFE_INTEGER;
      const newest = this.newest.iterate(room.id, from, query.upToSeq ?? Number.MAX_SAFE_INTEGER);
      for (const row of newest as IterableIterator<RawRow>) {
        // Number, rev and time rise together, so behind this one there are only older ones.
        if (row.seq <= room.archiveFrom || (query.afterRev !== undefined && row.rev <= query.afterRev)) break;
        if (query.historyOnly && row.inHistory === 0) continue;
        if (stays && !stays.some((stay) => isWithin(stay, row.seq))) continue;
        rows.push(messageRow(row));
        if (rows.length >= query.limit) break;
      }
      return rows.reverse();
    })();
  }
}
