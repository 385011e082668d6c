/** Archive queries: SQLite answers what the plain statement of them answers, whatever part of the room is indexed. */
import type { BareJid, FullJid } from '../../src/xmpp/fold';
import fc from '../support/property';
import type { ArchiveFilter, ArchivePaging, ArchiveQuery } from '../../src/room/contract/archive-query';
import type { Change, MessageRow } from '../../src/room/contract/rows';
import type { FillBounds } from '../../src/store/sqlite/writing/fillers';
import type { SqliteStore } from '../../src/store/sqlite/sqlite-store';
import { MemoryStore } from '../support/memory-store';
import { batch, create, idOf, message, type Part } from './batches';
import { TempDatabase } from './temp';
import { asBare, asFull, asRoom } from '../support/jids';
import { asOccupantId, asStanzaId } from '../support/ids';

const ROOMS = ['a@r', 'b@r'] as const;
const PEOPLE = [asBare('ann@x'), asBare('bob@x')] as const;
const OCCUPANTS = ['occ-1', 'occ-2', null] as const;
const CLIENTS = [asFull('ann@x/1'), asFull('ann@x/2')] as const;
const WORDS = ['red', 'green', 'blue'] as const;
const RUNS = Number(process.env.PARLOUR_RANDOM_RUNS ?? 8);

/** Bounds at which indexes are filled within almost every batch, now and then, by and by, and never but when nothing else happens. */
const bounds = fc.constantFrom<FillBounds>(
  { time: 1, occupant: 1, text: 1, leastHelp: 100 },
  { time: 3, occupant: 7, text: 4, leastHelp: 1 },
  { time: 9, occupant: 2, text: 2, leastHelp: 2 },
  { time: 20, occupant: 20, leastHelp: 1 },
  { time: 1_000, occupant: 1_000, leastHelp: 1 },
);

/** Waits until every index has all messages. */
async function filled(store: SqliteStore): Promise<void> {
  for (let tries = 0; tries < 400; tries++) {
    const { time, occupant, text } = await store.lag();
    if (time === 0 && occupant === 0 && text === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error('the indexes are never filled');
}

/** One room as a test keeps it in mind: what stands where. */
class Told {
  seq = 0;
  stamp = 1_000_000;
  archiveFrom = 0;
  readonly ids: string[] = [];

  constructor(readonly room: string) {}

  say(pause: number, occupant: number, word: number): MessageRow {
    this.stamp += pause;
    this.seq++;
    const payload = `<body>${WORDS[word % 3]} ${WORDS[(this.seq * 7) % 3]}</body>`;
    const row = message(this.seq, {
      stamp: this.stamp,
      id: asStanzaId(idOf(this.seq, this.stamp)),
      payload,
      occupantId: asOccupantId(OCCUPANTS[occupant % 3] ?? null),
      sender: CLIENTS[this.seq % 2] as FullJid,
      jidShown: this.seq % 3 === 0,
    });
    this.ids.push(row.id);
    return row;
  }

  /** A message by a number that may be any, or an id that is in no archive. */
  id(n: number): string {
    return this.ids[n % (this.ids.length + 1)] ?? idOf(n, this.stamp - 3);
  }

  part(messages: readonly MessageRow[], changes: readonly Change[] = []): Part {
    const { room, seq, stamp } = this;
    return { room, counters: { rev: seq, deliveredRev: seq, seq, stamp }, messages, changes };
  }
}

/** Two stores that are given the same, the one on disk reopened at times. */
class Pair {
  readonly memory = new MemoryStore();
  readonly rooms = ROOMS.map((room) => new Told(room));
  private readonly database = new TempDatabase();
  private number = 0;
  sqlite!: SqliteStore;

  constructor(private readonly fillBounds: FillBounds) {}

  async open(): Promise<void> {
    this.sqlite = await this.database.open({ durability: 'normal', fillBounds: this.fillBounds });
  }

  async reopen(): Promise<void> {
    await this.sqlite.close();
    await this.open();
  }

  async commit(...parts: Part[]): Promise<void> {
    const next = batch(++this.number, ...parts);
    expect([await this.sqlite.commit(next), await this.memory.commit(next)]).toEqual([[], []]);
  }

  async expectSame(room: string, query: ArchiveQuery): Promise<void> {
    expect({ query, answer: await this.sqlite.archive(asRoom(room), query) }).toEqual({
      query,
      answer: await this.memory.archive(asRoom(room), query),
    });
  }

  dispose(): Promise<void> {
    return this.database.dispose();
  }
}

const saying = fc.record({ room: fc.nat(1), pause: fc.constantFrom(0, 0, 1, 1, 5), occupant: fc.nat(2), word: fc.nat(2) });
const event = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('say' as const), sayings: fc.array(saying, { minLength: 1, maxLength: 9 }) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('retract' as const), room: fc.nat(1), which: fc.nat(60), erased: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('stay' as const), room: fc.nat(1), who: fc.nat(1), begins: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('erase' as const), room: fc.nat(1), share: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('reopen' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('fill' as const) }) },
);
type Event = typeof event extends fc.Arbitrary<infer T> ? T : never;

const optional = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });
const question = fc.record({
  room: fc.nat(1),
  back: fc.constantFrom(0, 0, 0, 2, 9),
  start: optional(fc.nat(40)),
  end: optional(fc.nat(40)),
  afterId: optional(fc.nat(60)),
  beforeId: optional(fc.nat(60)),
  ids: optional(fc.array(fc.nat(60), { maxLength: 4 })),
  occupant: optional(fc.nat(1)),
  word: optional(fc.nat(2)),
  stayOf: optional(fc.nat(1)),
  ends: fc.boolean(),
  max: fc.nat(6),
  after: optional(fc.nat(60)),
  before: fc.oneof(fc.constant(undefined), fc.constant('' as const), fc.nat(60)),
  client: optional(fc.nat(1)),
  shown: optional(fc.constant(true as const)),
});
type Question = typeof question extends fc.Arbitrary<infer T> ? T : never;

/** Without the keys that are undefined. */
function given<T extends object>(all: { readonly [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as T;
}

function queryOf(told: Told, q: Question): ArchiveQuery {
  const id = (n: number | undefined): string | undefined => (n === undefined ? undefined : told.id(n));
  const filter = given<ArchiveFilter>({
    upToSeq: told.seq - q.back,
    start: q.start === undefined ? undefined : 1_000_000 + q.start,
    end: q.end === undefined ? undefined : 1_000_000 + q.end,
    afterId: id(q.afterId),
    beforeId: id(q.beforeId),
    ids: q.ids?.map((n) => told.id(n)),
    occupantId: asOccupantId(q.occupant === undefined ? undefined : (OCCUPANTS[q.occupant] as string)),
    sender: q.client === undefined ? undefined : CLIENTS[q.client],
    jidShown: q.shown,
    text: q.word === undefined ? undefined : WORDS[q.word],
    stayOf: q.stayOf === undefined ? undefined : PEOPLE[q.stayOf],
  });
  if (q.ends) return { want: 'ends', filter };
  return {
    want: 'page',
    filter,
    paging: given<ArchivePaging>({ max: q.max, after: id(q.after), before: q.before === '' ? '' : id(q.before) }),
  };
}

async function happen(pair: Pair, event: Event): Promise<void> {
  if (event.kind === 'reopen') return pair.reopen();
  if (event.kind === 'fill') return filled(pair.sqlite);
  if (event.kind === 'say') {
    const rows = ROOMS.map((): MessageRow[] => []);
    for (const { room, pause, occupant, word } of event.sayings) rows[room]?.push((pair.rooms[room] as Told).say(pause, occupant, word));
    // Now and then one of them is retracted in the batch that says it.
    const retracted = rows.map((ofRoom) => ofRoom.filter(({ seq }) => seq % 11 === 0));
    const parts = pair.rooms.map((told, i) =>
      told.part(
        rows[i] ?? [],
        (retracted[i] ?? []).map(({ id }) => ({ table: 'retraction', id, payload: '<gone/>', person: 'kept' })),
      ),
    );
    return pair.commit(...parts);
  }
  const told = pair.rooms[event.room] as Told;
  if (event.kind === 'retract') {
    const person = event.erased ? 'erased' : 'kept';
    return pair.commit(told.part([], [{ table: 'retraction', id: asStanzaId(told.id(event.which)), payload: '<gone/>', person }]));
  }
  if (event.kind === 'stay') {
    const change = { table: 'stay', jid: PEOPLE[event.who] as BareJid, event: event.begins ? 'begins' : 'ends', seq: told.seq } as const;
    return pair.commit(told.part([], [change]));
  }
  told.archiveFrom += Math.floor(((told.seq - told.archiveFrom) * event.share) / 3);
  return pair.commit(told.part([], [create(told.room, { archiveFrom: told.archiveFrom })]));
}

test('whatever happens, SQLite answers every question as rows in memory do', async () => {
  const kinds = new Set<string>();
  await fc.assert(
    fc.asyncProperty(
      bounds,
      fc.array(fc.tuple(event, fc.array(question, { minLength: 3, maxLength: 8 })), { minLength: 4, maxLength: 25 }),
      async (fillBounds, story) => {
        const pair = new Pair(fillBounds);
        try {
          await pair.open();
          await pair.commit(...pair.rooms.map((told) => told.part([], [create(told.room)])));
          for (const [event, questions] of story) {
            await happen(pair, event);
            for (const one of questions) {
              const told = pair.rooms[one.room] as Told;
              const query = queryOf(told, one);
              await pair.expectSame(told.room, query);
              kinds.add((await pair.memory.archive(asRoom(told.room), query)).kind);
            }
            for (const { room, seq } of pair.rooms) {
              for (const query of [{ limit: 4 }, { limit: 3, upToSeq: seq - 2 }]) {
                expect(await pair.sqlite.messages(asRoom(room), query)).toEqual(await pair.memory.messages(asRoom(room), query));
              }
            }
          }
        } finally {
          await pair.dispose();
        }
      },
    ),
    { numRuns: RUNS, endOnFailure: true },
  );
  expect([...kinds].sort()).toEqual(['ends', 'item-not-found', 'page']);
}, 240_000);

test('paging through an archive yields every message once and in order: any page size, both ways, whatever happens between pages', async () => {
  await fc.assert(
    fc.asyncProperty(
      bounds,
      fc.array(saying, { minLength: 1, maxLength: 60 }),
      fc.integer({ min: 1, max: 12 }),
      fc.boolean(),
      optional(fc.nat(1)),
      fc.array(
        event.filter(({ kind }) => kind !== 'erase' && kind !== 'stay'),
        { maxLength: 12 },
      ),
      async (fillBounds, sayings, max, backwards, occupant, events) => {
        const pair = new Pair(fillBounds);
        try {
          await pair.open();
          await pair.commit(...pair.rooms.map((told) => told.part([], [create(told.room)])));
          for (const { pause, occupant, word } of sayings) {
            const told = pair.rooms[0] as Told;
            await pair.commit(told.part([told.say(pause, occupant, word)]));
          }
          const { room, seq } = pair.rooms[0] as Told;
          const filter = given<ArchiveFilter>({
            upToSeq: seq,
            occupantId: asOccupantId(occupant === undefined ? undefined : (OCCUPANTS[occupant] as string)),
          });
          const expected = (await pair.memory.messages(asRoom(room), { limit: 1_000 })).filter(
            (row) => filter.occupantId === undefined || row.occupantId === filter.occupantId,
          );
          const seen: number[] = [];
          let cursor: string | undefined;
          for (let page = 0; ; page++) {
            if (page > expected.length) throw new Error('more pages than messages');
            const paging = backwards ? { max, before: cursor ?? '' } : given<ArchivePaging>({ max, after: cursor, before: undefined });
            const answer = await pair.sqlite.archive(asRoom(room), { want: 'page', filter, paging });
            if (answer.kind !== 'page') throw new Error(answer.kind);
            const seqs = answer.rows.map((row) => row.seq);
            if (seqs.length > 0) expect(answer.index).toBe(expected.findIndex((row) => row.seq === seqs[0]));
            expect(answer.count).toBe(expected.length);
            if (backwards) seen.unshift(...seqs);
            else seen.push(...seqs);
            if (answer.complete) break;
            cursor = (backwards ? answer.rows[0] : answer.rows.at(-1))?.id;
            const next = events.shift();
            if (next) await happen(pair, next);
          }
          expect(seen).toEqual(expected.map((row) => row.seq));
        } finally {
          await pair.dispose();
        }
      },
    ),
    { numRuns: RUNS, endOnFailure: true },
  );
}, 240_000);
