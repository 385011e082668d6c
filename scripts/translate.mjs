/** Translates the program alone, file by file, without looking at its types: what `npm start` needs, in seconds. `npm run build` checks the types. */
import { mkdirSync, readdirSync, readFileSync, rmSync, existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** Every file below a folder, relative to it. */
function filesBelow(folder) {
  const entries = existsSync(folder) ? readdirSync(folder, { recursive: true, withFileTypes: true }) : [];
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath ?? entry.path, entry.name)));
}

/** Removes compiled files in `dist` whose source there is no more. `below`: only in this folder. */
export function removeOrphans(root, below = '') {
  const dist = path.join(root, 'dist');
  for (const name of filesBelow(path.join(dist, below)).map((one) => path.join(below, one))) {
    if (!/\.js(\.map)?$/.test(name)) continue;
    if (!existsSync(path.join(root, name.replace(/\.js(\.map)?$/, '.ts')))) rmSync(path.join(dist, name));
  }
}

/** `src` to `dist/src`, with source maps. `ts`: the compiler. Returns the mistakes of syntax, one line each. */
export function translate(root, ts) {
  const config = path.join(root, 'tsconfig.json');
  const { options } = ts.parseJsonConfigFileContent(
    ts.readConfigFile(config, ts.sys.readFile).config,
    { ...ts.sys, readDirectory: () => [] },
    root,
  );
  // Each file is a program of its own here.
  for (const key of ['rootDir', 'outDir', 'incremental', 'tsBuildInfoFile']) delete options[key];
  const mistakes = [];
  for (const name of filesBelow(path.join(root, 'src')).filter((one) => one.endsWith('.ts') && !one.endsWith('.d.ts'))) {
    const source = path.join(root, 'src', name);
    const target = path.join(root, 'dist', 'src', name.replace(/\.ts$/, '.js'));
    const made = ts.transpileModule(readFileSync(source, 'utf8'), {
      fileName: path.basename(name),
      compilerOptions: options,
      reportDiagnostics: true,
    });
    for (const { messageText } of made.diagnostics ?? [])
      mistakes.push(`src/${name}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`);
    mkdirSync(path.dirname(target), { recursive: true });
    writeFileSync(target, made.outputText);
    if (made.sourceMapText !== undefined) {
      const map = { ...JSON.parse(made.sourceMapText), sources: [path.relative(path.dirname(target), source)] };
      writeFileSync(`${target}.map`, JSON.stringify(map));
    }
  }
  removeOrphans(root, 'src');
  return mistakes;
}
