/** What the reader thread does: queries on a connection that cannot write, so that no query ever holds up a commit. */
import { RoomFinder } from './room-finder';
import type { RoomJid } from '../../../xmpp/fold';
import type { Database } from 'better-sqlite3';
import type { Lag } from '../../maintenance';
import type { StayRow } from '../../../room/contract/own-rows';
import type { Millis } from '../../../room/contract/rows';
import { ArchiveReader } from './archive';
import { ChannelFinder } from './channel-finder';
import { readAudit } from '../tables/audit';
import { openForReading } from '../files/connection';
import { readEvents } from '../tables/events';
import { readErasures } from '../tables/erasures';
import { failed } from '../failure';
import { KnowingReader } from './knowing';
import { PeopleReader } from './people';
import type { Latest, ReaderCalls, ThreadData } from '../protocol';
import { readRefused, type Progress } from '../messages/progress';
import { RoomListReader } from './room-list';
import { RoomReader } from './room-rows';
import { readTokens } from '../tables/tokens';
import { readWakeForms, readWoken, readWokenAfter } from '../tables/wake-ups';
import type { Handlers } from '../serve';

interface Parts {
  readonly db: Database;
  readonly rooms: RoomReader;
  readonly archive: ArchiveReader;
  readonly list: RoomListReader;
  readonly people: PeopleReader;
  readonly knowing: KnowingReader;
  readonly finder: RoomFinder;
  readonly channels: ChannelFinder;
}

/** Which rooms wait for something that has not been said: undelivered, or somebody is still entering. */
const UNSAID =
  'SELECT jid FROM room WHERE id IN (SELECT room FROM counters WHERE delivered_rev < rev UNION SELECT room FROM session WHERE entering = 1) AND jid > ? ORDER BY jid LIMIT ?';

const OCCUPIED = 'SELECT jid FROM room WHERE jid > ? AND EXISTS (SELECT 1 FROM session WHERE session.room = room.id) ORDER BY jid LIMIT ?';

const STAYS = `SELECT stay.jid, begin_seq AS begin, end_seq AS "end" FROM room JOIN stay ON stay.room = room.id
  WHERE room.jid = ? AND (stay.jid, begin_seq) > (?, ?) ORDER BY stay.jid, begin_seq LIMIT ?`;

const LAG = 'SELECT name, max(0, coalesce((SELECT max(id) FROM message), 0) - up_to) AS behind FROM filled';

export class Reader implements Handlers<ReaderCalls> {
  private parts: Parts | undefined;

  constructor(private readonly data: ThreadData) {}

  readonly open = (): null => {
    const db = openForReading(this.data);
    this.parts = {
      db,
      rooms: new RoomReader(db),
      archive: new ArchiveReader(db, this.data.readBounds),
      list: new RoomListReader(db),
      people: new PeopleReader(db),
      knowing: new KnowingReader(db),
      finder: new RoomFinder(db),
      channels: new ChannelFinder(db),
    };
    return null;
  };

  readonly room = (jid: RoomJid) => this.read(({ rooms }) => rooms.read(jid));

  readonly audit = (query: ReaderCalls['audit']['take']) => this.read(({ db }) => readAudit(db, query));

  readonly eventsAfter = ({ number, limit, bytes }: ReaderCalls['eventsAfter']['take']) =>
    this.read(({ db }) => readEvents(db, number, limit, bytes));

  readonly messages = ({ room, query }: ReaderCalls['messages']['take']) => this.read(({ archive }) => archive.read(room, query));

  readonly archive = ({ room, query }: ReaderCalls['archive']['take']) => this.read(({ archive }) => archive.answer(room, query));

  readonly listRooms = (query: ReaderCalls['listRooms']['take']) =>
    this.read(({ list }) => ({ ...list.page(query) }) as ReaderCalls['listRooms']['give']);

  readonly listOccupied = (query: ReaderCalls['listOccupied']['take']) => this.read(({ channels }) => channels.occupiedRooms(query));

  readonly findChannels = (query: ReaderCalls['findChannels']['take']) => this.read(({ channels }) => channels.find(query));

  readonly unsaidAfter = ({ after, limit }: ReaderCalls['unsaidAfter']['take']) =>
    this.read(({ db }) => db.prepare<[string, number], RoomJid>(UNSAID).pluck().all(after, limit));

  readonly dueRooms = ({ now, limit }: ReaderCalls['dueRooms']['take']) =>
    this.read(({ db }) => {
      const due = db.prepare<[Millis, number], RoomJid>('SELECT jid FROM room WHERE deadline <= ? ORDER BY deadline, jid LIMIT ?').pluck();
      const rooms = due.all(now, limit + 1);
      if (rooms.length > limit) return { rooms: rooms.slice(0, limit), next: now };
      return { rooms, next: db.prepare('SELECT min(deadline) FROM room WHERE deadline > ?').pluck().get(now) as Millis | null };
    });

  readonly roomsOf = ({ jid, after, limit }: ReaderCalls['roomsOf']['take']) =>
    this.read(({ people }) => people.roomsOf(jid, after, limit));

  readonly seatsOf = ({ jid, query }: ReaderCalls['seatsOf']['take']) => this.read(({ people }) => people.seatsOf(jid, query));

  readonly registrationsOf = ({ jid, query }: ReaderCalls['registrationsOf']['take']) =>
    this.read(({ people }) => people.registrationsOf(jid, query));

  readonly activityOf = ({ jid, limit }: ReaderCalls['activityOf']['take']) => this.read(({ people }) => people.activityOf(jid, limit));

  readonly roomsKnowing = ({ jid, after, limit }: ReaderCalls['roomsKnowing']['take']) =>
    this.read(({ knowing }) => knowing.rooms(jid, after, limit));

  readonly staysAfter = ({ room, after, limit }: ReaderCalls['staysAfter']['take']) =>
    this.read(({ db }) =>
      db.prepare<[string, string, number, number], StayRow>(STAYS).all(room, after?.jid ?? '', after?.begin ?? -1, limit),
    );

  readonly foreignIds = ({ room, ids }: ReaderCalls['foreignIds']['take']) => this.read(({ archive }) => archive.foreignIds(room, ids));

  readonly sessionsAfter = ({ after, limit }: ReaderCalls['sessionsAfter']['take']) =>
    this.read(({ people }) => people.sessionsAfter(after, limit));

  readonly people = (limit: number) => this.read(({ people }) => people.present(limit));

  readonly hasRoom = (room: RoomJid) =>
    this.read(({ db }) => db.prepare('SELECT EXISTS (SELECT 1 FROM room WHERE jid = ?)').pluck().get(room) === 1);

  readonly occupiedAfter = ({ after, limit }: ReaderCalls['occupiedAfter']['take']) =>
    this.read(({ db }) => db.prepare<[string, number], RoomJid>(OCCUPIED).pluck().all(after, limit));

  readonly erasures = () => this.read(({ db }) => readErasures(db));

  readonly tokens = () => this.read(({ db }) => readTokens(db));

  readonly wokenAfter = ({ after, limit }: ReaderCalls['wokenAfter']['take']) => this.read(({ db }) => readWokenAfter(db, after, limit));

  readonly woken = (jid: ReaderCalls['woken']['take']) => this.read(({ db }) => readWoken(db, jid));

  readonly wakeForms = () => this.read(({ db }) => readWakeForms(db));

  readonly findRooms = (search: ReaderCalls['findRooms']['take']) => this.read(({ finder }) => finder.find(search));

  readonly roomsAfter = ({ after, limit }: ReaderCalls['roomsAfter']['take']) =>
    this.read(({ db }) =>
      db.prepare<[string, number], RoomJid>('SELECT jid FROM room WHERE jid > ? ORDER BY jid LIMIT ?').pluck().all(after, limit),
    );

  readonly latest = (writer: number | null) =>
    this.read(({ db }): Latest => {
      const found =
        writer === null
          ? db.prepare('SELECT batch, refused FROM progress').get()
          : db.prepare('SELECT batch, refused FROM writer WHERE id = ?').get(writer);
      const { batch, refused } = found as Progress;
      return { batch, refused: readRefused(refused) };
    });

  readonly counts = () =>
    this.read(({ db }) => ({
      rooms: db.prepare("SELECT count(*) FROM room WHERE state <> 'destroyed'").pluck().get() as number,
      occupants: db.prepare('SELECT count(*) FROM occupant').pluck().get() as number,
      messages: db.prepare('SELECT messages FROM progress').pluck().get() as number,
    }));

  readonly lag = () =>
    this.read(({ db }): Lag => {
      const rows = db.prepare(LAG).all() as { name: keyof Lag; behind: number }[];
      return { time: 0, occupant: 0, text: 0, ...Object.fromEntries(rows.map(({ name, behind }) => [name, behind])) };
    });

  readonly close = (): null => {
    this.parts?.archive.close();
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
