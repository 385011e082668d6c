/** scripts/setup.mjs, which `npm start` runs, in an installation of its own: a compiler that only copies, and a program of one line. */
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { packageRoot } from '../support/package-root';

const COMPILER = `const fs = require('fs'); const at = require('path').join(process.argv[3], 'dist/src');
fs.mkdirSync(at, { recursive: true }); fs.copyFileSync('src/cli.ts', at + '/cli.js');`;
/** What the build asks of the compiler for the types of plug-ins, and a translation that is the text itself. */
const TYPES = `exports.transpileDeclaration = () => ({ outputText: '' }); exports.ModuleKind = exports.ScriptTarget = {};
exports.sys = {}; exports.readConfigFile = () => ({}); exports.parseJsonConfigFileContent = () => ({ options: {} });
exports.transpileModule = (outputText) => ({ outputText, diagnostics: outputText.includes('(((') ? [{ messageText: 'not closed' }] : [] });
exports.flattenDiagnosticMessageText = (text) => text;`;
let folder: string;
const at = (name: string): string => path.join(folder, name);
const write = (name: string, text: string): void => {
  mkdirSync(path.dirname(at(name)), { recursive: true });
  writeFileSync(at(name), text);
};
const says = (text: string): string => `process.stdout.write(${JSON.stringify(text)} + process.argv.slice(2).join(' '));`;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'parlour-setup-'));
  for (const name of ['package.json', 'package-lock.json', 'tsconfig.json']) write(name, '{}');
  write('node_modules/.package-lock.json', '{}');
  write('node_modules/typescript/package.json', '{}');
  write('node_modules/typescript/bin/tsc', COMPILER);
  write('node_modules/typescript/index.js', TYPES);
  for (const entry of ['src/plugin.ts', 'src/plugin-test.ts']) write(entry, '');
  write('src/cli.ts', says('old '));
  write('test/some.test.ts', '');
  mkdirSync(at('scripts'));
  for (const script of ['scripts/setup.mjs', 'scripts/declarations.mjs', 'scripts/translate.mjs'])
    copyFileSync(path.join(packageRoot(), script), at(script));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function setup(...words: string[]): { code: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [at('scripts/setup.mjs'), ...words], {
    encoding: 'utf8',
    timeout: 30_000,
  });
  return { code: status, out: stdout, err: stderr };
}

/** As `npm prune --omit=dev --omit=optional` does. */
const prune = (): void => rmSync(at('node_modules/typescript'), { recursive: true });

describe('after the compiler was pruned', () => {
  beforeEach(() => {
    expect(setup('build').code).toBe(0);
    prune();
  });

  test('new sources are not answered with the old program', () => {
    write('src/cli.ts', says('new '));
    const { code, out, err } = setup('start');
    expect(out).toBe('');
    expect(err).toMatch(/The sources changed .*npm ci && npm run build/);
    expect(code).toBe(2);
  });

  test('a new source beside the others is a change too', () => {
    write('src/more.ts', '');
    expect(setup('start').code).toBe(2);
  });

  test('files that were copied, and so have another time, are no change; neither are tests that are gone', () => {
    utimesSync(at('src/cli.ts'), 1, 1);
    rmSync(at('test'), { recursive: true });
    expect(setup('start')).toEqual({ code: 0, out: 'old demo', err: '' });
  });

  test('a program without its sources runs', () => {
    rmSync(at('src'), { recursive: true });
    expect(setup('start')).toEqual({ code: 0, out: 'old demo', err: '' });
  });

  test('without a build there is nothing to run', () => {
    rmSync(at('dist'), { recursive: true });
    const { code, err } = setup('start');
    expect(err).toMatch(/Nothing is built yet/);
    expect(code).toBe(2);
  });
});

describe('a start', () => {
  const TRANSLATING = 'Translating the program ...\n';

  test('translates the program alone, once, and again when a source is another one', () => {
    expect(setup('start').out).toBe(`${TRANSLATING}old demo`);
    expect(existsSync(at('dist/src/plugin.js'))).toBe(true);
    expect(existsSync(at('dist/test'))).toBe(false);
    expect(setup('start').out).toBe('old demo');
    write('test/some.test.ts', '// changed');
    expect(setup('start').out).toBe('old demo');
    write('src/cli.ts', says('new '));
    expect(setup('start').out).toBe(`${TRANSLATING}new demo`);
  });

  test('takes nothing for built that is of other sources: neither a build of before nor what has no source any more', () => {
    write('src/gone.ts', '');
    expect(setup('build').out).toMatch(/^Building: types are checked/);
    expect(setup('start').out).toBe('old demo');
    write('src/cli.ts', says('new '));
    rmSync(at('src/gone.ts'));
    expect(setup('start').out).toBe(`${TRANSLATING}new demo`);
    expect(existsSync(at('dist/src/gone.js'))).toBe(false);
    write('src/cli.ts', says('old '));
    write('src/gone.ts', '');
    expect(setup('start').out).toBe(`${TRANSLATING}old demo`);
    expect(setup('build').out).toMatch(/^Building/);
  });

  test('names a source that cannot be translated, and does not run', () => {
    write('src/cli.ts', '(((');
    expect(setup('start')).toMatchObject({ code: 1, err: 'src/cli.ts: not closed\n' });
    expect(setup('start').code).toBe(1);
  });
});

describe('what is installed', () => {
  const lock = (version: string, more: object = {}): string =>
    JSON.stringify({ packages: { '': {}, 'node_modules/a': { version, ...more } } });
  /** An npm that only says that it was asked. */
  const npmOf = (version: string): void => {
    write('bin/npm', `#!/bin/sh\n[ "$1" = --version ] && echo ${version} || echo "npm $*"\n`);
    chmodSync(at('bin/npm'), 0o755);
  };
  beforeEach(() => {
    npmOf('10.8.2');
    write('package-lock.json', lock('1.0.0'));
    write('node_modules/.package-lock.json', lock('1.0.0'));
  });
  const start = (...words: string[]): { out: string; err: string } => npmSetup('start', ...words);
  const npmSetup = (...words: string[]): { out: string; err: string } => {
    const { stdout, stderr } = spawnSync(process.execPath, [at('scripts/setup.mjs'), ...words], {
      encoding: 'utf8',
      timeout: 30_000,
      env: { ...process.env, PATH: `${at('bin')}:${process.env['PATH'] ?? ''}` },
    });
    return { out: stdout, err: stderr };
  };

  test('an npm that cannot install it is told, with what to do', () => {
    npmOf('9.2.0');
    write('node_modules/.package-lock.json', lock('0.9.0'));
    expect(start()).toEqual({ out: '', err: expect.stringMatching(/^npm 9\.2\.0 cannot .* Run npm install --global npm@11/) as string });
  });

  test('is judged by its versions and not by times', () => {
    utimesSync(at('node_modules/.package-lock.json'), 1, 1);
    expect(start().out).not.toContain('npm ci');
    write('node_modules/.package-lock.json', lock('0.9.0'));
    expect(start().out).toMatch(/Installing dependencies.*\nnpm ci/);
    write('package-lock.json', lock('1.0.0', { dev: true }));
    write('node_modules/.package-lock.json', '{}');
    expect(start().out).not.toContain('npm ci');
  });

  test('stays as it is when a configuration is run, and is told; without anything it is installed', () => {
    write('node_modules/.package-lock.json', lock('0.9.0'));
    const { out, err } = start('--config', 'component.json');
    expect(out).not.toContain('npm ci');
    expect(out).toContain('old run --config component.json');
    expect(err).toMatch(/stays as it is .* run npm ci/);
    write('component.json', '{}');
    expect(start().out).not.toContain('npm ci');
    rmSync(at('node_modules/.package-lock.json'));
    expect(start('--config=component.json').out).toMatch(/Installing dependencies.*\nnpm ci/);
  });

  test('a first start installs no more than it needs; a test or a build has the rest installed once, and says so', () => {
    rmSync(at('node_modules/.package-lock.json'));
    expect(start().out).toMatch(/\nnpm ci .*--omit=dev\n/);
    write('node_modules/.package-lock.json', lock('1.0.0'));
    expect(start().out).not.toContain('npm ci');
    const build = npmSetup('build').out;
    expect(build).toMatch(/Installing what builds and tests need .*\nnpm ci (?!.*--omit)/);
    expect(npmSetup('build').out).not.toContain('npm ci');
  });

  describe('SQLite, whose module is fetched or compiled', () => {
    const MODULE = 'node_modules/better-sqlite3/build/Release/better_sqlite3.node';
    /** An npm that makes the module when it is asked to, and ends with a code. */
    const npmMakes = (code: number): void => {
      const make = code === 0 ? `mkdir -p "$(dirname ${MODULE})"; : > ${MODULE}; ` : '';
      write(
        'bin/npm',
        `#!/bin/sh\n[ "$1" = --version ] && { echo 10.8.2; exit; }\necho "npm $*"\n[ "$1" != rebuild ] || { ${make}exit ${code}; }\n`,
      );
      chmodSync(at('bin/npm'), 0o755);
    };
    beforeEach(() => {
      npmMakes(0);
      write('node_modules/better-sqlite3/package.json', '{}');
    });

    test('is made once, before the program runs, also if the installation was interrupted before it', () => {
      const { out } = start();
      expect(out).toContain('npm rebuild better-sqlite3');
      expect(out.indexOf('old demo')).toBeGreaterThan(out.indexOf('npm rebuild'));
      expect(start().out).not.toContain('npm rebuild');
    });

    test('is compiled in haste for the demonstration alone; a build does it again, and a service that runs with it is told', () => {
      const hasty = 'node_modules/better-sqlite3/build/Release/obj.target';
      write(
        'bin/npm',
        `#!/bin/sh\n[ "$1" = --version ] && { echo 10.8.2; exit; }\necho "npm $* $CFLAGS"\nmkdir -p ${hasty}; : > ${MODULE}\n`,
      );
      expect(start().out).toContain('npm rebuild better-sqlite3 -O1\n');
      expect(start()).toEqual({ out: 'old demo', err: '' });
      const { out, err } = start('--config', 'c.json');
      expect(out).not.toContain('npm');
      expect(err).toMatch(/compiled in haste .*npm run build/);
      expect(npmSetup('build').out).toContain('npm rebuild better-sqlite3 \n');
      expect(npmSetup('build').out).not.toContain('npm rebuild');
      expect(start('--config', 'c.json').err).toBe('');
    });

    test('is told with a remedy if it cannot be made, and the program does not run', () => {
      npmMakes(1);
      const { out, err } = start();
      expect(out).not.toContain('old demo');
      expect(err).toMatch(/could neither be fetched nor compiled.*build-essential/);
    });

    test('is made anew at the next start if it was not finished, also where a configuration is run and a part of it is there', () => {
      rmSync(at('node_modules/.package-lock.json'));
      npmMakes(1);
      expect(start('--config', 'c.json').err).toMatch(/could neither be fetched nor compiled/);
      write('node_modules/.package-lock.json', lock('1.0.0'));
      write(MODULE, 'half of it');
      npmMakes(0);
      expect(start('--config', 'c.json').out).toMatch(/npm rebuild better-sqlite3[^]*old run/);
      expect(start('--config', 'c.json').out).not.toContain('npm rebuild');
    });

    test('is waited for where the build fails, so that the next start finds nobody at work', () => {
      write('src/cli.ts', '(((');
      const { out, err } = start();
      expect(err).toBe('src/cli.ts: not closed\n');
      expect(out).toContain('npm rebuild better-sqlite3');
      expect(existsSync(at(MODULE))).toBe(true);
    });

    test('is left alone where a configuration is run and something is installed; with a fresh installation it is made', () => {
      expect(start('--config', 'c.json').out).not.toContain('npm rebuild');
      rmSync(at('node_modules/.package-lock.json'));
      expect(start('--config', 'c.json').out).toMatch(/npm ci .*--ignore-scripts[^]*npm rebuild better-sqlite3[^]*old run/);
    });
  });
});
