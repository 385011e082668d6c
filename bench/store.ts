/** What the store costs: rows per second by size of the batch, and processor time of the main thread per message. Run: node dist/bench/store.js [seconds] */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openSqliteStore } from '../src/store/sqlite';
import { PAYLOAD, Source } from './rows';

const ROOMS = 100;
const SECONDS = Number(process.argv[2] ?? 2);
/** Processor time of the main thread in µs (Linux: the first field of schedstat is ns). */
function mainThreadCpu(): number {
  return Number(readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8').split(' ')[0]) / 1_000;
}

/** Commits batches of one size for a while; building them is measured apart and taken off. */
async function measure(size: number): Promise<{ rate: number; main: number; all: number }> {
  const folder = mkdtempSync(path.join(tmpdir(), 'parlour-bench-'));
  const store = openSqliteStore({ path: path.join(folder, 'bench.db'), durability: 'full' });
  await store.open();
  const source = new Source(ROOMS);
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
