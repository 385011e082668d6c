/** What every store must do with its archive beyond keeping it: search it, and erase what rooms do not keep. */
import fc from '../support/property';
import type { ArchiveFilter, ArchivePaging } from '../../src/room/contract/archive-query';
import { messageId } from '../../src/room/talking/ids';
import type { Retention } from '../../src/room/configuring/retention';
import type { Change, MessageRow } from '../../src/room/contract/rows';
import type { Store } from '../../src/store/store';
import { batch, create, message, session } from './batches';
import { findsWords } from '../support/finds-words';
import type { Bench } from './conformance';
import { asBare, asFull, asRoom } from '../support/jids';
import { asOccupantId, asStanzaId } from '../support/ids';

const A = asRoom('a@rooms.example.org');
const B = 'b@rooms.example.org';
const C = 'c@rooms.example.org';
const DAY = 86_400_000;
const random = { bytes: (count: number) => Buffer.from(Array.from({ length: count }, () => Math.floor(Math.random() * 256))) };

/** A message that says this, with an id as rooms give them. */
export function said(seq: number, body: string, over: Partial<MessageRow> = {}): MessageRow {
  const { stamp = 10_000 + seq } = over;
  return message(seq, { stamp, id: messageId(stamp, random), payload: `<body>${body}</body>`, ...over });
}

export function retraction(id: string, payload = '<retracted xmlns="urn:xmpp:message-retract:1"/>'): Change {
  return { table: 'retraction', id: asStanzaId(id), payload, person: 'kept' };
}

/** The numbers of the messages that a search finds; or the id that is not there. */
export async function search(
  store: Store,
  room: string,
  filter: Partial<ArchiveFilter>,
  paging: Partial<ArchivePaging> = {},
): Promise<number[] | string> {
  const answer = await store.archive(asRoom(room), {
    want: 'page',
    filter: { upToSeq: Infinity, ...filter },
    paging: { max: 100, ...paging },
  });
  if (answer.kind === 'page') return answer.rows.map(({ seq }) => seq);
  return answer.kind === 'item-not-found' ? answer.id : answer.kind;
}

/** Waits until every index has all messages: only those may be erased. */
export async function indexed(store: Store): Promise<void> {
  for (let tries = 0; Object.values(await store.lag()).some((behind: number) => behind > 0); tries++) {
    if (tries > 400) throw new Error('The indexes are never filled');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** What searches are tried on. */
const SAID = [
  said(1, 'Tea or coffee?', { occupantId: asOccupantId('ann') }),
  said(2, 'Coffee!', { occupantId: asOccupantId('bob') }),
  said(3, '我们喝咖啡吧', { occupantId: asOccupantId('ann') }),
  said(4, 'Then coffee it is.', { occupantId: asOccupantId('ann') }),
  message(5, { id: messageId(10_005, random), payload: '<body>coffee</body><encryption xmlns="urn:xmpp:eme:0"/>' }),
  said(6, 'More coffee', { occupantId: asOccupantId('bob') }),
];
const idOf = (seq: number): string => (SAID[seq - 1] as MessageRow).id;
const COFFEE = batch(
  1,
  { room: A, changes: [create(A)], messages: SAID },
  { room: B, changes: [create(B)], messages: [said(1, 'coffee in B')] },
);

export function runArchiveConformance(name: string, make: () => Promise<Bench>): void {
  // One store for all of them: none of them writes.
  describe.each([false, true])(`${name} as an archive, searched (opened again: %s)`, (again) => {
    let bench: Bench;
    let store: Store;
    beforeAll(async () => {
      bench = await make();
      store = bench.store;
      await store.commit(COFFEE);
      if (again) store = await bench.reopen();
    });
    afterAll(() => bench.dispose());

    test.each([
      ['a word', { text: 'coffee' }, {}, [1, 2, 4, 6]],
      ['two words', { text: 'coffee tea' }, {}, [1]],
      ['a phrase', { text: '"coffee it"' }, {}, [4]],
      ['the beginning of a word', { text: 'mor*' }, {}, [6]],
      ['a part of writing without spaces', { text: '咖啡' }, {}, [3]],
      ['nothing without a letter', { text: '!' }, {}, []],
      ['nothing that nobody said', { text: 'chocolate' }, {}, []],
      ['what one occupant said', { text: 'coffee', occupantId: asOccupantId('ann') }, {}, [1, 4]],
      ['what was said by then', { text: 'coffee', upToSeq: 4 }, {}, [1, 2, 4]],
      ['what was said between two times', { text: 'coffee', start: 10_002, end: 10_004 }, {}, [2, 4]],
      ['what lies behind and before messages', { text: 'coffee', afterId: idOf(1), beforeId: idOf(6) }, {}, [2, 4]],
      ['among some messages', { text: 'coffee', ids: [idOf(2), idOf(3), idOf(6)] }, {}, [2, 6]],
      ['a first page', { text: 'coffee' }, { max: 2 }, [1, 2]],
      ['the page behind it', { text: 'coffee' }, { max: 2, after: idOf(2) }, [4, 6]],
      ['a last page', { text: 'coffee' }, { max: 2, before: '' }, [4, 6]],
      ['the page before it', { text: 'coffee' }, { max: 1, before: idOf(4) }, [2]],
      ['a page between', { text: 'coffee' }, { max: 9, after: idOf(1), before: idOf(6) }, [2, 4]],
      ['behind a message that the search does not find', { text: 'coffee' }, { after: idOf(3) }, [4, 6]],
      ['behind a message that is not there', { text: 'coffee' }, { after: 'nowhere' }, 'nowhere'],
      ['behind a message of another room', { text: 'coffee', afterId: messageId(10_001, random) }, {}, expect.any(String)],
    ] as const)('finds %s', async (_what, filter, paging, expected) => {
      expect(await search(store, A, filter, paging)).toEqual(expected);
    });
  });

  describe(`${name} as an archive`, () => {
    let bench: Bench;
    let store: Store;

    beforeEach(async () => {
      bench = await make();
      store = bench.store;
    });
    afterEach(() => bench.dispose());

    const seqs = async (room: string): Promise<number[]> => (await store.messages(asRoom(room), { limit: 1000 })).map(({ seq }) => seq);

    describe('searched', () => {
      beforeEach(async () => {
        await store.commit(COFFEE);
      });

      test('says whether there is more, and where it begins and ends', async () => {
        const page = (paging: Partial<ArchivePaging>) =>
          store.archive(A, { want: 'page', filter: { upToSeq: 6, text: 'coffee' }, paging: { max: 2, ...paging } });
        expect(await page({})).toMatchObject({ complete: false });
        expect(await page({ after: idOf(2) })).toMatchObject({ complete: true });
        expect(await page({ before: '' })).toMatchObject({ complete: false });
        expect(await page({ before: idOf(3) })).toMatchObject({ complete: true });
        expect(await store.archive(A, { want: 'ends', filter: { upToSeq: 5, text: 'coffee' } })).toEqual({
          kind: 'ends',
          first: SAID[0],
          last: SAID[3],
        });
        expect(await store.archive(A, { want: 'ends', filter: { upToSeq: 5, text: 'chocolate' } })).toEqual({
          kind: 'ends',
          first: null,
          last: null,
        });
      });

      test('counts what somebody said with a word that all use', async () => {
        const many = Array.from({ length: 400 }, (_, i) => said(i + 7, 'coffee', { occupantId: asOccupantId(i === 123 ? 'cat' : 'bob') }));
        await store.commit(batch(2, { room: A, messages: many }));
        await indexed(store);
        const filter = { upToSeq: 406, text: 'coffee', occupantId: asOccupantId('cat') };
        expect(await store.archive(A, { want: 'page', filter, paging: { max: 2 } })).toMatchObject({ count: 1, index: 0, complete: true });
      });

      test('finds only what was said while somebody belonged to the room', async () => {
        const stay = (event: 'begins' | 'ends', seq: number): Change => ({ table: 'stay', jid: asBare('x@y'), event, seq });
        await store.commit(
          batch(2, { room: A, counters: { rev: 6, seq: 6 }, changes: [stay('begins', 1), stay('ends', 3), stay('begins', 5)] }),
        );
        expect(await search(store, A, { text: 'coffee', stayOf: asBare('x@y') })).toEqual([2, 6]);
        expect(await search(store, A, { text: 'coffee', stayOf: asBare('z@y') })).toEqual([]);
      });

      test('forgets what was retracted at once, and finds what came in its place', async () => {
        await store.commit(
          batch(2, {
            room: A,
            counters: { rev: 6, seq: 6 },
            changes: [retraction(idOf(2)), retraction(idOf(3)), retraction(idOf(4), '<body>Tea.</body>')],
          }),
        );
        for (const again of [false, true]) {
          if (again) store = await bench.reopen();
          expect(await search(store, A, { text: 'coffee' })).toEqual([1, 6]);
          expect(await search(store, A, { text: '咖啡' })).toEqual([]);
          expect(await search(store, A, { text: 'tea' })).toEqual([1, 4]);
        }
      });

      test('finds nothing of a former room of that name', async () => {
        await store.commit(
          batch(2, { room: A, changes: [{ table: 'clear' }, create(A, { archiveFrom: 6 })], messages: [said(7, 'No coffee here')] }),
        );
        expect(await search(store, A, { text: 'coffee' })).toEqual([7]);
        expect(await search(store, A, { text: 'coffee' }, { before: '', max: 1 })).toEqual([7]);
        expect(await search(store, A, { text: 'coffee' }, { before: idOf(4) })).toEqual(idOf(4));
      });
    });

    describe('erasing what rooms do not keep', () => {
      const NOW = 100 * DAY;
      const none: Retention = { days: { default: null, max: null }, messages: { default: null, max: null } };
      /** Said on days 91 to 100, one a day: ten messages. */
      const rows = Array.from({ length: 10 }, (_, i) => said(i + 1, `day ${91 + i}`, { stamp: (91 + i) * DAY }));

      /** Walks through all rooms. */
      const retain = async (retention: Partial<Retention>, budget = 1_000): Promise<number> => {
        await indexed(store);
        let erased = 0;
        let after: string | null = '';
        for (let steps = 0; after !== null; steps++) {
          if (steps > 100) throw new Error('The walk does not end');
          const step: { next: string | null; erased: number } = await store.retain({
            now: NOW,
            ...none,
            ...retention,
            after: asRoom(after),
            budget,
          });
          expect(step.erased).toBeLessThanOrEqual(budget);
          erased += step.erased;
          after = step.next;
        }
        return erased;
      };

      beforeEach(async () => {
        await store.commit(
          batch(
            1,
            { room: A, changes: [create(A)], messages: rows },
            { room: B, changes: [create(B, { keepDays: 3 })], messages: rows },
            { room: C, changes: [create(C, { keepMessages: 2 })], messages: rows },
          ),
        );
      });

      test('without bounds nothing goes', async () => {
        await store.commit(
          batch(
            2,
            { room: B, counters: { rev: 10, seq: 10 }, changes: [create(B)] },
            { room: C, counters: { rev: 10, seq: 10 }, changes: [create(C)] },
          ),
        );
        expect(await retain({})).toBe(0);
        expect(await seqs(A)).toHaveLength(10);
        expect(await seqs(C)).toHaveLength(10);
      });

      test.each([
        ["the owners' own bounds", {}, [1, 7, 9]],
        ['the default, where the owner has said nothing', { days: { default: 5, max: null } }, [5, 7, 9]],
        ['the most that owners may keep', { days: { default: null, max: 2 } }, [8, 8, 9]],
        ['a default above the maximum', { days: { default: 9, max: 4 } }, [6, 7, 9]],
        ['a default number', { messages: { default: 4, max: null } }, [7, 7, 9]],
        ['the greatest number', { messages: { default: null, max: 1 } }, [10, 10, 10]],
        ['age and number together', { days: { default: 4, max: null }, messages: { default: 3, max: null } }, [8, 8, 9]],
        ['nothing at all', { messages: { default: 0, max: null } }, [11, 11, 9]],
      ] as const)('%s', async (_what, retention, firsts) => {
        for (const budget of [1_000, 2, 1]) {
          await retain(retention, budget);
          expect([await seqs(A), await seqs(B), await seqs(C)]).toEqual(
            firsts.map((first) => Array.from({ length: 11 - first }, (_, i) => first + i)),
          );
        }
        store = await bench.reopen();
        expect(await seqs(A)).toHaveLength(11 - firsts[0]);
      });

      test('goes in small steps, whose walk can be gone on with', async () => {
        await indexed(store);
        const step = { now: NOW, ...none, messages: { default: 4, max: null }, budget: 4 };
        expect(await store.retain({ ...step, after: '' })).toEqual({ next: '', erased: 4 });
        expect(await seqs(A)).toEqual([5, 6, 7, 8, 9, 10]);
        expect(await retain({ messages: { default: 4, max: null } }, 4)).toBe(2 + 6 + 8);
        expect((await store.counts()).messages).toBe(4 + 4 + 2);
      });

      test('what may have to be said again stays, and goes when it has been delivered', async () => {
        await store.commit(batch(2, { room: C, counters: { rev: 10, deliveredRev: 4, seq: 10 } }));
        await retain({});
        expect(await seqs(C)).toEqual([5, 6, 7, 8, 9, 10]);
        await store.commit(batch(3, { room: C, counters: { rev: 10, deliveredRev: 10, seq: 10 } }));
        await retain({});
        expect(await seqs(C)).toEqual([9, 10]);
      });

      test('an id that is gone is not in the archive any more, and the words are not found', async () => {
        await retain({});
        expect(await search(store, C, {}, { after: (rows[7] as MessageRow).id })).toBe((rows[7] as MessageRow).id);
        expect(await search(store, C, {}, { after: (rows[8] as MessageRow).id })).toEqual([10]);
        expect(await search(store, C, { text: 'day' })).toEqual([9, 10]);
        expect(await search(store, C, { text: '98' })).toEqual([]);
      });

      test('rooms go on after all they had said is gone', async () => {
        await retain({ messages: { default: 0, max: 0 } });
        expect((await store.counts()).messages).toBe(0);
        await store.commit(batch(2, { room: C, changes: [], messages: [said(11, 'and now', { stamp: 100 * DAY })] }));
        await store.commit(batch(3, { room: A, changes: [], messages: [said(11, 'and here', { stamp: 100 * DAY })] }));
        expect(await search(store, C, { text: 'now' })).toEqual([11]);
        expect(await search(store, A, { text: 'and' })).toEqual([11]);
        expect(await search(store, A, { text: 'day' })).toEqual([]);
      });

      test('many rooms with nothing to erase are passed', async () => {
        const jids = Array.from({ length: 250 }, (_, i) => `r${i}@rooms.example.org`);
        await store.commit(
          batch(
            2,
            ...jids.map((room) => ({
              room,
              changes: [create(room), { table: 'session', jid: asFull(room), row: session(room) } as const],
            })),
          ),
        );
        expect(await retain({}, 5)).toBe(6 + 8);
      });
    });

    test('what is erased leaves the files when it is asked for', async () => {
      await store.commit(batch(1, { room: A, changes: [create(A)], messages: [said(1, 'word')] }));
      expect(await store.checkpoint()).toBe(true);
      expect(await seqs(A)).toEqual([1]);
    });

    test('random talk: what a search finds is what the plain statement says, page by page, in both directions', async () => {
      const word = fc.constantFrom('tea', 'Tee', 'té', 'cake', '茶', '喝茶', '茶点', '好喝');
      const body = fc.array(word, { minLength: 1, maxLength: 4 }).map((words) => words.join(' '));
      let room = 0;
      let number = 0;
      await fc.assert(
        fc.asyncProperty(
          fc.array(body, { minLength: 1, maxLength: 30 }),
          word,
          fc.integer({ min: 1, max: 5 }),
          async (bodies, text, max) => {
            const jid = asRoom(`random${room++}@rooms.example.org`);
            const rows = bodies.map((one, i) => said(i + 1, one));
            await store.commit(batch(++number, { room: jid, changes: [create(jid)], messages: rows }));
            const expected = rows.filter((row) => findsWords(row, text)).map(({ id }) => id);
            const walk = async (backwards: boolean): Promise<string[]> => {
              const found: string[] = [];
              for (let cursor = ''; ;) {
                const paging: ArchivePaging = backwards ? { max, before: cursor } : { max, ...(cursor === '' ? {} : { after: cursor }) };
                const answer = await store.archive(jid, { want: 'page', filter: { upToSeq: rows.length, text }, paging });
                if (answer.kind !== 'page') throw new Error(answer.kind);
                const ids = answer.rows.map(({ id }) => id);
                if (backwards) found.unshift(...ids);
                else found.push(...ids);
                cursor = (backwards ? ids[0] : ids.at(-1)) ?? '';
                if (answer.complete) return found;
              }
            };
            expect(await walk(false)).toEqual(expected);
            expect(await walk(true)).toEqual(expected);
          },
        ),
        { numRuns: 30 },
      );
    });
  });
}
