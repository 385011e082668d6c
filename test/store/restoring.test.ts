/** Restoring a backup: what is refused, what is kept, and that nothing is given twice (issue Operators, 3; found H3). */
import { copyFileSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import Sqlite from 'better-sqlite3';
import { administrator, BY_ITSELF } from '../../src/room/contract/audit';
import type { Command } from '../../src/room/contract/commands';
import { eraseAgain, restoreDatabase, type ErasedSince, type Restored } from '../../src/store/sqlite';
import { StoreRefused } from '../../src/store/failures';
import { Erasures } from '../../src/admin/erasures';
import { systemClock } from '../../src/service/clock';
import type { RoomJid } from '../../src/xmpp/fold';
import { affiliate, enter, instant } from '../service/real-rooms';
import { ANN, BOB, DOMAIN, ROOM, say } from '../service/rig';
import { asBare, asDomain, asRoom } from '../support/jids';
import { batch, create, message, roomRow } from './batches';
import { House } from './house';
import { ROWS, TempDatabase } from './temp';

let database: TempDatabase;
let backup: string;
beforeEach(() => {
  database = new TempDatabase();
  backup = path.join(database.folder, 'backup.db');
});
afterEach(() => database.dispose());

const restore = (now = Date.now(), from = backup, domain = DOMAIN): Restored => restoreDatabase({ path: database.file, from, domain, now });
const again = (later: string): Promise<ErasedSince> =>
  eraseAgain({ path: database.file, later, domain: DOMAIN, rows: ROWS, now: Date.now(), agree: () => Promise.resolve() });
const execute = (house: House, room: RoomJid, command: Command): Promise<unknown> =>
  house.service.execute({ actor: BY_ITSELF, room, command });
const names = (): string[] => readdirSync(database.folder).sort();

function query<T>(file: string, sql: string): T[] {
  const db = new Sqlite(file, { readonly: true });
  try {
    return db.prepare(sql).pluck().all() as T[];
  } finally {
    db.close();
  }
}

async function house(): Promise<House> {
  const made = new House(await database.open({ domain: DOMAIN }));
  await made.open();
  return made;
}

/** A room in which three have spoken, and a backup of it; the house goes on. */
async function withBackup(): Promise<{ house: House; ids: string[] }> {
  const made = await house();
  await made.play(enter(ANN, ROOM, 'ann'), instant(ANN, ROOM), enter(BOB, ROOM, 'bob'));
  await made.play(say(ANN, 'one'), say(BOB, 'two'), say(ANN, 'three'));
  await made.store.copyTo(backup);
  const rows = await made.store.messages(ROOM, { limit: 10 });
  return { house: made, ids: rows.map(({ id }) => id) };
}

test('the database is as it was at the backup, the replaced one is aside with its log, and nothing else is left', async () => {
  const { house: first } = await withBackup();
  await first.play(say(BOB, 'lost with the restore'));
  await first.close();
  const before = readFileSync(database.file);
  const restored = restore(Date.UTC(2026, 1, 1));
  expect(restored).toMatchObject({ rooms: 1, messages: 3, aside: `${database.file}-replaced-20260201T000000Z`, revoked: [] });
  expect(restored.since).toEqual({ people: [], rooms: [], retracted: [], trimmed: [] });
  expect(restored.upTo).toBeGreaterThan(Date.now() - 60_000);
  expect(readFileSync(restored.aside as string).equals(before)).toBe(true);
  expect(names()).toEqual(['backup.db', 'parlour.db', 'parlour.db-lock', path.basename(restored.aside as string)]);
  expect(statSync(database.file).mode & 0o777).toBe(0o600);
  const second = await house();
  expect((await second.store.messages(ROOM, { limit: 10 })).map(({ payload }) => payload)).toEqual(
    ['one', 'two', 'three'].map((text) => `<body>${text}</body>`),
  );
  await second.close();
});

test('found H3: the log of a killed process stays with the database that is replaced', async () => {
  const { house: first } = await withBackup();
  await first.play(say(BOB, 'in the log alone'));
  // As a kill leaves it.
  const left = ['', '-wal', '-shm'];
  for (const end of left) copyFileSync(`${database.file}${end}`, path.join(database.folder, `killed.db${end}`));
  await first.close();
  for (const end of left) copyFileSync(path.join(database.folder, `killed.db${end}`), `${database.file}${end}`);
  const { aside, since } = restore();
  expect(since).toEqual({ people: [], rooms: [], retracted: [], trimmed: [] });
  expect(query(aside as string, "SELECT count(*) FROM message WHERE payload LIKE '%in the log alone%'")).toEqual([1]);
  expect(names().filter((name) => name.startsWith('parlour.db-wal') || name.startsWith('parlour.db-shm'))).toEqual([]);
  const second = await house();
  expect(await second.store.messages(ROOM, { limit: 10 })).toHaveLength(3);
  await second.close();
});

test('a database that cannot be read is replaced too, with its log beside it, and it is told that nobody can ask it', async () => {
  const { house: first } = await withBackup();
  await first.close();
  writeFileSync(database.file, 'no database any more, but longer than nothing');
  writeFileSync(`${database.file}-wal`, 'rest');
  const { aside, since } = restore();
  expect(since).toMatch(/cannot be read/);
  expect(readFileSync(aside as string, 'utf8')).toMatch(/^no database/);
  expect(readFileSync(`${aside}-wal`, 'utf8')).toBe('rest');
  const second = await house();
  expect(await second.store.messages(ROOM, { limit: 10 })).toHaveLength(3);
  await second.close();
});

describe('refused, with the database as it is', () => {
  let before: Buffer;
  async function prepared(): Promise<void> {
    const { house: first } = await withBackup();
    await first.close();
    before = readFileSync(database.file);
  }
  const refuses = (sentence: RegExp, from = backup, domain = DOMAIN): void => {
    expect(() => restore(Date.now(), from, domain)).toThrow(StoreRefused);
    expect(() => restore(Date.now(), from, domain)).toThrow(sentence);
    expect(readFileSync(database.file).equals(before)).toBe(true);
    expect(names().filter((name) => /replaced|restoring/.test(name))).toEqual([]);
  };

  test('a file that is not there, a folder, the database itself', async () => {
    await prepared();
    refuses(/There is no file/, path.join(database.folder, 'nowhere.db'));
    refuses(/is not a file/, database.folder);
    refuses(/is the database itself/, database.file);
  });

  test('what is no database, that of another program, an empty one', async () => {
    await prepared();
    writeFileSync(backup, 'text that is no database, and longer than a header of one hundred bytes'.repeat(3));
    refuses(/is damaged, or no backup of Parlour/);
    writeFileSync(backup, '');
    refuses(/is empty/);
    const db = new Sqlite(backup);
    db.exec('CREATE TABLE recipes (name TEXT); PRAGMA application_id = 42');
    db.close();
    refuses(/of another program/);
  });

  test('one of a newer Parlour, one that is damaged, one of other rooms', async () => {
    await prepared();
    refuses(/rooms of the backup .* are at rooms\.x\.lit.*change-domain/, backup, asDomain('chat.example'));
    const db = new Sqlite(backup);
    db.exec("INSERT INTO migration (number, name, checksum, applied_at) VALUES (9999, '9999-later.sql', 'x', 0)");
    refuses(/written by a newer Parlour/);
    db.exec('DELETE FROM migration WHERE number = 9999');
    db.unsafeMode();
    db.pragma('writable_schema = ON');
    db.exec("UPDATE sqlite_master SET rootpage = (SELECT rootpage FROM sqlite_master WHERE name = 'feature') WHERE name = 'stay'");
    db.close();
    refuses(/is not sound/);
  });

  test('while Parlour runs, or another program has the database open', async () => {
    const { house: first } = await withBackup();
    expect(() => restore()).toThrow(/Another Parlour is running/);
    await first.close();
    const shell = new Sqlite(database.file);
    shell.exec('BEGIN; SELECT * FROM room');
    expect(() => restore()).toThrow(/open in another program/);
    shell.close();
    expect(names().filter((name) => /replaced|restoring/.test(name))).toEqual([]);
  }, 20_000);
});

test('without a database there is none to keep; a backup that SQLite made of a file with its log is taken with it', async () => {
  const { house: first } = await withBackup();
  await first.play(say(BOB, 'in the log'));
  for (const end of ['', '-wal']) copyFileSync(`${database.file}${end}`, path.join(database.folder, `raw.db${end}`));
  await first.close();
  const empty = path.join(database.folder, 'new', 'parlour.db');
  expect(() => restoreDatabase({ path: empty, from: backup, domain: DOMAIN, now: 5 })).toThrow(StoreRefused);
  const file = path.join(database.folder, 'other.db');
  expect(restoreDatabase({ path: file, from: path.join(database.folder, 'raw.db'), domain: DOMAIN, now: 5 })).toMatchObject({
    messages: 4,
    aside: null,
    since: null,
  });
  expect(existsSync(`${file}-wal`)).toBe(false);
});

test('no number is given twice, also if one backup is restored two times; ids from the future are not found', async () => {
  const { house: first, ids } = await withBackup();
  await first.play(say(BOB, 'later'));
  const lost = (await first.store.messages(ROOM, { limit: 10 })).at(-1)?.id as string;
  const numbers = (file: string): number[] =>
    query(file, "SELECT rev FROM counters UNION ALL SELECT seq FROM sqlite_sequence WHERE name IN ('audit', 'event')");
  const given: number[] = [];
  const secrets = query<string>(backup, 'SELECT secret FROM room');
  await first.close();
  given.push(Math.max(...numbers(database.file)));
  for (let i = 0; i < 2; i++) {
    const { aside } = restore();
    expect(aside).not.toBeNull();
    expect(Math.min(...numbers(database.file))).toBeGreaterThan(Math.max(...given));
    const next = await house();
    // Nothing from before the backup is said again: it was said.
    expect(next.link.xml.filter((xml) => xml.includes('<body>'))).toEqual([]);
    await next.play(enter(ANN, ROOM, 'ann'), say(ANN, 'new'), affiliate(ANN, ROOM, '<item affiliation="member" jid="cat@x.lit"/>'));
    const rows = await next.store.messages(ROOM, { limit: 10 });
    expect(rows.slice(0, 3).map(({ id }) => id)).toEqual(ids);
    expect(rows.map(({ id }) => id)).not.toContain(lost);
    // XEP-0313 §4.3: an id that is not in the archive.
    expect(await next.store.archive(ROOM, { want: 'page', filter: { upToSeq: 100 }, paging: { max: 10, after: lost } })).toMatchObject({
      kind: 'item-not-found',
    });
    await next.close();
    given.push(...numbers(database.file));
  }
  expect(new Set(given.slice(1)).size).toBe(given.length - 1);
  // The same people have the same occupant-ids (XEP-0421 §3).
  expect(query(database.file, 'SELECT secret FROM room')).toEqual(secrets);
}, 30_000);

test('tokens that were revoked since stay revoked', async () => {
  const store = await database.open();
  const token = (name: string) => ({
    ...{ name, hash: `hash of ${name}`, scope: 'read' as const, rooms: '*', createdAt: 1, createdBy: 'x' },
    ...{ id: null, postAs: null },
  });
  await store.addToken(token('stays'));
  await store.addToken(token('stolen'));
  await store.copyTo(backup);
  await store.dropToken('stolen');
  await store.addToken(token('newer'));
  await store.close();
  expect(restore().revoked).toEqual(['stolen']);
  expect(query(database.file, 'SELECT name FROM token')).toEqual(['stays']);
});

describe('what was erased since the backup', () => {
  test('is named, and erased again: messages, people, archives, rooms', async () => {
    const made = await house();
    const [other, trimmed, kept] = [asRoom(`b@${DOMAIN}`), asRoom(`c@${DOMAIN}`), asRoom(`d@${DOMAIN}`)];
    for (const room of [ROOM, other, trimmed, kept]) await made.play(enter(ANN, room, 'ann'), instant(ANN, room), enter(BOB, room, 'bob'));
    await made.play(say(ANN, 'retractedword'), say(BOB, 'bobsword'), say(ANN, 'stays'), say(ANN, 'gone with its room', other));
    await made.play(say(ANN, 'trimmedword', trimmed), say(ANN, 'behind the trim', trimmed), say(ANN, 'untouched', kept));
    await made.store.copyTo(backup);
    const [first] = await made.store.messages(ROOM, { limit: 10 });
    const [before] = await made.store.messages(trimmed, { limit: 10 });
    expect(await execute(made, ROOM, { name: 'moderate', id: first?.id ?? '' })).toMatchObject({ ok: true });
    expect(await execute(made, other, { name: 'erase' })).toMatchObject({ ok: true });
    expect(await execute(made, trimmed, { name: 'trim', upToId: before?.id ?? '' })).toMatchObject({ ok: true });
    const erasures = (on: House): Erasures =>
      new Erasures({
        store: on.store,
        clock: systemClock,
        log: { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined },
        execute: (execution) => on.service.execute(execution),
        forget: (jid) => on.service.forget(jid),
        tell: () => undefined,
      });
    await erasures(made).erase(asBare('bob@x.lit'), administrator(asBare('ann@x.lit')));
    await made.close();

    const { since, aside } = restore();
    expect(since).toMatchObject({ people: ['bob@x.lit'], rooms: [other], trimmed: [{ room: trimmed, upToSeq: 1 }] });
    expect((since as ErasedSince).retracted.map(({ room, messages }) => [room, messages.map(({ person }) => person)])).toEqual([
      [ROOM, ['kept', 'erased']],
    ]);
    expect(readFileSync(database.file).includes('retractedword')).toBe(true);

    expect(await again(aside as string)).toEqual(since);
    const next = await house();
    await erasures(next).resume();
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(await next.store.erasures()).toEqual([]);
    expect((await next.store.messages(trimmed, { limit: 10 })).map(({ payload }) => payload)).toEqual(['<body>behind the trim</body>']);
    expect((await next.store.messages(kept, { limit: 10 })).map(({ payload }) => payload)).toEqual(['<body>untouched</body>']);
    expect(await next.store.hasRoom(other)).toBe(false);
    await next.close();
    const bytes = readFileSync(database.file);
    for (const trace of ['<body>retractedword', 'bobsword', 'bob@x.lit', '<body>trimmedword', '<body>gone with its room'])
      expect([trace, bytes.includes(trace)]).toEqual([trace, false]);
    // Once more finds nothing, and a room that was renamed since is no room that is gone.
    expect(await again(aside as string)).toEqual({ people: [], rooms: [], retracted: [], trimmed: [] });
  }, 60_000);

  test('a room that was renamed since is there, and one of its name that came later is another', async () => {
    const made = await house();
    await made.play(enter(ANN, ROOM, 'ann'), instant(ANN, ROOM), say(ANN, 'words'));
    await made.store.copyTo(backup);
    expect(await execute(made, ROOM, { name: 'rename', to: asRoom(`new@${DOMAIN}`) })).toMatchObject({ ok: true });
    await new Promise((resolve) => setTimeout(resolve, 300));
    await made.close();
    expect(restore().since).toEqual({ people: [], rooms: [], retracted: [], trimmed: [] });
  });

  test('of an older backup it is said that it cannot be told', async () => {
    const { house: first } = await withBackup();
    await first.close();
    const db = new Sqlite(backup);
    db.exec('DROP TABLE erased_person; DROP TABLE erased_key; DELETE FROM migration WHERE number = (SELECT max(number) FROM migration)');
    db.close();
    expect(restore().since).toMatch(/earlier version/);
  });
});

test('a database whose rooms are of another domain is not opened, and says how they are moved', async () => {
  const store = await database.open();
  await store.commit(batch(1, { room: 'a@old.example', changes: [create('a@old.example')], messages: [message(1)] }));
  await store.close();
  const bytes = readFileSync(database.file);
  await expect(database.open({ domain: DOMAIN })).rejects.toThrow(/are at old\.example.*parlour change-domain old\.example/);
  expect(readFileSync(database.file).equals(bytes)).toBe(true);
  const old = await database.open({ domain: asDomain('old.example') });
  // One room of it is enough: the others are an operator's to look at.
  await old.commit(batch(2, { room: `b@${DOMAIN}`, changes: [{ table: 'room', row: roomRow(`b@${DOMAIN}`, { secret: '11' }) }] }));
  await old.close();
  await (await database.open({ domain: DOMAIN })).close();
});
