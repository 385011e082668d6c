/** Keeps the rows of the rooms that people find by searching (XEP-0433): the writer's side. Occupants are counted by triggers (migration 0035). */
import type { Database, Statement } from 'better-sqlite3';
import type { Channel } from '../../../room/contract/channel';
import type { RoomRow } from '../../../room/contract/rows';
import { fold } from '../messages/search-text';

export class FindableRooms {
  private readonly putRow: Statement;
  private readonly dropRow: Statement;

  constructor(db: Database) {
    this.putRow = db.prepare(
      `INSERT INTO findable (room, jid, rank, name, description)
       VALUES (@id, @jid, -(SELECT count(*) FROM occupant WHERE room = @id), @name, @description)
       ON CONFLICT (room) DO UPDATE SET jid = excluded.jid, name = excluded.name, description = excluded.description
       WHERE (jid, name, description) <> (excluded.jid, excluded.name, excluded.description)`,
    );
    this.dropRow = db.prepare('DELETE FROM findable WHERE room = ?');
  }

  /** A room's own row is written. */
  put(id: number, { jid, state, listed, channel }: RoomRow): void {
    if (state !== 'open' || !listed || channel == null) {
      this.dropRow.run(id);
      return;
    }
    const { name, description } = JSON.parse(channel) as Channel;
    this.putRow.run({ id, jid, name: fold(name), description: fold(description) });
  }
}
