/** Debian packages that the demonstration and the tests need: found, or installed without starting the services in them. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';

/** Where Debian puts each package's program: tells whether it is installed without asking dpkg. */
const PROGRAMS = {
  prosody: '/usr/bin/prosody',
  ejabberd: '/usr/sbin/ejabberdctl',
  chromium: '/usr/bin/chromium',
  debootstrap: '/usr/sbin/debootstrap',
  'python3-slixmpp': '/usr/lib/python3/dist-packages/slixmpp/__init__.py',
  'python3-nbxmpp': '/usr/lib/python3/dist-packages/nbxmpp/__init__.py',
  'python3-gi': '/usr/lib/python3/dist-packages/gi/__init__.py',
  profanity: '/usr/bin/profanity',
  poezio: '/usr/bin/poezio',
  tmux: '/usr/bin/tmux',
  inspircd: '/usr/sbin/inspircd',
} as const;

export type Package = keyof typeof PROGRAMS;

/** True when the package's program is there, in Debian's place or (servers installed otherwise) on the PATH. */
export function hasPackage(name: Package): boolean {
  if (existsSync(PROGRAMS[name])) return true;
  const program = PROGRAMS[name].split('/').at(-1) as string;
  return (process.env['PATH'] ?? '').split(':').some((folder) => folder !== '' && existsSync(`${folder}/${program}`));
}

/** Runs under a policy-rc.d that forbids starting services; the machine's own is put back however it ends. */
const INSTALL = `set -e
policy=/usr/sbin/policy-rc.d
restore() { rm -f "$policy"; [ ! -e "$policy.parlour" ] || mv "$policy.parlour" "$policy"; }
[ ! -e "$policy" ] || mv "$policy" "$policy.parlour"
trap restore EXIT
printf '#!/bin/sh\\nexit 101\\n' > "$policy"; chmod +x "$policy"
export DEBIAN_FRONTEND=noninteractive
apt-get update -q
apt-get install -y -q --no-install-recommends "$@"`;

/**
 * Makes sure that a package is there. Installs it by apt when root: after asking at a terminal, at once with `yes`, in CI or
 * without a terminal. Throws an Error that says what to install where that is not possible.
 */
export async function havePackage(name: Package, how: { readonly yes: boolean }): Promise<void> {
  if (hasPackage(name)) return;
  const command = `apt-get install ${name}`;
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) {
    throw new Error(
      `${name} is not installed, and only root can install it. Run "sudo ${command}" (on other systems: install ${name}), then start again.`,
    );
  }
  const asks = process.stdin.isTTY && process.stdout.isTTY && !how.yes && !process.env['CI'];
  if (asks && !(await agrees(`${name} is not installed. Install it now with "${command}"? [Y/n] `))) {
    throw new Error(`${name} is needed. Install it with "${command}", then start again.`);
  }
  process.stdout.write(`Installing ${name} ...\n`);
  const apt = spawn('flock', ['/run/lock/parlour-packages', 'sh', '-c', INSTALL, 'sh', name], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [apt.stdout, apt.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output = (output + text).slice(-4000)));
  const [code] = (await once(apt, 'close')) as [number | null];
  if (code !== 0 || !hasPackage(name))
    throw new Error(`"${command}" failed. Install ${name} by hand, then start again. apt said:\n${output}`);
}

async function agrees(question: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await terminal.question(question);
  terminal.close();
  return /^(?:y|yes)?$/i.test(answer.trim());
}
