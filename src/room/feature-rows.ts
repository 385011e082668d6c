/** Typed state of a feature: values by key, loaded with the room and written in its batch (design "Features"). */
import type { RoomState } from './state';
import type { Turn } from './turn';

/** The rows of one feature. `T` is what its values are inside the program; they are stored as JSON. */
export interface FeatureRows<T, K extends string = string> {
  get(room: RoomState, key: K): T | undefined;
  /** Sets or (null) removes a value. */
  set(room: RoomState, turn: Turn, key: K, value: T | null): void;
  /** In the order in which the keys were first set. */
  entries(room: RoomState): [key: K, value: T][];
  /** The keys in the same order; the values are not read. */
  keys(room: RoomState): readonly K[];
  count(room: RoomState): number;
}

/** Access to the rows of the feature of this name. Only the program writes them, so what is read is what was written. */
export function featureRows<T, K extends string = string>(feature: string): FeatureRows<T, K> {
  return {
    get: (room, key) => {
      const text = room.featureValues(feature)?.get(key);
      return text === undefined ? undefined : (JSON.parse(text) as T);
    },
    set: (room, turn, key, value) => room.setFeatureValue(turn, feature, key, value === null ? null : JSON.stringify(value)),
    entries: (room) => [...(room.featureValues(feature) ?? [])].map(([key, text]) => [key as K, JSON.parse(text) as T]),
    keys: (room) => [...(room.featureValues(feature)?.keys() ?? [])] as K[],
    count: (room) => room.featureValues(feature)?.size ?? 0,
  };
}
