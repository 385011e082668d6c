/** A private Prosody on loopback, in a directory of its own, for as long as the demonstration runs. */
import { spawn, execFile, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import { randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { setTimeout as delay } from 'node:timers/promises';
import { freePorts } from './free-port';

export interface Prosody {
  readonly c2sPort: number;
  readonly componentPort: number;
  readonly secret: string;
  /** URL for browsers (RFC 7395). */
  readonly websocket: string;
  /** Resolves when it ends without having been stopped, with the last of what it said. */
  readonly died: Promise<string>;
  stop(): Promise<void>;
}

export interface ProsodyOptions {
  /** An existing directory for its configuration and data. */
  readonly place: string;
  readonly domain: string;
  readonly component: string;
  readonly accounts: readonly { readonly user: string; readonly password: string }[];
}

/** Milliseconds. */
const START = 20_000;
const END = 8_000;

/** Starts it on free ports and makes the accounts. Throws an Error with its log if it does not come up. */
export async function startProsody(options: ProsodyOptions): Promise<Prosody> {
  const { place, domain, accounts } = options;
  const [c2sPort, componentPort, httpPort] = (await freePorts(3)) as [number, number, number];
  const secret = randomBytes(16).toString('hex');
  const file = path.join(place, 'prosody.cfg.lua');
  for (const folder of ['data', 'certs']) mkdirSync(path.join(place, folder));
  writeFileSync(file, settings(options, c2sPort, componentPort, httpPort, secret));
  for (const { user, password } of accounts) {
    const registering = promisify(execFile)('prosodyctl', ['--config', file, 'register', user, domain, password], { cwd: place });
    await endWithUs(registering.child, registering);
  }
  // A process group of its own: a Ctrl-C at the terminal reaches Parlour, which says farewell first and then ends Prosody.
  const child = spawn('prosody', ['--config', file], { cwd: place, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  void endWithUs(child, once(child, 'exit'));
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output = (output + text).slice(-4000)));
  let stopping = false;
  const died = new Promise<string>((resolve) => {
    child.once('exit', () => {
      if (!stopping) resolve(output);
    });
  });
  const stop = (): Promise<void> => {
    stopping = true;
    return end(child);
  };
  const deadline = performance.now() + START;
  for (const port of [c2sPort, componentPort, httpPort]) {
    while (!(await accepts(port))) {
      if (child.exitCode !== null || performance.now() > deadline) {
        await stop();
        throw new Error(`Prosody did not start:\n${output}`);
      }
      await delay(50);
    }
  }
  return { c2sPort, componentPort, secret, websocket: `ws://127.0.0.1:${httpPort}/xmpp-websocket`, died, stop };
}

function settings({ place, domain, component }: ProsodyOptions, c2s: number, componentPort: number, http: number, secret: string): string {
  return `
pidfile = "${place}/pid"; data_path = "${place}/data"; certificates = "${place}/certs"; run_as_root = true; daemonize = false
interfaces = { "127.0.0.1" }; component_interfaces = { "127.0.0.1" }; component_ports = { ${componentPort} }
c2s_ports = { ${c2s} }; c2s_direct_tls_ports = {}; s2s_ports = {}; s2s_direct_tls_ports = {}; legacy_ssl_ports = {}
http_interfaces = { "127.0.0.1" }; http_ports = { ${http} }; https_ports = {}; http_default_host = "${domain}"; http_host = "${domain}"
modules_enabled = { "disco", "roster", "saslauth", "ping", "carbons", "smacks", "private", "pep", "bookmarks", "version", "blocklist", "vcard_legacy", "mam", "websocket" }
modules_disabled = { "s2s", "tls" }
c2s_require_encryption = false; allow_unencrypted_plain_auth = true; authentication = "internal_plain"
-- The client library of the self-test cannot do SCRAM any more (its sasl-scram-sha-1 became asynchronous).
disable_sasl_mechanisms = { "SCRAM-SHA-1", "SCRAM-SHA-256" }
cross_domain_websocket = true; consider_websocket_secure = true
log = { warn = "*console" }
VirtualHost "${domain}"
  disco_items = { { "${component}", "Rooms" } }
Component "${component}"
  component_secret = "${secret}"
`;
}

/** Sees to it that a child does not outlive this process, until `over` settles; hands `over` on. */
async function endWithUs<T>(child: ChildProcess, over: Promise<T>): Promise<T> {
  const kill = (): boolean => child.kill('SIGKILL');
  process.once('exit', kill);
  try {
    return await over;
  } finally {
    process.off('exit', kill);
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), END);
  await gone;
  clearTimeout(timer);
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
