/** Debian packages that the tests need: are they here, and their installation without starting the services in them. */
import { existsSync } from 'node:fs';
import { run } from './process';

/** What each package brings, to tell whether it is installed without asking dpkg. */
const PROGRAMS = {
  prosody: '/usr/bin/prosody',
  ejabberd: '/usr/sbin/ejabberdctl',
  debootstrap: '/usr/sbin/debootstrap',
  chromium: '/usr/bin/chromium',
  'python3-slixmpp': '/usr/lib/python3/dist-packages/slixmpp/__init__.py',
} as const;
export type Package = keyof typeof PROGRAMS;

/** True when the package's program is where Debian puts it. */
export function hasPackage(name: Package): boolean {
  return existsSync(PROGRAMS[name]);
}

/** True when the package is there or could be installed by this process. */
export function canHave(name: Package): boolean {
  return hasPackage(name) || (process.getuid?.() === 0 && existsSync('/usr/bin/apt-get'));
}

/**
 * Installs the package by apt unless it is there. A policy-rc.d that forbids starting services stands in for the
 * machine's own while apt runs, and a lock keeps two test files from doing this at once.
 */
export async function ensurePackage(name: Package): Promise<void> {
  if (hasPackage(name)) return;
  const script = `set -e
[ -e "$1" ] && exit 0
policy=/usr/sbin/policy-rc.d
restore() { rm -f "$policy"; [ ! -e "$policy.parlour" ] || mv "$policy.parlour" "$policy"; }
[ ! -e "$policy" ] || mv "$policy" "$policy.parlour"
trap restore EXIT
printf '#!/bin/sh\\nexit 101\\n' > "$policy"; chmod +x "$policy"
export DEBIAN_FRONTEND=noninteractive
apt-get update -q
apt-get install -y -q --no-install-recommends "$2"`;
  await run('flock', ['/run/lock/parlour-packages', 'sh', '-c', script, 'sh', PROGRAMS[name], name], 300_000);
}
