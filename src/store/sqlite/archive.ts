/** Reads archived messages of one room. */
import type { Database, Statement } from 'better-sqlite3';
import type { MessageQuery } from '../store';
import type { MessageRow } from '../../room/rows';

export class ArchiveReader {
  private readonly room: Statement;
  private readonly newest: Statement;

  constructor(private readonly db: Database) {
    this.room = db.prepare('SELECT id, archive_from AS archiveFrom FROM room WHERE jid = ?');
    this.newest = db.prepare(
      `SELECT seq, rev, stamp, stanza_id AS id, nick, sender, occupant_id AS occupantId, client_id AS clientId, lang, in_history AS inHistory, payload
       FROM message WHERE room = ? AND stamp >= ? AND seq <= ? ORDER BY stamp DESC, seq DESC`,
    );
  }

  /** The newest messages that fit the query, oldest first. A room that is not there has none. */
  read(jid: string, query: MessageQuery): MessageRow[] {
    return this.db.transaction(() => {
      const room = this.room.get(jid) as { id: number; archiveFrom: number } | undefined;
      if (!room || query.limit <= 0) return [];
      const rows: MessageRow[] = [];
      const from = query.since ?? Number.MIN_SAFE_INTEGER;
      const newest = this.newest.iterate(room.id, from, query.upToSeq ?? Number.MAX_SAFE_INTEGER);
      for (const row of newest as IterableIterator<Omit<MessageRow, 'inHistory'> & { inHistory: number }>) {
        // Number, rev and time rise together, so behind this one there are only older ones.
        if (row.seq <= room.archiveFrom || (query.afterRev !== undefined && row.rev <= query.afterRev)) break;
        if (query.historyOnly && row.inHistory === 0) continue;
        rows.push({ ...row, inHistory: row.inHistory === 1 });
        if (rows.length >= query.limit) break;
      }
      return rows.reverse();
    })();
  }
}
