/** What one feature keeps in a room, by key: as text, as it is stored, and as the value that the text was read into, once. */
import { LateMap } from '../late-map';

/** Which rows belong together: by a row's key and its value as it is stored. */
export type GroupOf = (key: string, text: string) => string;

export class FeatureValues {
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
