/**
 * How long pages of an archive take at the store. Run: node dist/bench/archive-read.js [messages] [rooms] [queries of each kind]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ArchiveFilter, ArchivePaging } from '../src/room/archive-query';
import type { MessageRow } from '../src/room/rows';
import type { Store } from '../src/store/store';
import { openSqliteStore } from '../src/store/sqlite';
import { Source } from './rows';

const MESSAGES = Number(process.argv[2] ?? 1_000_000);
const ROOMS = Number(process.argv[3] ?? 1_000);
const QUERIES = Number(process.argv[4] ?? 2_000);
const GROUP = 1_000;
const PAGE = 50;

interface Room {
  readonly jid: string;
  readonly count: number;
  /** Some of its messages, spread over its time. */
  readonly marks: readonly MessageRow[];
}

/** What somebody may ask of a room. */
const KINDS: Record<string, (room: Room, mark: MessageRow) => { filter: Omit<ArchiveFilter, 'upToSeq'>; paging: ArchivePaging }> = {
  'newest page': () => ({ filter: {}, paging: { max: PAGE, before: '' } }),
  'behind an id': (_, mark) => ({ filter: {}, paging: { max: PAGE, after: mark.id } }),
  'before an id': (_, mark) => ({ filter: {}, paging: { max: PAGE, before: mark.id } }),
  'from a time': (_, mark) => ({ filter: { start: mark.stamp }, paging: { max: PAGE } }),
  'of an occupant, newest': (_, mark) => ({ filter: { occupantId: mark.occupantId as string }, paging: { max: PAGE, before: '' } }),
  'of an occupant, from a time': (_, mark) => ({
    filter: { occupantId: mark.occupantId as string, start: mark.stamp },
    paging: { max: PAGE },
  }),
};

async function fill(store: Store): Promise<Room[]> {
  const source = new Source(ROOMS);
  await store.commit(source.first());
  for (let done = 0; done < MESSAGES; done += GROUP) await store.commit(source.next(GROUP));
  for (let lag = await store.lag(); lag.time + lag.occupant > 0; lag = await store.lag())
    await new Promise((resolve) => setTimeout(resolve, 20));
  const rooms: Room[] = [];
  for (let i = 0; i < ROOMS; i += Math.ceil(ROOMS / 200)) {
    const jid = `room${i}@rooms.example.org`;
    const rows = await store.messages(jid, { limit: 1e9 });
    rooms.push({
      jid,
      count: rows.length,
      marks: Array.from({ length: 20 }, (_, n) => rows[Math.floor((n * rows.length) / 20)] as MessageRow),
    });
  }
  return rooms;
}

async function run(): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), 'parlour-bench-'));
  const store = openSqliteStore({ path: path.join(folder, 'bench.db'), durability: 'normal' });
  await store.open();
  const rooms = await fill(store);
  console.log(
    `${MESSAGES.toLocaleString('en')} messages in ${ROOMS.toLocaleString('en')} rooms, pages of ${PAGE}, ${QUERIES} of each kind, in ms`,
  );
  for (const [kind, make] of Object.entries(KINDS)) {
    const times: number[] = [];
    for (let n = 0; n < QUERIES; n++) {
      const room = rooms[(n * 7) % rooms.length] as Room;
      const { filter, paging } = make(room, room.marks[(n * 13) % 20] as MessageRow);
      const start = performance.now();
      const answer = await store.archive(room.jid, { want: 'page', filter: { upToSeq: room.count, ...filter }, paging });
      times.push(performance.now() - start);
      if (answer.kind !== 'page' || answer.count === undefined) throw new Error(`${kind}: ${JSON.stringify(answer).slice(0, 200)}`);
    }
    times.sort((a, b) => a - b);
    const share = (part: number): string => (times[Math.floor(times.length * part)] as number).toFixed(2);
    console.log(`${kind.padEnd(28)} p50 ${share(0.5)}  p99 ${share(0.99)}  worst ${share(0.9999)}`);
  }
  await store.close();
  rmSync(folder, { recursive: true });
}

void run();
