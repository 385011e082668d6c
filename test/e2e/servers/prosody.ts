/** A throw-away Prosody on loopback. */
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { packageRoot } from '../support/package-root';
import { end, launch, run, startOr, waitForPort } from './process';
import type { Running } from './process';
import { freePort } from '../../support/free-port';
import { inTree, PLACE_INSIDE } from './newest-tree';
import { CROWD, ELSEWHERE, hasCrowd, pushesTo, ROOMS, type Components, type Extra, type XmppServer } from './server';

const PASSWORD = 'correct horse';

/** Starts Prosody in the (empty, existing) directory `place`; `newest` takes it from the tree. */
export async function startProsody(
  flavour: XmppServer['flavour'],
  place: string,
  newest: boolean,
  components: Components = ROOMS,
  extra: Extra = {},
): Promise<XmppServer> {
  const c2sPort = await freePort();
  const componentPort = await freePort();
  const httpPort = await freePort();
  const seen = newest ? PLACE_INSIDE : place;
  for (const folder of ['data', 'certs']) mkdirSync(path.join(place, folder));
  writeFileSync(path.join(place, 'prosody.cfg.lua'), settings(seen, c2sPort, componentPort, httpPort, components) + ownRooms(extra));
  if (hasCrowd(components)) cpSync(path.join(packageRoot(), 'contrib/prosody'), path.join(place, 'modules'), { recursive: true });
  const command = (...words: string[]): [string, string[]] => (newest ? inTree(place, words) : [words[0] as string, words.slice(1)]);

  let running: Running | undefined;
  const start = async (): Promise<void> => {
    running = launch(...command('prosody', '--config', `${seen}/prosody.cfg.lua`), { cwd: place });
    for (const port of [componentPort, c2sPort, httpPort]) await waitForPort(port, running, 20_000);
  };
  const halt = async (): Promise<void> => {
    if (running?.child.pid !== undefined && !running.ended()) await end(running.child.pid);
  };
  const stop = async (): Promise<void> => {
    await halt();
    rmSync(place, { recursive: true, force: true });
  };
  const accounts = new Map<string, Promise<string>>();
  await startOr(stop, start);
  return {
    flavour,
    domain: 'localhost',
    elsewhere: ELSEWHERE,
    component: 'rooms.localhost',
    secret: 'secret',
    host: '127.0.0.1',
    c2sPort,
    componentPort,
    websocket: `ws://127.0.0.1:${httpPort}/xmpp-websocket`,
    account(name, domain = 'localhost') {
      const jid = `${name}@${domain}`;
      let made = accounts.get(jid);
      if (made === undefined) {
        made = run(...command('prosodyctl', '--config', `${seen}/prosody.cfg.lua`, 'register', name, domain, PASSWORD), 20_000, {
          cwd: place,
        }).then(() => PASSWORD);
        accounts.set(jid, made);
      }
      return made;
    },
    pid: () => running?.child.pid ?? 0,
    halt,
    resume: start,
    stop,
    log: () => (running?.output() ?? '') + (existsSync(`${place}/log`) ? readFileSync(`${place}/log`, 'utf8').slice(-4_000) : ''),
  };
}

function settings(place: string, c2sPort: number, componentPort: number, httpPort: number, components: Components): string {
  return `
pidfile = "${place}/pid"; data_path = "${place}/data"; run_as_root = true; daemonize = false
interfaces = { "127.0.0.1" }; component_interfaces = { "127.0.0.1" }; component_ports = { ${componentPort} }
c2s_ports = { ${c2sPort} }; c2s_direct_tls_ports = {}; s2s_ports = {}; s2s_direct_tls_ports = {}; legacy_ssl_ports = {}
http_interfaces = { "127.0.0.1" }; http_ports = { ${httpPort} }; https_ports = {}; http_default_host = "localhost"
consider_websocket_secure = true
modules_enabled = { "disco", "roster", "saslauth", "ping", "carbons", "private", "pep", "version", "blocklist", "websocket"${pushesTo(components) ? ', "cloud_notify", "mam", "smacks"' : ''} }
modules_disabled = { "s2s", "tls" }
${hasCrowd(components) ? `plugin_paths = { "${place}/modules" }` : ''}
c2s_require_encryption = false; allow_unencrypted_plain_auth = true; authentication = "internal_plain"
disable_sasl_mechanisms = { "SCRAM-SHA-1", "SCRAM-SHA-256" } -- @xmpp/client 0.13.6 cannot: its sasl-scram-sha-1 1.4 became asynchronous
limits = {}
log = { info = "${place}/log" }
VirtualHost "${ELSEWHERE}"
VirtualHost "localhost"
  disco_items = { { "rooms.localhost", "Rooms" } }
${Object.entries(components)
  .map(([domain, secret]) => `Component "${domain}"\n  component_secret = "${secret}"\n`)
  .join(
    '',
  )}${hasCrowd(components) ? `Component "multicast.localhost" "parlour_multicast"\n  parlour_multicast_components = { "${CROWD}" }\n  parlour_multicast_addresses = 30\n` : ''}`;
}

/** Its own rooms with what Parlour has on by default: an archive of everything, members of any domain. */
function ownRooms({ ownRooms: domain }: Extra): string {
  if (domain === undefined) return '';
  return `
Component "${domain}" "muc"
  modules_enabled = { "muc_mam" }
  muc_log_by_default = true; muc_log_all_rooms = true
  muc_room_locking = false; restrict_room_creation = false
`;
}
