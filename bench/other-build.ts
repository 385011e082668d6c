/** Another commit of this repository, built beside this one in a work tree of its own, to be measured against it. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import type { Build } from './component';

const ROOT = path.resolve(__dirname, '../..');

/** A build of `commit` below `place`, and what takes its work tree away again. Throws with what git or the compiler said. */
export function buildOf(commit: string, place: string): { readonly build: Build; remove(): void } {
  const tree = path.join(place, 'other');
  mkdirSync(place, { recursive: true });
  git('worktree', 'add', '--detach', tree, commit);
  const remove = (): void => void git('worktree', 'remove', '--force', tree);
  try {
    const same = readFileSync(path.join(ROOT, 'package-lock.json'), 'utf8') === readFileSync(path.join(tree, 'package-lock.json'), 'utf8');
    if (same) symlinkSync(path.join(ROOT, 'node_modules'), path.join(tree, 'node_modules'));
    else execFileSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: tree, stdio: ['ignore', 'ignore', 'inherit'] });
    execFileSync(process.execPath, [path.join(tree, 'node_modules/typescript/bin/tsc'), '-p', tree], {
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    const cli = path.join(tree, 'dist/src/cli.js');
    if (!existsSync(cli)) throw new Error(`${commit} has no dist/src/cli.js after its build.`);
    return { build: { cli, nodeOptions: [] }, remove };
  } catch (error) {
    remove();
    throw error;
  }
}

function git(...words: string[]): string {
  return execFileSync('git', ['-C', ROOT, ...words], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}
