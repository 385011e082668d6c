/** The files of a database and of a backup: links, modes, what may not be read, what was left behind (issue Operators, 3; faults 5, 6, 9, 10; found H3). */
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { lookAt, previewFold } from '../../src/store/sqlite';
import { StoreRefused } from '../../src/store/failures';
import { realFile } from '../../src/store/sqlite/files/real-file';
import { BOB, DOMAIN, say } from '../service/rig';
import { RestoredHouse } from './restored';
import { ROWS } from './temp';

let bench: RestoredHouse;
beforeEach(() => {
  bench = new RestoredHouse();
});
afterEach(() => bench.dispose());

const mode = (file: string): number => statSync(file).mode & 0o777;

/** A backup with "one", and "two" said since. */
async function withBackup(): Promise<void> {
  const house = await bench.begin('one');
  await house.store.copyTo(bench.at('backup.db'));
  await house.play(say(BOB, 'two'));
  await house.close();
}

/** As a kill leaves it: "two" is in the log alone. */
async function killed(as: string): Promise<void> {
  const house = await bench.begin('one');
  await house.store.copyTo(bench.at('backup.db'));
  await house.play(say(BOB, 'two'));
  for (const end of ['', '-wal']) copyFileSync(`${bench.file}${end}`, `${bench.at(as)}${end}`);
  await house.close();
}

describe('a database by the name of a link', () => {
  /** The file goes to a disk of its own; the link stays. `relative`: how the link names it. */
  function moved(relative = false): string {
    mkdirSync(bench.at('disk'));
    const real = path.join(bench.at('disk'), 'real.db');
    if (existsSync(bench.file)) renameSync(bench.file, real);
    symlinkSync(relative ? 'disk/real.db' : real, bench.file);
    return real;
  }

  test.each([true, false])(
    'restore puts the backup where the database is, and the link stays (relative: %s)',
    async (relative) => {
      await withBackup();
      const real = moved(relative);
      const { aside } = bench.restore('backup.db');
      expect(lstatSync(bench.file).isSymbolicLink()).toBe(true);
      expect(lstatSync(real).isFile()).toBe(true);
      expect(path.dirname(aside as string)).toBe(path.dirname(real));
      expect(lstatSync(aside as string).isFile()).toBe(true);
      expect(bench.query('SELECT messages FROM progress', aside as string)).toEqual([2]);
      expect(await bench.said()).toEqual(['one']);
    },
    20_000,
  );

  test('found H3: the log of another copy is noticed beside the file, by start, check and restore', async () => {
    await withBackup();
    copyFileSync(bench.file, bench.at('old.db'));
    await bench.during(async (house) => {
      await house.play(say(BOB, 'three'));
      copyFileSync(`${bench.file}-wal`, bench.at('log'));
    });
    // A whole run later: the log of that time belongs to neither.
    await bench.during((house) => house.play(say(BOB, 'four')));
    const real = moved();
    copyFileSync(bench.at('log'), `${real}-wal`);
    const foreign = /log ".*real\.db-wal" does not belong/;
    await expect(bench.open()).rejects.toThrow(foreign);
    expect(() => lookAt(bench.file, { rows: ROWS })).toThrow(foreign);
    await expect(previewFold(bench.file, ROWS)).rejects.toThrow(foreign);
    const { aside, since } = bench.restore('backup.db');
    expect(since).toMatch(/cannot be read/);
    expect(existsSync(`${real}-wal`)).toBe(false);
    expect(existsSync(`${aside}-wal`)).toBe(true);
    expect(await bench.said()).toEqual(['one']);
  }, 20_000);

  test('a link to nothing yet leads to where the database is made; a circle of links is told', async () => {
    await withBackup();
    const real = path.join(bench.at('disk'), 'real.db');
    mkdirSync(bench.at('disk'));
    symlinkSync('disk/../disk/real.db', bench.at('link.db'));
    expect(bench.restore('backup.db', bench.at('link.db'))).toMatchObject({ aside: null, left: [] });
    expect(lstatSync(real).isFile()).toBe(true);
    expect(lstatSync(bench.at('link.db')).isSymbolicLink()).toBe(true);
    symlinkSync('b', bench.at('a'));
    symlinkSync('a', bench.at('b'));
    expect(realFile(bench.at('a'))).toBe(bench.at('a'));
    expect(() => bench.restore('backup.db', bench.at('a'))).toThrow(StoreRefused);
    expect(() => bench.restore('a')).toThrow(StoreRefused);
  }, 20_000);

  test('a backup by the name of a link is taken with the log that is beside the file', async () => {
    await killed('killed.db');
    mkdirSync(bench.at('disk'));
    for (const end of ['', '-wal']) renameSync(`${bench.at('killed.db')}${end}`, path.join(bench.at('disk'), `killed.db${end}`));
    symlinkSync('disk/killed.db', bench.at('link.db'));
    bench.restore('link.db');
    expect(await bench.said()).toEqual(['one', 'two']);
  }, 20_000);
});

describe("a restored database is its owner's alone, whatever mode the backup has", () => {
  test.each([0o644, 0o444, 0o400, 0o666])(
    '%o',
    async (given) => {
      await withBackup();
      chmodSync(bench.at('backup.db'), given);
      bench.restore('backup.db');
      expect(mode(bench.file)).toBe(0o600);
      expect(mode(bench.at('backup.db'))).toBe(given);
      const house = await bench.open();
      for (const end of ['', '-wal', '-shm']) expect([end, mode(`${bench.file}${end}`)]).toEqual([end, 0o600]);
      await house.close();
    },
    20_000,
  );
});

describe('a backup that cannot be read', () => {
  /** As a user who is not root: root may read everything. */
  function asUser(act: () => void): void {
    const root = process.geteuid?.() === 0;
    if (root) process.seteuid?.(65_534);
    try {
      act();
    } finally {
      if (root) process.seteuid?.(0);
    }
  }

  /** What the user of the service has: all of the folder, but what is given to nobody. */
  function theirs(): void {
    if (process.geteuid?.() !== 0) return;
    for (const name of ['', ...readdirSync(bench.folder)]) chownSync(bench.at(name), 65_534, 65_534);
  }

  test.each([
    ['the file', (file: string) => chmodSync(file, 0o000)],
    ['its folder', (file: string) => chmodSync(path.dirname(file), 0o000)],
  ])(
    '%s: that is told, with a remedy, and not the database',
    async (_, shut) => {
      await withBackup();
      mkdirSync(bench.at('away'));
      const file = path.join(bench.at('away'), 'mine.db');
      renameSync(bench.at('backup.db'), file);
      theirs();
      const before = readFileSync(bench.file);
      shut(file);
      asUser(() => {
        for (const act of [() => bench.restore('away/mine.db'), () => bench.restore('away/mine.db', bench.at('none.db'))]) {
          expect(act).toThrow(StoreRefused);
          expect(act).toThrow(/^The backup ".*mine\.db" cannot be read\..*readable for that user, or copy it.*EACCES/);
        }
      });
      chmodSync(path.dirname(file), 0o700);
      expect(readFileSync(bench.file).equals(before)).toBe(true);
    },
    20_000,
  );

  test('a name below a file, and a database below one, are sentences too', async () => {
    await withBackup();
    expect(() => bench.restore('backup.db/inner.db')).toThrow(/^The backup ".*inner\.db" cannot be read/);
    expect(() => bench.restore('backup.db', bench.at('backup.db/parlour.db'))).toThrow(StoreRefused);
    await expect(bench.again('backup.db/inner.db')).rejects.toThrow(/^The database ".*inner\.db" cannot be read/);
  }, 20_000);
});

describe('what a database left that is not there any more', () => {
  test.each([
    ['moved away', (file: string) => renameSync(file, `${file}.moved`)],
    ['emptied', (file: string) => writeFileSync(file, '')],
  ])(
    '%s: its log and index go aside, and are told',
    async (what, away) => {
      await killed('killed.db');
      copyFileSync(`${bench.at('killed.db')}-wal`, `${bench.file}-wal`);
      writeFileSync(`${bench.file}-shm`, 'index');
      away(bench.file);
      const { aside, left } = bench.restore('backup.db', bench.file, Date.UTC(2026, 1, 1));
      const name = `${bench.file}-replaced-20260201T000000Z`;
      if (what === 'emptied') expect({ aside, left }).toEqual({ aside: name, left: [] });
      else expect({ aside, left }).toEqual({ aside: null, left: [`${name}-wal`, `${name}-shm`] });
      expect(readFileSync(`${name}-wal`).equals(readFileSync(`${bench.at('killed.db')}-wal`))).toBe(true);
      expect(readdirSync(bench.folder).filter((one) => /^parlour\.db-(wal|shm|journal)$/.test(one))).toEqual([]);
      expect(await bench.said()).toEqual(['one']);
      // The next one takes neither name.
      writeFileSync(`${bench.file}-journal`, 'rest');
      renameSync(bench.file, bench.at('away.db'));
      expect(bench.restore('backup.db', bench.file, Date.UTC(2026, 1, 1))).toMatchObject({ left: [`${name}.2-journal`] });
    },
    20_000,
  );
});

test('the domain of the rooms is compared in a database by the name of a link too', async () => {
  await withBackup();
  symlinkSync('parlour.db', bench.at('link.db'));
  expect(lookAt(bench.at('link.db'), { rows: ROWS, domain: DOMAIN })).toMatchObject({ steps: 0 });
  expect(readdirSync(bench.folder).filter((name) => name.startsWith('link.db'))).toEqual(['link.db']);
});
