/** What a declaration says of the number of rows holds in every room under test; here, that a room which breaks it is noticed. */
import { createFeatures } from '../../src/features';
import type { Machine } from '../../src/room/contract/machine';
import { mostRows } from '../../src/room/contract/declared-rows';
import { keepsDeclared } from '../support/declared';
import { LIMITS } from './limits';

const { rows } = createFeatures(LIMITS);

/** A machine that sets so many rows of a feature, one a decision. */
function setting(feature: string, value: string, from = 0): () => void {
  let n = from;
  const machine = { decide: () => ({ writes: [{ table: 'feature', feature, key: `jid${n++}@x.lit`, value }] }) } as unknown as Machine;
  const checked = keepsDeclared(machine, rows, { limits: LIMITS, begun: null });
  return () => void checked.decide({ kind: 'timer' }, 0);
}

test('issue The house, 4: one row more than is declared throws, of a number and of a limit of the configuration', () => {
  for (const [feature, value] of [
    ['wake-away', '1'],
    ['last-visits', '1'],
  ] as const) {
    const declaration = rows.get(feature);
    if (!declaration) throw new Error(`${feature} is not declared`);
    const most = mostRows(declaration, LIMITS);
    const set = setting(feature, value);
    for (let i = 0; i < most; i++) set();
    expect(set).toThrow('more than declared');
  }
});

test('every declaration has a bound: a number, a limit, or one of something', () => {
  for (const declaration of rows.values())
    if (mostRows(declaration, LIMITS) === Infinity) expect(declaration.most).toEqual({ each: expect.any(String) as string });
});
