/** What becomes of whatever features keep in a room, by its declaration: when a person is erased, when the room gets another address, and when rows are over by themselves. */
import type { RoomJid } from '../xmpp/fold';
import { ofRenamed, withoutAccount, withoutPerson, type Named, type StoredRow } from './contract/declared-rows';
import type { RowDeclaration, Lifetime } from './contract/row-declaration';
import type { RoomState } from './state';
import type { Turn } from './turn';
import { storedBare } from '../xmpp/jid';
import type { Millis } from './contract/rows';
import { endOf, isFarAhead } from './room-times';

/** Removes somebody who is erased. */
export function forgetPerson(room: RoomState, turn: Turn, person: Named): void {
  removeNamed(room, turn, person, withoutPerson);
}

/** Removes an account that was deleted. */
export function forgetRows(room: RoomState, turn: Turn, account: Named): void {
  removeNamed(room, turn, account, withoutAccount);
}

/** A row that nothing declares any more (its plug-in is gone) goes if it names them anywhere. */
function removeNamed(room: RoomState, turn: Turn, person: Named, without: typeof withoutPerson): void {
  changeRows(room, turn, (row, declaration) => {
    if (declaration) return without(declaration, row, person);
    return [person.jid, ...person.ids].some((name) => isNamed(row.key, name) || isNamed(row.value, name)) ? null : row;
  });
}

/** What features keep speaks of `to` as the room from now on. */
export function readdress(room: RoomState, turn: Turn, to: RoomJid): void {
  changeRows(room, turn, (row, declaration) => {
    if (!declaration || !(row.key.includes(room.jid) || row.value.includes(room.jid))) return row;
    return ofRenamed(declaration, row, room.jid, to);
  });
}

function changeRows(
  room: RoomState,
  turn: Turn,
  change: (row: StoredRow, declaration: RowDeclaration | undefined) => StoredRow | null,
): void {
  for (const name of room.kept.names()) {
    const declaration = room.env.features.rows.get(name);
    for (const [key, value] of [...(room.kept.textsOf(name) ?? [])]) {
      const row = { key, value };
      const after = change(row, declaration);
      if (after === row) continue;
      if (after?.key !== key) room.setFeatureValue(turn, name, key, null);
      if (after) room.setFeatureValue(turn, name, after.key, after.value);
    }
  }
}

/** Whether a key or a value in JSON has this name in it as a whole. */
function isNamed(text: string, name: string): boolean {
  return text.split(/["\s/]/).some((part) => part === name || part === JSON.stringify(name).slice(1, -1));
}

/** Told of a row that is removed: its key, and what its value was. */
type Told = (key: string, value: unknown) => void;

/** Whether rows of this declaration are over by themselves. */
export const isPassing = ({ lifetime }: RowDeclaration): boolean => 'ms' in lifetime;

/** Whether a row counts no more: by the time of the decision, whenever it is removed. */
export function isOver(room: RoomState, declaration: RowDeclaration, key: string): boolean {
  const at = timeOf(room, declaration, key);
  return endOf(at, lifetimeOf(declaration).ms, room.time) <= room.time && !isRenewed(room, declaration, key, at);
}

/** The row counts from now on. */
export function renew(room: RoomState, turn: Turn, declaration: RowDeclaration, key: string): void {
  const { name } = declaration;
  const { since } = lifetimeOf(declaration);
  const value = room.kept.valueOf(name, key);
  if (value === undefined) return;
  const now = since === 'value' ? turn.stamp : { ...(value as object), [since.member]: turn.stamp };
  // Behind all others.
  room.setFeatureValue(turn, name, key, null);
  room.setFeatureValue(turn, name, key, JSON.stringify(now));
}

/** Removes what is over of these rows, and renews what is to go on. */
export function removeOver(room: RoomState, turn: Turn, declaration: RowDeclaration, told: Told = () => undefined): void {
  const { name } = declaration;
  const { ms } = lifetimeOf(declaration);
  // A map goes on to what is added to it meanwhile, and what was renewed is not over.
  for (const key of room.kept.textsOf(name)?.keys() ?? []) {
    const at = timeOf(room, declaration, key);
    if (endOf(at, ms, room.time) > room.time) return;
    if (isRenewed(room, declaration, key, at)) {
      renew(room, turn, declaration, key);
      continue;
    }
    const value = room.kept.valueOf(name, key);
    room.setFeatureValue(turn, name, key, null);
    told(key, value);
  }
}

/** When the first of these rows may be over; null: there is none, or the room is not woken for it. */
export function nextEnd(room: RoomState, declaration: RowDeclaration): Millis | null {
  const { ms, wakes = true } = lifetimeOf(declaration);
  const oldest = wakes ? room.kept.textsOf(declaration.name)?.keys().next().value : undefined;
  return oldest === undefined ? null : endOf(timeOf(room, declaration, oldest), ms, room.time);
}

function lifetimeOf({ name, lifetime }: RowDeclaration): Lifetime {
  if (!('ms' in lifetime)) throw new Error(`The rows "${name}" are not over by themselves`);
  return lifetime;
}

function timeOf(room: RoomState, declaration: RowDeclaration, key: string): Millis {
  const { since } = lifetimeOf(declaration);
  const value = room.kept.valueOf(declaration.name, key);
  const at = since === 'value' ? value : (value as Readonly<Record<string, unknown>> | undefined)?.[since.member];
  return typeof at === 'number' ? at : 0;
}

/** Kept for somebody's sake: what a clock that was ahead has noted is not lost either, but counts from now on. */
function isRenewed(room: RoomState, declaration: RowDeclaration, key: string, at: Millis): boolean {
  const { ms, renewed } = lifetimeOf(declaration);
  if (renewed === undefined) return false;
  return isFarAhead(at, ms, room.time) || room.occupants.withId(room.idOf(storedBare(key.split(' ', 1)[0] as string))) !== undefined;
}
