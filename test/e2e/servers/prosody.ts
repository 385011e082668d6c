/** A throw-away Prosody on loopback. */
import { appendFileSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { packageRoot } from '../support/package-root';
import { end, kill, launch, run, startOr, waitForPort } from './process';
import type { Running } from './process';
import { freePort } from '../../support/free-port';
import { inTree, PLACE_INSIDE } from './newest-tree';
import { CROWD, ELSEWHERE, hasCrowd, multicastOf, pushesTo, ROOMS, type Components, type Extra, type XmppServer } from './server';

const PASSWORD = 'correct horse';

/** Starts Prosody in the (empty, existing) directory `place`; `newest` takes it from the tree. */
export async function startProsody(
  flavour: XmppServer['flavour'],
  place: string,
  newest: boolean,
  components: Components = ROOMS,
  extra: Extra = {},
): Promise<XmppServer> {
  const ports: Ports = { c2s: await freePort(), component: await freePort(), http: await freePort(), s2s: await freePort() };
  const seen = newest ? PLACE_INSIDE : place;
  for (const folder of ['data', 'certs']) mkdirSync(path.join(place, folder));
  const configure = (addresses: number): void =>
    writeFileSync(path.join(place, 'prosody.cfg.lua'), settings({ place: seen, ports, components, extra, addresses }) + ownRooms(extra));
  configure(ADDRESSES);
  for (const folder of ['contrib/prosody', 'test/e2e/servers/modules'])
    cpSync(path.join(packageRoot(), folder), path.join(place, 'modules'), { recursive: true });
  const others = path.join(place, 'others');
  writeFileSync(others, '');
  const command = (...words: string[]): [string, string[]] => (newest ? inTree(place, words) : [words[0] as string, words.slice(1)]);

  let running: Running | undefined;
  const start = async (): Promise<void> => {
    running = launch(...command('prosody', '--config', `${seen}/prosody.cfg.lua`), { cwd: place });
    for (const port of [
      ...(Object.keys(components).length > 0 ? [ports.component] : []),
      ports.c2s,
      ports.http,
      ...(speaks(components, extra) ? [ports.s2s] : []),
    ])
      await waitForPort(port, running, 20_000);
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
    domain: extra.plain ?? 'localhost',
    elsewhere: ELSEWHERE,
    component: 'rooms.localhost',
    secret: 'secret',
    host: '127.0.0.1',
    c2sPort: ports.c2s,
    componentPort: ports.component,
    websocket: `ws://127.0.0.1:${ports.http}/xmpp-websocket`,
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
    s2sPort: speaks(components, extra) ? ports.s2s : 0,
    meet: (domain, port) => appendFileSync(others, `${domain} ${port}\n`),
    limit(addresses) {
      configure(addresses);
      kill(running?.child.pid, 'SIGHUP');
      return Promise.resolve();
    },
    pid: () => running?.child.pid ?? 0,
    halt,
    resume: start,
    stop,
    log: () => (running?.output() ?? '') + (existsSync(`${place}/log`) ? readFileSync(`${place}/log`, 'utf8').slice(-4_000) : ''),
  };
}

interface Ports {
  readonly c2s: number;
  readonly component: number;
  readonly http: number;
  readonly s2s: number;
}

interface Wanted {
  /** As the server sees it. */
  readonly place: string;
  readonly ports: Ports;
  readonly components: Components;
  readonly extra: Extra;
  /** Most addresses of one stanza to the multicast service for CROWD. */
  readonly addresses: number;
}

const ADDRESSES = 30;

/** Whether it speaks to other servers. */
const speaks = (components: Components, { plain }: Extra): boolean => hasCrowd(components) || plain !== undefined;

function settings({ place, ports, components, extra, addresses }: Wanted): string {
  const s2s = speaks(components, extra);
  const more = [...(s2s ? ['dialback', 'parlour_test_s2s'] : []), ...(pushesTo(components) ? ['cloud_notify', 'mam', 'smacks'] : [])];
  return `
pidfile = "${place}/pid"; data_path = "${place}/data"; run_as_root = true; daemonize = false
interfaces = { "127.0.0.1" }; component_interfaces = { "127.0.0.1" }; component_ports = { ${ports.component} }
c2s_ports = { ${ports.c2s} }; c2s_direct_tls_ports = {}; s2s_ports = { ${s2s ? ports.s2s : ''} }; s2s_direct_tls_ports = {}; legacy_ssl_ports = {}
http_interfaces = { "127.0.0.1" }; http_ports = { ${ports.http} }; https_ports = {}; http_default_host = "localhost"
consider_websocket_secure = true
modules_enabled = { "disco", "roster", "saslauth", "ping", "carbons", "private", "pep", "version", "blocklist", "websocket"${more.map((name) => `, "${name}"`).join('')} }
modules_disabled = { ${s2s ? '' : '"s2s", '}"tls" }
plugin_paths = { "${place}/modules" }
s2s_require_encryption = false; s2s_secure_auth = false; parlour_test_s2s = "${place}/others"
c2s_require_encryption = false; allow_unencrypted_plain_auth = true; authentication = "internal_plain"
disable_sasl_mechanisms = { "SCRAM-SHA-1", "SCRAM-SHA-256" } -- @xmpp/client 0.13.6 cannot: its sasl-scram-sha-1 1.4 became asynchronous
limits = {}
network_settings = { nagle = false } -- else a second write waits up to 40 ms for the acknowledgement of the first
log = { info = "${place}/log" }
${extra.plain === undefined ? HOSTS : `VirtualHost "${extra.plain}"\n`}${Object.entries(components)
    .map(([domain, secret]) => `Component "${domain}"\n  component_secret = "${secret}"\n`)
    .join('')}${hasCrowd(components) ? multicast('multicast.localhost', CROWD, addresses) : ''}${
    extra.multicastFor === undefined ? '' : multicast(multicastOf(extra.multicastFor).service, extra.multicastFor, 100)
  }`;
}

const HOSTS = `VirtualHost "${ELSEWHERE}"
VirtualHost "localhost"
  disco_items = { { "rooms.localhost", "Rooms" } }
`;

const multicast = (service: string, component: string, addresses: number): string =>
  `Component "${service}" "parlour_multicast"\n  parlour_multicast_components = { "${component}" }\n  parlour_multicast_addresses = ${addresses}\n`;

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
