/** What every store must do, whatever it stores in. */
import { foldBare, setOwnDomains, type FullJid } from '../../src/xmpp/fold';
import { LAST_VISITS, RESERVED_NICKS } from '../../src/room/contract/row-names';
import { administrator } from '../../src/room/contract/audit';
import type { Change } from '../../src/room/contract/rows';
import type { Channel } from '../../src/room/contract/channel';
import type { ChannelPlace, ChannelQuery, FoundRoom, RoomSearch, Seat } from '../../src/store/directory';
import { StoreFailed } from '../../src/store/failures';
import type { PersonErasure, RetentionStep } from '../../src/store/maintenance';
import type { Claim, Refused } from '../../src/store/room-store';
import type { Store } from '../../src/store/store';
import type { StoredToken } from '../../src/store/tokens';
import type { WakeFormRow, WokenRow } from '../../src/store/wake-ups';
import type { ArchiveFilter, ArchivePaging } from '../../src/room/contract/archive-query';
import { affiliation, batch, create, idOf, message, occupant, roomRow, session, type Part } from './batches';
import { asBare, asDomain, asFull, asRoom } from '../support/jids';
import { asNick, asOccupantId, asStanzaId } from '../support/ids';

/** A store on something that lasts. */
export interface Bench {
  readonly store: Store;
  /** Closes the store and opens another on the same rows. */
  reopen(): Promise<Store>;
  dispose(): Promise<void>;
}

const A = asRoom('a@rooms.example.org');
const B = asRoom('b@rooms.example.org');
const C = asRoom('c@rooms.example.org');

/** Declares the suite for one kind of store. `make` gives an opened store without rooms. */
export function runStoreConformance(name: string, make: () => Promise<Bench>): void {
  describe(`${name} as a Store`, () => {
    let bench: Bench;
    let store: Store;

    beforeEach(async () => {
      bench = await make();
      store = bench.store;
    });
    afterEach(() => bench.dispose());

    const look = async (room: string, at = store): Promise<Claim['rows']> => {
      const { rows } = await at.claim(asRoom(room));
      await at.release(asRoom(room));
      return rows;
    };
    const bodies = async (room: string): Promise<number[]> => (await store.messages(asRoom(room), { limit: 1000 })).map(({ seq }) => seq);

    test('a new room is read back as it was written, also by the next store', async () => {
      expect(await look(A)).toBeNull();
      const row = roomRow(A, { name: 'Tea & cake', subject: '{"text":"☕"}', deadline: 99, listed: false, state: 'locked' });
      const aff = affiliation('ann@example.org', {
        affiliation: 'owner',
        nick: asNick('Ann'),
        reason: 'founder',
        setBy: asBare('x@y'),
        setByName: null,
        expiresAt: 12,
        afterwards: 'member',
      });
      const occ = occupant('o1', { role: 'moderator', rev: 3 });
      const ses = session('ann@example.org/phone', { occupantId: asOccupantId('o1'), entering: true, askedNick: 'Anna', priority: -1 });
      const refused = await store.commit(
        batch(1, {
          room: A,
          counters: { rev: 4, deliveredRev: 2, seq: 0, stamp: 50, used: 40 },
          changes: [
            { table: 'room', row },
            { table: 'affiliation', jid: aff.jid, row: aff },
            { table: 'occupant', id: occ.id, row: occ },
            { table: 'session', jid: ses.jid, row: ses },
            { table: 'feature', feature: 'f', key: 'k', value: 'v' },
            { table: 'saying', row: { rev: 4, what: 'second' } },
            { table: 'saying', row: { rev: 3, what: 'first' } },
          ],
        }),
      );
      expect(refused).toEqual([]);
      const expected = {
        room: row,
        counters: { rev: 4, deliveredRev: 2, seq: 0, stamp: 50, used: 40 },
        affiliations: [aff],
        occupants: [occ],
        sessions: [ses],
        sayings: [
          { rev: 3, what: 'first' },
          { rev: 4, what: 'second' },
        ],
        features: [{ feature: 'f', key: 'k', value: 'v' }],
      };
      expect(await look(A)).toEqual(expected);
      const next = await bench.reopen();
      expect(await look(A, next)).toEqual(expected);
      expect(await next.lastBatch()).toBe(1);
    });

    test('rows are replaced and removed by their keys', async () => {
      const put = (role: 'visitor' | 'participant') =>
        ({ table: 'occupant', id: asOccupantId('o1'), row: occupant('o1', { role }) }) as const;
      await store.commit(
        batch(1, {
          room: A,
          changes: [create(A), put('visitor'), put('participant'), { table: 'feature', feature: 'f', key: 'k', value: '1' }],
        }),
      );
      expect((await look(A))?.occupants).toEqual([occupant('o1', { role: 'participant' })]);
      await store.commit(
        batch(2, {
          room: A,
          changes: [
            { table: 'occupant', id: asOccupantId('o1'), row: null },
            { table: 'feature', feature: 'f', key: 'k', value: null },
            { table: 'session', jid: asFull('never/there'), row: null },
            { table: 'affiliation', jid: asBare('never'), row: null },
          ],
        }),
      );
      expect(await look(A)).toMatchObject({ occupants: [], features: [], sessions: [], affiliations: [] });
    });

    test('a second claim without a release is a mistake, of a room that is not there too', async () => {
      await store.claim(A);
      await expect(store.claim(A)).rejects.toThrow('claimed');
      await store.release(A);
      expect((await store.claim(A)).rows).toBeNull();
      await store.release(B);
    });

    test('messages answer every bound of a query, oldest first', async () => {
      const rows = Array.from({ length: 20 }, (_, i) =>
        message(i + 1, { inHistory: i % 4 !== 3, lang: i === 0 ? 'de' : null, nick: asNick(i === 1 ? null : 'Ann') }),
      );
      await store.commit(batch(1, { room: A, changes: [create(A)], messages: rows }));
      const seqs = async (query: Parameters<Store['messages']>[1]): Promise<number[]> =>
        (await store.messages(A, query)).map(({ seq }) => seq);
      expect(await store.messages(A, { limit: 100 })).toEqual(rows);
      expect(await seqs({ limit: 3 })).toEqual([18, 19, 20]);
      expect(await seqs({ limit: 3, upToSeq: 10 })).toEqual([8, 9, 10]);
      expect(await seqs({ limit: 3, upToSeq: 10, historyOnly: true })).toEqual([7, 9, 10]);
      expect(await seqs({ limit: 100, afterRev: 17 })).toEqual([18, 19, 20]);
      expect(await seqs({ limit: 100, since: 10_019 })).toEqual([19, 20]);
      expect(await seqs({ limit: 100, since: 10_005, upToSeq: 9, afterRev: 5, historyOnly: true })).toEqual([6, 7, 9]);
      expect(await seqs({ limit: 3, afterRev: 7, oldestFirst: true })).toEqual([8, 9, 10]);
      expect(await seqs({ limit: 5, afterRev: 17, oldestFirst: true })).toEqual([18, 19, 20]);
      expect(await seqs({ limit: 5, afterRev: 20, oldestFirst: true })).toEqual([]);
      expect(await seqs({ limit: 5, afterRev: 7, upToSeq: 9, oldestFirst: true })).toEqual([8, 9]);
      const bytes = Buffer.byteLength(rows[9]?.payload ?? '');
      expect(await seqs({ limit: 5, afterRev: 9, maxBytes: 2 * bytes, oldestFirst: true })).toEqual([10, 11]);
      // One is always given: who asks goes on behind it.
      expect(await seqs({ limit: 5, afterRev: 9, maxBytes: 1, oldestFirst: true })).toEqual([10]);
      expect(await seqs({ limit: 0 })).toEqual([]);
      expect(await store.messages(B, { limit: 10 })).toEqual([]);
    });

    test('messages of several rooms in one batch stay apart and in order', async () => {
      const mixed = batch(
        1,
        { room: A, changes: [create(A)], messages: [message(1), message(2)] },
        { room: B, changes: [create(B)], messages: [message(1, { payload: 'b' })] },
      );
      await store.commit(mixed);
      expect(await bodies(A)).toEqual([1, 2]);
      expect((await store.messages(B, { limit: 9 })).map(({ payload }) => payload)).toEqual(['b']);
      expect((await store.counts()).messages).toBe(3);
    });

    test("one room's bad row refuses that room whole and no other", async () => {
      await store.commit(batch(1, { room: A, changes: [create(A)], messages: [message(1)] }, { room: B, changes: [create(B)] }));
      const bad = message(3, { payload: null as unknown as string });
      const refused = await store.commit(
        batch(
          2,
          { room: C, changes: [create(C)], messages: [message(1)] },
          { room: A, changes: [{ table: 'occupant', id: asOccupantId('o'), row: occupant('o') }], messages: [message(2), bad] },
          { room: B, changes: [{ table: 'occupant', id: asOccupantId('o'), row: occupant('o') }], messages: [message(1)] },
        ),
      );
      expect(refused).toEqual([{ room: A, reason: 'row', detail: expect.any(String) as string }] satisfies Refused[]);
      expect(await bodies(A)).toEqual([1]);
      expect(await look(A)).toMatchObject({ occupants: [], counters: { seq: 1 } });
      expect(await bodies(B)).toEqual([1]);
      expect(await bodies(C)).toEqual([1]);
      expect(await store.lastBatch()).toBe(2);
      expect((await store.counts()).messages).toBe(3);
    });

    test.each([
      [
        'an affiliation that is none',
        { table: 'affiliation', jid: asBare('x@y'), row: { ...affiliation('x@y'), affiliation: 'none' as never } },
      ],
      ['a role that is none of the four', { table: 'occupant', id: asOccupantId('o'), row: { ...occupant('o'), role: 'king' as never } }],
      ['the row of another room', create(B)],
    ] as const)('%s is refused', async (_what, change) => {
      await store.commit(batch(1, { room: A, changes: [create(A)] }));
      expect(await store.commit(batch(2, { room: A, changes: [change] }))).toMatchObject([{ room: A, reason: 'row' }]);
      expect(await look(A)).toMatchObject({ room: { jid: A }, affiliations: [], occupants: [] });
    });

    test('a message that is there already is refused', async () => {
      await store.commit(batch(1, { room: A, changes: [create(A)], messages: [message(1)] }));
      expect(await store.commit(batch(2, { room: A, messages: [message(1)] }))).toMatchObject([{ room: A, reason: 'row' }]);
      expect(await bodies(A)).toEqual([1]);
    });

    test('a message that is not behind those before it is refused: neither its number nor its time goes back', async () => {
      await store.commit(batch(1, { room: A, changes: [create(A)], messages: [message(5), message(6)] }));
      expect(await store.commit(batch(2, { room: A, messages: [message(4, { stamp: 20_000 })] }))).toMatchObject([{ reason: 'row' }]);
      expect(await store.commit(batch(3, { room: A, messages: [message(7, { stamp: 10_005 })] }))).toMatchObject([{ reason: 'row' }]);
      expect(await store.commit(batch(4, { room: A, messages: [message(7, { stamp: 10_006 })] }))).toEqual([]);
      expect(await bodies(A)).toEqual([5, 6, 7]);
    });

    test('a retraction replaces the content of a message, of one said in the same batch too, and at wish its person', async () => {
      const retraction = (seq: number, person: 'kept' | 'erased') =>
        ({ table: 'retraction', id: asStanzaId(idOf(seq)), payload: `<gone by='${person}'/>`, person }) as const;
      const unknown = { ...retraction(1, 'kept'), id: asStanzaId(idOf(99)) };
      await store.commit(
        batch(
          1,
          { room: A, changes: [create(A), retraction(2, 'kept'), unknown], messages: [message(1), message(2), message(3)] },
          { room: B, changes: [create(B)], messages: [message(1), message(2)] },
        ),
      );
      await store.commit(batch(2, { room: A, changes: [retraction(1, 'erased'), { ...unknown, id: asStanzaId('not-one-of-ours') }] }));
      const gone = { payload: "<gone by='kept'/>" };
      const nobody = { payload: "<gone by='erased'/>", sender: null, nick: null, clientId: null };
      const expected = [message(1, nobody), message(2, gone), message(3)];
      expect(await store.messages(A, { limit: 9 })).toEqual(expected);
      expect(await store.messages(B, { limit: 9 })).toEqual([message(1), message(2)]);
      store = await bench.reopen();
      expect(await store.messages(A, { limit: 9 })).toEqual(expected);
    });

    test('an archive answers pages, ends and unknown ids; a room that is not there has an empty one', async () => {
      const who = (seq: number): string => (seq % 3 === 0 ? 'occ-bob' : 'occ-ann');
      const rows = Array.from({ length: 12 }, (_, i) => message(i + 1, { occupantId: asOccupantId(who(i + 1)) }));
      const stay = { table: 'stay', jid: asBare('ann@x') } as const;
      await store.commit(batch(1, { room: A, changes: [create(A), { ...stay, event: 'begins', seq: 2 }], messages: rows.slice(0, 5) }));
      await store.commit(
        batch(2, {
          room: A,
          changes: [
            { ...stay, event: 'ends', seq: 4 },
            { ...stay, event: 'begins', seq: 9 },
          ],
          messages: rows.slice(5),
        }),
      );
      const ask = async (filter: Partial<ArchiveFilter>, paging?: ArchivePaging, room = A): Promise<unknown> => {
        const all = { upToSeq: 12, ...filter };
        const answer = await store.archive(asRoom(room), paging ? { want: 'page', filter: all, paging } : { want: 'ends', filter: all });
        if (answer.kind === 'ends') return [answer.first?.seq, answer.last?.seq];
        if (answer.kind !== 'page') return answer;
        return [answer.rows.map(({ seq }) => seq), answer.complete, answer.count, answer.index];
      };
      const [four, nine] = [idOf(4), idOf(9)];
      expect(await store.archive(A, { want: 'page', filter: { upToSeq: 12 }, paging: { max: 99 } })).toEqual({
        kind: 'page',
        rows,
        complete: true,
        count: 12,
        index: 0,
      });
      expect(await ask({}, { max: 3, after: four })).toEqual([[5, 6, 7], false, 12, 4]);
      expect(await ask({}, { max: 3, before: four })).toEqual([[1, 2, 3], true, 12, 0]);
      expect(await ask({}, { max: 3, before: '' })).toEqual([[10, 11, 12], false, 12, 9]);
      expect(await ask({}, { max: 9, after: four, before: nine })).toEqual([[5, 6, 7, 8], true, 12, 4]);
      expect(await ask({}, { max: 0 })).toEqual([[], false, 12, undefined]);
      expect(await ask({ start: 10_004, end: 10_007 }, { max: 9 })).toEqual([[4, 5, 6, 7], true, 4, 0]);
      expect(await ask({ afterId: four, beforeId: nine }, { max: 2 })).toEqual([[5, 6], false, 4, 0]);
      expect(await ask({ ids: [nine, four] }, { max: 9 })).toEqual([[4, 9], true, 2, 0]);
      expect(await ask({ occupantId: asOccupantId('occ-bob') }, { max: 2, before: nine })).toEqual([[3, 6], true, 4, 0]);
      expect(await ask({ stayOf: asBare('ann@x') }, { max: 3 })).toEqual([[3, 4, 10], false, 5, 0]);
      expect(await ask({ stayOf: asBare('ann@x'), occupantId: asOccupantId('occ-bob') })).toEqual([3, 12]);
      expect(await ask({ upToSeq: 10, start: 10_003 })).toEqual([3, 10]);
      expect(await ask({ start: 20_000 })).toEqual([undefined, undefined]);
      expect(await ask({ stayOf: asBare('ann@x') }, { max: 3, after: nine })).toEqual({ kind: 'item-not-found', id: nine });
      expect(await ask({ ids: [four, idOf(40)] }, { max: 3 })).toEqual({ kind: 'item-not-found', id: idOf(40) });
      expect(await ask({ afterId: 'not-one-of-ours' })).toEqual({ kind: 'item-not-found', id: 'not-one-of-ours' });
      expect(await ask({ upToSeq: 0 }, { max: 3 }, B)).toEqual([[], true, 0, undefined]);
      expect(await ask({}, { max: 3, before: four }, B)).toEqual({ kind: 'item-not-found', id: four });
    });

    test('a batch made before the one before it failed is not taken; what is made after that is', async () => {
      await store.commit(batch(1, { room: A, changes: [create(A)], messages: [message(1)] }));
      // Batch 2 failed and left no trace: the next two had been made before that was known, the last one after it.
      await expect(store.commit({ ...batch(3, { room: A, messages: [message(3)] }), knows: 1 })).rejects.toMatchObject({
        name: 'StoreFailed',
      });
      await expect(store.commit({ ...batch(4, { room: A, messages: [message(4)] }), knows: 2 })).rejects.toMatchObject({
        name: 'StoreFailed',
      });
      expect(await store.commit({ ...batch(5, { room: A, messages: [message(2)] }), knows: 4 })).toEqual([]);
      expect(await bodies(A)).toEqual([1, 2]);
    });

    test('a room refused in a batch is refused also in those made before that was known, and taken in those made after', async () => {
      await store.commit(batch(1, { room: A, changes: [create(A)] }, { room: B, changes: [create(B)] }));
      const bad = message(1, { payload: null as unknown as string });
      expect(await store.commit(batch(2, { room: A, messages: [bad] }, { room: B, messages: [message(1)] }))).toMatchObject([
        { room: A, reason: 'row' },
      ]);
      const third = batch(3, { room: A, changes: [create(A, { name: 'x' })], messages: [message(2)] }, { room: B, messages: [message(2)] });
      expect(await store.commit({ ...third, knows: 1 })).toMatchObject([{ room: A, reason: 'earlier' }]);
      // Made when the answer to the second was known, not that to the third: the room has begun anew from what is in.
      expect(await store.commit({ ...batch(4, { room: A, messages: [message(1)] }), knows: 2 })).toEqual([]);
      expect(await store.commit({ ...batch(5, { room: A, messages: [message(2)] }), knows: 3 })).toEqual([]);
      expect(await bodies(A)).toEqual([1, 2]);
      expect(await bodies(B)).toEqual([1, 2]);
      expect((await look(A))?.room.name).toBe('');
    });

    test('a room that is not there cannot speak', async () => {
      expect(await store.commit(batch(1, { room: A, messages: [message(1)] }))).toMatchObject([{ room: A, reason: 'row' }]);
      expect(await look(A)).toBeNull();
      expect((await store.counts()).messages).toBe(0);
    });

    test('rooms per creator and rooms in all are counted inside the commit', async () => {
      const limit = { roomsPerCreator: 1, rooms: 2 };
      const by = (jid: string, creator: string) => ({
        room: jid,
        counters: { rev: 1 },
        changes: [create(jid, { creator: asBare(creator) }, limit)],
      });
      expect(await store.commit(batch(1, by(A, 'ann@x'), by(B, 'ann@x')))).toMatchObject([{ room: B, reason: 'limit' }]);
      expect(await store.commit(batch(2, by(B, 'bob@x'), by(C, 'cem@x')))).toMatchObject([{ room: C, reason: 'limit' }]);
      // Configuring a room that is there is no creation, and a destroyed room does not count.
      expect(await store.commit(batch(3, by(A, 'ann@x')))).toEqual([]);
      expect(
        await store.commit(
          batch(4, {
            room: A,
            counters: { rev: 5 },
            changes: [{ table: 'clear' }, create(A, { creator: asBare('ann@x'), state: 'destroyed' })],
          }),
        ),
      ).toEqual([]);
      expect(await store.commit(batch(5, by(C, 'ann@x')))).toEqual([]);
      expect(await store.commit(batch(6, by(A, 'dan@x')))).toMatchObject([{ room: A, reason: 'limit' }]);
      expect((await store.counts()).rooms).toBe(2);
      expect((await look(A))?.room.state).toBe('destroyed');
    });

    test('rule 7: spellings that may be one account of another server have the rooms of one creator together, also after a restart', async () => {
      setOwnDomains([asDomain('home.lit')]);
      try {
        await bench.dispose();
        bench = await make();
        store = bench.store;
        const limit = { roomsPerCreator: 2, rooms: 100 };
        let number = 0;
        const makes = async (creator: string): Promise<string | undefined> => {
          const jid = `r${++number}@rooms.example.org`;
          const part = { room: jid, counters: { rev: 1 }, changes: [create(jid, { creator: foldBare(creator) }, limit)] };
          return (await store.commit(batch(number, part)))[0]?.reason;
        };
        expect([await makes('straße@away.lit'), await makes('strasse@away.lit')]).toEqual([undefined, undefined]);
        for (const other of ['straẞe@away.lit', 'strasse@away.lit', 'STRASSE@away.lit', 'straße@away.lit'])
          expect([other, await makes(other)]).toEqual([other, 'limit']);
        store = await bench.reopen();
        for (const other of ['straẞe@away.lit', 'strasse@away.lit']) expect([other, await makes(other)]).toEqual([other, 'limit']);
        // Another server's is another's, and at home there is one spelling.
        expect([
          await makes('straße@else.lit'),
          await makes('οδος@home.lit'),
          await makes('οδοσ@home.lit'),
          await makes('ΟΔΟΣ@home.lit'),
        ]).toEqual([undefined, undefined, undefined, 'limit']);
      } finally {
        setOwnDomains(undefined);
      }
    });

    test('found F7: a destroyed room that is remembered counts among those of its creator', async () => {
      const limit = { roomsPerCreator: 1, rooms: 10 };
      const tombstone = { creator: asBare('ann@x'), state: 'destroyed', tombstone: '{}' } as const;
      await store.commit(
        batch(1, { room: A, counters: { rev: 1, deliveredRev: 1 }, changes: [create(A, { creator: asBare('ann@x') }, limit)] }),
      );
      await store.commit(batch(2, { room: A, counters: { rev: 2, deliveredRev: 2 }, changes: [{ table: 'clear' }, create(A, tombstone)] }));
      const by = { room: B, counters: { rev: 1 }, changes: [create(B, { creator: asBare('ann@x') }, limit)] };
      expect(await store.commit(batch(3, by))).toMatchObject([{ room: B, reason: 'limit' }]);
      // Forgotten, it does not.
      const forgotten = create(A, { ...tombstone, tombstone: null });
      expect(await store.commit(batch(4, { room: A, counters: { rev: 2, deliveredRev: 2 }, changes: [forgotten] }))).toEqual([]);
      expect(await store.commit(batch(5, by))).toEqual([]);
    });

    test('what was said is kept until it is delivered', async () => {
      const say = (rev: number) => ({ table: 'saying', row: { rev, what: `s${rev}` } }) as const;
      await store.commit(batch(1, { room: A, counters: { rev: 3, deliveredRev: 0 }, changes: [create(A), say(1), say(2), say(3)] }));
      await store.commit(batch(2, { room: A, counters: { rev: 3, deliveredRev: 2 } }));
      expect((await look(A))?.sayings).toEqual([{ rev: 3, what: 's3' }]);
      const next = await bench.reopen();
      await next.commit(batch(3, { room: A, counters: { rev: 4, deliveredRev: 3 } }));
      expect((await look(A, next))?.sayings).toEqual([]);
    });

    test('unsaid rooms: undelivered, or somebody is still entering', async () => {
      const entering = { table: 'session', jid: asFull('x@y/z'), row: session('x@y/z', { entering: true }) } as const;
      await store.commit(
        batch(
          1,
          { room: C, counters: { rev: 2, deliveredRev: 1 }, changes: [create(C)] },
          { room: B, counters: { rev: 2, deliveredRev: 2 }, changes: [create(B)] },
          { room: A, counters: { rev: 2, deliveredRev: 2 }, changes: [create(A), entering] },
        ),
      );
      expect(await store.unsaidAfter('', 100)).toEqual([A, C]);
      const there = { table: 'session', jid: asFull('x@y/z'), row: session('x@y/z') } as const;
      await store.commit(
        batch(2, { room: C, counters: { rev: 2, deliveredRev: 2 } }, { room: A, counters: { rev: 3, deliveredRev: 3 }, changes: [there] }),
      );
      expect(await store.unsaidAfter('', 100)).toEqual([]);
    });

    test('a destroyed room stays until its farewells are delivered, then leaves nothing to a new room of its name', async () => {
      await store.commit(
        batch(1, {
          room: A,
          counters: { rev: 2, deliveredRev: 2, seq: 2, stamp: 10_002 },
          changes: [create(A)],
          messages: [message(1), message(2)],
        }),
      );
      const end = [
        { table: 'clear' },
        create(A, { state: 'destroyed', archiveFrom: 2, listed: false }),
        { table: 'saying', row: { rev: 3, what: 'bye' } },
      ] as const;
      await store.commit(batch(2, { room: A, counters: { rev: 3, deliveredRev: 2, seq: 2, stamp: 10_003 }, changes: end }));
      expect(await look(A)).toMatchObject({ room: { state: 'destroyed' }, sayings: [{ what: 'bye' }] });
      expect(await store.unsaidAfter('', 100)).toEqual([A]);
      expect(await bodies(A)).toEqual([]);
      await store.commit(batch(3, { room: A, counters: { rev: 3, deliveredRev: 3, seq: 2, stamp: 10_003 } }));
      expect(await look(A)).toBeNull();
      expect(await store.unsaidAfter('', 100)).toEqual([]);
      // The same numbers as in its former life: nothing of that is seen, and nothing collides with it.
      await store.commit(
        batch(4, { room: A, counters: { rev: 1, seq: 1 }, changes: [create(A)], messages: [message(1, { payload: 'new' })] }),
      );
      expect((await store.messages(A, { limit: 9 })).map(({ payload }) => payload)).toEqual(['new']);
      expect(await look(A)).toMatchObject({ sayings: [], affiliations: [] });
    });

    test('a destroyed room with a tombstone stays when its farewells are delivered, and goes when the tombstone is cleared', async () => {
      await store.commit(
        batch(1, { room: A, counters: { rev: 2, deliveredRev: 2, seq: 1 }, changes: [create(A)], messages: [message(1)] }),
      );
      const tombstone = { state: 'destroyed', listed: false, archiveFrom: 1, deadline: 900, tombstone: '{"alternate":"b@x"}' } as const;
      const end = [{ table: 'clear' }, create(A, tombstone), { table: 'saying', row: { rev: 3, what: 'bye' } }] as const;
      await store.commit(batch(2, { room: A, counters: { rev: 3, deliveredRev: 2, seq: 1 }, changes: end }));
      await store.commit(batch(3, { room: A, counters: { rev: 3, deliveredRev: 3, seq: 1 } }));
      expect(await look(A)).toMatchObject({ room: roomRow(A, tombstone), sayings: [], occupants: [] });
      expect(await bodies(A)).toEqual([]);
      expect((await store.listRooms({ max: 9 })).rooms).toEqual([]);
      expect(await store.unsaidAfter('', 100)).toEqual([]);
      store = await bench.reopen();
      // It is no room that counts, but it has its time.
      expect(await store.dueRooms(899, 100)).toEqual({ rooms: [], next: 900 });
      expect(await store.dueRooms(900, 100)).toEqual({ rooms: [A], next: null });
      expect(await look(A)).toMatchObject({ room: roomRow(A, tombstone) });
      await store.commit(
        batch(4, {
          room: A,
          counters: { rev: 3, deliveredRev: 3, seq: 1 },
          changes: [create(A, { ...tombstone, deadline: null, tombstone: null })],
        }),
      );
      expect(await look(A)).toBeNull();
      expect(await store.dueRooms(10_000, 100)).toEqual({ rooms: [], next: null });
    });

    test('a room begun anew over a tombstone has none', async () => {
      const tombstone = { state: 'destroyed', listed: false, deadline: 900, tombstone: '{}' } as const;
      await store.commit(batch(1, { room: A, counters: { rev: 1, deliveredRev: 1 }, changes: [{ table: 'clear' }, create(A, tombstone)] }));
      await store.commit(batch(2, { room: A, counters: { rev: 1, deliveredRev: 1 }, changes: [{ table: 'clear' }, create(A)] }));
      expect((await look(A))?.room).toEqual(roomRow(A));
      await store.commit(
        batch(3, { room: A, counters: { rev: 2, deliveredRev: 2 }, changes: [{ table: 'clear' }, create(A, { state: 'destroyed' })] }),
      );
      expect(await look(A)).toBeNull();
    });

    test('a room begun anew over a destroyed one goes on counting, without the old messages', async () => {
      await store.commit(batch(1, { room: A, changes: [create(A)], messages: [message(1), message(2)] }));
      await store.commit(
        batch(2, {
          room: A,
          counters: { rev: 3, deliveredRev: 0, seq: 2 },
          changes: [{ table: 'clear' }, create(A, { state: 'destroyed', archiveFrom: 2 })],
        }),
      );
      await store.commit(batch(3, { room: A, changes: [{ table: 'clear' }, create(A, { archiveFrom: 2 })], messages: [message(3)] }));
      expect(await bodies(A)).toEqual([3]);
      expect(await look(A)).toMatchObject({ room: { state: 'open' }, counters: { seq: 3 } });
    });

    describe('renaming a room', () => {
      const tombstone = roomRow(A, {
        state: 'destroyed',
        listed: false,
        secret: '11ee',
        archiveFrom: 3,
        createdAt: 500,
        deadline: 77,
        tombstone: JSON.stringify({ alternate: B }),
      });
      const renamed = (to: string, over: Partial<Extract<Change, { table: 'rename' }>> = {}): Change => ({
        table: 'rename',
        to: asRoom(to),
        tombstone,
        counters: { rev: 6, deliveredRev: 6, seq: 3, stamp: 10_003, used: 10_001 },
        ...over,
      });
      const saying = (rev: number): Change => ({ table: 'saying', row: { rev, what: `said at ${rev}` } });
      const act = (at: number): Change => ({
        table: 'audit',
        row: { at, by: { kind: 'room', name: null, face: 'room' }, act: 'configure', count: 0, items: [] },
      });
      const acts = async (room: string): Promise<number[]> =>
        (await store.audit({ room, limit: 100 })).map(({ at }) => at).sort((a, b) => a - b);

      /** A room with something of everything, two messages in one batch, and a third undelivered. */
      async function full(): Promise<void> {
        await store.commit(
          batch(1, {
            room: A,
            counters: { rev: 4, deliveredRev: 1, seq: 2, stamp: 10_002 },
            changes: [
              create(A, { name: 'Tea', createdAt: 400 }),
              act(300),
              act(400),
              { table: 'affiliation', jid: asBare('ann@example.org'), row: affiliation('ann@example.org', { affiliation: 'owner' }) },
              { table: 'occupant', id: asOccupantId('occ'), row: occupant('occ') },
              { table: 'session', jid: asFull('occ@example.org/x'), row: session('occ@example.org/x') },
              { table: 'feature', feature: 'one', key: 'k', value: '1' },
              { table: 'stay', jid: asBare('ann@example.org'), event: 'begins', seq: 1 },
              saying(2),
            ],
            messages: [message(1), message(2)],
          }),
        );
      }

      test('everything goes with it, byte for byte, but people and what they are still to be told; both names are right after reopening', async () => {
        await full();
        const before = await look(A);
        const refused = await store.commit(
          batch(2, {
            room: A,
            counters: { rev: 7, deliveredRev: 1, seq: 3, stamp: 10_003 },
            changes: [
              { table: 'retraction', id: asStanzaId(idOf(1)), payload: '<gone/>', person: 'kept' },
              { table: 'retraction', id: asStanzaId(idOf(3)), payload: '<gone/>', person: 'kept' },
              act(401),
              renamed(B),
              act(402),
              saying(7),
            ],
            messages: [message(3)],
          }),
        );
        expect(refused).toEqual([]);
        for (const again of [false, true]) {
          if (again) store = await bench.reopen();
          expect(await look(A)).toEqual({
            room: tombstone,
            counters: { rev: 7, deliveredRev: 1, seq: 3, stamp: 10_003, used: 0 },
            affiliations: [],
            occupants: [],
            sessions: [],
            sayings: [
              { rev: 2, what: 'said at 2' },
              { rev: 7, what: 'said at 7' },
            ],
            features: [],
          });
          expect(await look(B)).toEqual({
            ...before,
            room: { ...before?.room, jid: B },
            counters: { rev: 6, deliveredRev: 6, seq: 3, stamp: 10_003, used: 10_001 },
            occupants: [],
            sessions: [],
            sayings: [],
          });
          expect(await bodies(A)).toEqual([]);
          const messages = await store.messages(B, { limit: 10 });
          expect(messages).toEqual([{ ...message(1), payload: '<gone/>' }, message(2), { ...message(3), payload: '<gone/>' }]);
          expect((await store.messages(B, { limit: 10, stayOf: asBare('ann@example.org') })).map(({ seq }) => seq)).toEqual([2, 3]);
          const page = await store.archive(B, { want: 'page', filter: { upToSeq: 3, text: 'message' }, paging: { max: 10 } });
          expect(page.kind === 'page' && page.rows.map(({ seq }) => seq)).toEqual([2]);
          expect(await acts(A)).toEqual([300, 402]);
          expect(await acts(B)).toEqual([400, 401]);
          expect((await store.listRooms({ max: 10 })).rooms).toEqual([{ jid: B, name: 'Tea' }]);
          expect(await store.roomsOf(asFull('occ@example.org/x'), '', 100)).toEqual([]);
          expect((await store.registrationsOf(asBare('ann@example.org'), { limit: 100 })).map(({ room }) => room)).toEqual([B]);
          expect(await store.unsaidAfter('', 100)).toEqual([A]);
          expect(await store.counts()).toMatchObject({ rooms: 1, messages: 3 });
        }
      });

      test('what comes behind it in the same batch is of the old name', async () => {
        await full();
        const anew = roomRow(A, { archiveFrom: 3, secret: '22dd', createdAt: 600 });
        await store.commit(
          batch(2, {
            room: A,
            counters: { rev: 9, deliveredRev: 1, seq: 4, stamp: 10_004 },
            changes: [
              { table: 'affiliation', jid: asBare('bob@example.org'), row: affiliation('bob@example.org') },
              renamed(B),
              { table: 'clear' },
              { table: 'room', row: anew },
              { table: 'affiliation', jid: asBare('cat@example.org'), row: affiliation('cat@example.org') },
              { table: 'retraction', id: asStanzaId(idOf(4)), payload: '<gone/>', person: 'kept' },
            ],
            messages: [message(3), message(4)],
          }),
        );
        expect((await look(A))?.room).toEqual(anew);
        expect((await look(A))?.affiliations.map(({ jid }) => jid)).toEqual(['cat@example.org']);
        expect((await look(B))?.affiliations.map(({ jid }) => jid).sort()).toEqual(['ann@example.org', 'bob@example.org']);
        expect(await bodies(B)).toEqual([1, 2, 3]);
        expect(await store.messages(A, { limit: 10 })).toEqual([{ ...message(4), payload: '<gone/>' }]);
        await store.commit(batch(3, { room: A, messages: [message(5, { rev: 10 })] }, { room: B, messages: [message(4, { rev: 7 })] }));
        expect([await bodies(A), await bodies(B)]).toEqual([
          [4, 5],
          [1, 2, 3, 4],
        ]);
      });

      test('a name that a room has is refused, with all else of the part, and no other room', async () => {
        await full();
        await store.commit(batch(2, { room: B, changes: [create(B)] }));
        const [was, wasB] = [await look(A), await look(B)];
        const part = {
          room: A,
          counters: { rev: 7, deliveredRev: 1, seq: 3, stamp: 10_003 },
          changes: [act(401), renamed(B)],
          messages: [message(3)],
        };
        const refused = await store.commit(batch(3, part, { room: C, changes: [create(C)] }));
        expect(refused).toEqual([{ room: A, reason: 'row', detail: expect.any(String) as string }]);
        expect([await look(A), await look(B), await bodies(A)]).toEqual([was, wasB, [1, 2]]);
        expect((await look(C))?.room.jid).toBe(C);
        // The number of the message is free again.
        expect(await store.commit(batch(4, { ...part, changes: [renamed('d@rooms.example.org')] }))).toEqual([]);
        expect(await bodies('d@rooms.example.org')).toEqual([1, 2, 3]);
      });

      test('a remembered room gives way, unless it still has something to say; nothing of it comes along', async () => {
        await full();
        const remembered = (delivered: number): Part => ({
          room: B,
          counters: { rev: 2, deliveredRev: delivered, seq: 0, stamp: 5 },
          changes: [create(B, { state: 'destroyed', listed: false, tombstone: '{}', deadline: 88, createdAt: 1 }), act(2)],
        });
        await store.commit(batch(2, remembered(1)));
        const part = { room: A, counters: { rev: 7, deliveredRev: 7, seq: 2, stamp: 10_002 }, changes: [renamed(B)] };
        expect((await store.commit(batch(3, part)))[0]).toMatchObject({ room: A, reason: 'row' });
        await store.commit(batch(4, remembered(2)));
        expect(await store.commit(batch(5, part))).toEqual([]);
        expect((await look(B))?.room).toEqual(roomRow(B, { name: 'Tea', createdAt: 400 }));
        expect(await bodies(B)).toEqual([1, 2]);
        expect(await store.dueRooms(100, 100)).toEqual({ rooms: [A], next: null });
      });

      test('and back again: a tombstone gives way too', async () => {
        await full();
        await store.commit(batch(2, { room: A, counters: { rev: 7, deliveredRev: 7, seq: 2, stamp: 10_002 }, changes: [renamed(B)] }));
        const back = renamed(A, { tombstone: { ...tombstone, jid: B } });
        const was = await look(B);
        expect(
          await store.commit(batch(3, { room: B, counters: { rev: 8, deliveredRev: 8, seq: 2, stamp: 10_002 }, changes: [back] })),
        ).toEqual([]);
        expect((await look(A))?.affiliations).toEqual(was?.affiliations);
        expect(await bodies(A)).toEqual([1, 2]);
        expect((await look(B))?.room.state).toBe('destroyed');
      });

      test('without a tombstone the old name is free when its farewells are delivered', async () => {
        await full();
        const change = renamed(B, { tombstone: { ...tombstone, tombstone: null, deadline: null } });
        await store.commit(
          batch(2, { room: A, counters: { rev: 7, deliveredRev: 1, seq: 2, stamp: 10_002 }, changes: [change, saying(7)] }),
        );
        expect((await look(A))?.sayings).toHaveLength(2);
        await store.commit(batch(3, { room: A, counters: { rev: 7, deliveredRev: 7, seq: 2, stamp: 10_002 } }));
        expect(await look(A)).toBeNull();
        expect(await bodies(B)).toEqual([1, 2]);
      });
    });

    test('a room that is created and over within one batch leaves nothing', async () => {
      await store.commit(
        batch(1, {
          room: A,
          counters: { rev: 1, deliveredRev: 1, seq: 1 },
          changes: [create(A), { table: 'clear' }, create(A, { state: 'destroyed' })],
          messages: [message(1)],
        }),
      );
      expect(await look(A)).toBeNull();
      expect(await store.messages(A, { limit: 5 })).toEqual([]);
    });

    test('the room list shows open listed rooms in pages (XEP-0059)', async () => {
      const jid = (n: number): string => `r${n}@rooms.example.org`;
      const parts = Array.from({ length: 9 }, (_, n) => ({ room: jid(n), changes: [create(jid(n), { name: `Room ${n}` })] }));
      await store.commit(batch(1, ...parts));
      await store.commit(
        batch(
          2,
          { room: jid(4), changes: [create(jid(4), { listed: false })] },
          { room: jid(5), changes: [create(jid(5), { state: 'locked' })] },
        ),
      );
      const page = async (query: Parameters<Store['listRooms']>[0]) => {
        const { rooms, count, index } = await store.listRooms(query);
        return [rooms.map((room) => room.name.slice(5)).join(''), count, index];
      };
      expect(await page({ max: 3 })).toEqual(['012', 7, 0]);
      expect(await page({ max: 3, after: jid(2) })).toEqual(['367', 7, 3]);
      expect(await page({ max: 3, after: jid(7) })).toEqual(['8', 7, 6]);
      expect(await page({ max: 3, after: jid(8) })).toEqual(['', 7, 0]);
      expect(await page({ max: 2, before: jid(7) })).toEqual(['36', 7, 3]);
      expect(await page({ max: 2, last: true })).toEqual(['78', 7, 5]);
      expect(await page({ max: 0 })).toEqual(['', 7, 0]);
    });

    test('the order of JIDs is that of their UTF-8 bytes', async () => {
      const jids = ['\u{1f375}@r', '\uff5e@r', 'z@r', 'é@r'];
      await store.commit(
        batch(
          1,
          ...jids.map((jid) => ({ room: jid, changes: [create(jid), { table: 'session', jid: asFull(jid), row: session(jid) } as const] })),
        ),
      );
      const ordered = ['z@r', 'é@r', '\uff5e@r', '\u{1f375}@r'];
      expect((await store.listRooms({ max: 9 })).rooms.map(({ jid }) => jid)).toEqual(ordered);
      expect((await store.sessionsAfter(asFull('z@r'), 2)).map(({ jid }) => jid)).toEqual(ordered.slice(1, 3));
    });

    test('due rooms and the next deadline', async () => {
      const at = (jid: string, deadline: number | null) => ({ room: jid, changes: [create(jid, { deadline })] });
      await store.commit(batch(1, at(A, 30), at(B, 10), at(C, null)));
      expect(await store.dueRooms(9, 100)).toEqual({ rooms: [], next: 10 });
      expect(await store.dueRooms(10, 100)).toEqual({ rooms: [B], next: 30 });
      expect(await store.dueRooms(99, 100)).toEqual({ rooms: [B, A], next: null });
    });

    test('answers come in the order of what was handed in, a probe behind the commits before it', async () => {
      const order: string[] = [];
      const note = (what: string) => (): void => void order.push(what);
      await Promise.all([
        store.commit(batch(1, { room: A, changes: [create(A)] })).then(note('first')),
        store.commit(batch(2, { room: A, messages: [message(1)] })).then(note('second')),
        store.probe().then(note('probe')),
        store.commit(batch(3, { room: A, messages: [message(2)] })).then(note('third')),
      ]);
      expect(order).toEqual(['first', 'second', 'probe', 'third']);
    });

    test('what a commit has answered is in every answer from then on: rows, archive, lists', async () => {
      for (let n = 1; n <= 20; n++) {
        const room = asRoom(`r${String(n).padStart(2, '0')}@rooms.example.org`);
        const row = session(`x@y/${n}`, { occupantId: asOccupantId('o') });
        const changes: Change[] = [create(room, { deadline: n }), { table: 'session', jid: row.jid, row }];
        await store.commit(batch(n, { room, changes, messages: [message(1)], counters: { rev: 1, deliveredRev: 0 } }));
        const [rows, messages, listed, unsaid, due, seats, counts, number] = await Promise.all([
          look(room),
          store.messages(room, { limit: 5 }),
          store.listRooms({ max: 1, last: true }),
          store.unsaidAfter('', 100),
          store.dueRooms(n, 100),
          store.roomsOf(row.jid, '', 100),
          store.counts(),
          store.lastBatch(),
        ]);
        expect([rows?.counters.seq, messages.length, listed.count, unsaid.at(-1), due.rooms.at(-1), seats, counts.rooms, number]).toEqual([
          1,
          1,
          n,
          room,
          room,
          [room],
          n,
          n,
        ]);
      }
    });

    test('lists across rooms come in pages of no more than was asked for', async () => {
      const rooms = ['a', 'b', 'c', 'd', 'e'].map((name) => asRoom(`${name}@rooms.example.org`));
      const changes = (room: string): Change[] => {
        const row = session('x@y/1', { occupantId: asOccupantId('o') });
        return [
          create(room, { deadline: 5 }),
          { table: 'occupant', id: asOccupantId('o'), row: occupant('o') },
          { table: 'session', jid: row.jid, row },
        ];
      };
      await store.commit(batch(1, ...rooms.map((room) => ({ room, changes: changes(room), counters: { rev: 2, deliveredRev: 1 } }))));
      const jid = asFull('x@y/1');
      for (const page of [
        (after: (typeof rooms)[number] | '', limit: number) => store.unsaidAfter(after, limit),
        (after: (typeof rooms)[number] | '', limit: number) => store.roomsOf(jid, after, limit),
        (after: (typeof rooms)[number] | '', limit: number) => store.roomsAfter(after, limit),
        (after: (typeof rooms)[number] | '', limit: number) => store.occupiedAfter(after, limit),
      ]) {
        const first = await page('', 2);
        const second = await page(first.at(-1) ?? '', 2);
        expect([first, second, await page(second.at(-1) ?? '', 2)]).toEqual([rooms.slice(0, 2), rooms.slice(2, 4), rooms.slice(4)]);
      }
      // More are due: it is asked again at once.
      expect(await store.dueRooms(5, 2)).toEqual({ rooms: rooms.slice(0, 2), next: 5 });
      expect(await store.dueRooms(5, 5)).toEqual({ rooms, next: null });
    });

    test('sessions by full JID', async () => {
      const put = (jid: string) => ({ table: 'session', jid: asFull(jid), row: session(jid) }) as const;
      await store.commit(
        batch(
          1,
          { room: A, changes: [create(A), put('x@y/1'), put('x@y/2')] },
          { room: B, changes: [create(B), put('x@y/1'), put('a@y/3')] },
        ),
      );
      expect(await store.roomsOf(asFull('x@y/1'), '', 100)).toEqual([A, B]);
      expect(await store.roomsOf(asFull('nobody@y/1'), '', 100)).toEqual([]);
      expect(await store.sessionsAfter('', 2)).toEqual([
        { jid: 'a@y/3', address: 'a@y/3' },
        { jid: 'x@y/1', address: 'x@y/1' },
      ]);
      expect(await store.sessionsAfter(asFull('x@y/1'), 2)).toEqual([{ jid: 'x@y/2', address: 'x@y/2' }]);
      const spelt = { ...session('x@y/2'), spelling: 'X@y/2' };
      await store.commit(batch(2, { room: A, changes: [{ table: 'session', jid: asFull('x@y/2'), row: spelt }] }));
      expect(await store.sessionsAfter(asFull('x@y/1'), 2)).toEqual([{ jid: 'x@y/2', address: 'X@y/2' }]);
      await store.claim(A);
      await store.release(A);
      expect((await store.claim(A)).rows?.sessions.find(({ jid }) => jid === 'x@y/2')).toEqual(spelt);
    });

    test('where somebody sits, with the nick in each room', async () => {
      const enter = (jid: string, occupantId: string, nick: string) =>
        [
          { table: 'occupant', id: asOccupantId(occupantId), row: occupant(occupantId, { nick: asNick(nick) }) },
          { table: 'session', jid: asFull(jid), row: session(jid, { occupantId: asOccupantId(occupantId) }) },
        ] as const;
      await store.commit(
        batch(
          1,
          { room: B, changes: [create(B, { listed: false }), ...enter('x@y/1', 'o1', 'Ex')] },
          { room: A, changes: [create(A), ...enter('x@y/1', 'o7', 'Xaver'), ...enter('z@y/1', 'o8', 'Zed')] },
          { room: C, changes: [create(C)] },
        ),
      );
      const all = await store.seatsOf(asFull('x@y/1'), { limit: 9 });
      expect(all?.toSorted((a, b) => a.nick.localeCompare(b.nick))).toEqual([
        { room: B, nick: 'Ex' },
        { room: A, nick: 'Xaver' },
      ]);
      expect(await store.seatsOf(asFull('x@y'), { limit: 9 })).toEqual([]);
      const [first, second] = all as [Seat, Seat];
      for (const [query, seats] of [
        [{}, [first]],
        [{ last: true }, [second]],
        [{ after: first.room }, [second]],
        [{ after: second.room }, []],
        [{ before: second.room, last: true }, [first]],
        [{ after: 'nowhere@r.lit' }, null],
        [{ before: 'nowhere@r.lit' }, null],
      ] as const)
        expect([query, await store.seatsOf(asFull('x@y/1'), { limit: 1, ...query })]).toEqual([query, seats]);
      expect(await store.occupiedAfter('', 9)).toEqual([A, B]);
      expect(await store.occupiedAfter('', 1)).toEqual([A]);
      expect(await store.occupiedAfter(A, 9)).toEqual([B]);
      expect([await store.hasRoom(C), await store.hasRoom(asRoom('d@rooms.example.org'))]).toEqual([true, false]);
    });

    test('the people in rooms are counted once each, and listed in order', async () => {
      const put = (id: string, jid: string) =>
        ({ table: 'occupant', id: asOccupantId(id), row: occupant(id, { jid: asBare(jid) }) }) as const;
      await store.commit(
        batch(
          1,
          { room: A, changes: [create(A), put('1', 'x@y'), put('2', 'b@y')] },
          { room: B, changes: [create(B), put('3', 'x@y'), put('4', 'c@y')] },
        ),
      );
      expect(await store.people(2)).toEqual({ count: 3, jids: ['b@y', 'c@y'] });
      expect(await store.people(0)).toEqual({ count: 3, jids: [] });
    });

    test('the rooms that know a bare JID: hidden and locked ones too, not those that banned it, not by its domain', async () => {
      const know = (jid: string, over: Parameters<typeof affiliation>[1]) =>
        ({ table: 'affiliation', jid: asBare(jid), row: affiliation(jid, over) }) as const;
      const reserves = (key: string, nick: string) =>
        ({ table: 'feature', feature: RESERVED_NICKS, key, value: JSON.stringify({ nick, seen: 1 }) }) as const;
      const D = 'd@rooms.example.org';
      await store.commit(
        batch(
          1,
          { room: C, changes: [create(C, { listed: false, name: 'Sea' }), know('x@y', { affiliation: 'owner' })] },
          { room: B, changes: [create(B, { state: 'locked' }), know('x@y', { nick: asNick('Ex') }), know('z@y', { nick: asNick('Zed') })] },
          { room: A, changes: [create(A), know('x@y', { affiliation: 'outcast' }), reserves('x@y', 'Rex')] },
          { room: D, changes: [create(D), know('y', {}), reserves('x@y', 'Xenia'), reserves('z@y', 'Zoe')] },
        ),
      );
      expect(await store.registrationsOf(asBare('x@y'), { limit: 100 })).toEqual([
        { room: B, name: '', affiliation: 'member', nick: 'Ex' },
        { room: C, name: 'Sea', affiliation: 'owner', nick: null },
        { room: D, name: '', affiliation: 'none', nick: 'Xenia' },
      ]);
      expect(await store.registrationsOf(asBare('q@y'), { limit: 100 })).toEqual([]);
      const named = await store.registrationsOf(asBare('x@y'), { named: true, limit: 100 });
      expect(named.map(({ room }) => room)).toEqual([B, D]);
      expect(await store.registrationsOf(asBare('x@y'), { limit: 2 })).toHaveLength(2);
      await store.commit(batch(2, { room: B, changes: [{ table: 'affiliation', jid: asBare('x@y'), row: null }] }));
      expect((await store.registrationsOf(asBare('x@y'), { limit: 100 })).map(({ room }) => room)).toEqual([C, D]);
    });

    test('activity since somebody’s last visit: in open rooms to which they belong themselves, unless a session of theirs is there', async () => {
      const know: Change = { table: 'affiliation', jid: asBare('x@y'), row: affiliation('x@y') };
      const visit = (seq: number, jid = 'x@y'): Change => ({ table: 'feature', feature: LAST_VISITS, key: jid, value: String(seq) });
      const put = (jid: string): Change => ({ table: 'session', jid: asFull(jid), row: session(jid) });
      const cases: readonly (readonly [active: boolean, changes: readonly Change[], row?: Parameters<typeof create>[1], said?: number])[] =
        [
          [true, [know]],
          // Compared as a number and not as text.
          [true, [know, visit(9)]],
          [false, [know, visit(10)]],
          [true, [know, visit(10, 'xx@y')]],
          // All of it was said in a former room of this name; nothing was ever said.
          [false, [know], { archiveFrom: 10 }],
          [false, [know], {}, 0],
          [false, [know, put('x@y/1')]],
          [true, [know, put('x@yy/1'), put('x@y.z/1'), put('x@y')]],
        ];
      const rooms = cases.map((_, i) => `r${i}@rooms.example.org`);
      await store.commit(
        batch(
          1,
          ...cases.map(([, changes, row, said = 10], i) => {
            const room = rooms[i] as string;
            return { room, changes: [create(room, row), ...changes], messages: said === 0 ? [] : [message(said - 1), message(said)] };
          }),
          { room: A, changes: [create(A, { state: 'locked' }), know], messages: [message(1)] },
          { room: B, changes: [create(B)], messages: [message(1)] },
          {
            room: C,
            changes: [create(C), { table: 'affiliation', jid: asBare('x@y'), row: affiliation('x@y', { affiliation: 'outcast' }) }],
          },
        ),
      );
      expect(await store.activityOf(asBare('x@y'), 99)).toEqual(cases.map(([active], i) => ({ room: rooms[i], active })));
      expect((await store.activityOf(asBare('x@y'), 2)).map(({ room }) => room)).toEqual(rooms.slice(0, 2));
      expect(await store.activityOf(asBare('q@y'), 99)).toEqual([]);
    });

    test('the length of the room list follows every way in which a room comes, changes and goes', async () => {
      const count = async (at = store): Promise<number> => (await at.listRooms({ max: 0 })).count;
      await store.commit(
        batch(
          1,
          { room: A, changes: [create(A)] },
          { room: B, changes: [create(B, { state: 'locked' })] },
          { room: C, changes: [create(C)] },
        ),
      );
      expect(await count()).toBe(2);
      await store.commit(batch(2, { room: A, changes: [create(A, { name: 'x' })] }, { room: B, changes: [create(B)] }));
      expect(await count()).toBe(3);
      // A bad row takes back what its room changed before it.
      const bad = { table: 'occupant', id: asOccupantId('o'), row: occupant('o', { role: 'king' as 'visitor' }) } as const;
      expect(await store.commit(batch(3, { room: A, changes: [create(A, { listed: false }), bad] }))).toHaveLength(1);
      expect(await count()).toBe(3);
      await store.commit(
        batch(
          4,
          { room: A, changes: [create(A, { listed: false })] },
          { room: C, counters: { rev: 1, deliveredRev: 0 }, changes: [create(C, { state: 'destroyed', listed: false })] },
        ),
      );
      expect(await count()).toBe(1);
      await store.commit(batch(5, { room: C, counters: { rev: 1, deliveredRev: 1 } }));
      expect(await count(await bench.reopen())).toBe(1);
    });

    test('an archive is asked by author: of a person what one client said, and what was said while everybody saw JIDs', async () => {
      const phone = { sender: asFull('ann@example.org/phone') };
      const messages = [
        message(1),
        message(2, phone),
        message(3, { jidShown: true }),
        message(4, { ...phone, jidShown: true }),
        message(5, { ...phone, jidShown: true, occupantId: asOccupantId('occ-ben') }),
      ];
      await store.commit(batch(1, { room: A, changes: [create(A)], messages }));
      const found = async (author: { sender?: FullJid; jidShown?: true }, ids?: readonly string[]): Promise<unknown> => {
        const filter = { upToSeq: 5, occupantId: asOccupantId('occ-ann'), ...author, ...(ids ? { ids } : {}) };
        const answer = await store.archive(A, { want: 'page', filter, paging: { max: 9 } });
        return answer.kind === 'page' ? { seqs: answer.rows.map(({ seq }) => seq), count: answer.count } : answer;
      };
      expect(await found({})).toEqual({ seqs: [1, 2, 3, 4], count: 4 });
      expect(await found(phone)).toEqual({ seqs: [2, 4], count: 2 });
      expect(await found({ jidShown: true })).toEqual({ seqs: [3, 4], count: 2 });
      expect(await found({ ...phone, jidShown: true })).toEqual({ seqs: [4], count: 1 });
      expect(await found({ jidShown: true }, [idOf(1), idOf(3)])).toEqual({ seqs: [3], count: 1 });
    });

    test('people who are to be erased are remembered until that is over', async () => {
      const erasure = (jid: string, over: Partial<PersonErasure> = {}): PersonErasure => ({
        ...{
          jid: asBare(jid),
          askedBy: administrator(asBare('chief@y')),
          askedAt: 5,
          after: '' as const,
          rooms: 0,
          messages: 0,
          failed: 0,
        },
        ...over,
      });
      await store.noteErasure(asBare('z@y'), erasure('z@y'));
      await store.noteErasure(asBare('x@y'), erasure('x@y'));
      const byOperator = { askedAt: 7, askedBy: { kind: 'operator', name: 'root', face: 'command-line', claimed: true } } as const;
      await store.noteErasure(asBare('a@y'), erasure('a@y', byOperator));
      const further = erasure('z@y', { after: A, rooms: 3, messages: 9, failed: 1 });
      await store.noteErasure(asBare('z@y'), further);
      await store.noteErasure(asBare('x@y'), null);
      await store.noteErasure(asBare('q@y'), null);
      expect(await store.erasures()).toEqual([further, erasure('a@y', byOperator)]);
      expect(await (await bench.reopen()).erasures()).toHaveLength(2);
    });

    test('rooms by what operators look for: hidden, empty, without an owner, of somebody, idle', async () => {
      const owner = affiliation('ann@y', { affiliation: 'owner' });
      const ses = session('x@y/1', { occupantId: asOccupantId('o1') });
      await store.commit(
        batch(
          1,
          {
            room: A,
            // Its time goes on, whoever uses it.
            counters: { stamp: 90, used: 7 },
            changes: [
              create(A, { listed: false, creator: asBare('ann@y'), createdAt: 3 }),
              { table: 'affiliation', jid: owner.jid, row: owner },
            ],
          },
          {
            room: B,
            changes: [
              create(B, { listed: true, state: 'locked', createdAt: 8 }),
              { table: 'occupant', id: asOccupantId('o1'), row: occupant('o1') },
              { table: 'session', jid: ses.jid, row: ses },
            ],
          },
          { room: C, changes: [create(C, { state: 'destroyed', tombstone: '{}', deadline: 9 })] },
        ),
      );
      const found = async (search: Partial<RoomSearch>): Promise<string[]> =>
        (await store.findRooms({ after: '', limit: 9, ...search })).rooms.map(({ jid }) => jid);
      expect(await found({})).toEqual([A, B]);
      expect(await found({ listed: false })).toEqual([A]);
      expect(await found({ empty: true })).toEqual([A]);
      expect(await found({ empty: false })).toEqual([B]);
      expect(await found({ orphaned: true })).toEqual([B]);
      expect(await found({ creator: asBare('ann@y') })).toEqual([A]);
      const { rooms: all } = await store.findRooms({ after: '', limit: 9 });
      const [first, second] = all as [FoundRoom, FoundRoom];
      expect([first.latest, second.latest]).toEqual([7, 8]);
      expect(await found({ idleSince: 7 })).toEqual([A]);
      expect(await found({ idleSince: 6 })).toEqual([]);
      await store.commit(batch(2, { room: A, counters: { stamp: 95, used: 9 } }));
      expect(await found({ idleSince: 8 })).toEqual([B]);
      expect(first).toMatchObject({ listed: false, creator: 'ann@y', createdAt: 3, state: 'open', occupants: 0 });
      const part = await store.findRooms({ after: '', limit: 1 });
      expect(part).toMatchObject({ rooms: [{ jid: A }], next: A });
      expect(await store.findRooms({ after: A, limit: 9 })).toMatchObject({
        rooms: [{ jid: B, occupants: 1, state: 'locked' }],
        next: null,
      });
    });

    describe('rooms that people find by searching, and those in which somebody is', () => {
      const shown = (name: string, description = ''): string =>
        JSON.stringify({ name, description, language: '', open: true, nonAnonymous: false } satisfies Channel);
      const found = async (query: Partial<ChannelQuery> = {}): Promise<[string, number][]> => {
        const { channels } = await store.findChannels({
          words: [],
          within: ['name', 'description', 'address'],
          by: 'address',
          max: 9,
          ...query,
        });
        return channels.map(({ jid, occupants }) => [jid, occupants]);
      };
      const people = (...names: string[]): Change[] =>
        names.flatMap((name): Change[] => {
          const one = session(`${name}@y/1`, { occupantId: asOccupantId(name) });
          return [
            { table: 'occupant', id: asOccupantId(name), row: occupant(name) },
            { table: 'session', jid: one.jid, row: one },
          ];
        });

      test('XEP-0433 §6.1: both orders, both ways through the pages, words in each of the parts', async () => {
        await store.commit(
          batch(
            1,
            { room: C, changes: [create(C, { channel: shown('Café', 'Cakes & more') }), ...people('ann', 'bob')] },
            { room: A, changes: [create(A, { channel: shown('Tea') }), ...people('ann')] },
            { room: B, changes: [create(B, { channel: shown('Tea rooms', 'of the café') }), ...people('ann')] },
          ),
        );
        expect(await found()).toEqual([
          [A, 1],
          [B, 1],
          [C, 2],
        ]);
        expect(await found({ by: 'occupants' })).toEqual([
          [C, 2],
          [A, 1],
          [B, 1],
        ]);
        const jids = async (query: Partial<ChannelQuery>): Promise<string[]> => (await found(query)).map(([jid]) => jid);
        const at = (jid: string, occupants: number): ChannelPlace => ({ jid, occupants });
        expect(await jids({ by: 'occupants', max: 1, after: at(C, 2) })).toEqual([A]);
        // The room that the page began behind has grown meanwhile, or is gone.
        expect(await jids({ by: 'occupants', after: at('zzz', 2) })).toEqual([A, B]);
        expect(await jids({ by: 'occupants', max: 2, before: at(B, 1) })).toEqual([C, A]);
        expect(await jids({ by: 'occupants', max: 2, last: true })).toEqual([A, B]);
        expect(await jids({ max: 1, after: at(A, 0) })).toEqual([B]);
        expect(await jids({ max: 1, before: at(C, 0) })).toEqual([B]);
        expect(await jids({ words: ['tea'] })).toEqual([A, B]);
        expect(await jids({ words: ['tea', 'ROOMS'], within: ['name'] })).toEqual([B]);
        expect(await jids({ words: ['café'], within: ['description'] })).toEqual([B]);
        expect(await jids({ words: ['b@rooms'], within: ['address'] })).toEqual([B]);
        expect(await jids({ words: ['coffee'] })).toEqual([]);
        expect(await jids({ words: ['tea'], within: [] })).toEqual([]);
        const page = await store.findChannels({ words: ['tea'], within: ['name'], by: 'occupants', max: 1, last: true });
        expect(page).toEqual({
          channels: [{ jid: B, occupants: 1, channel: JSON.parse(shown('Tea rooms', 'of the café')) as Channel }],
          count: 2,
          index: 1,
        });
        expect(await store.findChannels({ words: [], within: [], by: 'address', max: 0 })).toEqual({ channels: [], count: 3, index: 0 });
      });

      test('only open and listed ones with something to be shown; occupants are counted as they come, change and go, also by the next store', async () => {
        await store.commit(
          batch(
            1,
            { room: A, changes: [create(A, { channel: shown('A') }), ...people('ann')] },
            { room: B, changes: [create(B, { channel: shown('B'), listed: false })] },
            { room: C, changes: [create(C, { channel: shown('C'), state: 'locked' }), ...people('ann')] },
          ),
        );
        expect(await found()).toEqual([[A, 1]]);
        // The same once more, and others beside them.
        await store.commit(batch(2, { room: A, changes: [...people('ann'), ...people('bob', 'cat')] }));
        await store.commit(batch(3, { room: C, changes: [{ table: 'room', row: roomRow(C, { channel: shown('C') }) }] }));
        store = await bench.reopen();
        expect(await found()).toEqual([
          [A, 3],
          [C, 1],
        ]);
        await store.commit(batch(4, { room: A, changes: [{ table: 'occupant', id: asOccupantId('bob'), row: null }] }));
        await store.commit(batch(5, { room: C, changes: [{ table: 'room', row: roomRow(C) }] }));
        expect(await found()).toEqual([[A, 2]]);
        await store.commit(batch(6, { room: A, changes: [{ table: 'clear' }, create(A, { state: 'destroyed', tombstone: '{}' })] }));
        expect(await found()).toEqual([]);
      });

      test('listed rooms in which somebody is, in pages', async () => {
        await store.commit(
          batch(
            1,
            { room: A, changes: [create(A, { name: 'Tea' }), ...people('ann', 'bob')] },
            { room: B, changes: [create(B)] },
            { room: C, changes: [create(C), ...people('ann')] },
          ),
        );
        expect(await store.listOccupied({ max: 1 })).toEqual({ rooms: [{ jid: A, name: 'Tea' }], count: 2, index: 0 });
        expect(await store.listOccupied({ max: 9, after: A })).toEqual({ rooms: [{ jid: C, name: '' }], count: 2, index: 1 });
        expect(await store.listOccupied({ max: 1, last: true })).toEqual({ rooms: [{ jid: C, name: '' }], count: 2, index: 1 });
        expect(await store.listOccupied({ max: 9, before: B })).toEqual({ rooms: [{ jid: A, name: 'Tea' }], count: 2, index: 0 });
      });
    });

    test('rooms in whatever state, in order', async () => {
      await store.commit(
        batch(
          1,
          { room: C, changes: [create(C, { state: 'destroyed', tombstone: '{}', deadline: 9 })] },
          { room: A, changes: [create(A, { state: 'locked' })] },
          { room: B, changes: [create(B)] },
        ),
      );
      expect(await store.roomsAfter('', 9)).toEqual([A, B, C]);
      expect(await store.roomsAfter(A, 1)).toEqual([B]);
      expect(await store.roomsAfter(C, 9)).toEqual([]);
    });

    test('tokens of the API: one of a name, kept until it is dropped, also by the next store', async () => {
      const token = (name: string, hash = `hash of ${name}`): StoredToken => ({
        name,
        hash,
        rooms: 'team-*@rooms.example.org',
        createdAt: 1234,
        createdBy: 'root',
        ...(name === 'bot' ? { scope: 'post' as const, id: 'a1', postAs: 'Bot' } : { scope: 'moderate' as const, id: null, postAs: null }),
      });
      expect(await store.tokens()).toEqual([]);
      expect(await store.addToken(token('bot'))).toBe(true);
      expect(await store.addToken(token('alerts'))).toBe(true);
      expect(await store.addToken(token('bot', 'another'))).toBe(false);
      // Asked again after a death of the writer.
      expect(await store.addToken(token('bot'))).toBe(true);
      expect(await store.rehashToken('hash of bot', 'none')).toBe(true);
      // Asked again after a death of the writer.
      expect(await store.rehashToken('hash of bot', 'none')).toBe(true);
      expect(await store.rehashToken('hash of nobody', 'another')).toBe(false);
      const again = await bench.reopen();
      expect(await again.tokens()).toEqual([token('alerts'), token('bot', 'none')]);
      expect(await again.rehashToken('none', 'hash of bot')).toBe(true);
      expect(await again.tokens()).toEqual([token('alerts'), token('bot')]);
      expect(await again.dropToken('alerts')).toBe(true);
      expect(await again.dropToken('alerts')).toBe(false);
      expect(await again.tokens()).toEqual([token('bot')]);
    });

    test('how accounts were woken: kept, replaced and removed, also for the next store; erasing a person removes it', async () => {
      const woken = (jid: string, tries = 1): WokenRow => ({ jid: asBare(jid), since: 5, tries, waiting: 2, full: 7 });
      const form = (domain: string, moved = false): WakeFormRow => ({ domain: asDomain(domain), software: 'Prosody', askedAt: 9, moved });
      const none = { woken: [], seen: [], forms: [], formsOver: [] };
      await store.keepWakeUps({ ...none, woken: [woken('b@y'), woken('a@y'), woken('c@y')], forms: [form('y'), form('x', true)] });
      await store.keepWakeUps({ ...none, woken: [woken('a@y', 3)], seen: [asBare('c@y'), asBare('q@y')], formsOver: [asDomain('y')] });
      const again = await bench.reopen();
      expect(await again.wokenAfter('', 9)).toEqual([woken('a@y', 3), woken('b@y')]);
      expect(await again.wokenAfter('', 1)).toEqual([woken('a@y', 3)]);
      expect(await again.wokenAfter(asBare('a@y'), 9)).toEqual([woken('b@y')]);
      expect(await again.woken(asBare('b@y'))).toEqual(woken('b@y'));
      expect(await again.woken(asBare('c@y'))).toBeNull();
      expect(await again.wakeForms()).toEqual([form('x', true)]);
      await again.noteErasure(asBare('b@y'), null);
      expect(await again.woken(asBare('b@y'))).toBeNull();
    });

    describe('what rooms do not keep any more', () => {
      const DAY = 86_400_000;
      const NO_BOUNDS = { days: { default: null, max: null }, messages: { default: null, max: null } };
      /** What an index does not have yet waits until the next round. */
      const indexed = async (at: Store): Promise<void> => {
        for (let lag = await at.lag(); lag.time + lag.occupant + lag.text > 0; lag = await at.lag())
          await new Promise((resolve) => setTimeout(resolve, 5));
      };
      /** Walks over all rooms; answers the number of rows that each step erased. */
      const walk = async (over: Partial<Omit<RetentionStep, 'after'>>, at = store): Promise<number[]> => {
        await indexed(at);
        const steps: number[] = [];
        for (let after: string | null = ''; after !== null;) {
          const { next, erased }: { next: string | null; erased: number } = await at.retain({
            now: 30 * DAY,
            budget: 1000,
            ...NO_BOUNDS,
            ...over,
            after: asRoom(after),
          });
          steps.push(erased);
          after = next;
          if (steps.length > 100) throw new Error('The walk has no end.');
        }
        return steps;
      };
      /** One message a day, on the days 1 to 20. */
      const daily = Array.from({ length: 20 }, (_, i) => message(i + 1, { stamp: (i + 1) * DAY }));
      const DELIVERED = { deliveredRev: 20 };

      beforeEach(async () => {
        await store.commit(
          batch(
            1,
            { room: A, counters: DELIVERED, changes: [create(A)], messages: daily },
            { room: B, counters: DELIVERED, changes: [create(B, { keepDays: 15, keepMessages: 3 })], messages: daily },
            { room: C, counters: DELIVERED, changes: [create(C, { keepDays: 25 })], messages: daily },
          ),
        );
      });
      const left = async (at = store): Promise<number[]> =>
        Promise.all([A, B, C].map(async (jid) => (await at.messages(asRoom(jid), { limit: 99 })).length));

      test('without bounds nothing is erased but by the owners’ own', async () => {
        expect(await walk({})).toEqual([17 + 4]);
        expect(await left()).toEqual([20, 3, 16]);
        expect((await store.messages(B, { limit: 99 })).map(({ seq }) => seq)).toEqual([18, 19, 20]);
        expect((await store.messages(C, { limit: 99 }))[0]?.seq).toBe(5);
        expect((await store.counts()).messages).toBe(39);
        expect(await walk({})).toEqual([0]);
        expect(await left(await bench.reopen())).toEqual([20, 3, 16]);
      });

      test('the default is for rooms whose owner has set nothing, and the maximum for all', async () => {
        await walk({ days: { default: 12, max: null } });
        expect(await left()).toEqual([3, 3, 16]);
        await walk({ days: { default: null, max: 11 }, messages: { default: 8, max: 1 } });
        expect(await left()).toEqual([1, 1, 1]);
      });

      test('the maximum holds where there is no default', async () => {
        await walk({ messages: { default: null, max: 6 } });
        expect(await left()).toEqual([6, 3, 6]);
      });

      test('a step erases no more than it is told to, and the walk goes on where it was', async () => {
        expect(await walk({ budget: 5 })).toEqual([5, 5, 5, 2 + 3, 1]);
        expect(await left()).toEqual([20, 3, 16]);
      });

      test('what may not have reached the server is kept', async () => {
        await store.commit(batch(2, { room: A, counters: { rev: 20, deliveredRev: 7, seq: 20, stamp: 20 * DAY } }));
        await walk({ messages: { default: 0, max: null } });
        expect((await store.messages(A, { limit: 99 })).map(({ seq }) => seq)).toEqual(daily.slice(7).map(({ seq }) => seq));
      });
    });

    test('history holds only what was said during somebody’s stays, if that is asked for', async () => {
      const stay = (jid: string, event: 'begins' | 'ends', seq: number) => ({ table: 'stay', jid: asBare(jid), event, seq }) as const;
      const rows = Array.from({ length: 9 }, (_, i) => message(i + 1));
      await store.commit(
        batch(1, {
          room: A,
          changes: [create(A), stay('x@y', 'begins', 2), stay('x@y', 'ends', 4), stay('x@y', 'begins', 6), stay('z@y', 'begins', 0)],
          messages: rows,
        }),
      );
      const read = async (stayOf: string, limit = 9): Promise<number[]> =>
        (await store.messages(A, { stayOf: asBare(stayOf), limit })).map(({ seq }) => seq);
      expect(await read('x@y')).toEqual([3, 4, 7, 8, 9]);
      expect(await read('x@y', 4)).toEqual([4, 7, 8, 9]);
      expect(await read('z@y')).toHaveLength(9);
      expect(await read('q@y')).toEqual([]);
    });

    test('commits that were not waited for go in, in order, before the store closes', async () => {
      const first = store.commit(batch(1, { room: A, changes: [create(A)] }));
      const rest = [2, 3, 4].map((n) => store.commit(batch(n, { room: A, messages: [message(n)] })));
      const next = await bench.reopen();
      expect(await Promise.all([first, ...rest])).toEqual([[], [], [], []]);
      expect((await next.messages(A, { limit: 9 })).map(({ seq }) => seq)).toEqual([2, 3, 4]);
    });

    test('a batch number that was there before is a mistake, not a failure of the store', async () => {
      await store.commit(batch(7, { room: A, changes: [create(A)] }));
      const again = store.commit(batch(7, { room: B, changes: [create(B)] }));
      await expect(again).rejects.toThrow('after batch 7');
      await expect(again).rejects.not.toBeInstanceOf(StoreFailed);
      expect(await look(B)).toBeNull();
      await store.probe();
      expect(await store.lastBatch()).toBe(7);
    });
  });
}
