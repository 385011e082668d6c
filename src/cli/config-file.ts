/** What `init` and `config` do with the configuration file. It is read when one of them is given. */
import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, realpathSync, renameSync, rmSync, writeSync } from 'node:fs';
import path from 'node:path';
import { ConfigRefused, parseConfig, shownConfig, type Config } from '../config';
import { changed, CommentInTheWay, keyOf, valueOf } from '../config-change';
import { parseConfigText } from '../config-file';
import { seenSecret } from '../config-secret';
import { utf8Of } from '../config-text';
import { createFeatures } from '../features';
import { PluginsRefused } from '../plugins/load';
import { Plugins, type PluginLog } from '../plugins/runtime';
import { roomDefaultMistakes } from '../policy';
import type { Tools } from './asks';
import type { Client } from './client';
import { Ended, EXIT } from './ending';
import { unusable } from './explained';
import { alone } from './file-lock';
import { replace } from './replacing';
import { json } from './show';
import type { Terminal } from './terminal';
import { findConfig } from './where';

const SECRET_BYTES = 24;
const SECRET_FILE = 'parlour.secret';
/** Rights of a file for its owner alone. */
const OWN = 0o600;

/** What was given. */
export interface Init {
  readonly config: string;
  readonly domain?: string;
  readonly users?: string;
  readonly host?: string;
  readonly port?: string;
  readonly database?: string;
  readonly admin: readonly string[];
  readonly server?: 'prosody' | 'ejabberd';
}

/** What they said, or the suggestion if they said nothing or nobody is there. Throws Ended if they gave up. */
async function answered({ typed }: Terminal, question: string, suggested: string): Promise<string> {
  const answer = await typed(`${question} [${suggested}]: `);
  if (answer === null) throw new Ended(EXIT.declined, 'Nothing was done.');
  return answer || suggested;
}

/** The domain of the users, which nobody can guess. Throws Ended where nobody is there to say it, or gives up. */
async function usersOf({ users }: Init, { typed }: Terminal): Promise<string> {
  if (users !== undefined) return users;
  for (let asked = 0; asked < 3; asked++) {
    const answer = await typed("The domain of the server's users, such as example.com: ");
    if (answer === null) throw new Ended(EXIT.declined, 'Nothing was done.');
    if (answer === undefined)
      throw new Ended(
        EXIT.usage,
        "Nobody is here to be asked. Say --users DOMAIN, the domain of the server's users, and what else is not as usual: --domain, --database, --host, --port, --admin, --server. Nothing was done.",
      );
    if (answer !== '') return answer;
  }
  throw new Ended(EXIT.declined, 'Nothing was done.');
}

const SERVERS = ['prosody', 'ejabberd'] as const;

/** Whose lines are printed; undefined: all. Throws Ended. */
async function serverOf({ server }: Init, terminal: Terminal): Promise<Init['server']> {
  if (server !== undefined) return server;
  const said = (await answered(terminal, `The server: ${SERVERS.join(' or ')}`, 'both')).toLowerCase();
  return SERVERS.find((one) => one === said);
}

/** The administrators. Throws Ended. */
async function adminsOf({ admin }: Init, terminal: Terminal): Promise<readonly string[]> {
  if (admin.length > 0) return admin;
  const said = await answered(terminal, 'The JID of an administrator of the rooms', 'nobody');
  return said === 'nobody' ? [] : said.split(/[\s,]+/).filter((jid) => jid !== '');
}

function prosodyLines(domain: string, users: string, secret: string): string {
  return [
    'For Prosody, in prosody.cfg.lua, at its end:',
    '',
    `Component "${domain}"`,
    `    component_secret = "${secret}"`,
    '',
    `and in VirtualHost "${users}", so that clients find the rooms:`,
    '',
    `    disco_items = { { "${domain}", "Rooms" } }`,
    '',
    'Restart Prosody then: a reload does not add a component. If it has its own rooms at that domain (Component … "muc"), take those away.',
  ].join('\n');
}

function ejabberdLines(domain: string, port: number, secret: string): string {
  return [
    'For ejabberd, in ejabberd.yml, under listen:',
    '',
    `  - port: ${port}`,
    '    ip: "127.0.0.1"',
    '    module: ejabberd_service',
    '    global_routes: false',
    '    hosts:',
    `      "${domain}":`,
    `        password: "${secret}"`,
    '',
    'and under modules, so that clients find the rooms:',
    '',
    '  mod_disco:',
    `    extra_domains: ["${domain}"]`,
    '',
    'Reload ejabberd then (ejabberdctl reload_config). If mod_muc has that domain as its host, give it another or take mod_muc away.',
  ].join('\n');
}

function configText(raw: object): string {
  const comment = '// Every key and its meaning: docs/configuration.md, or "parlour schema". "parlour config show" says what holds.';
  return `{\n  ${comment}\n${JSON.stringify(raw, null, 2).slice(2)}\n`;
}

/** Writes a configuration and a secret that were not there, and prints what the server needs. Throws Ended. */
export async function init(options: Init, terminal: Terminal): Promise<void> {
  const file = path.resolve(terminal.folder, options.config);
  const folder = path.dirname(file);
  const secretFile = path.join(folder, SECRET_FILE);
  for (const one of [file, secretFile])
    if (existsSync(one)) throw new Ended(EXIT.refused, `${one} is there already, and stays. Name another file with --config, or move it.`);
  if (!existsSync(folder)) throw new Ended(EXIT.usage, `The folder ${folder} is not there. Make it first.`);
  const users = await usersOf(options, terminal);
  const domain = options.domain ?? (await answered(terminal, 'The domain of the rooms', `rooms.${users}`));
  // Where the system keeps configurations the service may not write.
  const usual = folder === '/etc' || folder.startsWith('/etc/') ? '/var/lib/parlour/parlour.db' : 'parlour.db';
  const database = options.database ?? (await answered(terminal, 'The file of the database', usual));
  const secret = randomBytes(SECRET_BYTES).toString('base64url');
  const host = options.host ?? (await answered(terminal, 'Where the XMPP server is', '127.0.0.1'));
  const port = options.port ?? (await answered(terminal, 'Its port for components', '5347'));
  const admin = await adminsOf(options, terminal);
  const named = await serverOf(options, terminal);
  const server = { host, port: valueOf(port), domain: users };
  const rest = { component: { domain }, database: { path: database }, service: { admins: [...admin] } };
  // With the secret in its place: its file is not there yet.
  requireSound({ server: { ...server, secret }, ...rest }, folder, file, terminal.env);
  create(secretFile, `${secret}\n`, OWN);
  try {
    create(file, configText({ server: { ...server, secretFile: SECRET_FILE }, ...rest }), 0o644);
  } catch (error) {
    // Half of it would be in the way of the next try.
    rmSync(secretFile, { force: true });
    throw error;
  }
  const lines = [
    `${file} and ${secretFile} are written.`,
    ...(process.getuid?.() === 0
      ? [`Parlour must be able to read the secret: chown the file to the user it runs as (chown parlour ${secretFile}).`]
      : []),
  ];
  const told = { prosody: prosodyLines(domain, users, secret), ejabberd: ejabberdLines(domain, Number(port), secret) };
  const servers = named === undefined ? Object.values(told) : [told[named]];
  terminal.out(
    `${[lines.join('\n'), ...servers, `Then: parlour check --config ${file}, and parlour run --config ${file}.`].join('\n\n')}\n`,
  );
}

/** A file that was not there, on the disk, whole or not at all. Throws Ended. */
function create(file: string, text: string, mode: number): void {
  let opened: number | undefined;
  try {
    opened = openSync(file, 'wx', mode);
    try {
      writeSync(opened, text);
      fsyncSync(opened);
    } finally {
      closeSync(opened);
    }
  } catch (error) {
    // The disk may be full; what somebody else has made there meanwhile is theirs.
    if (opened !== undefined) rmSync(file, { force: true });
    throw new Ended(EXIT.refused, `${file} cannot be written: ${(error as Error).message}. Nothing was done.`);
  }
}

const ignore = (): void => undefined;
const SILENT: PluginLog = { debug: ignore, info: ignore, warn: ignore, error: ignore };

/** Plug-ins that cannot be loaded would keep the next start from running; none is started here. Throws Ended. */
async function requirePlugins({ plugins }: Config, file: string): Promise<void> {
  try {
    await Plugins.load(plugins.entries, plugins.folder, SILENT);
  } catch (error) {
    throw error instanceof PluginsRefused ? unusable(file, error.sentences) : error;
  }
}

/** What it comes to. Throws Ended with every mistake. */
function requireSound(raw: unknown, folder: string, file: string, env: Terminal['env']): Config {
  try {
    const config = parseConfig(raw, folder, env);
    const mistakes = roomDefaultMistakes(createFeatures(config.limits, config.archive), config.roomDefaults);
    // Fields of plug-ins are the running service's to know.
    if (mistakes.length > 0 && config.plugins.entries.length === 0) throw new ConfigRefused(mistakes);
    return config;
  } catch (error) {
    throw error instanceof ConfigRefused ? unusable(file, error.mistakes) : error;
  }
}

/** What it takes to give the rooms another domain. */
const MOVE =
  'Rooms that there are have the former domain, and a start alone refuses their database: stop Parlour, say "parlour change-domain" with the former domain, and start it then.';

interface Reloaded {
  readonly taken: readonly string[];
  readonly restart: readonly string[];
}

/** What came of it in a running Parlour; null: none runs. Throws Ended if it refuses the file. */
async function reloaded(client: Client): Promise<Reloaded | null> {
  try {
    return await client.ask<Reloaded>('POST /v1/reload');
  } catch (error) {
    if (error instanceof Ended && error.code === EXIT.unreachable) return null;
    throw error;
  }
}

/** Throws Ended. */
function textOf(file: string): string {
  try {
    // What has mistakes already is told of them.
    shownConfig(file);
    return utf8Of(readFileSync(file)) as string;
  } catch (error) {
    throw error instanceof ConfigRefused ? unusable(file, error.mistakes) : error;
  }
}

/** Throws Ended if the key stands in something that has no keys, or a comment is in the way. */
function changedText(text: string, file: string, key: string, value: unknown): string {
  try {
    return changed(text, keyOf(key), value);
  } catch (error) {
    if (error instanceof CommentInTheWay)
      throw new Ended(
        EXIT.refused,
        `A comment in ${file} at ${key} would be lost, or stand at another key: only you know what it is about. Edit the file by hand, then say "parlour reload". Nothing was changed.`,
      );
    throw new Ended(EXIT.usage, `${file} can have no key ${key}. "parlour schema" lists the keys.`);
  }
}

/** Changes a key, or (undefined) takes it out; a running Parlour takes the file. Throws Ended, and nothing has changed. */
export async function change(
  { client, show, terminal }: Tools,
  { config }: { readonly config?: string },
  key: string,
  written: string | undefined,
): Promise<void> {
  // The file is here, and that Parlour elsewhere: it would read another.
  if (client.isRemote)
    throw new Ended(
      EXIT.usage,
      'The file is changed where Parlour runs: say it there, without --url and PARLOUR_URL. Nothing was changed.',
    );
  const file = findConfig(config, terminal);
  // Who cannot read it is told so, and not that it cannot be locked.
  textOf(file);
  await alone(realpathSync(file), () => changeIn(file, { client, show, terminal }, key, written));
}

/** The same, while nobody else changes the file. Throws Ended, and nothing has changed. */
async function changeIn(
  file: string,
  { client, show, terminal }: Pick<Tools, 'client' | 'show' | 'terminal'>,
  key: string,
  written: string | undefined,
): Promise<void> {
  const before = textOf(file);
  const text = changedText(before, file, key, written === undefined ? undefined : valueOf(written));
  const folder = path.dirname(file);
  const sound = requireSound(seenSecret(parseConfigText(text), folder, terminal.env), folder, file, terminal.env);
  if (keyOf(key)[0] === 'plugins') await requirePlugins(sound, file);
  if (text === before) {
    show({ changed: false }, () => `${written === undefined ? `${key} is not in the file` : 'It says so already'}. Nothing was changed.`);
    return;
  }
  const moves = key === 'component.domain';
  const former = replace(file, text, { before });
  let came: Reloaded | null;
  try {
    came = await reloaded(client);
  } catch (error) {
    renameSync(former, realpathSync(file));
    throw error instanceof Ended ? new Ended(error.code, `${error.message}\nThe file is as it was.`, error.problem) : error;
  }
  show({ changed: true, former, running: came }, () =>
    [
      `Changed ${key} in ${file}. The former file is ${former}.`,
      came === null
        ? `Parlour does not run: it holds from the next start.${moves ? ` ${MOVE}` : ''}`
        : [
            ...(moves ? [MOVE] : []),
            ...(came.taken.length > 0 ? [`Parlour has taken: ${came.taken.join(', ')}.`] : []),
            ...(came.restart.length > 0 ? [`These change with the next start: ${came.restart.join(', ')}.`] : []),
          ].join(' ') || 'Parlour has taken it.',
    ].join('\n'),
  );
}

/** What the file comes to, or one key of it, as JSON. Throws Ended. */
export function shownKey(key: string | undefined, named: string | undefined, terminal: Terminal): string {
  const file = findConfig(named, terminal);
  let shown: unknown;
  try {
    shown = shownConfig(file);
  } catch (error) {
    throw error instanceof ConfigRefused ? unusable(file, error.mistakes) : error;
  }
  for (const name of keyOf(key ?? '')) shown = (shown as Readonly<Record<string, unknown>> | null | undefined)?.[name];
  if (shown === undefined)
    throw new Ended(EXIT.refused, `${file} has no key ${key ?? ''}, and there is no default. "parlour schema" lists the keys.`);
  return json(shown);
}
