/** One process on one database (found H2), and one log that belongs to it (found H3). */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  cpSync,
  existsSync,
  linkSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Sqlite from 'better-sqlite3';
import { isHeld, openSqliteStore } from '../../src/store/sqlite';
import type { StoreRefused } from '../../src/store/failures';
import { batch, create, message } from './batches';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'parlour-alone-'));
  file = path.join(folder, 'parlour.db');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function refusal(database = file): Promise<StoreRefused | undefined> {
  const store = openSqliteStore({ path: database, busyTimeout: 300 });
  try {
    await store.open();
  } catch (error) {
    return error as StoreRefused;
  }
  await store.close();
  return undefined;
}

/** A process that commits and can be killed; resolves when some commits are in. */
async function running(ms = 150): Promise<{ kill(): Promise<void> }> {
  const child = spawn(process.execPath, [path.join(__dirname, 'committing-child.js'), file], { stdio: ['ignore', 'ignore', 'inherit'] });
  while (!existsSync(`${file}-wal`) || !isHeld(file)) await new Promise((resolve) => setTimeout(resolve, 20));
  await new Promise((resolve) => setTimeout(resolve, ms));
  return {
    async kill() {
      child.kill('SIGKILL');
      await once(child, 'close');
    },
  };
}

describe('found H2: two processes on one database', () => {
  test('are kept apart by whatever name they know it', async () => {
    const one = await running();
    symlinkSync(file, path.join(folder, 'symbolic.db'));
    linkSync(file, path.join(folder, 'hard.db'));
    expect(await refusal()).toMatchObject({ reason: 'in-use' });
    expect(await refusal(path.join(folder, 'symbolic.db'))).toMatchObject({ reason: 'in-use' });
    expect(await refusal(path.join(folder, 'hard.db'))).toMatchObject({ reason: 'in-use' });
    // The lock's file was removed by somebody who tidied up.
    rmSync(`${file}-lock`);
    expect(await refusal()).toMatchObject({ reason: 'in-use' });
    await one.kill();
    expect(await refusal()).toBeUndefined();
  });

  test('a lock that is a folder, or no lock, is refused by its name', async () => {
    writeFileSync(`${file}-lock`, 'pid 4711, and much more that is no database of SQLite. '.repeat(50));
    expect((await refusal())?.message).toContain(`${file}-lock`);
    expect((await refusal())?.message).toContain('remove it while no Parlour runs');
  });

  const unprivileged = process.getuid?.() === 0 && spawnSync(process.execPath, ['-e', '0'], { uid: 65534, gid: 65534 }).status === 0;
  (unprivileged ? test : test.skip)('a lock that belongs to somebody else is refused by its name', async () => {
    await (async () => refusal())();
    chmodSync(folder, 0o777);
    chownSync(file, 65534, 65534);
    chownSync(`${file}-lock`, 0, 0);
    chmodSync(`${file}-lock`, 0o644);
    const script = `require(${JSON.stringify(path.resolve(__dirname, '../../src/store/sqlite'))}).openSqliteStore({ path: ${JSON.stringify(file)} }).open().then(() => console.log('open'), (error) => console.log(error.message))`;
    const { stdout } = spawnSync(process.execPath, ['-e', script], { uid: 65534, gid: 65534, encoding: 'utf8', cwd: folder });
    expect(stdout).toContain(`The lock "${file}-lock" of the database cannot be taken.`);
  });
});

describe('found H3: a log that belongs to another copy', () => {
  const foreign = { reason: 'unreadable', message: expect.stringContaining('does not belong to the database') as string };

  async function said(count: number): Promise<void> {
    const store = openSqliteStore({ path: file });
    await store.open();
    let number = await store.lastBatch();
    if (number === 0) await store.commit(batch(++number, { room: 'a@r', changes: [create('a@r')] }));
    for (let i = 0; i < count; i++) {
      number++;
      await store.commit(batch(number, { room: 'a@r', messages: [message(number - 1)] }));
    }
    await store.close();
  }

  const lay = (copy: string): void => copyFileSync(path.join(folder, copy), file);

  test('a copy from before the run, made while it was closed', async () => {
    await said(3);
    copyFileSync(file, path.join(folder, 'old'));
    const run = await running();
    await run.kill();
    cpSync(file, path.join(folder, 'newest'));
    lay('old');
    expect(await refusal()).toMatchObject(foreign);
    // Refused again, and nothing was changed by it.
    expect(await refusal()).toMatchObject(foreign);
    // What belongs together starts.
    lay('newest');
    expect(await refusal()).toBeUndefined();
  });

  test('the recipe: the log is moved away with the copy laid over', async () => {
    await said(3);
    copyFileSync(file, path.join(folder, 'old'));
    const run = await running();
    await run.kill();
    lay('old');
    for (const end of ['-wal', '-shm']) rmSync(file + end);
    expect(await refusal()).toBeUndefined();
  });

  test.each(['backup', 'VACUUM INTO', 'cp'])('a copy made in the same run by %s', async (how) => {
    await said(3);
    const run = await running();
    const copy = path.join(folder, 'copy');
    const db = new Sqlite(file, { readonly: true });
    if (how === 'backup') await db.backup(copy);
    else if (how === 'VACUUM INTO') db.exec(`VACUUM INTO '${copy}'`);
    else copyFileSync(file, copy);
    db.close();
    // Until the log has begun anew, however slow the machine is: it is then long and has another beginning.
    const salt = (): string => readFileSync(`${file}-wal`).toString('hex', 16, 24);
    for (const before = salt(); salt() === before;) await new Promise((resolve) => setTimeout(resolve, 100));
    await new Promise((resolve) => setTimeout(resolve, 100));
    await run.kill();
    lay('copy');
    expect(await refusal()).toMatchObject(foreign);
  });

  test('no false alarm: killed at any time, closed and killed again, and by programs between', async () => {
    for (let i = 0; i < 6; i++) {
      const run = await running(50 + i * 400);
      await run.kill();
      if (i === 2) {
        const shell = new Sqlite(file);
        shell.exec('VACUUM');
        shell.close();
      }
      expect(await refusal()).toBeUndefined();
    }
    expect(existsSync(`${file}-wal`)).toBe(false);
  }, 60_000);

  test('no false alarm: killed while it is made', async () => {
    for (let ms = 5; ms < 120; ms += 10) {
      const child = spawn(process.execPath, [path.join(__dirname, 'committing-child.js'), file], {
        stdio: ['ignore', 'ignore', 'inherit'],
      });
      while (!existsSync(file)) await new Promise((resolve) => setTimeout(resolve, 2));
      await new Promise((resolve) => setTimeout(resolve, ms));
      child.kill('SIGKILL');
      await once(child, 'close');
      expect(await refusal()).toBeUndefined();
      for (const end of ['', '-wal', '-shm']) rmSync(file + end, { force: true });
    }
  }, 60_000);
});
