/** What erasing a person, and forgetting an account, do to a row that rooms keep by themselves, computed from its declaration. Pure. */
import { namesPerson, type Named } from '../../room/contract/declared-rows';
import type { OwnRows } from '../../room/contract/own-rows';
import type { Shape } from '../../room/contract/row-declaration';
import { isTheirs } from '../../room/contract/personal-rows';

/** The two acts, by what declarations call them. */
export type Leave = 'erasing' | 'forgetting';

/** The row without somebody; null: it goes. The very same row if nothing changes. */
export function leftOf<T extends object>(kind: OwnRows<T>, leave: Leave, row: T, person: Named): T | null {
  const { [leave]: leaving } = kind;
  const shape: Shape = kind.shape as Shape;
  if ('elsewhere' in leaving) return row;
  const { theirs, unless, emptied } = leaving;
  const members = row as Readonly<Record<string, unknown>>;
  const stays = unless !== undefined && Object.entries(unless.is).every(([name, value]) => members[name] === value);
  if (theirs === 'go' && !stays && isTheirs(shape, row, person)) return null;
  if (typeof shape === 'string' || !('members' in shape)) return row;
  const changed: Record<string, unknown> = {};
  for (const [name, of] of Object.entries(shape.members)) {
    const value = members[name];
    if (typeof of === 'string') {
      if (name in emptied && of !== 'plain' && typeof value === 'string' && namesPerson(of, value, person))
        changed[name] = (emptied as Readonly<Record<string, unknown>>)[name];
    } else if ('each' in of && Array.isArray(value)) {
      const left = value.filter((one) => !isTheirs(of.each, one, person));
      if (left.length < value.length) changed[name] = left;
    }
  }
  return Object.keys(changed).length === 0 ? row : { ...row, ...changed };
}

/** Whether rows change that are not theirs: only then is each of them looked at. */
export function emptiesAny<T>(kind: OwnRows<T>, leave: Leave): boolean {
  const leaving = kind[leave];
  return 'emptied' in leaving && Object.keys(leaving.emptied).length > 0;
}
