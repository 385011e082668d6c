/** What the reader thread does: queries on a connection that cannot write, so that no query ever holds up a commit. */
import type { Database } from 'better-sqlite3';
import type { Refused } from '../store';
import type { Millis } from '../../room/rows';
import { ArchiveReader } from './archive';
import { openForReading, type ConnectionOptions } from './connection';
import { failed } from './failure';
import type { Latest, ReaderCalls } from './protocol';
import { RoomListReader } from './room-list';
import { RoomReader } from './room-rows';
import type { Handlers } from './serve';

interface Parts {
  readonly db: Database;
  readonly rooms: RoomReader;
  readonly archive: ArchiveReader;
  readonly list: RoomListReader;
}

/** Which rooms wait for something that has not been said: undelivered, or somebody is still entering. */
const UNSAID =
  'SELECT jid FROM room WHERE id IN (SELECT room FROM counters WHERE delivered_rev < rev UNION SELECT room FROM session WHERE entering = 1) ORDER BY jid';

export class Reader implements Handlers<ReaderCalls> {
  private parts: Parts | undefined;

  constructor(private readonly data: ConnectionOptions) {}

  readonly open = (): null => {
    const db = openForReading(this.data);
    this.parts = { db, rooms: new RoomReader(db), archive: new ArchiveReader(db), list: new RoomListReader(db) };
    return null;
  };

  readonly room = (jid: string) => this.read(({ rooms }) => rooms.read(jid));

  readonly messages = ({ room, query }: ReaderCalls['messages']['take']) => this.read(({ archive }) => archive.read(room, query));

  readonly listRooms = (query: ReaderCalls['listRooms']['take']) =>
    this.read(({ list }) => ({ ...list.page(query) }) as ReaderCalls['listRooms']['give']);

  readonly unsaidRooms = () => this.read(({ db }) => db.prepare(UNSAID).pluck().all() as string[]);

  readonly dueRooms = (now: Millis) =>
    this.read(({ db }) => ({
      rooms: db.prepare('SELECT jid FROM room WHERE deadline <= ? ORDER BY deadline, jid').pluck().all(now) as string[],
      next: db.prepare('SELECT min(deadline) FROM room WHERE deadline > ?').pluck().get(now) as Millis | null,
    }));

  readonly roomsOf = (jid: string) =>
    this.read(
      ({ db }) =>
        db
          .prepare('SELECT room.jid FROM session JOIN room ON room.id = session.room WHERE session.jid = ? ORDER BY room.jid')
          .pluck()
          .all(jid) as string[],
    );

  readonly sessionsAfter = ({ after, limit }: ReaderCalls['sessionsAfter']['take']) =>
    this.read(
      ({ db }) => db.prepare('SELECT DISTINCT jid FROM session WHERE jid > ? ORDER BY jid LIMIT ?').pluck().all(after, limit) as string[],
    );

  readonly latest = () =>
    this.read(({ db }): Latest => {
      const row = db.prepare('SELECT batch, refused FROM progress').get() as { batch: number; refused: string | null };
      return { batch: row.batch, refused: row.refused === null ? [] : (JSON.parse(row.refused) as Refused[]) };
    });

  readonly counts = () =>
    this.read(({ db }) => ({
      rooms: db.prepare("SELECT count(*) FROM room WHERE state <> 'destroyed'").pluck().get() as number,
      occupants: db.prepare('SELECT count(*) FROM occupant').pluck().get() as number,
      messages: db.prepare('SELECT messages FROM progress').pluck().get() as number,
    }));

  readonly close = (): null => {
    this.parts?.db.close();
    return null;
  };

  private read<T>(query: (parts: Parts) => T): T {
    if (!this.parts) throw new Error('The reader was asked before it was opened');
    try {
      return query(this.parts);
    } catch (error) {
      throw failed(error, this.data.path);
    }
  }
}
