/** Which messages are versions of one (XEP-0308), by whatever name they are called, indexed or not, and when some are lost. */
import fc from '../support/property';
import type { MessageRow } from '../../src/room/rows';
import { ownNames } from '../../src/room/retraction-xml';
import { NS } from '../../src/xmpp/ns';
import { MemoryStore } from '../support/memory-store';
import { indexed, retraction, said } from './archive-conformance';
import { batch, create, roomRow } from './batches';
import { TempDatabase } from './temp';
import { asRoom } from '../support/jids';

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
          rows.push(said(i + 1, '', { occupantId: one.occupant, clientId: one.name, payload }));
        });
        for (const store of [memory, sqlite]) {
          await store.commit(batch(1, { room: ROOM, changes: [create(ROOM)] }));
          for (const [i, row] of rows.entries()) await store.commit(batch(2 + i, { room: ROOM, messages: [row] }));
          if (store === sqlite && wait) await indexed(sqlite);
          if (retracts)
            await store.commit(batch(100, { room: ROOM, counters: { seq: rows.length }, changes: [retraction(rows[0]?.id as string)] }));
        }
        for (const occupantId of ['ann', 'bob', 'eve']) {
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
    const first = said(1, 'first', { occupantId: 'ann', clientId: 'm1' });
    const second = said(2, '', { occupantId: 'ann', clientId: 'm2', payload: `<body>second</body>${replace('m1')}` });
    const third = said(3, '', { occupantId: 'ann', clientId: 'm3', payload: `<body>third</body>${replace('m2')}` });
    await store.commit(batch(1, { room: ROOM, changes: [create(ROOM)] }));
    await store.commit(batch(2, { room: ROOM, messages: [first, second, third] }));
    await indexed(store);
    for (const lost of [1, 2]) {
      await store.commit(
        batch(2 + lost, { room: ROOM, counters: { seq: 3 }, changes: [{ table: 'room', row: roomRow(ROOM, { archiveFrom: lost }) }] }),
      );
      await new Promise((resolve) => setTimeout(resolve, 100));
      for (const name of ['m1', first.id]) {
        const answer = await store.archive(ROOM, { want: 'versions', filter: { upToSeq: Infinity }, occupantId: 'ann', name });
        expect(answer).toMatchObject({ kind: 'versions', start: null, rows: [{ seq: 2 }, { seq: 3 }].slice(lost - 1) });
      }
    }
  } finally {
    await database.dispose();
  }
});
