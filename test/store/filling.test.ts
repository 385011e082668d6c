/** Indexes that are filled behind the commits: whatever cuts the filling off, nothing is missing, doubled or left over. */
import fc from '../support/property';
import Sqlite, { type Database } from 'better-sqlite3';
import type { ArchiveQuery } from '../../src/room/contract/archive-query';
import { beginWriting, Claims } from '../../src/store/sqlite/writing/claims';
import { Committer } from '../../src/store/sqlite/writing/committer';
import { openForWriting } from '../../src/store/sqlite/files/connection';
import { Fillers, type FillBounds } from '../../src/store/sqlite/writing/fillers';
import { MessageOrder } from '../../src/store/sqlite/messages/message-order';
import { applyMigration, loadMigrations } from '../../src/store/sqlite/files/migrations';
import { KeptTail, PlainTail } from '../../src/store/sqlite/messages/tail';
import { batch, create, message } from './batches';
import { TempDatabase } from './temp';
import { asRoom } from '../support/jids';
import { asOccupantId } from '../support/ids';

const ROOMS = ['a@r', 'b@r', 'c@r', 'd@r'] as const;

/** The inside of the writer, stepped by hand. */
class Hand {
  readonly db: Database;
  fillers: Fillers;
  private committer: Committer;
  private number = 0;
  private readonly seqs = new Map<string, number>();
  /** As a reader has it all the time. */
  private readonly tail: KeptTail;

  constructor(
    private readonly file: string,
    private readonly bounds: FillBounds,
  ) {
    this.db = openForWriting({ path: file, durability: 'normal', busyTimeout: 100 }, 1, []).db;
    this.tail = new KeptTail(this.db, 3);
    this.fillers = new Fillers(this.db, bounds);
    this.committer = new Committer(this.db, file, this.fillers, new Claims(this.db, beginWriting(this.db, null, 1), null));
    this.committer.commit(batch(++this.number, ...ROOMS.map((room) => ({ room, changes: [create(room)] }))));
  }

  say(rooms: readonly number[]): void {
    const parts = ROOMS.map((room, i) => ({
      room,
      messages: rooms
        .filter((one) => one === i)
        .map((_, n) => {
          const seq = (this.seqs.get(room) ?? 0) + 1;
          this.seqs.set(room, seq);
          return message(seq, { occupantId: asOccupantId(n % 3 === 2 ? null : `occ-${seq % 2}`) });
        }),
    }));
    expect(this.committer.commit(batch(++this.number, ...parts.filter(({ messages }) => messages.length > 0)))).toEqual([]);
  }

  step(rows: number): boolean {
    return this.db.transaction(() => this.fillers.step(rows)).immediate();
  }

  /** A step whose transaction does not come to its end. */
  failStep(rows: number): void {
    const fails = this.db.transaction(() => {
      this.fillers.step(rows);
      throw new Error('told to fail');
    });
    expect(() => fails.immediate()).toThrow('told to fail');
    this.fillers.reset();
  }

  /** As the next start finds it. */
  restart(): void {
    this.fillers = new Fillers(this.db, this.bounds);
    this.committer = new Committer(this.db, this.file, this.fillers, new Claims(this.db, beginWriting(this.db, null, 1), null));
  }

  /** Every room in order, by way of the index and the tail. */
  expectWhole(): void {
    for (const tail of [this.tail, new PlainTail(this.db)]) this.expectWholeBy(new MessageOrder(this.db, tail));
  }

  private expectWholeBy(order: MessageOrder): void {
    for (const { id, jid } of this.db.prepare('SELECT id, jid FROM room').all() as { id: number; jid: string }[]) {
      const seqs = Array.from({ length: this.seqs.get(jid) ?? 0 }, (_, i) => i + 1);
      const span = { from: 1, to: seqs.length };
      expect([...order.of(id).rows(span, false)].map(({ seq }) => seq)).toEqual(seqs);
      expect([...order.of(id).rows(span, true)].map(({ seq }) => seq)).toEqual(seqs.reverse());
    }
  }
}

/** Nothing waits, and all indexes have exactly the messages. */
function expectFilled(db: Database): void {
  const rows = (sql: string): unknown[] => db.prepare(sql).raw().all();
  expect(rows('SELECT room, stamp, seq, id FROM message_time')).toEqual(rows('SELECT room, stamp, seq, id FROM message ORDER BY 1, 2, 3'));
  expect(rows('SELECT room, occupant_id, id FROM message_occupant')).toEqual(
    rows('SELECT room, occupant_id, id FROM message WHERE occupant_id IS NOT NULL ORDER BY 1, 2, 3'),
  );
  const newest = db.prepare('SELECT max(id) FROM message').pluck().get();
  expect(rows('SELECT up_to, ahead FROM filled')).toEqual([
    [newest, newest],
    [newest, newest],
    [newest, newest],
  ]);
  db.exec('CREATE VIRTUAL TABLE temp.words USING fts5vocab(main, message_text, instance)');
  const words = rows(
    "SELECT doc, group_concat(term, ' ') FROM (SELECT doc, term FROM words ORDER BY doc, col = 'payload', offset) GROUP BY doc",
  );
  const said = db.prepare("SELECT id, room, payload FROM message WHERE payload <> '<body/>' ORDER BY id").raw().all() as [
    number,
    number,
    string,
  ][];
  expect(words).toEqual(said.map(([id, room, payload]) => [id, `r${room} ${payload.replace(/<[^<>]*>/g, '')}`]));
  db.exec('DROP TABLE temp.words');
  // The batch that was the last stays until a later one.
  expect(rows('SELECT first FROM message_tail').length).toBeLessThanOrEqual(1);
}

const doing = fc.oneof(
  { weight: 4, arbitrary: fc.array(fc.nat(3), { minLength: 1, maxLength: 12 }).map((rooms) => (hand: Hand) => hand.say(rooms)) },
  { weight: 3, arbitrary: fc.integer({ min: 1, max: 7 }).map((rows) => (hand: Hand) => void hand.step(rows)) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 7 }).map((rows) => (hand: Hand) => hand.failStep(rows)) },
  { weight: 1, arbitrary: fc.constant((hand: Hand) => hand.restart()) },
);
const bounds = fc.record({
  time: fc.integer({ min: 1, max: 30 }),
  occupant: fc.integer({ min: 1, max: 60 }),
  text: fc.integer({ min: 1, max: 60 }),
  leastHelp: fc.integer({ min: 1, max: 9 }),
  storm: fc.record({ messages: fc.integer({ min: 0, max: 12 }), behind: fc.integer({ min: 1, max: 90 }) }),
});

test('commits, steps, failures and restarts in any order: rooms are always whole, and in the end the indexes are', async () => {
  await fc.assert(
    fc.asyncProperty(bounds, fc.array(doing, { minLength: 5, maxLength: 40 }), async (fillBounds, doings) => {
      const database = new TempDatabase();
      const hand = new Hand(database.file, fillBounds);
      try {
        for (const act of doings) {
          act(hand);
          hand.expectWhole();
        }
        hand.say([0]);
        for (let steps = 0; hand.step(5); steps++) if (steps > 1_000) throw new Error('it never ends');
        expectFilled(hand.db);
        hand.expectWhole();
      } finally {
        hand.db.close();
        await database.dispose();
      }
    }),
    { numRuns: Number(process.env.PARLOUR_RANDOM_RUNS ?? 60), endOnFailure: true },
  );
}, 120_000);

test('a large batch leaves indexes alone until too many messages wait; a small one helps as soon as some do', async () => {
  const database = new TempDatabase();
  const hand = new Hand(database.file, { time: 10, occupant: 10, text: 10, leastHelp: 10, storm: { messages: 4, behind: 40 } });
  const count = (table: string): number => hand.db.prepare(`SELECT count(*) FROM ${table}`).pluck().get() as number;
  const behind = (): number => count('message') - count('message_time');
  const many = [0, 1, 2, 3, 0, 1, 2, 3, 0, 1];
  try {
    for (let i = 1; i <= 4; i++) {
      hand.say(many);
      expect(behind()).toBe(10 * i);
    }
    // So many wait that even this one has to help.
    hand.say(many);
    expect(behind()).toBeLessThan(50);
    const before = behind();
    hand.say([2]);
    expect(behind()).toBeLessThan(before);
    hand.expectWhole();
  } finally {
    hand.db.close();
    await database.dispose();
  }
});

describe('the store', () => {
  let database: TempDatabase;
  beforeEach(() => (database = new TempDatabase()));
  afterEach(() => database.dispose());

  async function untilFilled(store: Awaited<ReturnType<TempDatabase['open']>>): Promise<void> {
    for (let tries = 0; tries < 400; tries++) {
      const { time, occupant, text } = await store.lag();
      if (time + occupant + text === 0) return;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    throw new Error('still behind');
  }

  test('fills its indexes soon after the last batch, and does not need to be asked', async () => {
    const store = await database.open({ ready: true, fillBounds: { time: 50_000, occupant: 50_000, leastHelp: 1 } });
    const rows = Array.from({ length: 3_000 }, (_, i) => message(i + 1));
    await store.commit(batch(1, { room: 'a@r', changes: [create('a@r')], messages: rows }));
    expect((await store.lag()).time).toBe(3_000);
    await untilFilled(store);
    await store.close();
    const db = new Sqlite(database.file, { readonly: true });
    expectFilled(db);
    db.close();
  });

  test('takes over an archive from before: it can be read at once, and what occupants said is indexed by and by', async () => {
    const old = new Sqlite(database.file);
    old.pragma('page_size = 4096');
    for (const migration of loadMigrations().slice(0, 5)) applyMigration(old, migration, 1);
    const room =
      "INSERT INTO room (jid, state, options, name, listed, secret, creator, created_at, archive_from) VALUES ('a@r', 'open', '{}', '', 1, '', '', 0, 0)";
    const id = old.prepare(room).run().lastInsertRowid;
    old.prepare('INSERT INTO counters VALUES (?, 2500, 2500, 2500, 12500)').run(id);
    const add = old.prepare(
      "INSERT INTO message (room, seq, rev, stamp, stanza_id, nick, sender, occupant_id, client_id, lang, in_history, payload) VALUES (?, ?, ?, ?, ?, 'Ann', 'ann@example.org', ?, NULL, NULL, 1, '<body/>')",
    );
    old.transaction(() => {
      for (let seq = 1; seq <= 2_500; seq++) {
        const { stamp, id: stanzaId } = message(seq);
        add.run(id, seq, seq, stamp, stanzaId, `occ-${seq % 2}`);
      }
    })();
    old.close();

    const store = await database.open();
    const query: ArchiveQuery = {
      want: 'page',
      filter: { upToSeq: 2_500, occupantId: asOccupantId('occ-1') },
      paging: { max: 2, before: message(9).id },
    };
    const expected = { kind: 'page', complete: false, count: 1_250, index: 2, rows: [{ seq: 5 }, { seq: 7 }] };
    expect(await store.archive(asRoom('a@r'), query)).toMatchObject(expected);
    await store.commit(batch(1, { room: 'a@r', messages: [message(2_501, { occupantId: asOccupantId('occ-1') })] }));
    await untilFilled(store);
    expect(await store.archive(asRoom('a@r'), query)).toMatchObject(expected);
    expect((await store.messages(asRoom('a@r'), { limit: 3_000 })).map(({ seq }) => seq)).toEqual(
      Array.from({ length: 2_501 }, (_, i) => i + 1),
    );
    await store.close();
    const db = new Sqlite(database.file, { readonly: true });
    expectFilled(db);
    db.close();
  });
});
