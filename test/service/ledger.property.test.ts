/** The ledger of one room: what is said, confirmed and owed, over every order of events. */
import fc, { runs } from '../support/property';
import type { RoomRows } from '../../src/room/contract/rows';
import { Ledger } from '../../src/service/life/ledger';
import type { Route } from '../../src/service/life/route';

const rowsAt = (rev: number, deliveredRev: number): RoomRows =>
  ({ counters: { rev, deliveredRev, seq: 0, stamp: 0 }, sessions: [] }) as unknown as RoomRows;

function ledgerWith(open: boolean): { ledger: Ledger; route: { open: boolean } } {
  const route = { open, reached: () => Promise.resolve(true) } satisfies Route;
  return { ledger: new Ledger(route), route };
}

test('found C1: a room that threw while saying things again keeps its marks, confirms nothing above them, and says again at the next connection only', () => {
  const { ledger, route } = ledgerWith(true);
  expect(ledger.take(rowsAt(7, 3))).toBe(true);
  ledger.prepare();
  ledger.begin();
  ledger.threw();
  expect([ledger.said, ledger.confirmed]).toEqual([3, 3]);
  // The reload.
  expect(ledger.take(rowsAt(7, 3))).toBe(true);
  expect([ledger.owes, ledger.mayCatchUp]).toEqual([true, false]);
  expect(ledger.say(9)).toBe(false);
  expect(ledger.said).toBe(3);
  route.open = false;
  ledger.lost();
  route.open = true;
  ledger.connected();
  expect(ledger.mayCatchUp).toBe(true);
  ledger.prepare();
  ledger.begin();
  expect(ledger.say(9)).toBe(true);
});

test('a reload knows of confirmations that no row has yet', () => {
  const { ledger } = ledgerWith(true);
  ledger.take(rowsAt(2, 2));
  ledger.say(6);
  ledger.confirm(5);
  expect(ledger.take(rowsAt(6, 2))).toBe(false);
  expect([ledger.confirmed, ledger.said, ledger.isUnsaved]).toEqual([5, 6, true]);
  // Of a room that begins anew nothing is said.
  expect(ledger.take(null)).toBe(false);
  expect([ledger.confirmed, ledger.said]).toEqual([0, 0]);
});

test('whatever happens: nothing is confirmed that was not said, and nothing is said while something is owed or the way is closed', () => {
  const event = fc.oneof(
    fc.record({ kind: fc.constant('say' as const), rev: fc.nat(20) }),
    fc.record({ kind: fc.constant('confirm' as const) }),
    fc.record({ kind: fc.constantFrom('lost' as const, 'connected' as const, 'threw' as const, 'begin' as const) }),
    fc.record({ kind: fc.constant('reload' as const), rev: fc.nat(20), delivered: fc.nat(20) }),
  );
  fc.assert(
    fc.property(fc.array(event, { maxLength: 40 }), (events) => {
      const { ledger, route } = ledgerWith(true);
      ledger.take(null);
      for (const one of events) {
        const { said, owes } = ledger;
        if (one.kind === 'say') {
          const heard = ledger.say(one.rev);
          expect(heard).toBe(route.open && !owes);
          expect(ledger.said).toBe(heard ? Math.max(said, one.rev) : said);
        } else if (one.kind === 'confirm') ledger.confirm(ledger.said);
        else if (one.kind === 'reload') ledger.take(rowsAt(one.rev, Math.min(one.rev, one.delivered)));
        else if (one.kind === 'threw') ledger.threw();
        else if (one.kind === 'begin') {
          ledger.prepare();
          ledger.begin();
          expect(ledger.done).toBe(true);
        } else {
          route.open = one.kind === 'connected';
          if (route.open) ledger.connected();
          else ledger.lost();
        }
        expect(ledger.confirmed).toBeLessThanOrEqual(ledger.said);
        if (!route.open) expect(ledger.mayCatchUp).toBe(false);
      }
    }),
    runs(200),
  );
});
