/** No file of src imports itself by way of others, types included (docs/architecture.md): each can be read with what is below it. */
import { readdirSync, readFileSync, existsSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { packageRoot } from './support/package-root';

type Imports = ReadonlyMap<string, readonly string[]>;

/** Files of a folder and what each imports of them, by path. */
function importsOf(folder: string): Imports {
  const files = (readdirSync(folder, { recursive: true }) as string[]).filter((file) => file.endsWith('.ts'));
  const resolve = (from: string, name: string): string => {
    const base = path.normalize(path.join(path.dirname(from), name));
    return existsSync(path.join(folder, `${base}.ts`)) ? `${base}.ts` : path.join(base, 'index.ts');
  };
  return new Map(
    files.map((file) => {
      const { importedFiles } = ts.preProcessFile(readFileSync(path.join(folder, file), 'utf8'), true, true);
      return [file, importedFiles.filter(({ fileName }) => fileName.startsWith('.')).map(({ fileName }) => resolve(file, fileName))];
    }),
  );
}

/** The first circle there is, as the way round it. */
function circleIn(imports: Imports): readonly string[] | undefined {
  const clear = new Set<string>();
  const search = (file: string, way: readonly string[]): readonly string[] | undefined => {
    if (way.includes(file)) return [...way.slice(way.indexOf(file)), file];
    if (clear.has(file)) return undefined;
    for (const next of imports.get(file) ?? []) {
      const circle = search(next, [...way, file]);
      if (circle) return circle;
    }
    clear.add(file);
    return undefined;
  };
  for (const file of imports.keys()) {
    const circle = search(file, []);
    if (circle) return circle;
  }
  return undefined;
}

test('No circle of imports', () => {
  const imports = importsOf(path.join(packageRoot(), 'src'));
  expect(imports.size).toBeGreaterThan(200);
  expect(imports.get(path.join('room', 'state.ts'))).toContain(path.join('room', 'occupants', 'occupants.ts'));
  expect(circleIn(imports)).toBeUndefined();
});

test('A circle is found', () => {
  const circle = circleIn(
    new Map([
      ['a', ['b']],
      ['b', ['c', 'd']],
      ['c', []],
      ['d', ['b']],
    ]),
  );
  expect(circle).toEqual(['b', 'd', 'b']);
});
