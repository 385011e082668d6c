/** The Debian packages of the end-to-end tests: found, or installed without a question, since a test has nobody to ask. */
import { existsSync } from 'node:fs';
import { hasPackage, havePackage } from '../../../src/demo/packages';
import type { Package } from '../../../src/demo/packages';

export type { Package };

/** True when the package is there or this process could install it. */
export function canHave(name: Package): boolean {
  return hasPackage(name) || (process.getuid?.() === 0 && existsSync('/usr/bin/apt-get'));
}

/** Installs the package unless it is there. */
export async function ensurePackage(name: Package): Promise<void> {
  await havePackage(name, { yes: true });
}
