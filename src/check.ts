/** `parlour check`: the configuration is sound (or it would not be here); is the database usable, does the server take us? */
import { accessSync, constants, existsSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { createFeatures } from './features';
import { ConfigRefused, type Config } from './config';
import { remedy } from './link/failure';
import type { Link } from './link/link';
import { PING_XML, strangeAddress } from './link/pings';
import { createLink } from './link/supervisor';
import { Plugins, type PluginLog } from './plugins/runtime';
import { roomDefaultMistakes } from './policy';
import { foldIsDue, integrityFaults, isHeld, openSqliteStore, previewFold, roomWarning } from './store/sqlite';

/** What was found: sentences for people, and whether everything is as it must be. */
export interface Findings {
  readonly ok: boolean;
  readonly sentences: readonly string[];
}

const ignore = (): void => undefined;
const SILENT: PluginLog = { debug: ignore, info: ignore, warn: ignore, error: ignore };

/** Longest wait for the server, in milliseconds. */
const PATIENCE = 15_000;
/** Longest wait for the domain of the server's users, in milliseconds: it answers at once, unless others are asked for it. */
const DOMAIN_PATIENCE = 5_000;

/**
 * Tries the database and the link, each briefly. If a running Parlour holds the database neither is tried: a second connection
 * could take stanzas away from the first (ejabberd shares a domain's traffic among its connections). With `integrity` the whole
 * database is read before, also beside a running Parlour.
 * Throws ConfigRefused for room defaults that no room can have, PluginsRefused and FeatureClash for plug-ins that cannot be used, StoreRefused if the database cannot be used.
 */
export async function check(config: Config, { integrity = false } = {}): Promise<Findings> {
  const plugins = await Plugins.load(config.plugins.entries, config.plugins.folder, SILENT);
  const features = createFeatures(config.limits, config.archive, config.service.dataPolicy, plugins.features);
  const rows = [...features.rows.values()];
  const mistakes = roomDefaultMistakes(features, config.roomDefaults);
  if (mistakes.length > 0) throw new ConfigRefused(mistakes);
  const file = config.database.path;
  const sentences = ['The configuration is sound.'];
  if (plugins.names.length > 0) sentences.push(`Plug-ins that were loaded: ${plugins.names.join(', ')}. None was started.`);
  const there = existsSync(file);
  if (integrity && there) {
    const faults = integrityFaults(file);
    if (faults.length > 0) {
      const restore = `The database ${file} is not sound. Stop Parlour, keep a copy of its files, and restore a backup.`;
      return { ok: false, sentences: [...faults, restore] };
    }
    sentences.push(`Every page of the database ${file} was read, and they fit together.`);
  }
  const little = roomWarning(file);
  if (little !== undefined) sentences.push(little);
  if (isHeld(file)) {
    return {
      ok: true,
      sentences: [
        ...sentences,
        `A running Parlour holds the database ${file}. Neither the database nor the link was tried, so as not to disturb it.`,
      ],
    };
  }
  // One that check made would belong to whoever ran it, and the service might not be able to open it.
  const missing = there ? undefined : triedFolder(file);
  const due = there && foldIsDue(file, rows);
  if (there && !due) {
    const store = openSqliteStore({ ...config.database, rows });
    await store.open();
    await store.close();
  }
  const found = due
    ? `The next start changes addresses in the database ${file} to the form by which they are compared. \`parlour check --migration\` says what that means.`
    : `The database ${file} can be used.`;
  const link = await tryLink(config);
  return { ok: link.ok && missing?.ok !== false, sentences: [...sentences, missing?.sentence ?? found, ...link.sentences] };
}

/** Whether the first start can make the database in its folder; nothing is made. */
function triedFolder(file: string): { ok: boolean; sentence: string } {
  try {
    accessSync(path.dirname(file), constants.W_OK | constants.X_OK);
    return { ok: true, sentence: `There is no database ${file} yet. The first start makes it.` };
  } catch {
    const sentence = `There is no database ${file} yet, and it cannot be made: its folder is not there, or this user may not write to it. Make the folder, or set database.path.`;
    return { ok: false, sentence };
  }
}

/** `parlour check --migration`: what the next start would change in the database, without changing anything. Throws StoreRefused. */
export async function checkMigration(config: Config): Promise<Findings> {
  const rows = [...createFeatures(config.limits, config.archive).rows.values()];
  return { ok: true, sentences: await previewFold(config.database.path, rows) };
}

/** One attempt to attach: the link's own words tell how it went. */
function tryLink(config: Config): Promise<Findings> {
  const { server, component } = config;
  const target = { host: server.host, port: server.port, domain: component.domain };
  return new Promise((resolve) => {
    let settled = false;
    const settle = (ok: boolean, ...sentences: string[]): void => {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      void link.stop(0).then(() => resolve({ ok, sentences }));
    };
    const failed = (fields: object, event: string): void => {
      // The link itself tries again a few times before it says what to change: its predecessor may be about to end.
      const conflict = 'kind' in fields && fields.kind === 'conflict' ? remedy({ kind: 'conflict', why: event }, target) : undefined;
      const told = conflict ?? event;
      settle(false, `${told.charAt(0).toUpperCase()}${told.slice(1)}.`);
    };
    const link = createLink({
      host: server.host,
      port: server.port,
      secret: server.secret,
      domain: component.domain,
      serverDomain: server.domain,
      timings: { deadline: PATIENCE },
      log: { debug: ignore, info: ignore, warn: failed, error: failed },
    });
    const timer = setTimeout(() => settle(false, `${server.host}:${server.port} does not answer as an XMPP server.`), PATIENCE + 1_000);
    link.start({
      stanza: ignore,
      online: () => {
        clearTimeout(timer);
        const takes = `The server at ${server.host}:${server.port} takes us as ${component.domain}.`;
        void strangeDomain(link, config).then((warning) => settle(true, takes, ...warning));
      },
      offline: ignore,
      drained: ignore,
    });
  });
}

/** Asks the domain of the server's users for a sign of life (XEP-0199): nothing else would notice that another one is meant. */
async function strangeDomain(link: Link, { server, component }: Config): Promise<string[]> {
  const answer = await link.request({
    from: `${component.domain}/check-${randomUUID()}`,
    to: server.domain,
    type: 'get',
    payload: PING_XML,
    deadline: DOMAIN_PATIENCE,
  });
  const strange = strangeAddress(answer);
  if (strange === undefined && answer.type !== 'timeout') return [];
  const how = strange === undefined ? 'nobody answers there' : `the server knows no such domain (${strange})`;
  return [`Warning: server.domain is "${server.domain}", but ${how}. Set it to the domain of the accounts on this server.`];
}
