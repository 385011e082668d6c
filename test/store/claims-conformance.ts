/** What every store must do where two processes share what is stored: a room is written by the one that runs it. */
import { RoomTaken } from '../../src/store/failures';
import { storedToken, type Batch, type ClaimToken } from '../../src/store/room-store';
import type { Store } from '../../src/store/store';
import { asRoom } from '../support/jids';
import { batch, create, message, type Part } from './batches';

/** Two stores, open at the same time, each as in a process of its own. */
export interface Pair {
  readonly one: Store;
  readonly other: Store;
  /** The process of `one` hangs for longer than its lease. */
  expire(): Promise<void>;
  dispose(): Promise<void>;
}

const A = asRoom('a@rooms.example.org');
const B = asRoom('b@rooms.example.org');
const C = asRoom('c@rooms.example.org');
const lost = (room: string) => ({ room, reason: 'lost', detail: expect.any(String) as string });

export function runClaimsConformance(name: string, make: () => Promise<Pair>): void {
  describe(`${name} with two writers`, () => {
    let pair: Pair;
    let one: Store;
    let other: Store;
    beforeEach(async () => {
      pair = await make();
      ({ one, other } = pair);
    });
    afterEach(() => pair.dispose());

    const under = (tokens: readonly (ClaimToken | null)[], number: number, ...parts: Part[]): Batch => ({
      ...batch(number, ...parts),
      tokens,
    });
    const said = async (at: Store, room: typeof A): Promise<number[]> => (await at.messages(room, { limit: 100 })).map(({ seq }) => seq);
    /** The next number of a store's batches. */
    const next = async (at: Store): Promise<number> => (await at.lastBatch()) + 1;

    test('each writes the rooms that it runs, and what one has committed the other reads', async () => {
      const [a, b] = [await one.claim(A), await other.claim(B)];
      expect(await one.commit(under([a.token], await next(one), { room: A, changes: [create(A)], messages: [message(1)] }))).toEqual([]);
      expect(await other.commit(under([b.token], await next(other), { room: B, changes: [create(B)], messages: [message(1)] }))).toEqual(
        [],
      );
      expect(await one.commit(under([a.token], await next(one), { room: A, messages: [message(2)] }))).toEqual([]);
      expect(await other.commit(under([b.token], await next(other), { room: B, messages: [message(2)] }))).toEqual([]);
      expect([await said(other, A), await said(one, B)]).toEqual([
        [1, 2],
        [1, 2],
      ]);
    });

    test('a room that another runs is not claimed, nor written under whatever token; the rest of the batch is taken', async () => {
      const { token } = await one.claim(A);
      await one.commit(under([token], await next(one), { room: A, changes: [create(A)] }));
      await expect(other.claim(A)).rejects.toBeInstanceOf(RoomTaken);
      const b = await other.claim(B);
      for (const stolen of [token, null, storedToken('1.1'), b.token]) {
        const parts: Part[] = [
          { room: A, messages: [message(1)] },
          { room: B, changes: [create(B)] },
        ];
        expect(await other.commit(under([stolen, b.token], await next(other), ...parts))).toEqual([lost(A)]);
      }
      expect(await said(one, A)).toEqual([]);
      expect(await other.hasRoom(B)).toBe(true);
      // A room is not made by renaming another to a name that somebody runs either, even if there is no room yet.
      await one.claim(C);
      const tombstone = create(B, { state: 'destroyed', archiveFrom: 0 }) as Extract<ReturnType<typeof create>, { table: 'room' }>;
      const counters = { rev: 1, deliveredRev: 1, seq: 0, stamp: 1, used: 1 };
      const renamed = await other.commit(
        under([b.token], await next(other), { room: B, changes: [{ table: 'rename', to: C, tombstone: tombstone.row, counters }] }),
      );
      expect(renamed).toEqual([{ room: B, reason: 'row', detail: expect.any(String) as string }]);
    });

    test('a claim that was given back is void, and the next one reads what was committed under it', async () => {
      const first = await one.claim(A);
      await one.commit(under([first.token], await next(one), { room: A, changes: [create(A)], messages: [message(1)] }));
      await one.release(A);
      const second = await other.claim(A);
      expect(second.rows?.counters.seq).toBe(1);
      expect(await one.commit(under([first.token], await next(one), { room: A, messages: [message(2)] }))).toEqual([lost(A)]);
      expect(await other.commit(under([second.token], await next(other), { room: A, messages: [message(2)] }))).toEqual([]);
      await other.release(A);
      const third = await one.claim(A);
      expect(new Set([first.token, second.token, third.token]).size).toBe(3);
      expect(third.rows?.counters.seq).toBe(2);
      expect(await one.commit(under([first.token], await next(one), { room: A, messages: [message(3)] }))).toEqual([lost(A)]);
      expect(await one.commit(under([third.token], await next(one), { room: A, messages: [message(3)] }))).toEqual([]);
    });

    test('a process that hangs keeps its rooms until somebody wants them after its lease; then it has lost those', async () => {
      const [a, b] = [await one.claim(A), await one.claim(B)];
      const parts = (n: number): Part[] => [A, B].map((room) => ({ room, messages: [message(n)] }));
      await one.commit(under([a.token, b.token], await next(one), { room: A, changes: [create(A)] }, { room: B, changes: [create(B)] }));
      await expect(other.claim(A)).rejects.toBeInstanceOf(RoomTaken);
      await pair.expire();
      expect(await one.commit(under([a.token, b.token], await next(one), ...parts(1)))).toEqual([]);
      const taken = await other.claim(A);
      expect(taken.rows?.counters.seq).toBe(1);
      expect(await one.commit(under([a.token, b.token], await next(one), ...parts(2)))).toEqual([lost(A)]);
      expect([await said(one, A), await said(one, B)]).toEqual([[1], [1, 2]]);
      // It tells the store that it has none, and may ask again.
      await one.release(A);
      await expect(one.claim(A)).rejects.toBeInstanceOf(RoomTaken);
      expect(await other.commit(under([taken.token], await next(other), { room: A, messages: [message(2)] }))).toEqual([]);
    });

    test('a store that is closed leaves its rooms to others at once', async () => {
      const { token } = await one.claim(A);
      await one.commit(under([token], await next(one), { room: A, changes: [create(A)] }));
      await one.close();
      expect((await other.claim(A)).rows?.room.jid).toBe(A);
    });
  });
}
