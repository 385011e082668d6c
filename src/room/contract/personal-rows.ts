/** What an export of a person has of a row: what names them, and what belongs to it; others are left out of it. Pure. */
import type { Named, StoredRow } from './declared-rows';
import { namesPerson, partsOf, tellsWhose } from './declared-rows';
import type { Part, RowDeclaration, Shape } from './row-declaration';

/** A feature's row of a person: of its key the parts that name others are null. */
export interface PersonalRow {
  readonly feature: string;
  readonly key: readonly (string | null)[];
  readonly value?: unknown;
}

/** Stands for what is left out: null and undefined are values. */
const LEFT_OUT = Symbol('left out');

/** The value as somebody is told of it; undefined: it does not name them. */
export function personal(shape: Shape, value: unknown, person: Named): unknown {
  if (!names(shape, value, person)) return undefined;
  return reduced(shape, value, person, isTheirs(shape, value, person));
}

/** A feature's row as somebody is told of it; undefined: it does not name them, or does not belong to an export of a person. */
export function personalRow(declaration: RowDeclaration, row: StoredRow, person: Named): PersonalRow | undefined {
  if (!declaration.travels.includes('person')) return undefined;
  const key = partsOf(declaration, row.key);
  const value = JSON.parse(row.value) as unknown;
  // A nickname alone tells whose a row is only if nothing else in it does: others have it later.
  const told = tellsWhose(declaration.key) || tellsWhose(declaration.value);
  const whom = told ? { ...person, nicks: new Set<string>() } : person;
  const inKey = key.some(([part, text]) => part !== 'plain' && namesPerson(part, text, whom));
  if (!inKey && !names(declaration.value, value, whom)) return undefined;
  const owner = key.find(([part]) => identifies(part));
  const theirs = owner ? namesPerson(owner[0] as Identifying, owner[1], whom) : isTheirs(declaration.value, value, whom);
  const left = reduced(declaration.value, value, whom, theirs);
  return {
    feature: declaration.name,
    key: key.map(([part, text]) => (keeps(part, text, whom, theirs) ? text : null)),
    ...(left === LEFT_OUT ? {} : { value: left }),
  };
}

type Identifying = 'jid' | 'address' | 'occupant-id';

function identifies(shape: Shape): shape is Identifying {
  return shape === 'jid' || shape === 'address' || shape === 'occupant-id';
}

/** Whether a value names somebody anywhere. */
function names(shape: Shape, value: unknown, person: Named): boolean {
  if (typeof shape === 'string') return shape !== 'plain' && typeof value === 'string' && namesPerson(shape, value, person);
  if ('each' in shape) return Array.isArray(value) && value.some((one) => names(shape.each, one, person));
  return membersOf(shape, value).some(([of, member]) => names(of, member, person));
}

/** Whether the first of what tells whose a value is names them; of a value that does not tell it, whether it names them. */
export function isTheirs(shape: Shape, value: unknown, person: Named): boolean {
  if (typeof shape === 'string' || 'each' in shape || !tellsWhose(shape)) return names(shape, value, person);
  const owner = membersOf(shape, value).find(([of, member]) => identifies(of) && typeof member === 'string');
  return owner ? names(owner[0], owner[1], person) : false;
}

function keeps(part: Part, text: string, person: Named, theirs: boolean): boolean {
  if (identifies(part)) return namesPerson(part, text, person);
  if (part === 'nick' || part === 'xml') return theirs || namesPerson(part, text, person);
  return true;
}

function reduced(shape: Shape, value: unknown, person: Named, theirs: boolean): unknown {
  if (value === null || shape === 'plain') return value;
  if (typeof shape === 'string') return typeof value !== 'string' || keeps(shape, value, person, theirs) ? value : LEFT_OUT;
  if ('each' in shape) {
    if (!Array.isArray(value) || !tellsWhose(shape.each)) return value;
    return value.filter((one) => names(shape.each, one, person)).map((one) => reduced(shape.each, one, person, true));
  }
  if (typeof value !== 'object') return value;
  const members = Object.entries(value).map(([name, member]): [string, unknown] => {
    const of = shape.members[name];
    if (of === undefined) return [name, LEFT_OUT];
    // What tells by itself whose it is.
    const own = typeof of === 'object' && 'members' in of && tellsWhose(of) && typeof member === 'object' && member !== null;
    if (own && !names(of, member, person)) return [name, LEFT_OUT];
    return [name, reduced(of, member, person, own ? isTheirs(of, member, person) : theirs)];
  });
  return Object.fromEntries(members.filter(([, member]) => member !== LEFT_OUT));
}

function membersOf(shape: { readonly members: Readonly<Record<string, Shape>> }, value: unknown): [of: Shape, member: unknown][] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(shape.members).map(([name, of]) => [of, (value as Record<string, unknown>)[name]]);
}
