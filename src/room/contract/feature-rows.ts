/** Typed state of a feature: values by key, loaded with the room and written in its batch. */
import { type GroupOf, bitOf } from './feature-values';
import type { DeclarationOf } from './row-declaration';
import type { RoomState } from '../state';
import type { Turn } from '../turn';

/** The rows of one feature. `T` is what its values are inside the program; they are stored as JSON, and each is read once. */
export interface FeatureRows<T, K extends string = string> {
  readonly declaration: DeclarationOf<T>;
  get(room: RoomState, key: K): T | undefined;
  /** A value as it is stored: the same text for the same value. */
  textOf(room: RoomState, key: K): string | undefined;
  /** Sets or (null) removes a value. */
  set(room: RoomState, turn: Turn, key: K, value: T | null): void;
  /** Sets a value; of more than `most` the one that was set first goes. */
  keep(room: RoomState, turn: Turn, key: K, value: T): void;
  /** All of them, in the order in which the keys were first set: for those who need every value. */
  entries(room: RoomState): [key: K, value: T][];
  /** The first of them. */
  first(room: RoomState): [key: K, value: T] | undefined;
  /** The keys in the same order; the values are not read. */
  keys(room: RoomState): readonly K[];
  /** The keys of one group, without a look at the others. */
  keysIn(room: RoomState, group: string): readonly K[];
  count(room: RoomState): number;
  /** Another number whenever one of them has changed, by whomever: what is made of them is then to be made anew. */
  version(room: RoomState): number;
}

/**
 * Access to the rows that are declared. Only the program writes them, so what is read is what was written.
 *
 * @param groupOf the group of a row; without it each key is one by itself.
 */
export function featureRows<T, K extends string = string>(
  declaration: DeclarationOf<T>,
  groupOf: GroupOf = (key) => key,
): FeatureRows<T, K> {
  const { name: feature } = declaration;
  const bit = bitOf(feature);
  const textsOf = (room: RoomState): ReadonlyMap<string, string> | undefined =>
    room.kept.may(bit) ? room.kept.textsOf(feature) : undefined;
  const valueOf = (room: RoomState, key: K): T => room.kept.valueOf(feature, key) as T;
  const rows: FeatureRows<T, K> = {
    declaration,
    get: (room, key) => (room.kept.may(bit) ? (room.kept.valueOf(feature, key) as T | undefined) : undefined),
    textOf: (room, key) => textsOf(room)?.get(key),
    set: (room, turn, key, value) => room.setFeatureValue(turn, feature, key, value === null ? null : JSON.stringify(value)),
    keep: (room, turn, key, value) => {
      if (typeof declaration.most !== 'number') throw new Error(`${feature} has a bound that rooms cannot see`);
      const full = rows.count(room) >= declaration.most && textsOf(room)?.has(key) !== true;
      const oldest = full ? rows.first(room) : undefined;
      if (oldest) rows.set(room, turn, oldest[0], null);
      rows.set(room, turn, key, value);
    },
    entries: (room) => rows.keys(room).map((key) => [key, valueOf(room, key)]),
    first: (room) => {
      const key = textsOf(room)?.keys().next().value as K | undefined;
      return key === undefined ? undefined : [key, valueOf(room, key)];
    },
    keys: (room) => [...(textsOf(room)?.keys() ?? [])] as K[],
    keysIn: (room, group) => (room.kept.may(bit) ? (room.kept.keysIn(feature, group, groupOf) as readonly K[]) : []),
    count: (room) => textsOf(room)?.size ?? 0,
    version: (room) => (room.kept.may(bit) ? room.kept.versionOf(feature) : 0),
  };
  return rows;
}
