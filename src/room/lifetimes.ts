/** Rows that are over by themselves: which they are, when the room is to look, and what is removed is computed from their declarations. */
import { storedBare } from '../xmpp/jid';
import type { Lifetime, RowDeclaration } from './contract/row-declaration';
import type { Millis } from './contract/rows';
import { endOf, isFarAhead } from './periods';
import type { RoomState } from './state';
import type { Turn } from './turn';

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
