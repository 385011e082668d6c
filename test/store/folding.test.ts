/** Section A: a database with addresses that are not folded, as the version before wrote it, brought to folded ones. */
import { createHmac } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import Sqlite from 'better-sqlite3';
import { mergeAffiliations, type Listed } from '../../src/store/sqlite/folding/affiliations';
import type { RoomRows } from '../../src/room/contract/rows';
import { COLUMNS } from '../../src/store/sqlite/folding/columns';
import { foldDatabase, needsFold, registerFold } from '../../src/store/sqlite/folding/fold';
import { lookAt, previewFold } from '../../src/store/sqlite';
import type { SqliteStore } from '../../src/store/sqlite/sqlite-store';
import { packageRoot } from '../support/package-root';
import { affiliation, batch, create } from './batches';
import { canMount, withSmallDisk } from './small-disk';
import { ROWS, TempDatabase } from './temp';
import { asBare, asDomain, asRoom } from '../support/jids';
import { setOwnDomains } from '../../src/xmpp/fold';
import { asOccupantId } from '../support/ids';

const CAVE = asRoom('cave@rooms.example.org');
const idOf = (jid: string): string =>
  createHmac('sha256', Buffer.from('5ec2e7', 'hex')).update(jid).digest().subarray(0, 16).toString('base64url');
const fixture = (): Buffer => gunzipSync(readFileSync(path.join(packageRoot(), 'test/store/fixtures/unfolded.db.gz')));

test('of the kind of A1: whoever is banned in another spelling belongs no longer, in whichever spelling they began to', async () => {
  const database = new TempDatabase();
  mkdirSync(path.dirname(database.file), { recursive: true });
  writeFileSync(database.file, fixture());
  const before = new Sqlite(database.file);
  const room = before.prepare('SELECT id FROM room WHERE jid = ?').pluck().get(CAVE) as number;
  const begin = before.prepare('INSERT OR REPLACE INTO stay (room, jid, begin_seq, end_seq) VALUES (?, ?, 0, NULL)');
  for (const jid of ['mallory@example.org', 'Mallory@example.org', 'zoe@example.org']) begin.run(room, jid);
  before.close();
  const store = await database.open({ durability: 'normal' });
  await store.close();
  const after = new Sqlite(database.file, { readonly: true });
  const open = after.prepare('SELECT jid FROM stay WHERE room = ? AND end_seq IS NULL').pluck().all(room) as string[];
  after.close();
  await database.dispose();
  expect(open).toContain('zoe@example.org');
  expect(open.filter((jid) => jid.toLowerCase() === 'mallory@example.org')).toEqual([]);
});

test('of two rows that become one the later stays, and what nothing declares stays and is told', async () => {
  const database = new TempDatabase();
  writeFileSync(database.file, fixture());
  const before = new Sqlite(database.file);
  const room = before.prepare('SELECT id FROM room WHERE jid = ?').pluck().get(CAVE) as number;
  const put = before.prepare('INSERT INTO feature (room, feature, key, value) VALUES (?, ?, ?, ?)');
  put.run(room, 'wake-away', 'Zoe@example.org', '9');
  put.run(room, 'wake-away', 'zoe@example.org', '4');
  put.run(room, 'of-a-plugin', 'Zoe@example.org', '1');
  before.close();
  const told: string[] = [];
  const log = { info: () => undefined, warn: (fields: object) => told.push(String((fields as { what?: string }).what)) };
  await (await database.open({ durability: 'normal', log })).close();
  const after = new Sqlite(database.file, { readonly: true });
  const kept = (name: string): unknown =>
    after.prepare('SELECT key, value FROM feature WHERE room = ? AND feature = ?').raw().all(room, name);
  const found = [kept('wake-away'), kept('of-a-plugin')];
  after.close();
  await database.dispose();
  expect(found).toEqual([[['zoe@example.org', '9']], [['Zoe@example.org', '1']]]);
  expect(told.join('\n')).toContain('Rows named "of-a-plugin" stayed as they are');
});

describe('a database written by 70f0186', () => {
  let database: TempDatabase;
  let store: SqliteStore;
  const told: string[] = [];
  beforeAll(async () => {
    database = new TempDatabase();
    writeFileSync(database.file, fixture());
    store = await database.open({ log: { info: () => undefined, warn: (fields) => told.push(String(fields['what'])) } });
  });
  afterAll(() => database.dispose());
  const room = async (jid: string) => {
    const { rows } = await store.claim(asRoom(jid));
    await store.release(asRoom(jid));
    return rows;
  };
  const listed = async (jid = CAVE): Promise<Record<string, string>> =>
    Object.fromEntries(((await room(jid))?.affiliations ?? []).map((row) => [row.jid, row.affiliation]));

  test('found A1: bans hold for every spelling of an account; the later act wins, and the last owner stays', async () => {
    expect(await listed()).toEqual({
      'mallory@example.org': 'outcast',
      'eve@example.org': 'member',
      'tie@example.org': 'outcast',
      'owner@example.org': 'owner',
      'jürgen@example.org': 'outcast',
      'bücher.example': 'outcast',
    });
    const rows = (await room(CAVE))?.affiliations ?? [];
    expect(rows.find(({ jid }) => jid === 'mallory@example.org')).toMatchObject({ reason: 'spam', setBy: 'owner@example.org' });
    expect(rows.find(({ jid }) => jid === 'jürgen@example.org')).toMatchObject({ reason: 'last', setAt: 3 });
    expect(rows.find(({ jid }) => jid === 'eve@example.org')).toMatchObject({ nick: 'Eve' });
  });

  test('the operator is told each of them by name', () => {
    const all = told.join('\n');
    expect(all).toContain('eve@example.org (member) and EVE@example.org (outcast)');
    expect(all).toContain('owner@example.org stays owner');
    expect(all).toContain('banned in one spelling and ran the room in another');
    expect(all).toContain('mallory@example.org is in the room and banned');
    expect(all).toContain('under two nicknames');
    expect(all).toContain('was copied to');
  });

  test('who is banned in another spelling leaves, and who is in twice is in once; those who stay keep their address', async () => {
    const rows = await room(CAVE);
    expect(rows?.occupants.map(({ jid, nick, id }) => [jid, nick, id])).toEqual(
      expect.arrayContaining([
        ['bob@example.org', 'bobby', idOf('bob@example.org')],
        ['ann@example.org', 'ann', idOf('ann@example.org')],
      ]),
    );
    expect(rows?.occupants).toHaveLength(2);
    expect(rows?.sessions.map(({ jid, spelling, occupantId }) => [jid, spelling ?? null, occupantId]).sort()).toEqual([
      ['ann@example.org/x', 'Ann@Example.org/x', idOf('ann@example.org')],
      ['bob@example.org/phone', null, idOf('bob@example.org')],
    ]);
    // Said when the room wakes, since it is above what was delivered.
    const said = rows?.sayings.map(({ what }) => JSON.parse(what) as { nick: string; facts: { codes: number[] }; jids: string[] });
    expect(said?.map(({ nick, facts, jids }) => [nick, facts.codes, jids])).toEqual([
      ['mal', [301], ['mallory@example.org/x']],
      ['bob', [333], ['Bob@example.org/desk']],
    ]);
    expect(rows?.counters).toMatchObject({ rev: 22, deliveredRev: 20 });
    expect(await store.unsaidAfter('', 100)).toContain(CAVE);
  });

  test('what a person said is found by the id that they have now, former ids included', async () => {
    const answer = await store.archive(CAVE, {
      want: 'page',
      filter: { upToSeq: Infinity, occupantId: asOccupantId(idOf('bob@example.org')) },
      paging: { max: 10 },
    });
    expect(answer).toMatchObject({
      kind: 'page',
      rows: [
        { sender: 'bob@example.org/x', seq: 1 },
        { sender: 'bob@example.org/x', seq: 2 },
      ],
    });
    const features = (await room(CAVE))?.features ?? [];
    const of = (name: string): Record<string, unknown> =>
      Object.fromEntries(features.filter(({ feature }) => feature === name).map(({ key, value }) => [key, JSON.parse(value) as unknown]));
    expect(of('former-ids')).toMatchObject({ [idOf('Bob@example.org')]: idOf('bob@example.org') });
    expect(of('last-visits')).toEqual({ 'bob@example.org': 3, 'ann@example.org': 2 });
    expect(of('markers')).toEqual({ [idOf('ann@example.org')]: { id: 'm', at: 5 } });
    expect(of('invitations')).toMatchObject({
      'zoë@example.org owner@example.org': { inviter: 'owner@example.org', address: 'Owner@example.org/Desk' },
    });
    expect(JSON.parse((await room(CAVE))?.room.subject ?? '')).toMatchObject({ occupantId: idOf('bob@example.org') });
    expect((await room(CAVE))?.room.options).toContain('help@example.org');
  });

  test('stays of one account are one', async () => {
    const rows = await store.messages(CAVE, { limit: 10, stayOf: asBare('bob@example.org') });
    expect(rows.map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
  });

  test('found A2: of rooms that differ by spelling the oldest keeps the address, the others are set aside whole', async () => {
    const body = async (jid: string): Promise<string> =>
      (await store.messages(asRoom(jid), { limit: 5 })).map(({ payload }) => payload).join();
    expect(await body('cased@rooms.example.org')).toBe('<body>first</body>');
    expect(await body('cased-2@rooms.example.org')).toBe('<body>second</body>');
    expect(await body('cased-3@rooms.example.org')).toBe('<body>third</body>');
    expect(await body('lonely@rooms.example.org')).toBe('<body>lonely</body>');
    expect(await listed(asRoom('cased-2@rooms.example.org'))).toEqual({ 'owner@example.org': 'owner' });
    expect((await room('cased-2@rooms.example.org'))?.occupants).toEqual([]);
    expect((await room('cased@rooms.example.org'))?.occupants).toHaveLength(1);
    expect((await room('cased-2@rooms.example.org'))?.sayings.map(({ what }) => JSON.parse(what) as unknown)).toEqual([
      { kind: 'set-aside', former: 'CaSeD@rooms.example.org', present: 'cased-2@rooms.example.org', owners: ['owner@example.org'] },
    ]);
    expect(told.join('\n')).toContain('cased-3@rooms.example.org from now on');
    // The remedy, and what its archive says of the address that it had.
    expect(told.join('\n')).toContain('Rename a room');
    const { counters, features } = (await room('cased-2@rooms.example.org')) as RoomRows;
    expect(features.filter(({ feature }) => feature === 'former-names')).toEqual([
      { feature: 'former-names', key: String(counters.seq), value: '"CaSeD@rooms.example.org"' },
    ]);
    expect(await store.hasRoom(asRoom('CaSeD@rooms.example.org'))).toBe(false);
  });

  test('an erasure under way begins anew under the folded address', async () => {
    expect(await store.erasures()).toEqual([
      {
        jid: 'gone@example.org',
        askedBy: { kind: 'administrator', name: 'admin@example.org', face: 'ad-hoc' },
        askedAt: 1,
        after: '',
        rooms: 0,
        messages: 0,
        failed: 0,
      },
    ]);
  });
});

describe('before, during and after', () => {
  let database: TempDatabase;
  beforeEach(() => {
    database = new TempDatabase();
    writeFileSync(database.file, fixture());
  });
  afterEach(() => database.dispose());
  const copies = (): string[] => readdirSync(database.folder).filter((name) => name.includes('before-fold'));

  test('the database is copied aside first, as it was; a second start does nothing', async () => {
    await (await database.open()).close();
    expect(copies()).toEqual(['parlour.db-before-fold-2']);
    const copy = new Sqlite(path.join(database.folder, 'parlour.db-before-fold-2'), { readonly: true });
    expect(copy.prepare('SELECT jid FROM room ORDER BY created_at').pluck().all()).toContain('CaSeD@rooms.example.org');
    expect(copy.prepare('SELECT max(number) FROM migration').pluck().get()).toBe(9);
    copy.close();
    const told: string[] = [];
    await (await database.open({ log: { info: () => undefined, warn: (_, event) => told.push(event) } })).close();
    expect(told).toEqual([]);
    expect(copies()).toHaveLength(1);
  });

  test('`check --migration` says what would happen and leaves nothing', async () => {
    expect(lookAt(database.file, { rows: ROWS }).folds).toBe(true);
    const before = readFileSync(database.file);
    const said = await previewFold(database.file, ROWS);
    expect(said.join('\n')).toContain('cased-2@rooms.example.org');
    expect(said.join('\n')).toContain('owner@example.org stays owner');
    expect(readFileSync(database.file).equals(before)).toBe(true);
    expect(copies()).toEqual([]);
    const told: string[] = [];
    await (await database.open({ log: { info: () => undefined, warn: (fields) => told.push(String(fields['what'])) } })).close();
    // The copy that was to come, and the one that was made.
    expect(said[0]).toMatch(/copies the database to ".*parlour\.db-before-fold-2", of 1 MiB at most/);
    expect(told.slice(1)).toEqual(said.slice(1));
    expect(await previewFold(database.file, ROWS)).toEqual(['Every address is in the form by which it is compared: nothing would change.']);
  });

  test('found by a new user: a -wal of another copy is refused by `check --migration` as by the start', async () => {
    const other = new TempDatabase();
    const store = await other.open();
    await store.commit(batch(1, { room: 'x@r.example', changes: [create('x@r.example')] }));
    writeFileSync(`${database.file}-wal`, readFileSync(`${other.file}-wal`));
    await store.close();
    await other.dispose();
    await expect(previewFold(database.file, ROWS)).rejects.toThrow(/does not belong to the database/);
    expect(() => lookAt(database.file, { rows: ROWS }).folds).toThrow(/does not belong to the database/);
    await expect(database.open()).rejects.toThrow(/does not belong to the database/);
    rmSync(`${database.file}-wal`);
  });

  test('found by a new user: a folder for temporary files that cannot be used is named', async () => {
    await expect(previewFold(database.file, ROWS, path.join(database.folder, 'none'))).rejects.toThrow(
      /^The folder for temporary files ".*none" cannot be used.*TMPDIR/,
    );
  });

  (canMount() ? test : test.skip)('a full one too, and not the disk of the database', () =>
    withSmallDisk(async ({ folder }) => {
      const db = new Sqlite(database.file);
      db.exec(
        'CREATE TABLE filler AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4000) SELECT randomblob(1000) AS b FROM n',
      );
      db.close();
      await expect(previewFold(database.file, ROWS, folder)).rejects.toThrow(/^The folder for temporary files/);
    }),
  );

  test('what breaks off in the middle leaves everything as it was', () => {
    const db = new Sqlite(database.file);
    registerFold(db);
    db.exec(
      "CREATE TABLE fold (one INTEGER PRIMARY KEY, version INTEGER NOT NULL, own TEXT NOT NULL); INSERT INTO fold VALUES (1, 0, '*')",
    );
    // Migrations before it are not what this is about.
    db.exec(
      'ALTER TABLE session ADD COLUMN spelling TEXT; ALTER TABLE affiliation ADD COLUMN afterwards TEXT; ALTER TABLE affiliation ADD COLUMN set_by_name TEXT',
    );
    const all = (): unknown =>
      ['room', 'affiliation', 'occupant', 'session', 'feature', 'stay', 'message', 'fold'].map((t) =>
        db.prepare(`SELECT * FROM ${t}`).all(),
      );
    const before = JSON.stringify(all());
    db.exec("CREATE TRIGGER breaks BEFORE UPDATE OF version ON fold BEGIN SELECT raise(ABORT, 'killed'); END");
    expect(() => foldDatabase(db, ROWS)).toThrow('killed');
    expect(JSON.stringify(all())).toBe(before);
    db.exec('DROP TRIGGER breaks');
    foldDatabase(db, ROWS);
    expect(needsFold(db, ROWS)).toBe(false);
    db.close();
  });

  test('a database whose addresses are plain is not copied', async () => {
    const plain = new TempDatabase();
    const store = await plain.open();
    await store.commit(batch(1, { room: 'a@r.example', changes: [create('a@r.example')] }));
    await store.close();
    const db = new Sqlite(plain.file);
    db.exec('UPDATE fold SET version = 0');
    db.close();
    await (await plain.open()).close();
    expect(readdirSync(plain.folder).filter((name) => name.includes('before-fold'))).toEqual([]);
    await plain.dispose();
  });

  test('a copy that cannot be written is refused with a sentence, and nothing is touched', async () => {
    const before = readFileSync(database.file);
    // A folder stands where the copy is written to.
    const part = `${database.file}-before-fold-2.part`;
    mkdirSync(part);
    writeFileSync(path.join(part, 'x'), '');
    await expect(database.open()).rejects.toThrow(/must be copied before its addresses are folded/);
    expect(readFileSync(database.file).equals(before)).toBe(true);
    expect(existsSync(`${database.file}-before-fold-2`)).toBe(false);
  });
});

test('a name that another room will have is not given to one that is set aside', async () => {
  const database = new TempDatabase();
  const store = await database.open();
  for (const [i, jid] of ['a@c.example', 'b@c.example', 'c@c.example'].entries())
    await store.commit(batch(i + 1, { room: jid, changes: [create(jid, { createdAt: 1_000 + i })] }));
  await store.close();
  const db = new Sqlite(database.file);
  db.exec(
    "UPDATE fold SET version = 0; UPDATE room SET jid = 'A@c.example' WHERE jid = 'b@c.example'; UPDATE room SET jid = 'A-2@c.example' WHERE jid = 'c@c.example'",
  );
  db.close();
  const again = await database.open();
  expect(await again.roomsAfter('', 10)).toEqual(['a-2@c.example', 'a-3@c.example', 'a@c.example']);
  await database.dispose();
});

test('of the kind of A2: who was in a room that is set aside has left it: their stay ends unless they are listed, and what is kept of a visit is kept', async () => {
  const database = new TempDatabase();
  const store = await database.open();
  const younger = 'b@c.example';
  const people = { owner: 'moderator', member: 'participant', guest: 'participant', mute: 'visitor', gone: 'visitor' };
  await store.commit(batch(1, { room: 'a@c.example', changes: [create('a@c.example', { createdAt: 1 })] }));
  await store.commit(
    batch(2, {
      room: younger,
      counters: { rev: 9, deliveredRev: 9, seq: 7, stamp: 7 },
      changes: [
        create(younger, { createdAt: 2, options: JSON.stringify({ 'muc#roomconfig_moderatedroom': ['1'] }) }),
        ...(['owner', 'member'] as const).map((kind) => {
          const jid = asBare(`${kind}@x.lit`);
          return { table: 'affiliation' as const, jid, row: affiliation(jid, { affiliation: kind, setAt: 1 }) };
        }),
        ...Object.keys(people).map((name) => ({ table: 'stay' as const, jid: asBare(`${name}@x.lit`), event: 'begins' as const, seq: 2 })),
        { table: 'stay', jid: asBare('gone@x.lit'), event: 'ends', seq: 3 },
      ],
    }),
  );
  await store.close();
  const db = new Sqlite(database.file);
  const id = db.prepare('SELECT id FROM room WHERE jid = ?').pluck().get(younger) as number;
  const enter = db.prepare('INSERT INTO occupant (room, id, jid, nick, role, rev) VALUES (?, ?, ?, ?, ?, 1)');
  // As they were written before: in capitals.
  for (const [name, role] of Object.entries(people)) if (name !== 'gone') enter.run(id, name, `${name.toUpperCase()}@x.lit`, name, role);
  db.exec(
    "UPDATE room SET jid = 'A@c.example' WHERE jid = 'b@c.example'; UPDATE stay SET jid = 'GUEST@x.lit' WHERE jid = 'guest@x.lit'; UPDATE fold SET version = 0",
  );
  db.close();
  await (await database.open()).close();
  const after = new Sqlite(database.file, { readonly: true });
  expect(after.prepare('SELECT jid FROM room WHERE id = ?').pluck().get(id)).toBe('a-2@c.example');
  expect(after.prepare('SELECT jid, begin_seq, end_seq FROM stay WHERE room = ? ORDER BY jid').raw().all(id)).toEqual([
    ['gone@x.lit', 2, 3],
    ['guest@x.lit', 2, 7],
    ['member@x.lit', 2, null],
    ['mute@x.lit', 2, 7],
    ['owner@x.lit', 2, null],
  ]);
  const kept = (feature: string): unknown =>
    after.prepare('SELECT key, value FROM feature WHERE room = ? AND feature = ? ORDER BY key').raw().all(id, feature);
  expect(kept('last-visits')).toEqual([
    ['member@x.lit', '7'],
    ['owner@x.lit', '7'],
  ]);
  expect(kept('kept-roles')).toEqual([
    ['guest@x.lit', '"participant"'],
    ['member@x.lit', '"participant"'],
    ['mute@x.lit', '"visitor"'],
  ]);
  expect(after.prepare('SELECT count(*) FROM occupant WHERE room = ?').pluck().get(id)).toBe(0);
  after.close();
  await database.dispose();
});

describe('rule 7: accounts of other servers', () => {
  afterEach(() => setOwnDomains(undefined));
  const HOME = ['home.lit', 'c.example'].map(asDomain);
  const database = async (...jids: string[]): Promise<TempDatabase> => {
    const made = new TempDatabase();
    const store = await made.open();
    await store.commit(batch(1, { room: 'a@c.example', changes: [create('a@c.example')] }));
    await store.close();
    const db = new Sqlite(made.file);
    for (const [i, jid] of jids.entries())
      db.prepare("INSERT INTO affiliation (room, jid, affiliation, set_at) VALUES (1, ?, 'outcast', ?)").run(jid, i);
    db.close();
    return made;
  };
  const listed = async (made: TempDatabase): Promise<string[]> => {
    const store = await made.open();
    const { rows } = await store.claim(asRoom('a@c.example'));
    await store.close();
    return (rows?.affiliations ?? []).map(({ jid }) => jid).sort();
  };
  const noted = (made: TempDatabase): unknown => {
    const db = new Sqlite(made.file, { readonly: true });
    const row = db.prepare('SELECT version, own FROM fold').get();
    db.close();
    return row;
  };
  const unfold = (made: TempDatabase, how: string): void => {
    const db = new Sqlite(made.file);
    db.exec(`UPDATE fold SET ${how}`);
    db.close();
  };

  test('folded for the first time, two spellings stay two where they may be two accounts', async () => {
    const made = await database('Straße@away.lit', 'strasse@away.lit', 'STRASSE@away.lit', 'Straße@home.lit', 'strasse@home.lit');
    unfold(made, 'version = 0');
    setOwnDomains(HOME);
    expect(await listed(made)).toEqual(['strasse@away.lit', 'strasse@home.lit', 'straße@away.lit']);
    expect(noted(made)).toEqual({ version: 2, own: 'home.lit c.example' });
    await made.dispose();
  });

  test('what the first rules folded is neither looked at nor copied', async () => {
    const made = await database('strasse@away.lit');
    unfold(made, 'version = 1');
    setOwnDomains(HOME);
    expect(lookAt(made.file, { rows: ROWS }).folds).toBe(false);
    expect(await listed(made)).toEqual(['strasse@away.lit']);
    expect(noted(made)).toEqual({ version: 2, own: 'home.lit c.example' });
    expect(readdirSync(made.folder).filter((name) => name.includes('before-fold'))).toEqual([]);
    await made.dispose();
  });

  test('a domain that becomes the server’s own is folded as such, after a copy; one that was its own stays as it is', async () => {
    const made = await database('straße@away.lit', 'strasse@away.lit', 'strasse@home.lit');
    setOwnDomains(HOME);
    expect(await listed(made)).toEqual(['strasse@away.lit', 'strasse@home.lit', 'straße@away.lit']);
    setOwnDomains(['away.lit', 'c.example'].map(asDomain));
    expect(lookAt(made.file, { rows: ROWS }).folds).toBe(true);
    const said = (await previewFold(made.file, ROWS)).join('\n');
    expect(said).toContain('are one account');
    // What is one by its capitals alone is expected.
    expect(said).toContain('straße@away.lit is strasse@away.lit from now on.');
    expect(await listed(made)).toEqual(['strasse@away.lit', 'strasse@home.lit']);
    expect(readdirSync(made.folder).filter((name) => name.includes('before-fold'))).toEqual(['parlour.db-before-fold-2']);
    setOwnDomains(HOME);
    expect(await listed(made)).toEqual(['strasse@away.lit', 'strasse@home.lit']);
    await made.dispose();
  });
});

describe('what is looked at', () => {
  test('every column of every table is declared, and nothing else', async () => {
    const database = new TempDatabase();
    await (await database.open()).close();
    const db = new Sqlite(database.file, { readonly: true });
    const tables = db
      .prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'message_text%'")
      .pluck()
      .all() as string[];
    const found = Object.fromEntries(
      tables.sort().map((table) => [table, (db.prepare('SELECT name FROM pragma_table_info(?)').pluck().all(table) as string[]).sort()]),
    );
    db.close();
    await database.dispose();
    const declared = Object.fromEntries(
      Object.entries(COLUMNS)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([table, columns]) => [table, Object.keys(columns).sort()]),
    );
    expect(found).toEqual(declared);
  });
});

describe('merging lists', () => {
  const row = (jid: string, affiliation: Listed['affiliation'], set_at: number): Listed => ({
    jid,
    affiliation,
    nick: null,
    reason: null,
    set_by: null,
    set_by_name: null,
    set_at,
    expires_at: null,
    afterwards: null,
  });

  test.each([
    ['a later membership ends an earlier ban', [row('A@x', 'outcast', 1), row('a@x', 'member', 2)], 'member'],
    ['at the same time a ban outranks membership', [row('A@x', 'outcast', 1), row('a@x', 'member', 1)], 'outcast'],
    ['at the same time running the room outranks a ban', [row('A@x', 'outcast', 1), row('a@x', 'admin', 1)], 'admin'],
    ['without a time of both the higher affiliation counts', [row('A@x', 'member', 5), row('a@x', 'owner', 0)], 'owner'],
    [
      'without a time of both a ban goes before membership, whichever is later',
      [row('A@x', 'outcast', 0), row('a@x', 'member', 5)],
      'outcast',
    ],
    [
      'without a time of one of three the highest counts',
      [row('A@x', 'member', 9), row('a@x', 'outcast', 5), row('a@X', 'admin', 0)],
      'admin',
    ],
    ['the last owner stays', [row('A@x', 'owner', 1), row('a@x', 'outcast', 2)], 'owner'],
  ])('%s', (_what, rows, result) => {
    expect(mergeAffiliations('r@s', rows).rows).toMatchObject([{ jid: 'a@x', affiliation: result }]);
  });

  test('one of several owners can have been banned since', () => {
    const merged = mergeAffiliations('r@s', [row('A@x', 'owner', 1), row('a@x', 'outcast', 2), row('b@x', 'owner', 1)]);
    expect(merged.rows).toMatchObject([
      { jid: 'a@x', affiliation: 'outcast' },
      { jid: 'b@x', affiliation: 'owner' },
    ]);
    expect(merged.told.join()).toContain('banned in one spelling');
  });
});
