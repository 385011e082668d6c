/**
 * What `npm start`, `npm test` and their like begin with: dependencies, build, then the thing itself. It needs Node and
 * npm only, because npm runs scripts in a fresh clone too, and does nothing that is done already.
 *
 *   node scripts/setup.mjs build | start | test | bench | conformance [arguments]
 */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { writeDeclarations } from './declarations.mjs';
import { removeOrphans, translate } from './translate.mjs';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const at = (...parts) => path.join(root, ...parts);
const require = createRequire(at('package.json'));
/** Most of a first installation is the compilation of SQLite, where no ready module can be loaded: on all processors. */
const ENV = { JOBS: 'max', ...process.env };
/** For the demonstration it is compiled with less optimisation, which takes a third of the time; what runs a service, is tested or measured has all of it. */
const HASTE = { CFLAGS: '-O1', CXXFLAGS: '-O1' };
const SQLITE = 'better-sqlite3';
const SQLITE_MODULE = at('node_modules', SQLITE, 'build/Release/better_sqlite3.node');
const SQLITE_OBJECTS = at('node_modules', SQLITE, 'build/Release/obj.target');
/** Is there until SQLite's module is whole. */
const SQLITE_UNFINISHED = at('node_modules/.sqlite-unfinished');
/** Is there while the module is one that was compiled in haste. */
const SQLITE_HASTY = at('node_modules/.sqlite-hasty');
/** Is there while only what a start needs is installed. */
const START_ALONE = at('node_modules/.start-alone');
/** What others import from Parlour, and are given types for. */
const ENTRIES = ['src/plugin.ts', 'src/plugin-test.ts'];
const [task = 'build', ...args] = process.argv.slice(2);

/** Why it ends. */
class Failure extends Error {
  constructor(sentence, code) {
    super(sentence);
    this.code = code;
  }
}

/** Ends with a sentence, when what was begun has ended; code 2 says that the installation must be mended, and that starting again does not help. */
function fail(sentence, code = 1) {
  throw new Failure(sentence, code);
}

/** Runs a program to its end; its output is the user's. */
function run(command, words, problem) {
  const { status, error } = spawnSync(command, words, { cwd: root, env: ENV, stdio: 'inherit', shell: process.platform === 'win32' });
  if (status !== 0) fail(error ? `${problem} (${error.message})` : problem);
}

/** Packages by their folders, as npm noted them; undefined: there is no such file. */
const packagesIn = (file) => (existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')).packages ?? {}) : undefined);

/** Whether what is installed is what the lock file wants, judged by versions: files that were copied have another time. What only builds and tests need may be pruned. */
function isInstalled(installed) {
  return Object.entries(packagesIn(at('package-lock.json')) ?? {}).every(([folder, { version, dev, optional, devOptional, link }]) => {
    const there = installed[folder];
    if (folder === '' || link) return true;
    return there === undefined ? Boolean(dev || optional || devOptional) : there.version === version;
  });
}

/** `npm ci` when nothing is installed, or something else than the lock file wants; a service that is started by its configuration is never changed. */
function install() {
  if (Number(process.versions.node.split('.')[0]) < 20) fail(`Parlour needs Node 20 or newer; this is ${process.versions.node}.`, 2);
  const installed = packagesIn(at('node_modules/.package-lock.json'));
  const lacksTests = task !== 'start' && existsSync(START_ALONE);
  if (installed !== undefined) {
    if (isInstalled(installed) && !lacksTests) return;
    if (isConfigured() || (task === 'start' && startWords()[0] === 'run')) {
      process.stderr.write(
        'What is installed is not what package-lock.json wants. It stays as it is while a configuration is run: stop Parlour, run npm ci, and start it again.\n',
      );
      return;
    }
  }
  const { stdout } = spawnSync('npm', ['--version'], { encoding: 'utf8', shell: process.platform === 'win32' });
  const npm = (stdout ?? '').trim();
  // npm 9, Debian 13's, fails at a package that lies inside converse.js.
  if (Number(npm.split('.')[0]) < 10)
    fail(`npm ${npm} cannot install the web client of the demonstration. Run npm install --global npm@11, and try again.`, 2);
  process.stdout.write(
    lacksTests
      ? 'Installing what builds and tests need beside what a start needs, which takes up to a minute ...\n'
      : 'Installing dependencies, which takes up to a minute the first time ...\n',
  );
  run(
    'npm',
    ['ci', '--no-audit', '--no-fund', '--ignore-scripts', ...(task === 'start' ? ['--omit=dev'] : [])],
    'The dependencies could not be installed. See above; try again when the registry can be reached.',
  );
  for (const mark of [START_ALONE, SQLITE_HASTY]) rmSync(mark, { force: true });
  if (task === 'start') writeFileSync(START_ALONE, '');
  writeFileSync(SQLITE_UNFINISHED, '');
}

/** Whether what starts is the demonstration. */
const isDemonstration = () => task === 'start' && startWords()[0] === 'demo';

/**
 * The one package whose own script must run: it fetches SQLite's module or compiles it, which takes a core for a minute or two. It goes on while the program is built. What it left
 * unfinished is made anew at the next start, also where a configuration is run. Undefined: there is nothing to do. What somebody installed without it stays as it is while a configuration is run: the program says what is missing.
 */
function startSqlite() {
  if (!existsSync(at('node_modules', SQLITE))) return undefined;
  const isHasty = existsSync(SQLITE_HASTY) && existsSync(SQLITE_MODULE);
  const wanted = existsSync(SQLITE_UNFINISHED) || (!existsSync(SQLITE_MODULE) && !isConfigured()) || (isHasty && task !== 'start');
  if (!wanted) {
    if (isHasty && !isDemonstration())
      process.stderr.write(
        'SQLite was compiled in haste for the demonstration. For a service stop Parlour, run npm ci and npm run build, and start it again.\n',
      );
    return undefined;
  }
  process.stdout.write('Fetching or compiling SQLite, which takes up to two minutes ...\n');
  const haste = isDemonstration();
  const env = haste ? { ...HASTE, ...ENV } : ENV;
  const child = spawn('npm', ['rebuild', SQLITE], { cwd: root, env, stdio: 'inherit', shell: process.platform === 'win32' });
  return once(child, 'close').then(
    ([code]) => {
      const made = code === 0 && existsSync(SQLITE_MODULE);
      if (!made) return false;
      // What was fetched has no objects beside it, and is as it should be.
      if (haste && existsSync(SQLITE_OBJECTS)) writeFileSync(SQLITE_HASTY, '');
      else rmSync(SQLITE_HASTY, { force: true });
      rmSync(SQLITE_UNFINISHED, { force: true });
      return true;
    },
    () => false,
  );
}

/** Every source file with a hash of its content: equal lists need no build, also where files were copied and have another time. */
function sources() {
  const hashed = (name) =>
    `${name} ${
      existsSync(at(name))
        ? createHash('sha256')
            .update(readFileSync(at(name)))
            .digest('base64')
        : 'none'
    }`;
  const list = ['tsconfig.json', 'package-lock.json', 'scripts/declarations.mjs', 'scripts/translate.mjs'].map(hashed);
  for (const folder of ['src', 'test', 'bench', 'examples']) {
    for (const entry of existsSync(at(folder)) ? readdirSync(at(folder), { recursive: true, withFileTypes: true }) : []) {
      const file = path.join(entry.parentPath ?? entry.path, entry.name);
      if (entry.isFile() && file.endsWith('.ts')) list.push(hashed(path.relative(root, file)));
    }
  }
  return list.sort().join('\n');
}

/** What of a list of sources the program itself is made of. */
const ofProgram = (list) =>
  list
    .split('\n')
    .filter((line) => line.startsWith(`src${path.sep}`))
    .join('\n');

/** Where the compiler is missing: what is built is used if it is of these sources, or if there are no sources; otherwise ends with what to do. */
function useBuilt(built, now) {
  const remedy = 'Run `npm ci && npm run build`; `npm prune --omit=dev --omit=optional --no-save` may follow.';
  if (!existsSync(at('dist/src/cli.js'))) fail(`Nothing is built yet, and the compiler is not installed. ${remedy}`, 2);
  if (existsSync(at('src')) && ofProgram(built) !== ofProgram(now))
    fail(`The sources changed since the last build, and the compiler is not installed. ${remedy}`, 2);
}

const textOf = (file) => (existsSync(file) ? readFileSync(file, 'utf8') : '');

/**
 * Compiles when a source changed since the last time; what no source makes any more is removed. For `start` the program alone is translated, without looking at types, which takes a quarter of the time; everything else has
 * `tsc` do all of it.
 */
function build() {
  const stamps = { built: at('dist/.built'), translated: at('dist/.translated') };
  const now = sources();
  const [built, translated] = [textOf(stamps.built), textOf(stamps.translated)];
  const isStart = task === 'start';
  if (built === now || (isStart && (translated || ofProgram(built)) === ofProgram(now))) return;
  let ts;
  try {
    ts = require.resolve('typescript/bin/tsc');
  } catch {
    useBuilt(translated || built, now);
    return;
  }
  for (const stamp of Object.values(stamps)) rmSync(stamp, { force: true });
  if (isStart) {
    process.stdout.write('Translating the program ...\n');
    const mistakes = translate(root, require('typescript'));
    if (mistakes.length > 0) fail(mistakes.join('\n'));
    writeFileSync(stamps.translated, ofProgram(now));
    return;
  }
  // What the compiler remembers of its last output counts only beside that output.
  if (built === '') rmSync(at('dist/.tsbuildinfo'), { force: true });
  process.stdout.write('Building: types are checked, which takes up to a minute ...\n');
  run(process.execPath, [ts, '-p', root], 'The build failed. See above.');
  const undeclared = writeDeclarations(root, require('typescript'), ENTRIES);
  if (undeclared.length > 0) fail(undeclared.join('\n'));
  removeOrphans(root);
  mkdirSync(at('dist'), { recursive: true });
  writeFileSync(stamps.built, now);
}

/** Goes on as the program itself, in this process: signals and the terminal are its own. */
async function become(file, words) {
  process.argv = [process.execPath, file, ...words];
  process.setSourceMapsEnabled(true);
  await import(pathToFileURL(file));
}

/** Whether a configuration is named. */
function isConfigured() {
  return args.some((word) => word === '--config' || word === '-c' || word.startsWith('--config='));
}

/** With a configuration the service, without one the demonstration. */
function startWords() {
  const [first] = args;
  if (first !== undefined && !first.startsWith('-')) return args;
  if (isConfigured()) return ['run', ...args];
  return existsSync(at('component.json')) ? ['run', '--config', at('component.json'), ...args] : ['demo', ...args];
}

try {
  install();
  const sqlite = startSqlite();
  try {
    build();
  } finally {
    // Two of them at a time would spoil each other's work.
    await sqlite;
  }
  if ((await sqlite) === false)
    fail(
      "SQLite's module could neither be fetched nor compiled. See above; where it says that a compiler is missing, install it (Debian: build-essential, python3), and try again.",
    );
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
} catch (error) {
  if (!(error instanceof Failure)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exit(error.code);
}
