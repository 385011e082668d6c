/** Rooms under test keep nothing that is not declared, down to the members of a value, and no more of it than is declared. */
import { mostRows, undeclaredIn } from '../../src/room/contract/declared-rows';
import type { Machine } from '../../src/room/contract/machine';
import type { RoomLimits } from '../../src/room/contract/env';
import type { RoomRows } from '../../src/room/contract/rows';
import type { RowDeclaration } from '../../src/room/contract/row-declaration';

/** What a room under test begins with, and the limits that its declarations name. */
export interface Within {
  readonly limits: RoomLimits;
  readonly begun: RoomRows | null;
}

/** The same machine; it throws when it decides to keep a row that says more than its declaration, or one more than its declaration has. */
export function keepsDeclared(machine: Machine, rows: ReadonlyMap<string, RowDeclaration>, { limits, begun }: Within): Machine {
  const keys = new Map<string, Set<string>>();
  const keysOf = (feature: string): Set<string> => {
    const known = keys.get(feature) ?? new Set();
    keys.set(feature, known);
    return known;
  };
  for (const { feature, key } of begun?.features ?? []) keysOf(feature).add(key);
  const decide = machine.decide.bind(machine);
  return Object.assign(machine, {
    decide: (...of: Parameters<Machine['decide']>): ReturnType<Machine['decide']> => {
      const decision = decide(...of);
      const added = new Set<string>();
      for (const write of decision.writes) {
        if (write.table === 'clear' || write.table === 'rename') keys.clear();
        if (write.table !== 'feature') continue;
        if (write.value === null) {
          keysOf(write.feature).delete(write.key);
          continue;
        }
        if (!keysOf(write.feature).has(write.key)) added.add(write.feature);
        keysOf(write.feature).add(write.key);
        const declaration = rows.get(write.feature);
        const mistake = declaration
          ? undeclaredIn(declaration, { key: write.key, value: write.value })
          : `"${write.feature}" is not declared`;
        if (mistake !== undefined) throw new Error(mistake);
      }
      for (const feature of added) {
        const { size } = keysOf(feature);
        const declaration = rows.get(feature);
        if (declaration && size > mostRows(declaration, limits)) throw new Error(`There are ${size} rows "${feature}": more than declared`);
      }
      return decision;
    },
  });
}
