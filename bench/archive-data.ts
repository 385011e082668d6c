/** A large archive, made through the store as if it had been said, and the files it is kept in for the next run. */
import { existsSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { messageId, occupantId } from '../src/room/talking/ids';
import { emptyColumns, type Batch, type MessageColumns } from '../src/store/room-store';
import type { Change, RoomRow } from '../src/room/contract/rows';
import type { Store } from '../src/store/store';
import { openSqliteStore } from '../src/store/sqlite';
import { loadMigrations } from '../src/store/sqlite/files/migrations';
import { chance, Texts, type Chance } from './texts';
import { asBare, asFull, asRoom } from '../test/support/jids';
import { asNick, asOccupantId, asStanzaId } from '../test/support/ids';

export interface Size {
  readonly rooms: number;
  readonly messages: number;
  /** People who talk in each room. */
  readonly occupants: number;
}

const BATCH = 1_000;
/** The talk took thirty days. */
const BEGIN = Date.UTC(2026, 0, 1);
const SPAN = 30 * 86_400_000;
/** Raised when other data is made. */
const VERSION = 1;

interface Room {
  readonly jid: string;
  readonly texts: Texts;
  readonly occupants: readonly string[];
  seq: number;
}

/** What making it showed: messages per second committed, and put into the full-text index. */
export interface Made {
  readonly committed: number;
  readonly indexed: number;
}

/** The file's path in `folder`; its name says what is in it, so that another size or schema makes another file. */
export function fileFor(folder: string, { rooms, messages, occupants }: Size): string {
  const schema = loadMigrations().map(({ checksum }) => checksum.slice(0, 2));
  return path.join(folder, `archive-${VERSION}-${messages}-${rooms}-${occupants}-${schema.join('')}.db`);
}

/** Makes the file unless it is there. Null: it was. */
export async function provide(file: string, size: Size, log: (line: string) => void): Promise<Made | null> {
  if (existsSync(file)) return null;
  const unfinished = `${file}.unfinished`;
  for (const end of ['', '-wal', '-shm', '-lock']) rmSync(unfinished + end, { force: true });
  const store = openSqliteStore({ path: unfinished, durability: 'normal' });
  await store.open();
  const start = Date.now();
  await fill(store, size, log);
  const committed = Date.now();
  const { text: behind } = await store.lag();
  await untilIndexed(store, log);
  const indexed = Date.now();
  await store.close();
  rmSync(`${unfinished}-lock`, { force: true });
  renameSync(unfinished, file);
  return {
    committed: (size.messages / (committed - start)) * 1_000,
    indexed: (behind / Math.max(1, indexed - committed)) * 1_000,
  };
}

async function fill(store: Store, size: Size, log: (line: string) => void): Promise<void> {
  const next = chance(1);
  const random = { bytes: (count: number) => Buffer.from(Array.from({ length: count }, () => Math.floor(next() * 256))) };
  const rooms = Array.from({ length: size.rooms }, (_, i): Room => {
    const jid = `room${i}@rooms.example.org`;
    const occupants = Array.from({ length: size.occupants }, (_, j) => occupantId({ secret: '00ff' }, asBare(`user${j}@${jid}`)));
    return { jid, texts: new Texts(Texts.languageFor(next())), occupants, seq: 0 };
  });
  await store.commit(creation(rooms));
  for (let said = 0, number = 1; said < size.messages; said += BATCH) {
    const columns = emptyColumns();
    const spoke = new Map<number, number>();
    for (let i = said; i < Math.min(said + BATCH, size.messages); i++) {
      // Some rooms talk ten times as much as others.
      const index = Math.floor(rooms.length * (next() < 0.5 ? next() : next() ** 2));
      const stamp = BEGIN + Math.floor((i / size.messages) * SPAN);
      let at = spoke.get(index);
      if (at === undefined) spoke.set(index, (at = spoke.size));
      say(columns, rooms[index] as Room, at, stamp, next, messageId(stamp, random));
    }
    await store.commit(spoken(++number, rooms, [...spoke.keys()], columns));
    if (said % 100_000 === 0) log(`${said.toLocaleString('en')} messages said`);
  }
}

function say(columns: MessageColumns, room: Room, at: number, stamp: number, next: Chance, id: string): void {
  const who = Math.floor(room.occupants.length * next() ** 2);
  room.seq++;
  columns.room.push(at);
  columns.seq.push(room.seq);
  columns.rev.push(room.seq);
  columns.stamp.push(stamp);
  columns.id.push(asStanzaId(id));
  columns.nick.push(asNick(`Person ${who}`));
  columns.sender.push(asFull(`user${who}@${room.jid.replace('@', '.')}/phone`));
  columns.jidShown.push(false);
  columns.occupantId.push(asOccupantId(room.occupants[who] as string));
  columns.clientId.push(id.slice(4));
  columns.lang.push(room.texts.language);
  columns.inHistory.push(true);
  columns.payload.push(`<body>${room.texts.sentence(next)}</body><origin-id xmlns="urn:xmpp:sid:0" id="${id.slice(4)}"/>`);
}

function creation(rooms: readonly Room[]): Batch {
  const zero = rooms.map(() => 0);
  const row = (jid: string): RoomRow => ({
    jid: asRoom(jid),
    state: 'open',
    options: '{}',
    name: '',
    listed: true,
    subject: null,
    secret: '00ff',
    creator: asBare('a@example.org'),
    createdAt: BEGIN,
    archiveFrom: 0,
    deadline: null,
    keepDays: null,
    keepMessages: null,
    tombstone: null,
  });
  return {
    number: 1,
    knows: 0,
    rooms: rooms.map(({ jid }) => asRoom(jid)),
    counters: { rev: zero, deliveredRev: zero, seq: zero, stamp: zero, used: zero },
    changes: rooms.map(({ jid }): Change[] => [{ table: 'room', row: row(jid) }]),
    messages: emptyColumns(),
  };
}

function spoken(number: number, rooms: readonly Room[], indexes: readonly number[], messages: MessageColumns): Batch {
  const spoke = indexes.map((index) => rooms[index] as Room);
  const seq = spoke.map((room) => room.seq);
  const stamp = messages.stamp.at(-1) ?? BEGIN;
  return {
    number,
    knows: number - 1,
    rooms: spoke.map(({ jid }) => asRoom(jid)),
    counters: { rev: seq, deliveredRev: seq, seq, stamp: seq.map(() => stamp), used: seq.map(() => stamp) },
    changes: spoke.map(() => null),
    messages,
  };
}

async function untilIndexed(store: Store, log: (line: string) => void): Promise<void> {
  for (let logged = Date.now(); ;) {
    const lag = await store.lag();
    if (Math.max(lag.time, lag.occupant, lag.text) === 0) return;
    if (Date.now() - logged > 5_000) {
      log(`${lag.text.toLocaleString('en')} messages wait for the full-text index`);
      logged = Date.now();
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
