/** What erasing a person, renaming a room and folding addresses do to a row, computed from its declaration. Pure. */
import { foldBare, foldFull } from '../../xmpp/fold';
import { bareOf, domainOf } from '../../xmpp/jid';
import { isDate } from '../../xmpp/dates';
import { escapeAttribute, rewrittenContent } from '../../xmpp/xml';
import type { RoomLimits } from './env';
import type { Part, RowDeclaration, Shape } from './row-declaration';

/** A row as it is stored: `value` is JSON. */
export interface StoredRow {
  readonly key: string;
  readonly value: string;
}

/** Somebody as rows may name them. */
export interface Named {
  /** Bare JID. */
  readonly jid: string;
  /** Occupant-ids of this room, former ones included. */
  readonly ids: ReadonlySet<string>;
  readonly nicks: ReadonlySet<string>;
}

/** What becomes of one text of a row: another text, the same, or (null) it goes. */
type Change = (part: Exclude<Part, 'plain'>, text: string) => string | null;

/** The parts of a key. */
export function partsOf({ key: parts }: RowDeclaration, key: string): [part: Part, text: string][] {
  const texts: string[] = [];
  let rest = key;
  for (let i = 1; i < parts.length; i++) {
    const blank = rest.indexOf(' ');
    if (blank < 0) break;
    texts.push(rest.slice(0, blank));
    rest = rest.slice(blank + 1);
  }
  texts.push(rest);
  return texts.map((text, i) => [parts[i] ?? 'plain', text]);
}

/** The row with every text in it changed; null: it goes. The very same row if nothing changes. */
function changeRow(declaration: RowDeclaration, row: StoredRow, change: Change): StoredRow | null {
  const key: string[] = [];
  for (const [part, text] of partsOf(declaration, row.key)) {
    const changed = part === 'plain' ? text : change(part, text);
    if (changed === null) return null;
    key.push(changed);
  }
  const value = changeText(declaration.value, row.value, change);
  if (value === null) return null;
  const newKey = key.join(' ');
  return newKey === row.key && value === row.value ? row : { key: newKey, value };
}

function changeText(shape: Shape, json: string, change: Change): string | null {
  if (shape === 'plain') return json;
  const before = JSON.parse(json) as unknown;
  const after = changeValue(shape, before, change);
  return after === before ? json : after === GONE ? null : JSON.stringify(after);
}

/** Stands for what goes: null is a value. */
const GONE = Symbol('gone');

function changeValue(shape: Shape, value: unknown, change: Change): unknown {
  if (shape === 'plain') return value;
  if (typeof shape === 'string') return typeof value === 'string' ? (change(shape, value) ?? GONE) : value;
  if ('each' in shape) {
    if (!Array.isArray(value)) return value;
    const list = value as unknown[];
    const left = list.map((one) => changeValue(shape.each, one, change)).filter((one) => one !== GONE);
    if (left.length === list.length && left.every((one, i) => one === list[i])) return value;
    return left.length === 0 ? GONE : left;
  }
  if (typeof value !== 'object' || value === null) return value;
  const members = value as Record<string, unknown>;
  const changed: Record<string, unknown> = {};
  for (const [name, of] of Object.entries(shape.members)) {
    if (!(name in members)) continue;
    const after = changeValue(of, members[name], change);
    if (after === GONE) return GONE;
    if (after !== members[name]) changed[name] = after;
  }
  return Object.keys(changed).length === 0 ? value : { ...members, ...changed };
}

/** The row without an account that was deleted; null: it goes. */
export function withoutAccount(declaration: RowDeclaration, row: StoredRow, account: Named): StoredRow | null {
  return declaration.forgetting === undefined ? withoutPerson(declaration, row, account) : row;
}

/** The row without somebody who is erased; null: it goes. A nickname alone tells whose a row is only if nothing else in it does: others have it later. */
export function withoutPerson(declaration: RowDeclaration, row: StoredRow, person: Named): StoredRow | null {
  if (declaration.erasing !== 'forgets') return row;
  const named = tellsWhose(declaration.key) || tellsWhose(declaration.value) ? { ...person, nicks: new Set<string>() } : person;
  return changeRow(declaration, row, (part, text) => (namesPerson(part, text, named) ? null : text));
}

/** Whether a value of this shape says by an address or an id whose it is. */
export function tellsWhose(shape: Shape | readonly Part[]): boolean {
  if (typeof shape === 'string') return shape === 'jid' || shape === 'address' || shape === 'occupant-id';
  if ('each' in shape) return tellsWhose(shape.each);
  return ('members' in shape ? Object.values(shape.members) : shape).some(tellsWhose);
}

/** Whether a text names somebody. */
export function namesPerson(part: Exclude<Part, 'plain'>, text: string, { jid, ids, nicks }: Named): boolean {
  switch (part) {
    case 'jid':
      return bareOf(text) === jid;
    case 'address':
      return bareOf(foldFull(text)) === jid;
    case 'occupant-id':
      return ids.has(text);
    case 'nick':
      return nicks.has(text);
    case 'xml':
      return isNamedIn(text, jid) || [...ids].some((id) => isNamedIn(text, id));
    default:
      return false;
  }
}

/** Whether an attribute's value, or what stands between tags, is this JID, one of its full JIDs, or this id. */
export function isNamedIn(xml: string, name: string): boolean {
  const written = escapeAttribute(name);
  return [`"${written}"`, `"${written}/`, `>${written}<`, `>${written}/`].some((text) => xml.includes(text));
}

/** The row of a room that has another address from now on: what speaks of the room speaks of that. */
export function ofRenamed(declaration: RowDeclaration, row: StoredRow, from: string, to: string): StoredRow {
  const moved = (text: string): string => (text === from || text.startsWith(`${from}/`) ? to + text.slice(from.length) : text);
  return changeRow(declaration, row, (part, text) => {
    if (part === 'room' || part === 'jid') return moved(text);
    return part === 'xml' ? renamedIn(text, from, to) : text;
  }) as StoredRow;
}

/** The row of a room whose service has another domain: what speaks of any room there speaks of it at the new one. */
export function inOtherDomain(declaration: RowDeclaration, row: StoredRow, from: string, to: string): StoredRow {
  return changeRow(declaration, row, (part, text) => {
    if (part === 'room' || part === 'jid' || part === 'address') return movedToDomain(text, from, to);
    return part === 'xml' ? text.replaceAll(`@${from}"`, () => `@${to}"`).replaceAll(`@${from}/`, () => `@${to}/`) : text;
  }) as StoredRow;
}

/** An address of one domain as that of another; any other stays. */
export function movedToDomain(jid: string, from: string, to: string): string {
  if (domainOf(jid) !== from) return jid;
  const end = jid.indexOf('@') + 1 + from.length;
  return jid.slice(0, end - from.length) + to + jid.slice(end);
}

/** What stands in attributes as the room's address, or one of its occupants', is that of the renamed room. */
function renamedIn(xml: string, from: string, to: string): string {
  const [before, after] = [escapeAttribute(from), escapeAttribute(to)];
  return xml.replaceAll(`="${before}"`, () => `="${after}"`).replaceAll(`="${before}/`, () => `="${after}/`);
}

/** The row with its addresses folded, and (by `ids`) the occupant-ids that change with them. */
export function foldedRow(declaration: RowDeclaration, row: StoredRow, ids: ReadonlyMap<string, string>): StoredRow {
  return changeRow(declaration, row, (part, text) => {
    if (part === 'jid' || part === 'room') return text.includes('/') ? foldFull(text) : foldBare(text);
    return part === 'occupant-id' ? (ids.get(text) ?? text) : text;
  }) as StoredRow;
}

/** Of two rows that become one by folding, whether the other is to stay in place of the one that stands under the folded address, or came first. */
export function givesWay({ folding }: RowDeclaration, present: string, other: string): boolean {
  if (folding === 'present') return false;
  const numberOf = (json: string): number => {
    const value = JSON.parse(json) as unknown;
    const number = folding.latest === 'value' ? value : (value as Record<string, unknown>)[folding.latest.member];
    return typeof number === 'number' ? number : -Infinity;
  };
  return numberOf(other) > numberOf(present);
}

/** Most rows of one room; Infinity: one for each of something that is bounded elsewhere. */
export function mostRows({ most }: RowDeclaration, limits: Pick<RoomLimits, 'affiliationsPerRoom' | 'waiting'>): number {
  if (typeof most === 'number') return most;
  if (most === 'limits.waiting') return limits.waiting;
  return most === 'limits.affiliationsPerRoom' ? limits.affiliationsPerRoom : Infinity;
}

/** What of a row its declaration does not say, as a sentence for programmers, or undefined. For tests, and for rows of plug-ins. */
export function undeclaredIn(declaration: RowDeclaration, row: StoredRow): string | undefined {
  const { name, key: parts } = declaration;
  if (parts.length === 0) return `The rows "${name}" declare no part of their keys.`;
  const found = undeclaredPlace(declaration, row);
  return found === undefined
    ? undefined
    : `The rows "${name}" do not declare what is in their ${found === WHOLE ? 'value' : `member "${found}"`}.`;
}

/** Stands for all of a value. */
export const WHOLE = '';

/** Where in a row's value there is what its declaration does not say: the name of a member, or `WHOLE`; undefined: nowhere. */
export function undeclaredPlace({ value }: RowDeclaration, row: StoredRow): string | undefined {
  return value === 'plain' ? undefined : undeclared(value, JSON.parse(row.value) as unknown, WHOLE, false);
}

/** What a value of each kind is. */
const KINDS: Readonly<Record<string, (value: unknown) => boolean>> = {
  text: (value) => typeof value === 'string',
  number: (value) => typeof value === 'number' && Math.abs(value) <= Number.MAX_SAFE_INTEGER,
  time: (value) => typeof value === 'number' && value >= 0 && isDate(value),
  flag: (value) => typeof value === 'boolean',
};

/** `mayLack`: it may be null. */
function undeclared(shape: Shape, value: unknown, place: string, mayLack: boolean): string | undefined {
  if (value === null && mayLack) return undefined;
  if (shape === 'plain') return value === null ? place : undefined;
  if (typeof shape === 'string') return (KINDS[shape] ?? isText)(value) ? undefined : place;
  if ('each' in shape) {
    if (!Array.isArray(value)) return place;
    const lacks = typeof shape.each !== 'string' || KINDS[shape.each] === undefined;
    return (value as unknown[]).map((one) => undeclared(shape.each, one, place, lacks)).find((one) => one !== undefined);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return place;
  const { members, optional } = shape;
  const lacks = (member: string): boolean => optional?.includes(member) ?? true;
  for (const [member, of] of Object.entries(value)) {
    const declared = Object.hasOwn(members, member) ? members[member] : undefined;
    const mistake = declared === undefined ? member : undeclared(declared, of, member, lacks(member));
    if (mistake !== undefined) return mistake;
  }
  return Object.keys(members).find((member) => !Object.hasOwn(value, member) && !lacks(member));
}

const isText = (value: unknown): boolean => typeof value === 'string';

/** The row with its finished XML written anew; undefined: it is no content of a stanza, which would end the stream for every room. */
export function rewrittenRow(declaration: RowDeclaration, row: StoredRow): StoredRow | undefined {
  const change: Change = (part, text) => (part === 'xml' || part === 'content' ? (rewrittenContent(text) ?? null) : text);
  return changeRow(declaration, row, change) ?? undefined;
}
