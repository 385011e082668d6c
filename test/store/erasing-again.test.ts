/** Erasing again what a replaced database had erased takes nothing that came after the restore (issue Operators, 3; fault 1). */
import { readFileSync } from 'node:fs';
import Sqlite from 'better-sqlite3';
import { StoreRefused } from '../../src/store/failures';
import { enter, instant } from '../service/real-rooms';
import { ANN, BOB, DOMAIN, ROOM, say } from '../service/rig';
import { asRoom } from '../support/jids';
import { execute, NOTHING, RestoredHouse } from './restored';

const [OTHER, NEW] = [asRoom(`b@${DOMAIN}`), asRoom(`new@${DOMAIN}`)];
const open = (room: typeof NEW): string[] => [enter(ANN, room, 'ann'), instant(ANN, room)];

let bench: RestoredHouse;
beforeEach(() => {
  bench = new RestoredHouse();
});
afterEach(() => bench.dispose());

test('a room made after the restore stays, also if it has the name of one that is destroyed again', async () => {
  const house = await bench.begin('one');
  await house.play(...open(OTHER), say(ANN, 'of the other', OTHER));
  await house.store.copyTo(bench.at('backup.db'));
  await execute(house, OTHER, { name: 'erase' });
  await house.close();
  const { aside } = bench.restore('backup.db');
  await bench.during(async (next) => {
    await execute(next, OTHER, { name: 'erase' });
    await next.play(...open(NEW), say(ANN, 'new words', NEW), ...open(OTHER), say(ANN, 'of the second', OTHER));
  });
  expect(await bench.again(aside as string)).toEqual(NOTHING);
  expect(await bench.said(NEW)).toEqual(['new words']);
  expect(await bench.said(OTHER)).toEqual(['of the second']);
}, 30_000);

test('messages said after the restore stay, though the replaced archive was trimmed up to higher numbers', async () => {
  const house = await bench.begin('one', 'two');
  await house.store.copyTo(bench.at('backup.db'));
  await house.play(say(BOB, 'three'), say(BOB, 'four'), say(BOB, 'five'));
  const last = (await house.store.messages(ROOM, { limit: 10 })).at(-1);
  expect(await execute(house, ROOM, { name: 'trim', upToId: last?.id ?? '' })).toMatchObject({ ok: true });
  await house.close();
  const { aside, since } = bench.restore('backup.db');
  expect(since).toMatchObject({ trimmed: [{ room: ROOM, upToSeq: 2 }] });
  await bench.during((next) => next.play(enter(ANN, ROOM, 'ann'), say(ANN, 'after one'), say(ANN, 'after two')));
  expect(await bench.again(aside as string)).toMatchObject({ trimmed: [{ room: ROOM, upToSeq: 2 }] });
  expect(await bench.said()).toEqual(['after one', 'after two']);
}, 30_000);

test('a room that is renamed after the restore is the one that was destroyed', async () => {
  const house = await bench.begin('one');
  await house.store.copyTo(bench.at('backup.db'));
  await execute(house, ROOM, { name: 'erase' });
  await house.close();
  const { aside } = bench.restore('backup.db');
  await bench.during((next) => execute(next, ROOM, { name: 'rename', to: NEW }));
  expect(await bench.again(aside as string)).toMatchObject({ rooms: [NEW] });
  expect(await bench.said(NEW)).toEqual([]);
}, 30_000);

test('whoever does not agree to the list keeps everything', async () => {
  const house = await bench.begin('one');
  await house.store.copyTo(bench.at('backup.db'));
  await execute(house, ROOM, { name: 'erase' });
  await house.close();
  const { aside } = bench.restore('backup.db');
  await expect(
    bench.again(aside as string, ({ rooms }) => {
      expect(rooms).toEqual([ROOM]);
      return Promise.reject(new Error('no'));
    }),
  ).rejects.toThrow('no');
  expect(await bench.said()).toEqual(['one']);
}, 30_000);

describe('refused with a sentence', () => {
  async function refuses(later: string, sentence: RegExp): Promise<void> {
    const agree = jest.fn(() => Promise.resolve());
    const trying = bench.again(later, agree);
    await expect(trying).rejects.toBeInstanceOf(StoreRefused);
    await expect(trying).rejects.toThrow(sentence);
    expect(agree).not.toHaveBeenCalled();
  }

  test('an older backup, whatever was made since it', async () => {
    const house = await bench.begin('one');
    await house.store.copyTo(bench.at('older.db'));
    await house.play(...open(OTHER), say(ANN, 'since', OTHER));
    await house.store.copyTo(bench.at('backup.db'));
    await house.close();
    const { aside } = bench.restore('backup.db');
    await refuses('older.db', /did not go on from the backup.*not an older backup/);
    expect(await bench.said(OTHER)).toEqual(['since']);
    expect(await bench.again(aside as string)).toEqual(NOTHING);
  }, 30_000);

  test('a database that was taken back to before the backup, and went on from there', async () => {
    const house = await bench.begin('one');
    await house.store.copyTo(bench.at('older.db'));
    await house.play(...open(OTHER), say(ANN, 'since', OTHER));
    await house.store.copyTo(bench.at('backup.db'));
    await house.close();
    const first = bench.restore('older.db');
    await bench.during((next) => next.play(enter(ANN, ROOM, 'ann'), ...Array.from({ length: 40 }, (_, i) => say(ANN, `more ${i}`))));
    // It has more batches than the backup, and never had the other room since.
    const { aside, since } = bench.restore('backup.db');
    expect(since).toMatch(/did not go on from this backup/);
    await refuses(aside as string, /did not go on from the backup/);
    expect(await bench.said(OTHER)).toEqual(['since']);
    // The first one did: it was restored from neither.
    expect(await bench.again(first.aside as string)).toEqual(NOTHING);
  }, 60_000);

  test('a backup of an earlier restore belongs to what went on from that one alone', async () => {
    const house = await bench.begin('one');
    await house.store.copyTo(bench.at('backup.db'));
    await house.close();
    const first = bench.restore('backup.db');
    await bench.during(async (next) => {
      await next.play(...open(OTHER), say(ANN, 'since', OTHER));
      await next.store.copyTo(bench.at('second.db'));
    });
    const second = bench.restore('second.db');
    expect(second.since).toEqual(NOTHING);
    await refuses(first.aside as string, /did not go on from the backup/);
    expect(await bench.again(second.aside as string)).toEqual(NOTHING);
    expect(await bench.said(OTHER)).toEqual(['since']);
  }, 60_000);

  test('a database in which nothing was restored', async () => {
    const house = await bench.begin('one');
    await house.store.copyTo(bench.at('backup.db'));
    await house.close();
    await refuses('backup.db', /does not say which of its rooms and messages come from a backup.*restore the backup with this one/);
    expect(await bench.said()).toEqual(['one']);
  }, 30_000);
});

test('a backup of an earlier version has the mark from its restore on', async () => {
  const house = await bench.begin('one');
  await house.store.copyTo(bench.at('backup.db'));
  await execute(house, ROOM, { name: 'erase' });
  await house.close();
  const db = new Sqlite(bench.at('backup.db'));
  db.exec(
    "DROP TABLE restored; DROP TABLE restored_room; DROP TABLE woken_account; DROP TABLE wake_form; ALTER TABLE counters DROP COLUMN used_at; DROP TRIGGER findable_entered; DROP TRIGGER findable_left; DROP TABLE findable; ALTER TABLE room DROP COLUMN channel; ALTER TABLE session DROP COLUMN held_lists; ALTER TABLE affiliation DROP COLUMN set_by_name; DELETE FROM migration WHERE name >= '0031'",
  );
  db.close();
  const bytes = readFileSync(bench.at('backup.db'));
  const { aside, since } = bench.restore('backup.db');
  expect(since).toMatch(/earlier version/);
  expect(readFileSync(bench.at('backup.db')).equals(bytes)).toBe(true);
  await bench.during((next) => next.play(...open(NEW), say(ANN, 'new words', NEW)));
  expect(await bench.again(aside as string)).toMatchObject({ rooms: [ROOM] });
  expect(await bench.said(NEW)).toEqual(['new words']);
}, 30_000);
