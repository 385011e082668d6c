/** What features answer for, each thing by one of them: two that want the same are refused at start. */
import type { Feature } from '../room/contract/feature';
import type { Option } from '../room/contract/options';
import type { RowDeclaration } from '../room/contract/row-declaration';

/** Thrown at start when two features answer for the same; the message is a sentence. */
export class FeatureClash extends Error {}

/** What the features have under each key. `taken`: keys that are the room's own. */
export function onePerKey<T>(
  features: readonly Feature[],
  what: string,
  partOf: (feature: Feature) => Readonly<Record<string, T>>,
  taken: readonly string[] = [],
): ReadonlyMap<string, T> {
  const found = new Map<string, T>();
  const owners = new Map(taken.map((key) => [key, 'the room itself']));
  for (const feature of features) {
    for (const [key, part] of Object.entries(partOf(feature))) {
      const owner = owners.get(key);
      if (owner !== undefined)
        throw new FeatureClash(`The ${what} "${key}" belongs to ${owner}, so "${feature.name}" cannot have it too. Leave one of them out.`);
      owners.set(key, `"${feature.name}"`);
      found.set(key, part);
    }
  }
  return found;
}

/** The fields that a feature adds to the owner's form. One feature must not name a field twice either. */
export function fieldsOf(feature: Feature): Readonly<Record<string, Option<unknown>>> {
  const options = (feature.options ?? []) as readonly Option<unknown>[];
  const names = options.map((option) => option.var);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new FeatureClash(`"${feature.name}" has the form field "${twice}" twice.`);
  return Object.fromEntries(options.map((option) => [option.var, option]));
}

/** The declarations of rows of a feature, by name. */
export function rowsOf({ rows = [] }: Pick<Feature, 'rows'>): Readonly<Record<string, RowDeclaration>> {
  return Object.fromEntries(rows.map((declaration) => [declaration.name, declaration]));
}
