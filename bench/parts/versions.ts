/** Versions of the servers that were measured. */
import { execFileSync } from 'node:child_process';
import type { Flavour } from '../../test/e2e/servers/server';
import { TREE } from '../../test/e2e/servers/newest-tree';

/** The version of a flavour's Debian package; `unknown` where dpkg cannot tell. */
export function serverVersion(flavour: Flavour): string {
  const query = ['dpkg-query', '-W', '-f=${Version}', flavour.split(' ')[0] as string];
  const [command, ...words] = (flavour.includes('newest') ? ['chroot', TREE, ...query] : query) as [string, ...string[]];
  try {
    return execFileSync(command, words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return 'unknown';
  }
}
