/** What every store must do for rooms that are taken elsewhere and brought along, and for what is known of a person. */
import { occupantId } from '../../src/room/talking/ids';
import type { MessageRow } from '../../src/room/contract/rows';
import type { ImportKey, ImportSlice } from '../../src/store/maintenance';
import type { Store } from '../../src/store/store';
import { BY_ITSELF } from '../../src/room/contract/audit';
import { asBare, asRoom } from '../support/jids';
import { affiliation, batch, create, message, roomRow, type Part } from './batches';
import type { Bench } from './conformance';
import { asOccupantId } from '../support/ids';

const A = asRoom('a@rooms.example.org');
const B = asRoom('b@rooms.example.org');
const ANN = asBare('ann@example.org');
const AUDIT = { at: 5, by: BY_ITSELF, act: 'import', count: 1, items: [{ object: '', before: null, after: null, reason: null }] } as const;

const said = (seq: number): MessageRow => message(seq, { stamp: 1_000 + seq });
const portable = (seq: number): NonNullable<ImportSlice['messages']>[number] => {
  const { rev, ...row } = said(seq);
  return rev < 0 ? row : row;
};
/** A room that somebody else made, and more of it. */
const made = (room: string, { changes = [], ...more }: Omit<Part, 'room'> = {}): Part => ({
  room,
  changes: [create(room, { creator: asBare('bob@x') }), ...changes],
  ...more,
});
const counters = { rev: 3, deliveredRev: 3, seq: 3, stamp: 1_003, used: 1_002 };

/** Declares the suite for one kind of store. `make` gives an opened store without rooms. */
export function runMovingConformance(name: string, make: () => Promise<Bench>): void {
  describe(`${name} moves rooms`, () => {
    let bench: Bench;
    let store: Store;
    beforeEach(async () => {
      bench = await make();
      store = bench.store;
    });
    afterEach(() => bench.dispose());

    const bring = async (): Promise<ImportKey> => {
      const key = await store.beginImport();
      await store.importSlice(key, {
        affiliations: [affiliation(ANN, { affiliation: 'owner' })],
        features: [
          { feature: 'zebra', key: 'second', value: '2' },
          { feature: 'zebra', key: 'first', value: '1' },
        ],
        stays: [{ jid: ANN, begin: 0, end: null }],
      });
      await store.importSlice(key, { messages: [portable(1), { ...portable(2), foreignIds: ['there-2'] }] });
      await store.importSlice(key, { messages: [portable(3)] });
      return key;
    };

    test('a room that is brought along is nowhere until it ends, and whole then, also for the next store', async () => {
      const key = await bring();
      expect(await store.hasRoom(B)).toBe(false);
      expect(await store.rowsOf(B)).toBeNull();
      expect(await store.roomsAfter('', 10)).toEqual([]);
      expect(await store.registrationsOf(ANN, { limit: 10 })).toEqual([]);
      expect(await store.roomsKnowing(ANN, '', 10)).toEqual({ rooms: [], next: null });
      expect((await store.counts()).rooms).toBe(0);
      const row = roomRow(B, { name: 'Brought' });
      expect(await store.endImport(key, { row, counters, audit: AUDIT })).toBe(true);
      for (const next of [() => Promise.resolve(store), () => bench.reopen()]) {
        const at = await next();
        const rows = await at.rowsOf(B);
        expect(rows).toMatchObject({ room: row, hasForeignIds: true, counters, affiliations: [{ jid: ANN }], occupants: [], sessions: [] });
        expect(rows?.features.map((one) => one.key)).toEqual(['second', 'first']);
        expect(await at.staysAfter(B, null, 10)).toEqual([{ jid: ANN, begin: 0, end: null }]);
        const found = await at.messages(B, { limit: 10 });
        expect(found).toEqual([1, 2, 3].map((seq) => ({ ...portable(seq), rev: seq })));
        const ids = found.map(({ id }) => id);
        expect(await at.foreignIds(B, ids)).toEqual([{ id: ids[1], foreign: 'there-2' }]);
        expect((await at.counts()).messages).toBe(3);
        expect(await at.audit({ room: B, limit: 5 })).toMatchObject([{ act: 'import' }]);
      }
    });

    test('a slice, or an end, that is handed in again changes nothing', async () => {
      const key = await store.beginImport();
      const slice = { messages: [portable(1)], features: [{ feature: 'zebra', key: 'k', value: '1' }] };
      await store.importSlice(key, slice);
      await store.importSlice(key, slice);
      expect(await store.endImport(key, { row: roomRow(B), counters, audit: AUDIT })).toBe(true);
      expect(await store.messages(B, { limit: 10 })).toHaveLength(1);
      expect((await store.counts()).messages).toBe(1);
    });

    test('a name that a room has is refused; what was given up leaves nothing', async () => {
      await store.commit(batch(1, made(B)));
      const key = await bring();
      expect(await store.endImport(key, { row: roomRow(B), counters, audit: AUDIT })).toBe(false);
      await store.dropImport(key);
      await expect(store.importSlice(key, { messages: [portable(4)] })).rejects.toThrow();
      await expect(store.endImport(key, { row: roomRow(A), counters, audit: AUDIT })).rejects.toThrow();
      expect(await store.rowsOf(A)).toBeNull();
      expect(await store.messages(B, { limit: 10 })).toEqual([]);
    });

    test('messages that are not in order are refused, and nothing of their slice is there', async () => {
      const key = await store.beginImport();
      await store.importSlice(key, { messages: [portable(1)] });
      const late = { ...portable(2), stamp: 999 };
      await expect(store.importSlice(key, { messages: [late], features: [{ feature: 'zebra', key: 'k', value: '1' }] })).rejects.toThrow();
      expect(await store.endImport(key, { row: roomRow(B), counters, audit: AUDIT })).toBe(true);
      expect((await store.rowsOf(B))?.features).toEqual([]);
    });

    test('commits between two slices, and behind the end, are taken as ever', async () => {
      const key = await store.beginImport();
      await store.importSlice(key, { messages: [portable(1)] });
      await store.commit(batch(1, made(A, { messages: [said(1)] })));
      await store.importSlice(key, { messages: [portable(2), portable(3)] });
      await store.commit(batch(2, { room: A, counters: { rev: 2, deliveredRev: 0, seq: 2, stamp: 1_002 }, messages: [said(2)] }));
      await store.endImport(key, { row: roomRow(B), counters, audit: AUDIT });
      await store.commit(batch(3, { room: B, counters: { rev: 4, deliveredRev: 3, seq: 4, stamp: 1_004 }, messages: [said(4)] }));
      expect((await store.messages(A, { limit: 10 })).map(({ seq }) => seq)).toEqual([1, 2]);
      expect((await store.messages(B, { limit: 10 })).map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
    });

    test('stays come in pages, by JID and beginning', async () => {
      const key = await store.beginImport();
      const stays = [1, 3, 5].flatMap((begin) => ['a@x', 'b@x'].map((jid) => ({ jid: asBare(jid), begin, end: begin + 1 })));
      await store.importSlice(key, { stays });
      await store.endImport(key, { row: roomRow(B), counters, audit: AUDIT });
      const sorted = [...stays].sort((a, b) => (a.jid < b.jid ? -1 : a.jid > b.jid ? 1 : a.begin - b.begin));
      const first = await store.staysAfter(B, null, 4);
      expect(first).toEqual(sorted.slice(0, 4));
      expect(await store.staysAfter(B, first.at(-1) ?? null, 4)).toEqual(sorted.slice(4));
    });

    test('the rooms that hold something of a bare JID: by lists, rows of features, stays, messages and acts, not by a longer JID', async () => {
      const room = (n: number): ReturnType<typeof asRoom> => asRoom(`r${n}@rooms.example.org`);
      const idIn = (n: number): string => occupantId(roomRow(room(n)), ANN);
      await store.commit(
        batch(
          1,
          made(room(1), { changes: [{ table: 'affiliation', jid: ANN, row: affiliation(ANN, { affiliation: 'outcast' }) }] }),
          made(room(2), { changes: [{ table: 'feature', feature: 'f', key: `x ${ANN}`, value: '1' }] }),
          made(room(3), { changes: [{ table: 'feature', feature: 'f', key: idIn(3), value: '1' }] }),
          made(room(4), { changes: [{ table: 'stay', jid: ANN, event: 'begins', seq: 0 }] }),
          made(room(5), { messages: [message(1, { sender: `${ANN}/x` as never, occupantId: asOccupantId(idIn(5)) })] }),
          made(room(6), { changes: [{ table: 'audit', row: { ...AUDIT, items: [{ ...AUDIT.items[0], object: ANN }] } }] }),
          made(room(7), { changes: [{ table: 'affiliation', jid: asBare(`other${ANN}`), row: affiliation(asBare(`other${ANN}`)) }] }),
        ),
      );
      const found: string[] = [];
      for (let after: ReturnType<typeof asRoom> | '' = ''; ;) {
        const { rooms, next } = await store.roomsKnowing(ANN, after, 2);
        found.push(...rooms);
        if (next === null) break;
        after = next;
      }
      expect(found.slice(0, 6)).toEqual([1, 2, 3, 4, 5, 6].map(room));
    });
  });
}
