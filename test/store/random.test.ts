/** Random batches, good rows and bad, with restarts between: SQLite holds what the store in memory holds. */
import fc from '../support/property';
import type { Change, MessageRow } from '../../src/room/contract/rows';
import type { Store } from '../../src/store/store';
import { MemoryStore } from '../support/memory-store';
import { affiliation, batch, create, message, occupant, session, type Part } from './batches';
import { TempDatabase } from './temp';
import { asBare, asFull, asRoom } from '../support/jids';
import { asOccupantId } from '../support/ids';

const ROOMS = [asRoom('a@r'), asRoom('b@r'), asRoom('c@r')] as const;
const limit = { roomsPerCreator: 1, rooms: 2 };
const word = fc.constantFrom('p', 'q', 'r');

/** `begin`: what the room's `archiveFrom` is, and what it becomes when the room begins anew. It never goes back. */
interface Begin {
  readonly now: number;
  readonly anew: number;
}

const change: fc.Arbitrary<(room: string, begin: Begin) => Change> = fc.oneof(
  fc
    .record({
      state: fc.constantFrom('open' as const, 'locked' as const, 'destroyed' as const),
      creator: word.map(asBare),
      listed: fc.boolean(),
      deadline: fc.option(fc.nat(50)),
      limited: fc.boolean(),
      anew: fc.boolean(),
    })
    .map(
      ({ limited, anew, ...row }) =>
        (room: string, begin: Begin) =>
          create(room, { ...row, archiveFrom: anew ? begin.anew : begin.now }, limited ? limit : undefined),
    ),
  fc.tuple(word, fc.option(fc.constantFrom('owner', 'member', 'outcast', 'none'))).map(
    ([jid, value]) =>
      () =>
        ({ table: 'affiliation', jid: asBare(jid), row: value && affiliation(jid, { affiliation: value as 'owner' }) }) as const,
  ),
  fc.tuple(word, fc.option(fc.constantFrom('visitor', 'king'))).map(
    ([id, role]) =>
      () =>
        ({ table: 'occupant', id: asOccupantId(id), row: role && occupant(id, { role: role as 'visitor' }) }) as const,
  ),
  fc.tuple(word, fc.option(fc.boolean())).map(
    ([jid, entering]) =>
      () =>
        ({
          table: 'session',
          jid: asFull(jid),
          row: entering === null ? null : session(jid, { entering, occupantId: asOccupantId('p') }),
        }) as const,
  ),
  fc.tuple(word, word, fc.option(fc.string({ unit: 'binary' }))).map(
    ([feature, key, value]) =>
      () =>
        ({ table: 'feature', feature, key, value }) as const,
  ),
  fc.nat(20).map((rev) => () => ({ table: 'saying', row: { rev, what: `said at ${rev}` } }) as const),
  fc.constant(() => ({ table: 'clear' }) as const),
);

const part = fc.record({
  changes: fc.array(change, { maxLength: 4 }),
  messages: fc.array(
    fc.record({ bad: fc.integer({ min: 0, max: 14 }), inHistory: fc.boolean(), payload: fc.string({ unit: 'grapheme' }) }),
    { maxLength: 3 },
  ),
  undelivered: fc.nat(3),
});
const step = fc.oneof(
  { weight: 1, arbitrary: fc.constant('restart' as const) },
  { weight: 14, arbitrary: fc.array(fc.tuple(fc.nat(2), part), { minLength: 1, maxLength: 3 }) },
);

/** Everything a store shows. */
async function everything(store: Store): Promise<unknown> {
  const rooms = await Promise.all(
    ROOMS.map(async (room) => {
      const { rows } = await store.claim(room);
      await store.release(room);
      const byKey = (list: readonly object[] = []) => list.map((row) => JSON.stringify(row, Object.keys(row).sort())).sort();
      const messages = await Promise.all([
        store.messages(room, { limit: 99 }),
        store.messages(room, { limit: 2, historyOnly: true, upToSeq: 5, afterRev: 1, since: 10_002 }),
        store.messages(room, { limit: 2, afterRev: 3, oldestFirst: true }),
      ]);
      return {
        messages,
        rows: rows && {
          ...rows,
          affiliations: byKey(rows.affiliations),
          occupants: byKey(rows.occupants),
          sessions: byKey(rows.sessions),
          features: byKey(rows.features),
        },
      };
    }),
  );
  const { rooms: alive, occupants } = await store.counts();
  return {
    rooms,
    alive,
    occupants,
    list: await store.listRooms({ max: 2, after: 'a@r' }),
    unsaid: await store.unsaidAfter('', 100),
    due: await store.dueRooms(25, 100),
    of: await store.roomsOf(asFull('p'), '', 100),
    seats: (await store.seatsOf(asFull('p'), { limit: 100 }))?.map(({ room }) => room).sort(),
    registrations: await store.registrationsOf(asBare('p'), { limit: 100 }),
    has: await Promise.all(ROOMS.map((room) => store.hasRoom(room))),
    occupied: await store.occupiedAfter(asRoom('a@r'), 5),
    people: await store.people(1),
    sessions: await store.sessionsAfter(asFull('p'), 5),
    last: await store.lastBatch(),
  };
}

test('random batches leave the same rows in SQLite and in memory', async () => {
  let refusals = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
      const database = new TempDatabase();
      try {
        let sqlite = await database.open({ durability: 'normal' });
        const memory = new MemoryStore();
        const seqs = new Map<string, number>();
        const begins = new Map<string, number>();
        let number = 0;
        for (const one of steps) {
          if (one === 'restart') {
            await sqlite.close();
            sqlite = await database.open({ durability: 'normal' });
          } else {
            const parts = new Map<string, Part>();
            for (const [index, { changes, messages, undelivered }] of one) {
              const room = ROOMS[index] as string;
              let seq = seqs.get(room) ?? 0;
              const before = seq;
              const rows = messages.map(({ bad, ...rest }): MessageRow =>
                message(++seq, bad === 0 ? { payload: null as unknown as string } : rest),
              );
              seqs.set(room, seq);
              const made = changes.map((make) => {
                const one = make(room, { now: begins.get(room) ?? 0, anew: before });
                if (one.table === 'room') begins.set(room, one.row.archiveFrom);
                return one;
              });
              parts.set(room, {
                room,
                counters: { rev: seq, seq, stamp: 10_000 + seq, deliveredRev: Math.max(0, seq - undelivered) },
                changes: made,
                messages: rows,
              });
            }
            const next = batch(++number, ...parts.values());
            const answers = [await sqlite.commit(next), await memory.commit(next)].map((refused) =>
              refused.map(({ room, reason }) => ({ room, reason })),
            );
            expect(answers[0]).toEqual(answers[1]);
            refusals += answers[0]?.length ?? 0;
          }
          expect(await everything(sqlite)).toEqual(await everything(memory));
        }
      } finally {
        await database.dispose();
      }
    }),
    { numRuns: Number(process.env.PARLOUR_RANDOM_RUNS ?? 15), endOnFailure: true },
  );
  expect(refusals).toBeGreaterThan(0);
}, 120_000);
