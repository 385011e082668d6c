/** Backups by hand and by the clock: where they go, which go, and what a failed one leaves (issue Operators, 3). */
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { StoreFailed } from '../../src/store/failures';
import type { CopyOptions } from '../../src/store/copies';
import { backupName } from '../../src/transfer/backup-files';
import { type BackupFailed, Backups, type BackupSettings } from '../../src/transfer/backups';
import { FakeClock, settle } from '../service/fake-clock';
import { DOMAIN } from '../service/rig';
import { asDomain } from '../support/jids';

const HOUR = 3_600_000;
const NOON = Date.UTC(2026, 0, 31, 12);
/** What a copy begins with. */
const HEAD = Buffer.alloc(100);
HEAD.write('SQLite format 3\0', 'latin1');
HEAD.writeUInt32BE(0x50726c72, 68);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'parlour-backups-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function bench(over: Partial<BackupSettings> = {}) {
  const clock = new FakeClock();
  clock.set(NOON - clock.now());
  const lines: Record<string, unknown>[] = [];
  const note = (fields: object): void => void lines.push({ ...fields });
  const settings = { folder: path.join(folder, 'kept'), make: true, everyHours: null, keep: 2, mostByHand: 20, ...over };
  let failing: Error | undefined;
  const held: { let: (() => void) | undefined } = { let: undefined };
  const backups = new Backups({
    domain: DOMAIN,
    store: {
      async copyTo(file: string, { signal }: CopyOptions = {}) {
        if (failing) throw failing;
        if (held.let)
          await new Promise<void>((resolve, reject) => {
            held.let = resolve;
            signal?.addEventListener('abort', () => reject(new StoreFailed('unavailable', 'given up')));
          });
        writeFileSync(file, HEAD);
        return { rooms: 1, messages: 2, bytes: HEAD.length };
      },
    },
    clock,
    log: { debug: note, info: note, warn: note, error: note },
    settings: () => settings,
  });
  return { backups, clock, lines, settings, held, fail: (error?: Error) => void (failing = error) };
}

const there = (): string[] => readdirSync(path.join(folder, 'kept')).sort();
const events = (lines: readonly Record<string, unknown>[]): unknown[] => lines.map(({ event }) => event);

test('one by hand goes into the folder of the configuration, which is made if it is the usual one', async () => {
  const { backups } = bench();
  const made = await backups.make('by-hand');
  expect(made).toMatchObject({ name: `parlour-${DOMAIN}-20260131T120000Z.db`, rooms: 1, messages: 2, removed: [] });
  expect(backups.list()).toEqual([{ name: made.name, kind: 'by-hand', at: NOON, bytes: 100 }]);
  const second = await backups.make('by-hand');
  expect(second.name).toBe(`parlour-${DOMAIN}-20260131T120001Z.db`);
});

test('a folder that an operator names is not made: it may be a disk that is not mounted', async () => {
  const { backups } = bench({ make: false });
  await expect(backups.make('by-hand')).rejects.toThrow(/backups\.folder/);
  expect(existsSync(path.join(folder, 'kept'))).toBe(false);
  writeFileSync(path.join(folder, 'kept'), '');
  await expect(backups.make('by-hand')).rejects.toThrow(/is not a folder/);
});

test('as many by hand as the folder may have: one more is refused in words, nothing is removed, and the clock goes on', async () => {
  const { backups, lines, settings } = bench({ mostByHand: 2 });
  mkdirSync(path.join(folder, 'kept'));
  // One from the future takes its place too.
  const old = backupName(DOMAIN, NOON + 90 * HOUR, 'by-hand');
  writeFileSync(path.join(folder, 'kept', old), HEAD);
  const { name } = await backups.make('by-hand');
  const before = lines.length;
  const refused = await backups.make('by-hand').catch((error: unknown) => error as BackupFailed);
  expect(refused).toMatchObject({ reason: 'full' });
  expect(String((refused as BackupFailed).text)).toMatch(/ has 2 backups .*\(backups\.mostByHand\)\. Move or delete some/);
  expect(there()).toEqual([name, old].sort());
  expect(backups.counts).toMatchObject({ made: 1, failed: 0 });
  expect(lines).toHaveLength(before);
  await backups.make('scheduled');
  rmSync(path.join(folder, 'kept', old));
  await backups.make('by-hand');
  settings.mostByHand = 3;
  await backups.make('by-hand');
  expect(there()).toHaveLength(4);
});

test('two at a time are refused; the end of the program gives up what is under way', async () => {
  const { backups, held } = bench();
  held.let = () => undefined;
  const first = backups.make('by-hand');
  await expect(backups.make('by-hand')).rejects.toMatchObject({ reason: 'running' });
  expect(backups.underWay).toBe(0);
  const given = expect(first).rejects.toThrow(/given up/);
  await backups.stop();
  await given;
  expect(backups.counts).toEqual({ made: 0, failed: 0, latestAt: null });
});

test('by the clock: the oldest of them go, and nothing else in the folder is counted or removed', async () => {
  const kept = path.join(folder, 'kept');
  mkdirSync(kept);
  const old = backupName(DOMAIN, NOON - 50 * HOUR, 'scheduled');
  const others = [
    backupName(DOMAIN, NOON - 60 * HOUR, 'by-hand'),
    backupName(asDomain('other.example'), NOON - 70 * HOUR, 'scheduled'),
    `${old}.gz`,
    'mine.db',
  ];
  for (const name of [old, ...others]) writeFileSync(path.join(kept, name), HEAD);
  // Of the name, but no database of ours; and a link, whose end is somebody else's.
  const strange = backupName(DOMAIN, NOON - 80 * HOUR, 'scheduled');
  writeFileSync(path.join(kept, strange), 'notes');
  const link = backupName(DOMAIN, NOON - 90 * HOUR, 'scheduled');
  symlinkSync(path.join(kept, 'mine.db'), path.join(kept, link));
  const { backups, clock, lines } = bench({ everyHours: 24 });
  backups.start();
  // Overdue, but not before the start is over.
  await clock.pass(59_000);
  expect(lines).toEqual([]);
  await clock.pass(2_000);
  await clock.pass(24 * HOUR);
  await clock.pass(24 * HOUR);
  const made = lines.filter(({ event }) => event === 'backup.made');
  expect(made).toHaveLength(3);
  expect(made[0]).toMatchObject({ kind: 'scheduled', removed: [] });
  expect(made.flatMap(({ removed }) => removed)).toEqual([old, made[0]?.name]);
  expect(there()).toEqual([...others, strange, link, ...made.slice(1).map(({ name }) => name as string)].sort());
});

test('a restart does not begin the time anew', async () => {
  mkdirSync(path.join(folder, 'kept'));
  writeFileSync(path.join(folder, 'kept', backupName(DOMAIN, NOON - 20 * HOUR, 'scheduled')), HEAD);
  const { backups, clock, lines } = bench({ everyHours: 24 });
  backups.start();
  expect(backups.counts.latestAt).toBe(NOON - 20 * HOUR);
  await clock.pass(3.9 * HOUR);
  expect(lines).toEqual([]);
  await clock.pass(0.2 * HOUR);
  expect(events(lines)).toEqual(['backup.made']);
});

test('after a failed one the old ones stay, it is told, and tried again', async () => {
  const { backups, clock, lines, fail } = bench({ everyHours: 24, keep: 1 });
  await backups.make('scheduled');
  const before = there();
  backups.start();
  fail(new StoreFailed('full', 'The disk is full'));
  await clock.pass(25 * HOUR);
  expect(there()).toEqual(before);
  expect(lines.at(-1)).toMatchObject({ event: 'backup.failed', why: 'The disk is full' });
  const { failed } = backups.counts;
  expect(failed).toBeGreaterThanOrEqual(2);
  fail();
  await clock.pass(0.3 * HOUR);
  expect(lines.at(-1)).toMatchObject({ event: 'backup.made', removed: before });
  expect(backups.counts).toMatchObject({ made: 2, failed });
});

test('a backup by hand, or a failed one, moves nothing of those by the clock; other settings hold at once', async () => {
  const { backups, clock, lines, settings } = bench();
  backups.start();
  await clock.pass(48 * HOUR);
  expect(lines).toEqual([]);
  Object.assign(settings, { everyHours: 1 });
  backups.replan();
  await clock.pass(1_000);
  expect(events(lines)).toEqual(['backup.made']);
  Object.assign(settings, { everyHours: null });
  backups.replan();
  await clock.pass(48 * HOUR);
  expect(lines).toHaveLength(1);
});

describe('one from the future is of a clock that was wrong (fault 3)', () => {
  const put = (at: number, kind: 'scheduled' | 'by-hand' = 'scheduled'): string => {
    const name = backupName(DOMAIN, at, kind);
    mkdirSync(path.join(folder, 'kept'), { recursive: true });
    writeFileSync(path.join(folder, 'kept', name), HEAD);
    return name;
  };

  test.each([
    ['ten years', 87_600],
    ['an hour', 1],
  ])('%s ahead: others are made, and it neither counts nor goes, nor is it the latest', async (_, hours) => {
    const future = [put(NOON + hours * HOUR), put(NOON + (hours + 1) * HOUR), put(NOON + hours * HOUR, 'by-hand')];
    const past = put(NOON - 10 * HOUR);
    const { backups, clock, lines } = bench({ everyHours: 24, keep: 2 });
    backups.start();
    expect(backups.counts.latestAt).toBe(NOON - 10 * HOUR);
    await clock.pass(15 * HOUR);
    if (hours > 24) {
      expect(lines).toMatchObject([{ event: 'backup.made', removed: [] }]);
      expect(there()).toEqual([...future, past, lines[0]?.['name'] as string].sort());
      expect(backups.counts.latestAt).toBe(NOON + 14 * HOUR);
      await clock.pass(24 * HOUR);
      expect(lines[1]).toMatchObject({ event: 'backup.made', removed: [past] });
      expect(there()).toEqual([...future, ...lines.map(({ name }) => name as string)].sort());
    } else {
      // Their time has come meanwhile: they are backups as others.
      expect(lines).toEqual([]);
      expect(backups.counts.latestAt).toBe(NOON + 2 * HOUR);
    }
  });

  test('a clock that is set back while the service runs stops none', async () => {
    const { backups, clock, lines } = bench({ everyHours: 24 });
    clock.set(87_600 * HOUR);
    backups.start();
    await clock.pass(HOUR);
    expect(events(lines)).toEqual(['backup.made']);
    clock.set(-87_600 * HOUR);
    await clock.pass(HOUR);
    expect(events(lines)).toEqual(['backup.made', 'backup.made']);
    expect(backups.counts.latestAt).toBeLessThanOrEqual(clock.now());
    await clock.pass(23 * HOUR);
    expect(lines).toHaveLength(2);
    await clock.pass(2 * HOUR);
    expect(lines).toHaveLength(3);
  });
});

describe('a reload while one by the clock is being made (fault 4)', () => {
  test.each([
    ['once', 1],
    ['three times', 3],
  ])('%s: there is one timer, as before', async (_, times) => {
    const { backups, clock, lines, held } = bench({ everyHours: 24 });
    held.let = () => undefined;
    backups.start();
    await clock.pass(61_000);
    expect(backups.underWay).toBe(0);
    for (let i = 0; i < times; i++) backups.replan();
    await clock.pass(HOUR);
    held.let();
    held.let = undefined;
    await settle();
    await clock.pass(24 * HOUR);
    expect(events(lines)).toEqual(['backup.made', 'backup.made']);
    await clock.pass(24 * HOUR);
    expect(lines).toHaveLength(3);
  });

  test('that wants none any more is kept to', async () => {
    const { backups, clock, lines, held, settings } = bench({ everyHours: 24 });
    held.let = () => undefined;
    backups.start();
    await clock.pass(61_000);
    backups.replan();
    Object.assign(settings, { everyHours: null });
    backups.replan();
    held.let();
    held.let = undefined;
    await settle();
    await clock.pass(72 * HOUR);
    expect(events(lines)).toEqual(['backup.made']);
  });

  test('settings and files are looked at again when the time comes', async () => {
    const { backups, clock, lines, settings } = bench({ everyHours: 24 });
    backups.start();
    Object.assign(settings, { everyHours: null });
    await clock.pass(2 * HOUR);
    expect(lines).toEqual([]);
    Object.assign(settings, { everyHours: 24 });
    backups.replan();
    await backups.make('scheduled');
    await clock.pass(23 * HOUR);
    expect(events(lines)).toEqual(['backup.made']);
  });
});

/** An unprivileged user. */
const NOBODY = 65_534;

describe('what becomes of the files does not make more of them', () => {
  test.each([
    ['each is taken elsewhere as soon as it is there', () => rmSync(path.join(folder, 'kept'), { recursive: true, force: true })],
    [
      'the folder is no folder any more',
      () => {
        rmSync(path.join(folder, 'kept'), { recursive: true, force: true });
        symlinkSync('/dev/null', path.join(folder, 'kept'));
      },
    ],
  ])('%s: there is still one a day', async (_, away) => {
    const { backups, clock, lines } = bench({ everyHours: 24 });
    backups.start();
    await clock.pass(61_000);
    away();
    for (let hour = 0; hour < 23; hour++) await clock.pass(HOUR);
    expect(events(lines).filter((event) => event === 'backup.made')).toEqual(['backup.made']);
    rmSync(path.join(folder, 'kept'), { recursive: true, force: true });
    await clock.pass(2 * HOUR);
    expect(events(lines).filter((event) => event === 'backup.made')).toHaveLength(2);
  });

  test('a file that this user may not read hides no other', async () => {
    const { backups } = bench();
    const { name } = await backups.make('scheduled');
    const kept = path.join(folder, 'kept');
    const closed = path.join(kept, backupName(DOMAIN, NOON - 50 * HOUR, 'scheduled'));
    writeFileSync(closed, HEAD);
    chmodSync(closed, 0);
    // Root may read everything: then somebody else looks, to whom the folder and the other backup belong.
    if (process.getuid?.() === 0) {
      chmodSync(folder, 0o755);
      for (const one of [kept, path.join(kept, name)]) chownSync(one, NOBODY, NOBODY);
      process.seteuid?.(NOBODY);
    }
    try {
      expect(() => readFileSync(closed)).toThrow('EACCES');
      expect(backups.list().map((one) => one.name)).toEqual([name]);
    } finally {
      if (process.getuid?.() === 0) process.seteuid?.(0);
    }
  });
});

test('what a killed process left of its backup goes with the next one, and nothing else', async () => {
  const kept = path.join(folder, 'kept');
  mkdirSync(kept);
  const put = (name: string, at: number): string => {
    writeFileSync(path.join(kept, name), HEAD);
    utimesSync(path.join(kept, name), at / 1000, at / 1000);
    return name;
  };
  const left = backupName(DOMAIN, NOON - 3 * HOUR, 'by-hand');
  for (const end of ['.partial', '.partial-journal', '.partial-wal']) put(`${left}${end}`, NOON - 2 * HOUR);
  const stay = [
    put(`${backupName(DOMAIN, NOON, 'by-hand')}.partial`, NOON - 60_000),
    put(`${backupName(asDomain('other.example'), NOON - 3 * HOUR, 'by-hand')}.partial`, NOON - 2 * HOUR),
    put('mine.db.partial', NOON - 2 * HOUR),
    put(left, NOON - 2 * HOUR),
  ];
  const { backups } = bench();
  const { name } = await backups.make('by-hand');
  expect(there()).toEqual([...stay, name].sort());
});
