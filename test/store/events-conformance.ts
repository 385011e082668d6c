/** What every store must do with events. */
import type { EventKind, EventRow, EventValue } from '../../src/room/contract/events';
import type { Change } from '../../src/room/contract/rows';
import type { EventEntry } from '../../src/store/events';
import type { Store } from '../../src/store/store';
import { asBare, asRoom } from '../support/jids';
import { batch, create, idOf, message, roomRow } from './batches';
import type { Bench } from './conformance';
import { asStanzaId } from '../support/ids';

const A = asRoom('a@rooms.example.org');
const B = asRoom('b@rooms.example.org');

/** An event as a change. */
export function event(kind: EventKind, value: EventValue, at = 1_000): Change {
  return { table: 'event', row: { at, kind, value } satisfies EventRow };
}

/** What somebody said in message number `seq`. */
export const said = (seq: number, body: string, jid = 'ann@x.lit'): Change =>
  event('message', { jid: asBare(jid), nick: 'ann', occupantId: 'o1', id: idOf(seq), body }, 1_000 + seq);

/** Declares the suite for one kind of store. */
export function runEventsConformance(name: string, make: () => Promise<Bench>): void {
  describe(`${name} keeps events`, () => {
    let bench: Bench;
    let store: Store;

    beforeEach(async () => {
      bench = await make();
      store = bench.store;
    });
    afterEach(() => bench.dispose());

    const all = async (): Promise<EventEntry[]> => [...(await store.eventsAfter(0, 1_000, 1_000_000)).events];
    const bodies = async (): Promise<(string | undefined)[]> => (await all()).map(({ value }) => value.body);

    test('events come in the order of the commits, over all rooms, behind a number, and with the next store', async () => {
      await store.subscribe(['one']);
      await store.commit(
        batch(
          1,
          { room: A, changes: [create(A), said(1, 'first'), event('left', { jid: asBare('ann@x.lit') })], messages: [message(1)] },
          { room: B, changes: [create(B), event('created', {})] },
        ),
      );
      await store.commit(batch(2, { room: A, changes: [said(2, 'second')], messages: [message(2)] }));
      const next = await bench.reopen();
      const { events, removedUpTo } = await next.eventsAfter(0, 10, 1_000_000);
      expect(removedUpTo).toBe(0);
      expect(events.map(({ room, kind }) => [room, kind])).toEqual([
        [A, 'message'],
        [A, 'left'],
        [B, 'created'],
        [A, 'message'],
      ]);
      expect(events[0]).toEqual({
        number: events[0]?.number,
        at: 1_001,
        room: A,
        kind: 'message',
        value: { jid: 'ann@x.lit', nick: 'ann', occupantId: 'o1', id: idOf(1), body: 'first' },
      });
      const numbers = events.map(({ number }) => number);
      expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
      expect((await next.eventsAfter(numbers[1] as number, 1, 1_000_000)).events.map(({ number }) => number)).toEqual([numbers[2]]);
    });

    test('a page ends at so many bytes, and has one event at least', async () => {
      await store.subscribe(['one']);
      await store.commit(batch(1, { room: A, changes: [create(A), ...[1, 2, 3].map((n) => said(n, 'x'.repeat(1_000)))] }));
      expect((await store.eventsAfter(0, 10, 1)).events).toHaveLength(1);
      expect((await store.eventsAfter(0, 10, 1_500)).events).toHaveLength(2);
      expect((await store.eventsAfter(0, 10, 10_000)).events).toHaveLength(3);
    });

    test('what is refused leaves no event, and whoever listens is called after the commit', async () => {
      await store.subscribe(['one']);
      let called = 0;
      store.onEvents(() => called++);
      await store.commit(batch(1, { room: A, changes: [create(A), said(1, 'kept')] }));
      expect(called).toBe(1);
      const limited = create(B, {}, { roomsPerCreator: null, rooms: 1 });
      const refused = await store.commit(batch(2, { room: B, changes: [limited, said(2, 'refused')] }));
      expect(refused).toHaveLength(1);
      expect(await bodies()).toEqual(['kept']);
      called = 0;
      await store.commit(batch(3, { room: A, changes: [{ table: 'feature', feature: 'f', key: 'k', value: '1' }] }));
      store.onEvents(undefined);
      await store.commit(batch(4, { room: A, changes: [said(3, 'more')] }));
      expect(called).toBe(0);
    });

    test('a new subscriber begins behind the latest event, one that was there goes on where it was, and others are forgotten', async () => {
      expect(await store.subscribe(['one'])).toEqual([0]);
      await store.commit(batch(1, { room: A, changes: [create(A), said(1, 'first'), said(2, 'second')] }));
      const [first, second] = (await all()).map(({ number }) => number) as [number, number];
      await store.moveCursor('one', first);
      store = await bench.reopen();
      expect(await store.subscribe(['two', 'one'])).toEqual([second, first]);
      expect(await store.subscribe(['two'])).toEqual([second]);
      expect(await store.subscribe(['two', 'one'])).toEqual([second, second]);
    });

    test('what everybody has been told is removed, what one has not is kept', async () => {
      await store.subscribe(['one', 'two']);
      await store.commit(batch(1, { room: A, changes: [create(A), said(1, 'first'), said(2, 'second')] }));
      const [first, second] = (await all()).map(({ number }) => number) as [number, number];
      await store.moveCursor('one', second);
      expect(await bodies()).toEqual(['first', 'second']);
      await store.moveCursor('two', first);
      expect(await bodies()).toEqual(['second']);
      await store.moveCursor('two', second);
      expect(await bodies()).toEqual([]);
      expect((await store.eventsAfter(0, 10, 1_000)).removedUpTo).toBe(0);
      // Numbers are not used again.
      await store.commit(batch(2, { room: A, changes: [said(3, 'third')] }));
      expect((await all())[0]?.number).toBeGreaterThan(second);
    });

    test.each([
      ['too old', { before: 1_003, rows: 100, bytes: 1_000_000 }],
      ['too many', { before: 0, rows: 1, bytes: 1_000_000 }],
      ['too large', { before: 0, rows: 100, bytes: 1_400 }],
    ])('what is %s goes, the oldest first, and that is told', async (_, bounds) => {
      await store.subscribe(['one']);
      const text = 'x'.repeat(1_000);
      await store.commit(batch(1, { room: A, changes: [create(A), said(1, text), said(2, text), said(3, text)] }));
      const numbers = (await all()).map(({ number }) => number);
      while (await store.boundEvents(bounds));
      expect((await all()).map(({ number }) => number)).toEqual(numbers.slice(2));
      expect((await store.eventsAfter(0, 10, 1_000_000)).removedUpTo).toBe(numbers[1]);
      while (await store.boundEvents({ before: 0, rows: 100, bytes: 1_000_000 }));
      expect(await all()).toHaveLength(1);
    });

    test('as many go in one step as are too large, so that whoever says much is not faster than that', async () => {
      await store.subscribe(['one']);
      const changes = Array.from({ length: 50 }, (_, i) => said(i + 1, 'x'.repeat(1_000)));
      await store.commit(batch(1, { room: A, changes: [create(A), ...changes] }));
      const bounds = { before: 0, rows: 100, bytes: 3_000 };
      await store.boundEvents(bounds);
      expect(await all()).toHaveLength(2);
    });

    test('with nobody subscribed nothing is kept', async () => {
      await store.subscribe(['one']);
      await store.commit(batch(1, { room: A, changes: [create(A), said(1, 'first')] }));
      await store.subscribe([]);
      while (await store.boundEvents({ before: 0, rows: 100, bytes: 1_000_000 }));
      expect(await all()).toEqual([]);
    });

    test('the words of a retracted message go from its event, whatever batch it was in; the event stays', async () => {
      await store.subscribe(['one']);
      const buried = (seq: number): Change => ({ table: 'retraction', id: asStanzaId(idOf(seq)), payload: '<gone/>', person: 'kept' });
      await store.commit(batch(1, { room: A, changes: [create(A), said(1, 'words')], messages: [message(1)] }));
      await store.commit(batch(2, { room: A, changes: [buried(1), event('retracted', { id: idOf(1) })] }));
      await store.commit(batch(3, { room: A, changes: [said(2, 'more words'), buried(2)], messages: [message(2)] }));
      const left = { jid: 'ann@x.lit', nick: 'ann', occupantId: 'o1', taken: true };
      expect((await all()).map(({ value }) => value)).toEqual([{ ...left, id: idOf(1) }, { id: idOf(1) }, { ...left, id: idOf(2) }]);
    });

    test('with the end of a room what was said in it goes, also what is not archived; that it ended stays', async () => {
      await store.subscribe(['one']);
      const unarchived = event('message', { jid: asBare('ann@x.lit'), nick: 'ann', occupantId: 'o1', body: 'not archived' });
      await store.commit(
        batch(1, { room: A, changes: [create(A), said(1, 'words'), unarchived] }, { room: B, changes: [create(B), said(2, 'stays')] }),
      );
      const over = roomRow(A, { state: 'destroyed' });
      await store.commit(batch(2, { room: A, changes: [{ table: 'clear' }, { table: 'room', row: over }, event('destroyed', {})] }));
      expect((await all()).map(({ kind, value }) => [kind, value.body])).toEqual([
        ['message', undefined],
        ['message', undefined],
        ['message', 'stays'],
        ['destroyed', undefined],
      ]);
    });

    test('erasing a person removes what tells of them: from a room, and in the end from all, also those that are gone', async () => {
      await store.subscribe(['one']);
      const left = (jid: string): Change => event('left', { jid: asBare(jid), nick: jid, occupantId: 'o' });
      const changes = [said(1, 'hers'), said(2, 'his', 'bob@x.lit'), left('ann@x.lit'), left('ann@x.lit.org')];
      await store.commit(batch(1, { room: A, changes: [create(A), ...changes] }, { room: B, changes: [create(B), left('ann@x.lit')] }));
      await store.commit(batch(2, { room: A, changes: [{ table: 'audit-erasure', jid: asBare('ann@x.lit') }] }));
      const people = async (): Promise<unknown[]> => (await all()).map(({ room, value }) => `${room} ${value.jid}`);
      expect(await people()).toEqual([`${A} bob@x.lit`, `${A} ann@x.lit.org`, `${B} ann@x.lit`]);
      await store.noteErasure(asBare('ann@x.lit'), null);
      expect(await people()).toEqual([`${A} bob@x.lit`, `${A} ann@x.lit.org`]);
    });

    test('a room that gets another name takes its events with it; those of a former room of that name stay', async () => {
      await store.subscribe(['one']);
      const to = asRoom('tea@rooms.example.org');
      const tombstone = roomRow(A, { state: 'destroyed', tombstone: '{}' });
      const born = 5_000;
      await store.commit(
        batch(1, { room: A, changes: [create(A, { createdAt: born }), event('left', {}, born - 1), event('entered', {}, born)] }),
      );
      const counters = { rev: 0, deliveredRev: 0, seq: 0, stamp: 0, used: 0 };
      await store.commit(
        batch(2, { room: A, changes: [{ table: 'rename', to, tombstone, counters }, event('renamed', { to }, born + 1)] }),
      );
      expect((await all()).map(({ room, kind }) => [room, kind])).toEqual([
        [A, 'left'],
        [to, 'entered'],
        [A, 'renamed'],
      ]);
    });
  });
}
