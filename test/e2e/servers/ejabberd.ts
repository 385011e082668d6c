/** A throw-away ejabberd on loopback, as the Debian package runs it: started by root, running as the user ejabberd. */
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { domainToUnicode } from 'node:url';
import { setTimeout as delay } from 'node:timers/promises';
import { alive, end, endOf, launch, run, startOr, waitForPort } from './process';
import type { Running } from './process';
import { freePort } from '../../support/free-port';
import { inTree, PLACE_INSIDE } from './newest-tree';
import { ELSEWHERE, hasCrowd, multicastOf, pushesTo, ROOMS, type Components, type Extra, type XmppServer } from './server';

const PASSWORD = 'correct horse';

/** Starts ejabberd in the (empty, existing) directory `place`; `newest` takes it from the tree. */
export async function startEjabberd(
  flavour: XmppServer['flavour'],
  place: string,
  newest: boolean,
  components: Components = ROOMS,
  extra: Extra = {},
): Promise<XmppServer> {
  const ports = { c2s: await freePort(), component: await freePort(), http: await freePort(), distribution: await freePort() };
  const seen = newest ? PLACE_INSIDE : place;
  for (const folder of ['spool', 'logs', 'home']) mkdirSync(path.join(place, folder));
  writeFileSync(path.join(place, 'ejabberd.yml'), settings(ports, components, extra, newest) + ownRooms(extra));
  // With a fixed distribution port the node needs no epmd, the one Erlang daemon that would outlive it.
  writeFileSync(
    path.join(place, 'ctl.cfg'),
    `EJABBERD_PID_PATH=${seen}/pid\nEJABBERD_CONFIG_PATH=${seen}/ejabberd.yml\nINET_DIST_INTERFACE=127.0.0.1\nERL_DIST_PORT=${ports.distribution}\n`,
  );
  const command = (...words: string[]): [string, string[]] => (newest ? inTree(place, words) : [words[0] as string, words.slice(1)]);
  await run(...command('chown', '-R', 'ejabberd', seen), 10_000);
  chmodSync(place, 0o755);

  let running: Running | undefined;
  const start = async (): Promise<void> => {
    rmSync(`${place}/pid`, { force: true });
    running = launch(
      ...command('ejabberdctl', '--ctl-config', `${seen}/ctl.cfg`, '--spool', `${seen}/spool`, '--logs', `${seen}/logs`, 'foreground'),
      { cwd: place },
    );
    // The HTTP listener is the last one of the file; accounts can be made once it answers.
    for (const port of [ports.c2s, ports.component, ports.http]) await waitForPort(port, running, 60_000);
  };
  const pidOf = (): number => Number(existsSync(`${place}/pid`) ? readFileSync(`${place}/pid`, 'utf8') : 0);
  const halt = async (): Promise<void> => {
    const pid = pidOf();
    // The id in the file is the Erlang machine's; the shells that started it end with it.
    if (pid > 0 && alive(pid)) await end(pid, 15_000);
    if (running !== undefined) await endOf(running, 5_000);
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
    elsewhere: newest ? domainToUnicode(ELSEWHERE) : ELSEWHERE,
    component: 'rooms.localhost',
    secret: 'secret',
    host: '127.0.0.1',
    c2sPort: ports.c2s,
    componentPort: ports.component,
    websocket: `ws://127.0.0.1:${ports.http}/ws`,
    account(name, domain = 'localhost') {
      const jid = `${name}@${domain}`;
      let made = accounts.get(jid);
      if (made === undefined) {
        made = register(ports.http, name, domain).then(() => PASSWORD);
        accounts.set(jid, made);
      }
      return made;
    },
    s2sPort: 0,
    meet: () => undefined,
    // After `reload_config` its multicast service takes as many as before (23.01 and 26.07).
    limit: () => Promise.reject(new Error('ejabberd keeps the limits of its multicast service while it runs.')),
    pid: pidOf,
    halt,
    resume: start,
    stop,
    log: () => (running?.output() ?? '').slice(-4_000),
  };
}

/** Creates an account by ejabberd's HTTP API, open to this machine only. */
async function register(port: number, name: string, host: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const answer = await fetch(`http://127.0.0.1:${port}/api/register`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ user: name, host, password: PASSWORD }),
    });
    const text = await answer.text();
    if (answer.ok) return;
    if (attempt === 10) throw new Error(`ejabberd did not create ${name}: ${answer.status} ${text}`);
    await delay(300);
  }
}

function settings(
  ports: { c2s: number; component: number; http: number },
  components: Components,
  { multicastFor }: Extra,
  newest: boolean,
): string {
  const more = multicastFor === undefined ? [] : [multicastOf(multicastFor).host];
  return `
hosts: [${['localhost', ELSEWHERE, ...more].map((host) => `"${host}"`).join(', ')}]
registration_timeout: infinity
loglevel: warning
certfiles: []
auth_method: [internal]
# @xmpp/client 0.13.6 cannot do SCRAM: its sasl-scram-sha-1 1.4 became asynchronous.
disable_sasl_mechanisms: [SCRAM-SHA-1, SCRAM-SHA-256, SCRAM-SHA-512, DIGEST-MD5, X-OAUTH2]
acl: {rooms: {server: "rooms.localhost"}}
access_rules: {rooms: {allow: rooms}}
api_permissions:
  "tests on this machine": {who: [{ip: 127.0.0.0/8}], what: [register]}
listen:
  - {port: ${ports.c2s}, ip: "127.0.0.1", module: ejabberd_c2s, max_stanza_size: 262144, shaper: none, access: all, starttls: false}
  - port: ${ports.component}
    ip: "127.0.0.1"
    module: ejabberd_service
    global_routes: false
    access: all
    shaper: none
    hosts:
${Object.entries(components)
  .map(([domain, secret]) => `      "${domain}": {password: "${secret}"}`)
  .join('\n')}
  - {port: ${ports.http}, ip: "127.0.0.1", module: ejabberd_http, request_handlers: {/api: mod_http_api, /ws: ejabberd_http_ws}}
modules:
  mod_admin_extra: {}
  mod_adhoc: {}
  mod_blocking: {}
  mod_caps: {}
  mod_carboncopy: {}
  mod_disco: {extra_domains: ["rooms.localhost"]}
  mod_http_api: {}
  mod_last: {}
  mod_ping: {}
  mod_privacy: {}
  mod_private: {}
  mod_pubsub: {plugins: [flat, pep]}
${newest && grantsRooms(components, multicastFor) ? PRIVILEGE : ''}  mod_roster: {}
  mod_vcard: {}
  mod_version: {}
${hasCrowd(components) ? multicast(40, 30) : multicastFor === undefined ? '' : multicast(100, 100)}${pushesTo(components) ? '  mod_mam: {default: always}\n  mod_offline: {}\n  mod_push: {}\n  mod_stream_mgmt: {}\n' : ''}`;
}

/** Whether the rooms of the tests are granted something. Not beside a multicast service, whose trial is not answered then; and 26.07 answers no request of a component without a grant any more, as those of the benchmark are. */
const grantsRooms = (components: Components, multicastFor: string | undefined): boolean =>
  Object.hasOwn(components, 'rooms.localhost') && !hasCrowd(components) && multicastFor === undefined;

/** XEP-0356 0.4, which the stable one does not have: the rooms may read and write what accounts publish. */
const PRIVILEGE = `  mod_privilege:
    iq:
      "http://jabber.org/protocol/pubsub":
        both: rooms
`;

/** What a component sends counts as remote. */
const multicast = (message: number, presence: number): string =>
  `  mod_multicast: {limits: {remote: {message: ${message}, presence: ${presence}}}}\n`;

/** Its own rooms with what Parlour has on by default: an archive of everything, members of any domain, thousands in a room. */
function ownRooms({ ownRooms: domain }: Extra): string {
  if (domain === undefined) return '';
  return `  mod_mam: {default: always}
  mod_muc:
    host: "${domain}"
    access: all
    access_create: all
    access_mam: all
    max_users: 10000
    min_message_interval: 0
    min_presence_interval: 0
    default_room_options: {mam: true, max_users: 10000}
`;
}
