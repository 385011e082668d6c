/** What one answer from an archive may cost: bytes, rows and time. */
import { matchingRows, storeWith } from './long-rooms';
import { asFull, asRoom } from '../support/jids';
import { asOccupantId } from '../support/ids';

const ROOM = asRoom('a@r');

describe('an answer from an archive', () => {
  test('F9: a page ends where its contents have a megabyte, and the next goes on there', async () => {
    const { store, dispose } = await storeWith(ROOM, 12, (seq) => ({ payload: `<body>${seq} ${'x'.repeat(250_000)}</body>` }));
    try {
      const seen: number[] = [];
      let after: string | undefined;
      for (let pages = 0; pages < 20; pages++) {
        const answer = await store.archive(ROOM, {
          want: 'page',
          filter: { upToSeq: Infinity },
          paging: { max: 250, ...(after === undefined ? {} : { after }) },
        });
        if (answer.kind !== 'page') throw new Error(answer.kind);
        expect(answer.rows.length).toBeLessThanOrEqual(4);
        seen.push(...answer.rows.map(({ seq }) => seq));
        after = answer.rows.at(-1)?.id;
        if (answer.complete) break;
      }
      expect(seen).toEqual(Array.from({ length: 12 }, (_, i) => i + 1));
      const backwards = await store.archive(ROOM, { want: 'page', filter: { upToSeq: Infinity }, paging: { max: 250, before: '' } });
      expect(backwards).toMatchObject({ kind: 'page', complete: false, rows: [{ seq: 9 }, { seq: 10 }, { seq: 11 }, { seq: 12 }] });
    } finally {
      await dispose();
    }
  });

  test('F9: one message larger than a page is a page', async () => {
    const { store, dispose } = await storeWith(ROOM, 2, () => ({ payload: `<body>${'x'.repeat(1_100_000)}</body>` }));
    try {
      const answer = await store.archive(ROOM, { want: 'page', filter: { upToSeq: Infinity }, paging: { max: 250 } });
      expect(answer).toMatchObject({ kind: 'page', complete: false, rows: [{ seq: 1 }] });
    } finally {
      await dispose();
    }
  });

  test('B10: what is found before the budget is used up is a page that is not the last; where nothing was found it is refused', async () => {
    const { store, dispose } = await storeWith(ROOM, 100, (seq) => ({ sender: seq === 5 ? asFull('ann@x/2') : asFull('ann@x/1') }), {
      readBounds: { rows: 20, ms: Infinity },
    });
    try {
      const forwards = await matchingRows(store, ROOM, { occupantId: asOccupantId('occ'), sender: asFull('ann@x/2') }, {});
      expect(forwards).toMatchObject({ kind: 'page', complete: false, rows: [{ seq: 5 }] });
      expect(await matchingRows(store, ROOM, { occupantId: asOccupantId('occ'), sender: asFull('ann@x/2') }, { before: '' })).toEqual({
        kind: 'too-long',
      });
      // Pages that need not look for their rows have theirs.
      expect(await matchingRows(store, ROOM, {}, { before: '', max: 20 })).toMatchObject({ kind: 'page', complete: false });
      // The room's own work takes what it takes.
      const patient = await store.archive(ROOM, {
        want: 'page',
        filter: { upToSeq: Infinity, occupantId: asOccupantId('occ'), sender: asFull('ann@x/2') },
        paging: { max: 10, before: '' },
        patient: true,
      });
      expect(patient).toMatchObject({ kind: 'page', complete: true, rows: [{ seq: 5 }] });
    } finally {
      await dispose();
    }
  });

  test('B10: words that all use and nobody uses side by side, by somebody who hardly wrote', async () => {
    const { store, dispose } = await storeWith(
      ROOM,
      3_000,
      (seq) => ({ payload: `<body>the tea of ${seq}</body>`, occupantId: asOccupantId(seq % 10 === 0 ? 'occ' : 'other') }),
      { readBounds: { rows: 200, ms: Infinity } },
    );
    try {
      expect(await matchingRows(store, ROOM, { text: '"tea the"' }, {})).toMatchObject({ kind: 'page', rows: [], complete: true });
      expect(await matchingRows(store, ROOM, { text: 'the', occupantId: asOccupantId('nobody') }, {})).toMatchObject({
        rows: [],
        complete: true,
      });
      expect(await matchingRows(store, ROOM, { text: 'the', occupantId: asOccupantId('occ') }, { max: 3 })).toMatchObject({
        complete: false,
        rows: [{ seq: 10 }, { seq: 20 }, { seq: 30 }],
      });
    } finally {
      await dispose();
    }
  });
});
