import Sqlite from 'better-sqlite3';
import { asRoom } from '../support/jids';
import { batch, create, message } from './batches';
import { runClaimsConformance, type Pair } from './claims-conformance';
import { sqliteBench, TempDatabase } from './temp';
import { runArchiveConformance } from './archive-conformance';
import { runStoreConformance } from './conformance';
import { runEventsConformance } from './events-conformance';
import { runMovingConformance } from './moving-conformance';

runStoreConformance('SQLite', sqliteBench);
runEventsConformance('SQLite', sqliteBench);
runArchiveConformance('SQLite', sqliteBench);
runMovingConformance('SQLite', sqliteBench);
runClaimsConformance('SQLite', pair);

/** Two connections that write, to one file. */
async function pair(): Promise<Pair> {
  const database = new TempDatabase();
  const shared = { durability: 'normal', lease: 60_000 } as const;
  const [one, other] = [await database.open(shared), await database.open(shared)];
  return {
    one,
    other,
    expire: () => {
      const db = new Sqlite(database.file);
      db.exec('UPDATE writer SET lease_until = 0 WHERE id = (SELECT min(id) FROM writer)');
      db.close();
      return Promise.resolve();
    },
    dispose: () => database.dispose(),
  };
}

describe('who may write a SQLite database', () => {
  const A = asRoom('a@rooms.example.org');
  let database: TempDatabase;
  beforeEach(() => (database = new TempDatabase()));
  afterEach(() => database.dispose());

  test('who starts alone takes over at once what a process that was killed had claimed; that process writes nothing more', async () => {
    const first = await database.open({ durability: 'normal', lease: 60_000 });
    const { token } = await first.claim(A);
    await first.commit({ ...batch(1, { room: A, changes: [create(A)] }), tokens: [token] });
    // Its writer holds no lock between two transactions: as if it were killed, or its machine stood still.
    const db = new Sqlite(database.file);
    db.exec(
      'DELETE FROM claim; DELETE FROM writer; INSERT INTO writer (batch) VALUES (9); UPDATE progress SET owner = (SELECT max(id) FROM writer)',
    );
    db.close();
    const late = { ...batch(2, { room: A, messages: [message(1)] }), tokens: [token] };
    await expect(first.commit(late)).rejects.toMatchObject({ name: 'StoreFailed', message: expect.stringContaining('alone') as string });
    await expect(first.probe()).rejects.toMatchObject({ name: 'StoreFailed' });
    expect(await first.messages(A, { limit: 10 })).toEqual([]);
  });

  test('nor does one that had the database for itself', async () => {
    const first = await database.open({ durability: 'normal' });
    const { token } = await first.claim(A);
    await first.commit({ ...batch(1, { room: A, changes: [create(A)] }), tokens: [token] });
    const db = new Sqlite(database.file);
    db.exec('UPDATE progress SET owner = owner + 1');
    db.close();
    await expect(first.commit({ ...batch(2, { room: A, messages: [message(1)] }), tokens: [token] })).rejects.toThrow(/alone/);
    await expect(first.probe()).rejects.toThrow(/alone/);
  });

  test('nobody shares a database with one that has it for itself', async () => {
    await database.open({ durability: 'normal' });
    await expect(database.open({ durability: 'normal', lease: 60_000 })).rejects.toMatchObject({ reason: 'in-use' });
  });

  test('a lease is renewed as long as the process lives', async () => {
    const first = await database.open({ durability: 'normal', lease: 300 });
    const other = await database.open({ durability: 'normal', lease: 300 });
    await first.claim(A);
    await new Promise((resolve) => setTimeout(resolve, 700));
    await expect(other.claim(A)).rejects.toThrow(/another process/);
  });

  test('a writer that dies keeps its claims', async () => {
    const store = await database.open({
      durability: 'normal',
      threads: { writer: require.resolve('./faulty-writer'), fault: { kind: 'dies', at: 2, when: 'after', once: `${database.file}-died` } },
    });
    const { token } = await store.claim(A);
    await store.commit({ ...batch(1, { room: A, changes: [create(A)] }), tokens: [token] });
    expect(await store.commit({ ...batch(2, { room: A, messages: [message(1)] }), tokens: [token] })).toEqual([]);
    expect(await store.commit({ ...batch(3, { room: A, messages: [message(2)] }), tokens: [token] })).toEqual([]);
    await store.release(A);
    expect(await store.commit({ ...batch(4, { room: A, messages: [message(3)] }), tokens: [token] })).toMatchObject([{ reason: 'lost' }]);
  });
});
