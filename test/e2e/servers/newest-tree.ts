/** The Debian tree with the newest packaged servers, and how a program is run inside it. */
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { run } from './process';
import { packageRoot } from '../support/package-root';

/** Where the tree is kept between runs; outside the repository, because it is large and belongs to root. */
export const TREE = path.join(process.env['XDG_CACHE_HOME'] ?? path.join(homedir(), '.cache'), 'parlour', 'newest-servers');

/** Inside the tree the server's own directory is seen here. */
export const PLACE_INSIDE = '/srv';

/** Builds the tree when it is not there: one to three minutes, root only. */
export async function ensureTree(): Promise<void> {
  if (existsSync(path.join(TREE, '.complete'))) return;
  await run(path.join(packageRoot(), 'test/e2e/servers/newest-tree.sh'), [TREE], 600_000);
}

/**
 * The command line that runs a program inside the tree with `place` bound to PLACE_INSIDE. The mounts live in a namespace
 * of that process alone, so nothing has to be unmounted afterwards.
 */
export function inTree(place: string, command: readonly string[]): [string, string[]] {
  const script =
    'set -e; mount --bind /proc "$1/proc"; mount --bind /dev "$1/dev"; mount --bind "$2" "$1$3"; tree=$1; shift 3; exec chroot "$tree" "$@"';
  return ['unshare', ['--mount', '--propagation', 'private', 'sh', '-c', script, 'sh', TREE, place, PLACE_INSIDE, ...command]];
}
