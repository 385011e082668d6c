/** What the store costs: rows per second by size of the batch, and processor time of the main thread per message. Run: node dist/bench/store.js [seconds] */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Change, MessageRow } from '../src/room/rows';
import type { Batch } from '../src/store/store';
import { openSqliteStore } from '../src/store/sqlite';

const ROOMS = 100;
const SECONDS = Number(process.argv[2] ?? 2);
const PAYLOAD = `<body>${'x'.repeat(480)}</body><origin-id xmlns='urn:xmpp:sid:0' id='0123456789abcdef'/>`;

type Columns = { room: number[] } & { [K in keyof MessageRow]: MessageRow[K][] };

/** A batch of `size` messages, spread over all rooms in turn. */
class Source {
  private number = 0;
  private readonly seqs = new Array<number>(ROOMS).fill(0);

  first(): Batch {
    const rooms = this.seqs.map((_, i) => `room${i}@rooms.example.org`);
    const changes = rooms.map((jid): Change[] => [
      {
        table: 'room',
        row: {
          jid,
          state: 'open',
          options: '{}',
          name: '',
          listed: true,
          subject: null,
          secret: '00',
          creator: 'a@example.org',
          createdAt: 1,
          archiveFrom: 0,
          deadline: null,
          keepDays: null,
          keepMessages: null,
          tombstone: null,
        },
      },
    ]);
    const zero = rooms.map(() => 0);
    return {
      number: ++this.number,
      rooms,
      counters: { rev: zero, deliveredRev: zero, seq: zero, stamp: zero },
      changes,
      messages: empty(),
    };
  }

  next(size: number): Batch {
    const count = Math.min(size, ROOMS);
    const start = (this.number * size) % ROOMS;
    const indexes = Array.from({ length: count }, (_, i) => (start + i) % ROOMS);
    const messages = empty();
    const stamp = Date.now();
    for (let j = 0; j < size; j++) {
      const room = j % count;
      const index = indexes[room] as number;
      const seq = (this.seqs[index] ?? 0) + 1;
      this.seqs[index] = seq;
      messages.room.push(room);
      messages.seq.push(seq);
      messages.rev.push(seq);
      messages.stamp.push(stamp);
      messages.id.push(`${stamp}-${this.number}-${j}`);
      messages.nick.push('Somebody');
      messages.sender.push('somebody@example.org/somewhere');
      messages.jidShown.push(false);
      messages.occupantId.push('0123456789abcdef0123456789abcdef');
      messages.clientId.push(`client-${j}`);
      messages.lang.push(null);
      messages.inHistory.push(true);
      messages.payload.push(PAYLOAD);
    }
    const seqs = indexes.map((index) => this.seqs[index] as number);
    const rooms = indexes.map((index) => `room${index}@rooms.example.org`);
    return {
      number: ++this.number,
      rooms,
      counters: { rev: seqs, deliveredRev: seqs.map((seq) => seq - 1), seq: seqs, stamp: seqs.map(() => stamp) },
      changes: rooms.map(() => null),
      messages,
    };
  }
}

function empty(): Columns {
  return {
    room: [],
    seq: [],
    rev: [],
    stamp: [],
    id: [],
    nick: [],
    sender: [],
    jidShown: [],
    occupantId: [],
    clientId: [],
    lang: [],
    inHistory: [],
    payload: [],
  };
}

/** Processor time of the main thread in µs (Linux: the first field of schedstat is ns). */
function mainThreadCpu(): number {
  return Number(readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8').split(' ')[0]) / 1_000;
}

/** Commits batches of one size for a while; building them is measured apart and taken off. */
async function measure(size: number): Promise<{ rate: number; main: number; all: number }> {
  const folder = mkdtempSync(path.join(tmpdir(), 'parlour-bench-'));
  const store = openSqliteStore({ path: path.join(folder, 'bench.db'), durability: 'full' });
  await store.open();
  const source = new Source();
  await store.commit(source.first());
  let rows = 0;
  let building = 0;
  let waiting = 0;
  const cpu = mainThreadCpu();
  const all = process.cpuUsage();
  const end = Date.now() + SECONDS * 1_000;
  while (Date.now() < end) {
    const before = mainThreadCpu();
    const batch = source.next(size);
    building += mainThreadCpu() - before;
    const start = process.hrtime.bigint();
    const refused = await store.commit(batch);
    waiting += Number(process.hrtime.bigint() - start) / 1e9;
    if (refused.length > 0) throw new Error(`refused: ${JSON.stringify(refused[0])}`);
    rows += size;
  }
  const spent = process.cpuUsage(all);
  const main = mainThreadCpu() - cpu - building;
  await store.close();
  rmSync(folder, { recursive: true });
  return { rate: rows / waiting, main: main / rows, all: (spent.user + spent.system - building) / rows };
}

async function run(): Promise<void> {
  let base: number | undefined;
  console.log(`durability full, ${ROOMS} rooms, ${PAYLOAD.length} characters each`);
  for (const size of [1, 10, 100, 350, 500]) {
    const { rate, main, all } = await measure(size);
    base ??= rate;
    console.log(
      `${String(size).padStart(4)} per batch: ${Math.round(rate).toLocaleString('en')} rows/s (x${(rate / base).toFixed(1)}), main thread ${main.toFixed(2)} µs a row, process ${all.toFixed(1)} µs a row`,
    );
  }
}

void run();
