/** What features keep in a room: of each by key, as text, as it is stored, and as the value that the text was read into, once. */
import { LateMap } from '../late-map';

/** Which rows belong together: by a row's key and its value as it is stored. */
export type GroupOf = (key: string, text: string) => string;

class FeatureValues {
  readonly texts = new Map<string, string>();
  /** Another after each change. */
  version = 0;
  private readonly read = new LateMap<string, unknown>();
  private groups: { readonly of: GroupOf; readonly keys: Map<string, Set<string>> } | undefined;

  set(key: string, text: string): void {
    this.ungroup(key);
    this.texts.set(key, text);
    this.read.delete(key);
    if (this.groups) addTo(this.groups.keys, this.groups.of(key, text), key);
  }

  delete(key: string): void {
    this.ungroup(key);
    this.texts.delete(key);
    this.read.delete(key);
  }

  /** The value of a key, the same object each time: nobody changes it. undefined: there is none. */
  value(key: string): unknown {
    const known = this.read.get(key);
    if (known !== undefined) return known;
    const text = this.texts.get(key);
    if (text === undefined) return undefined;
    const value = JSON.parse(text) as unknown;
    this.read.set(key, value);
    return value;
  }

  /** The keys of one group, in the order in which they were set. `of` is always the same. */
  keysIn(group: string, of: GroupOf): readonly string[] {
    if (!this.groups) {
      this.groups = { of, keys: new Map() };
      for (const [key, text] of this.texts) addTo(this.groups.keys, of(key, text), key);
    }
    return [...(this.groups.keys.get(group) ?? [])];
  }

  private ungroup(key: string): void {
    const text = this.groups && this.texts.get(key);
    if (!this.groups || text === undefined) return;
    const group = this.groups.of(key, text);
    const keys = this.groups.keys.get(group);
    keys?.delete(key);
    if (keys?.size === 0) this.groups.keys.delete(group);
  }
}

function addTo(groups: Map<string, Set<string>>, group: string, key: string): void {
  const keys = groups.get(group);
  if (keys) keys.add(key);
  else groups.set(group, new Set([key]));
}

/** What all features keep in one room, in memory. Whoever changes it writes the row too (`RoomState.setFeatureValue`). */
export class KeptValues {
  private readonly byFeature = new Map<string, FeatureValues>();
  private changes = 0;
  /** Bits of the rows there are: what every message asks of each feature, told without a look into the map. */
  private bits = 0;

  /** Whether there may be rows of these bits; false is sure. */
  may(bits: number): boolean {
    return (this.bits & bits) !== 0;
  }

  /** The names of rows of which there are any. */
  names(): readonly string[] {
    return [...this.byFeature.keys()];
  }

  /** How many rows there are. */
  get count(): number {
    return [...this.byFeature.values()].reduce((sum, values) => sum + values.texts.size, 0);
  }

  /** What a feature keeps, by key; undefined if nothing. */
  textsOf(feature: string): ReadonlyMap<string, string> | undefined {
    return this.byFeature.get(feature)?.texts;
  }

  /** What a feature keeps under a key, read once: not to be changed. */
  valueOf(feature: string, key: string): unknown {
    return this.byFeature.get(feature)?.value(key);
  }

  /** Another number whenever something of a feature has changed, by whomever. 0: it keeps nothing. */
  versionOf(feature: string): number {
    return this.byFeature.get(feature)?.version ?? 0;
  }

  /** The keys of one group of a feature's rows. */
  keysIn(feature: string, group: string, of: GroupOf): readonly string[] {
    return this.byFeature.get(feature)?.keysIn(group, of) ?? [];
  }

  /** Sets or (null) removes one. */
  keep(feature: string, key: string, value: string | null): void {
    let values = this.byFeature.get(feature);
    if (!values) this.byFeature.set(feature, (values = new FeatureValues()));
    if (value === null) values.delete(key);
    else values.set(key, value);
    values.version = ++this.changes;
    if (values.texts.size > 0) {
      this.bits |= bitOf(feature);
      return;
    }
    this.byFeature.delete(feature);
    this.bits = bitsOf(this.byFeature.keys());
  }

  clear(): void {
    this.byFeature.clear();
    this.bits = 0;
  }
}

const BITS = 31;

/** The bit of rows of this name. Others may have the same one: a bit that is not set is sure, one that is set is not. */
export function bitOf(name: string): number {
  let hash = 0;
  for (let i = 0; i < name.length; i++) hash = (hash * 33 + name.charCodeAt(i)) | 0;
  return 1 << ((hash >>> 0) % BITS);
}

/** The bits of several. */
export const bitsOf = (names: Iterable<string>): number => [...names].reduce((bits, name) => bits | bitOf(name), 0);
