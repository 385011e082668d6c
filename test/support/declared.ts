/** Rooms under test keep nothing that is not declared, down to the members of a value. */
import { undeclaredIn } from '../../src/room/contract/declared-rows';
import type { Machine } from '../../src/room/contract/machine';
import type { RowDeclaration } from '../../src/room/contract/row-declaration';

/** The same machine; it throws when it decides to keep a row that says more than its declaration. */
export function keepsDeclared(machine: Machine, rows: ReadonlyMap<string, RowDeclaration>): Machine {
  const decide = machine.decide.bind(machine);
  return Object.assign(machine, {
    decide: (...of: Parameters<Machine['decide']>): ReturnType<Machine['decide']> => {
      const decision = decide(...of);
      for (const write of decision.writes) {
        if (write.table !== 'feature' || write.value === null) continue;
        const declaration = rows.get(write.feature);
        const mistake = declaration
          ? undeclaredIn(declaration, { key: write.key, value: write.value })
          : `"${write.feature}" is not declared`;
        if (mistake !== undefined) throw new Error(mistake);
      }
      return decision;
    },
  });
}
