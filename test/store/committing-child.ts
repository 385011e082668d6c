/** A process for the tests to kill: it commits as fast as it can and writes each acknowledged batch number to its output; with a second name it makes a copy meanwhile. */
import { writeSync } from 'node:fs';
import { openSqliteStore } from '../../src/store/sqlite';
import { batch, create, message } from './batches';
import { asRoom } from '../support/jids';

/** Messages of each batch, half of them in each of two rooms. */
export const PER_BATCH = 20;
export const CHILD_ROOMS = [asRoom('a@r'), asRoom('b@r')] as const;

async function run(file: string, copy?: string): Promise<void> {
  const store = openSqliteStore({ path: file });
  await store.open();
  if (copy !== undefined) void store.copyTo(copy);
  const [a, b] = CHILD_ROOMS;
  let number = await store.lastBatch();
  for (;;) {
    number++;
    const first = (number - 1) * (PER_BATCH / 2) + 1;
    const rows = Array.from({ length: PER_BATCH / 2 }, (_, i) => message(first + i));
    const changes = number === 1 ? [a, b].map((room) => [create(room)]) : [[], []];
    await store.commit(
      batch(number, { room: a, changes: changes[0] ?? [], messages: rows }, { room: b, changes: changes[1] ?? [], messages: rows }),
    );
    writeSync(1, `${number}\n`);
  }
}

if (require.main === module) void run(process.argv[2] as string, process.argv[3]);
