/** kill -9 in the middle of commits. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { isHeld } from '../../src/store/sqlite';
import { CHILD_ROOMS, PER_BATCH } from './committing-child';
import { TempDatabase } from './temp';

test('after kill -9 every acknowledged batch is there, whole, and at most one more; the lock is gone', async () => {
  const database = new TempDatabase();
  let acknowledged = 0;
  for (const delay of [60, 130, 210]) {
    const child = spawn(process.execPath, [path.join(__dirname, 'committing-child.js'), database.file], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    child.stdout.on('data', (data: Buffer) => (output += data.toString()));
    await once(child.stdout, 'data');
    expect(isHeld(database.file)).toBe(true);
    await new Promise((resolve) => setTimeout(resolve, delay));
    child.kill('SIGKILL');
    await once(child, 'close');
    const last = Number(output.trimEnd().split('\n').at(-1));
    expect(last).toBeGreaterThan(acknowledged);
    acknowledged = last;

    expect(isHeld(database.file)).toBe(false);
    const store = await database.open();
    const inStore = await store.lastBatch();
    expect([acknowledged, acknowledged + 1]).toContain(inStore);
    for (const room of CHILD_ROOMS) {
      const rows = await store.messages(room, { limit: 1e9 });
      expect(rows.map(({ seq }) => seq)).toEqual(Array.from({ length: (inStore * PER_BATCH) / 2 }, (_, i) => i + 1));
      expect((await store.claim(room)).rows?.counters.seq).toBe((inStore * PER_BATCH) / 2);
    }
    expect((await store.counts()).messages).toBe(inStore * PER_BATCH);
    await store.close();
  }
  await database.dispose();
}, 60_000);
