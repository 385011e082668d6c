/**
 * What `npm start`, `npm test` and their like begin with: dependencies, build, then the thing itself. It needs Node and
 * npm only, because npm runs scripts in a fresh clone too, and does nothing that is done already.
 *
 *   node scripts/setup.mjs build | start | test | bench | conformance [arguments]
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const at = (...parts) => path.join(root, ...parts);
const require = createRequire(at('package.json'));
const [task = 'build', ...args] = process.argv.slice(2);

function fail(sentence) {
  process.stderr.write(`${sentence}\n`);
  process.exit(1);
}

/** Runs a program to its end; its output is the user's. */
function run(command, words, problem) {
  const { status, error } = spawnSync(command, words, { cwd: root, stdio: 'inherit', shell: process.platform === 'win32' });
  if (status !== 0) fail(error ? `${problem} (${error.message})` : problem);
}

const modified = (file) => (existsSync(file) ? statSync(file).mtimeMs : -Infinity);

/** `npm ci` when nothing is installed, or the lock file is newer than what is. */
function install() {
  if (Number(process.versions.node.split('.')[0]) < 20) fail(`Parlour needs Node 20 or newer; this is ${process.versions.node}.`);
  if (modified(at('node_modules/.package-lock.json')) >= modified(at('package-lock.json'))) return;
  process.stdout.write('Installing dependencies ...\n');
  run(
    'npm',
    ['ci', '--no-audit', '--no-fund'],
    'The dependencies could not be installed. See above; try again when the registry can be reached.',
  );
}

/** Every source file with its size and time: equal lists need no build. */
function sources() {
  const list = ['tsconfig.json', 'package-lock.json'].map((name) => `${name} ${modified(at(name))}`);
  for (const folder of ['src', 'test', 'bench']) {
    for (const entry of existsSync(at(folder)) ? readdirSync(at(folder), { recursive: true, withFileTypes: true }) : []) {
      const file = path.join(entry.parentPath ?? entry.path, entry.name);
      if (!entry.isFile() || !file.endsWith('.ts')) continue;
      const { mtimeMs, size } = statSync(file);
      list.push(`${path.relative(root, file)} ${mtimeMs} ${size}`);
    }
  }
  return list.sort().join('\n');
}

/** `tsc` when a source changed since the last build; what no source makes any more is removed. */
function build() {
  const stamp = at('dist/.built');
  const now = sources();
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === now) return;
  let compiler;
  try {
    compiler = require.resolve('typescript/bin/tsc');
  } catch {
    if (existsSync(at('dist/src/cli.js'))) return;
    fail(
      'Nothing is built yet, and the compiler is not installed. Run `npm ci && npm run build` once; `npm prune --omit=dev --no-save` may follow.',
    );
  }
  process.stdout.write('Building ...\n');
  rmSync(stamp, { force: true });
  run(process.execPath, [compiler, '-p', root], 'The build failed. See above.');
  for (const entry of readdirSync(at('dist'), { recursive: true, withFileTypes: true })) {
    const file = path.join(entry.parentPath ?? entry.path, entry.name);
    const source = at(path.relative(at('dist'), file).replace(/\.js(\.map)?$/, '.ts'));
    if (entry.isFile() && /\.js(\.map)?$/.test(file) && !existsSync(source)) rmSync(file);
  }
  mkdirSync(path.dirname(stamp), { recursive: true });
  writeFileSync(stamp, now);
}

/** Goes on as the program itself, in this process: signals and the terminal are its own. */
async function become(file, words) {
  process.argv = [process.execPath, file, ...words];
  process.setSourceMapsEnabled(true);
  await import(pathToFileURL(file));
}

/** With a configuration the service, without one the demonstration. */
function startWords() {
  const [first] = args;
  if (first !== undefined && !first.startsWith('-')) return args;
  if (args.some((word) => word === '--config' || word === '-c' || word.startsWith('--config='))) return ['run', ...args];
  return existsSync(at('component.json')) ? ['run', '--config', at('component.json'), ...args] : ['demo', ...args];
}

install();
build();
switch (task) {
  case 'build':
    break;
  case 'start':
    await become(at('dist/src/cli.js'), startWords());
    break;
  case 'test':
    process.env.NODE_ENV ??= 'test';
    await become(require.resolve('jest/bin/jest'), args);
    break;
  case 'bench':
    await become(at('dist/bench/run.js'), args);
    break;
  case 'conformance':
    await become(at('dist/test/conformance/write.js'), args);
    break;
  default:
    fail(`scripts/setup.mjs knows build, start, test, bench and conformance, not "${task}".`);
}
