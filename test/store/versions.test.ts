/** Which messages are versions of one (XEP-0308), by whatever name they are called, indexed or not, and when some are lost. */
import fc from '../support/property';
import type { MessageRow } from '../../src/room/contract/rows';
import { ownNames } from '../../src/room/retracting/retraction-xml';
import { NS } from '../../src/xmpp/ns';
import type { Store } from '../../src/store/store';
import { MemoryStore } from '../support/memory-store';
import { indexed, retraction, said } from './archive-conformance';
import { batch, create, roomRow } from './batches';
import { storeWith } from './long-rooms';
import { TempDatabase } from './temp';
import { asRoom } from '../support/jids';
import { asOccupantId } from '../support/ids';

const ROOM = asRoom('a@r');
const replace = (id: string): string => `<replace xmlns="${NS.correct}" id="${id}"/>`;
const origin = (id: string): string => `<origin-id xmlns="${NS.stanzaId}" id="${id}"/>`;

const saying = fc.record({
  occupant: fc.constantFrom('ann', 'bob'),
  name: fc.constantFrom('m1', 'm2', 'm3', 'm4', null),
  origin: fc.constantFrom('o1', 'o2', null),
  /** What it corrects: a name, or the stanza-id of an earlier message. */
  corrects: fc.oneof(fc.constantFrom('m1', 'm2', 'o1', 'o2', null), fc.nat(20)),
});

test('E5: the versions of a message are those of the plain statement, whatever part is indexed', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(saying, { minLength: 3, maxLength: 20 }), fc.boolean(), fc.boolean(), async (sayings, wait, retracts) => {
      const database = new TempDatabase();
      try {
        const memory = new MemoryStore();
        const sqlite = await database.open({ durability: 'normal', fillBounds: { time: 3, occupant: 5, text: 4, leastHelp: 1 } });
        const rows: MessageRow[] = [];
        sayings.forEach((one, i) => {
          const target = typeof one.corrects === 'number' ? (rows[one.corrects]?.id ?? null) : one.corrects;
          const payload = `${target === null ? '' : replace(target)}<body>${i}</body>${one.origin === null ? '' : origin(one.origin)}`;
          rows.push(said(i + 1, '', { occupantId: asOccupantId(one.occupant), clientId: one.name, payload }));
        });
        for (const store of [memory, sqlite]) {
          await store.commit(batch(1, { room: ROOM, changes: [create(ROOM)] }));
          for (const [i, row] of rows.entries()) await store.commit(batch(2 + i, { room: ROOM, messages: [row] }));
          if (store === sqlite && wait) await indexed(sqlite);
          if (retracts)
            await store.commit(batch(100, { room: ROOM, counters: { seq: rows.length }, changes: [retraction(rows[0]?.id as string)] }));
        }
        for (const occupantId of ['ann', 'bob', 'eve'].map(asOccupantId)) {
          for (const name of ['m1', 'm2', 'm3', 'o1', 'nothing', rows[0]?.id as string, rows[2]?.id as string]) {
            // What is lost is found by more than what is left says: another test.
            if (!rows.some((row) => row.occupantId === occupantId && (row.id === name || ownNames(row).includes(name)))) continue;
            const query = { want: 'versions', filter: { upToSeq: Infinity }, occupantId, name } as const;
            expect(await sqlite.archive(ROOM, query)).toEqual(await memory.archive(ROOM, query));
          }
        }
      } finally {
        await database.dispose();
      }
    }),
    { numRuns: 5 },
  );
}, 120_000);

test('H24: the corrections of a message that is lost are found by any of its names, also in their turn', async () => {
  const database = new TempDatabase();
  try {
    const store = await database.open({ durability: 'normal' });
    const first = said(1, 'first', { occupantId: asOccupantId('ann'), clientId: 'm1' });
    const second = said(2, '', { occupantId: asOccupantId('ann'), clientId: 'm2', payload: `<body>second</body>${replace('m1')}` });
    const third = said(3, '', { occupantId: asOccupantId('ann'), clientId: 'm3', payload: `<body>third</body>${replace('m2')}` });
    await store.commit(batch(1, { room: ROOM, changes: [create(ROOM)] }));
    await store.commit(batch(2, { room: ROOM, messages: [first, second, third] }));
    await indexed(store);
    for (const lost of [1, 2]) {
      await store.commit(
        batch(2 + lost, { room: ROOM, counters: { seq: 3 }, changes: [{ table: 'room', row: roomRow(ROOM, { archiveFrom: lost }) }] }),
      );
      await new Promise((resolve) => setTimeout(resolve, 100));
      for (const name of ['m1', first.id]) {
        const answer = await store.archive(ROOM, {
          want: 'versions',
          filter: { upToSeq: Infinity },
          occupantId: asOccupantId('ann'),
          name,
        });
        expect(answer).toMatchObject({ kind: 'versions', start: null, rows: [{ seq: 2 }, { seq: 3 }].slice(lost - 1) });
      }
    }
  } finally {
    await database.dispose();
  }
});

describe('while the index of names is behind', () => {
  const unfilled = { fillBounds: { time: 1e6, occupant: 1e6, text: 1e6, leastHelp: 1 } };
  const ask = (store: Store, name: string) =>
    store.archive(ROOM, { want: 'versions', filter: { upToSeq: Infinity }, occupantId: asOccupantId('occ'), name } as const);

  test('found H22, B7: a message is found by its stanza-id with its corrections, whatever waits behind it (XEP-0424 §5)', async () => {
    const { store, rows, dispose } = await storeWith(
      ROOM,
      12_000,
      (seq) => (seq === 12_000 ? { payload: `<body>corrected</body>${replace('m20')}`, clientId: 'c' } : { clientId: `m${seq}` }),
      { ...unfilled, readBounds: { rows: 100, ms: Infinity } },
      'unfilled',
    );
    try {
      const answer = ask(store, rows[19]?.id as string);
      expect((await store.lag()).text).toBeGreaterThan(1_000);
      expect(await answer).toMatchObject({ kind: 'versions', start: { seq: 20 }, rows: [{ seq: 20 }, { seq: 12_000 }] });
    } finally {
      await dispose();
    }
  });

  test('found H22, B7: one is found among 12,000 by the id that its author gave it, within the bounds', async () => {
    const { store, dispose } = await storeWith(
      ROOM,
      12_000,
      (seq) => ({ clientId: `m${seq}` }),
      { ...unfilled, readBounds: { rows: 12_001, ms: Infinity } },
      'unfilled',
    );
    try {
      const [early, none] = [ask(store, 'm3'), ask(store, 'm0')];
      expect(await early).toMatchObject({ kind: 'versions', start: { seq: 3 }, rows: [{ seq: 3 }] });
      expect(await none).toEqual({ kind: 'versions', start: null, rows: [] });
    } finally {
      await dispose();
    }
  });

  test.each([
    ['others', (seq: number) => ({ clientId: `m${seq}` })],
    ['corrections of others', (seq: number) => ({ clientId: `m${seq}`, more: replace(`n${seq}`) })],
  ])('found H22, B7: 600 of 250 KB, all of them %s, are not read to find one', async (_, like) => {
    const { store, dispose } = await storeWith(
      ROOM,
      600,
      (seq) => {
        const { clientId, more = '' } = like(seq) as { clientId: string; more?: string };
        const corrects = seq === 599 ? replace('m2') : seq === 2 ? '' : more;
        return {
          clientId,
          payload: `<body>${'x'.repeat(250_000)}</body>${corrects}`,
          occupantId: asOccupantId(seq % 2 === 0 ? 'occ' : 'occ' + (seq === 599 ? '' : seq)),
        };
      },
      unfilled,
      'unfilled',
    );
    try {
      const answer = await ask(store, 'm2');
      if (answer.kind !== 'versions') throw new Error(answer.kind);
      expect([answer.start, ...answer.rows].map((row) => row?.seq)).toEqual([2, 2, 599]);
    } finally {
      await dispose();
    }
  });

  test('found B7: an origin-id that is not the id is found at once too, and of very long versions the newest with the message itself', async () => {
    const { store, dispose } = await storeWith(
      ROOM,
      200,
      (seq) => ({
        clientId: `m${seq}`,
        payload: seq === 1 ? `<body>first</body>${origin('o1')}` : `<body>${'x'.repeat(250_000)}</body>${replace('o1')}`,
      }),
      unfilled,
      'unfilled',
    );
    try {
      const answer = await ask(store, 'o1');
      if (answer.kind !== 'versions') throw new Error(answer.kind);
      expect(answer.start?.seq).toBe(1);
      expect(answer.rows[0]?.seq).toBe(1);
      expect(answer.rows.at(-1)?.seq).toBe(200);
      const bytes = answer.rows.reduce((sum, { payload }) => sum + payload.length, 0);
      expect(bytes).toBeGreaterThan(30_000_000);
      expect(bytes).toBeLessThan(35_000_000);
    } finally {
      await dispose();
    }
  });
});
