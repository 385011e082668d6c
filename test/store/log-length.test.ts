/** The write-ahead log stays short, also beside readers and on a disk that is nearly full (found G6). */
import { appendFileSync, mkdtempSync, rmSync, statfsSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Sqlite from 'better-sqlite3';
import { openSqliteStore } from '../../src/store/sqlite';
import { roomWarning } from '../../src/store/sqlite/files/disk-room';
import type { Store } from '../../src/store/store';
import { batch, create, message } from './batches';
import { canMount, withSmallDisk } from './small-disk';
import { asRoom } from '../support/jids';

const MIB = 1024 * 1024;
const A = asRoom('a@r');
const PER_BATCH = 100;
const large = (n: number) =>
  batch(n, {
    room: A,
    messages: Array.from({ length: PER_BATCH }, (_, i) => ({ ...message((n - 2) * PER_BATCH + i + 1), payload: 'x'.repeat(2_000) })),
  });

const logOf = (file: string): number => statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0;

async function begin(file: string): Promise<Store> {
  const store = openSqliteStore({ path: file, durability: 'normal' });
  await store.open();
  await store.commit(batch(1, { room: A, changes: [create(A)] }));
  return store;
}

describe('found G6: the log stays under 16 MiB', () => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'parlour-log-'));
    file = path.join(folder, 'parlour.db');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  test.each([1, 2])('under load, with reads all the time (%d at once)', async (reads) => {
    const store = await begin(file);
    let over = false;
    const reading = Array.from({ length: reads }, async (_, i) => {
      while (!over) {
        if (i === 0) await store.messages(A, { limit: 2_000 });
        else await store.archive(A, { want: 'page', filter: { upToSeq: Infinity }, paging: { max: 200 } });
      }
    });
    let longest = 0;
    for (let n = 2; n < 200; n++) {
      await store.commit(large(n));
      longest = Math.max(longest, logOf(file));
    }
    over = true;
    await Promise.all(reading);
    expect(longest).toBeGreaterThan(4 * MIB);
    expect(longest).toBeLessThan(16 * MIB);
    await store.close();
  });

  test('a shell that reads an old state for long lets it grow, and when it is gone the log is short again', async () => {
    const store = await begin(file);
    const shell = new Sqlite(file, { readonly: true });
    shell.exec('BEGIN');
    shell.prepare('SELECT count(*) FROM room').get();
    let n = 2;
    while (logOf(file) < 17 * MIB) await store.commit(large(n++));
    shell.close();
    for (let i = 0; i < 30; i++) await store.commit(large(n++));
    expect(logOf(file)).toBeLessThanOrEqual(16 * MIB);
    await store.close();
  });
});

if (canMount())
  describe('found G6: a small disk', () => {
    test('start warns of little room', async () => {
      await withSmallDisk(async ({ folder }) => {
        const warnings: string[] = [];
        const file = path.join(folder, 'parlour.db');
        const store = openSqliteStore({ path: file, log: { info: () => undefined, warn: (_, event) => warnings.push(event) } });
        await store.open();
        await store.close();
        expect(warnings).toEqual([expect.stringMatching(/MiB left; at least 64 MiB should be free/)]);
        expect(roomWarning(path.join(tmpdir(), 'x.db'))).toBeUndefined();
      });
    });

    test('the log never takes the room that it needs to be folded: everything goes in until the disk is full of what was said', async () => {
      await withSmallDisk(async ({ folder, remount }) => {
        remount('size=24m');
        const file = path.join(folder, 'parlour.db');
        const store = await begin(file);
        let n = 2;
        for (; n < 1_000; n++)
          if (
            !(await store.commit(large(n)).then(
              () => true,
              () => false,
            ))
          )
            break;
        const { bavail, bsize } = statfsSync(folder);
        expect(statSync(file).size).toBeGreaterThan(14 * MIB);
        expect(logOf(file) + bavail * bsize).toBeLessThan(10 * MIB);
        // More room, and it goes on by itself.
        remount('size=40m');
        await store.probe();
        await store.commit(large(n));
        await store.close();
      });
    });

    test('filled by somebody else and freed again: it goes on by itself', async () => {
      await withSmallDisk(async ({ folder, remount }) => {
        remount('size=40m');
        const file = path.join(folder, 'parlour.db');
        const store = await begin(file);
        let n = 2;
        for (; n < 20; n++) await store.commit(large(n));
        const filler = path.join(folder, 'filler');
        try {
          for (;;) appendFileSync(filler, Buffer.alloc(65_536));
        } catch {
          // Full.
        }
        let full = false;
        for (let i = 0; i < 40 && !full; i++)
          full = await store.commit(large(n)).then(
            () => (n++, false),
            () => true,
          );
        expect(full).toBe(true);
        rmSync(filler);
        await store.probe();
        await store.commit(large(n));
        await store.close();
      });
    });
  });
