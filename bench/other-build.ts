/** Another commit of this repository, built once into `.cache/builds`, to be measured against this build. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import type { Build } from './component';

const ROOT = path.resolve(__dirname, '../..');
const CACHE = path.join(ROOT, '.cache/builds');
const MAX_TREE_BYTES = 256 * 1024 * 1024;

/** A build of `commit`, made if there is none yet, which takes minutes. Throws with what git, npm or the compiler said. */
export function buildOf(commit: string): Build {
  const id = git('rev-parse', '--verify', `${commit}^{commit}`).toString().trim();
  const kept = path.join(CACHE, id);
  if (!existsSync(kept)) {
    process.stdout.write(`Building ${commit}, which takes some minutes the first time ...\n`);
    // What was broken off lies under another name and is taken away here.
    const partial = `${kept}.partial`;
    rmSync(partial, { recursive: true, force: true });
    mkdirSync(partial, { recursive: true });
    make(id, partial);
    renameSync(partial, kept);
  }
  return { cli: path.join(kept, 'dist/src/cli.js'), nodeOptions: [] };
}

function make(id: string, tree: string): void {
  execFileSync('tar', ['-x', '-C', tree], { input: git('archive', '--format=tar', id), stdio: ['pipe', 'ignore', 'inherit'] });
  const same = readFileSync(path.join(ROOT, 'package-lock.json'), 'utf8') === readFileSync(path.join(tree, 'package-lock.json'), 'utf8');
  if (same) symlinkSync(path.join(ROOT, 'node_modules'), path.join(tree, 'node_modules'));
  else execFileSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: tree, stdio: ['ignore', 'ignore', 'inherit'] });
  execFileSync(process.execPath, [path.join(tree, 'node_modules/typescript/bin/tsc'), '-p', tree], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (!existsSync(path.join(tree, 'dist/src/cli.js'))) throw new Error(`${id} has no dist/src/cli.js after its build.`);
}

function git(...words: string[]): Buffer {
  return execFileSync('git', ['-C', ROOT, ...words], { maxBuffer: MAX_TREE_BYTES, stdio: ['ignore', 'pipe', 'pipe'] });
}
