/** Versions of the servers that were measured. */
import { execFileSync } from 'node:child_process';
import type { Flavour } from '../../test/e2e/servers/server';
import { TREE } from '../../test/e2e/servers/newest-tree';

/** The version of a flavour's Debian package; `unknown` where dpkg cannot tell. */
export function serverVersion(flavour: Flavour): string {
  return packageVersion(flavour.split(' ')[0] as string, flavour.includes('newest') ? ['chroot', TREE] : []);
}

/** The same of any package; `before`: the words by which a program is run where it is installed. */
export function packageVersion(name: string, before: readonly string[] = []): string {
  const [command = '', ...words] = [...before, 'dpkg-query', '-W', '-f=${Version}', name];
  try {
    return execFileSync(command, words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return 'unknown';
  }
}
