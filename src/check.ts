/** `parlour check`: is the database usable, and does the server accept us? The configuration was checked before. */
import { accessSync, constants, existsSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { becomeOwner } from './as-owner';
import { createFeatures } from './features';
import { ConfigRefused, type Config } from './config';
import { remedy } from './link/failure';
import type { Link } from './link/link';
import { LoopBack, sharedDomain } from './link/loop-back';
import { PING_XML, strangeAddress } from './link/pings';
import { createLink } from './link/supervisor';
import { Plugins, type PluginLog } from './plugins/runtime';
import { roomDefaultMistakes } from './policy';
import type { RowDeclaration } from './room/contract/row-declaration';
import { integrityFaults, isHeld, lookAt, previewFold, roomWarning } from './store/sqlite';

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
/** Longest wait for the server to have read what is sent to the own domain, in milliseconds. */
const READ_PATIENCE = 10_000;
/** Longest wait for what is sent to the own domain after that, in milliseconds. */
const LOOP_PATIENCE = 3_000;

/** What is looked at. */
export interface CheckOptions {
  /** Reads the whole database. */
  readonly integrity?: boolean;
  /** A copy of the database to be looked at, instead of the one in the configuration; the link is left alone then. */
  readonly copy?: string;
}

/**
 * Looks at the database and tries the link, each briefly. The files of a running Parlour are not opened, and its link is left alone: a second connection
 * could take stanzas away from the first (ejabberd shares a domain's traffic among its connections). Nothing changes in the database, and nothing is left beside it.
 * Throws ConfigRefused for room defaults that no room can have, PluginsRefused and FeatureClash for plug-ins that cannot be used, StoreRefused if the database cannot be used, and NotOwner.
 */
export async function check(config: Config, { integrity = false, copy }: CheckOptions = {}): Promise<Findings> {
  const plugins = await Plugins.load(config.plugins.entries, config.plugins.folder, SILENT);
  const features = createFeatures(config.limits, config.archive, config.service.dataPolicy, plugins.features);
  const mistakes = roomDefaultMistakes(features, config.roomDefaults);
  if (mistakes.length > 0) throw new ConfigRefused(mistakes);
  const sentences = ['The configuration is sound.'];
  if (plugins.names.length > 0) sentences.push(`Plug-ins that were loaded: ${plugins.names.join(', ')}. None was started.`);
  const found = await checkDatabase(copy ?? config.database.path, config, {
    integrity,
    rows: [...features.rows.values()],
    isCopy: copy !== undefined,
  });
  sentences.push(...found.sentences);
  if (!found.ok || found.held || copy !== undefined) return { ok: found.ok && !(found.held && integrity), sentences };
  const link = await tryLink(config);
  return { ok: link.ok, sentences: [...sentences, ...link.sentences, ...(link.ok ? [NOT_TRIED] : [])] };
}

const NOT_TRIED =
  'Not tried: writing to the database, what plug-ins do when they start, whether api.listen and metrics.listen are free, and whether people of other servers reach the rooms.';

interface DatabaseOptions {
  readonly integrity: boolean;
  readonly rows: readonly RowDeclaration[];
  readonly isCopy: boolean;
}

async function checkDatabase(
  file: string,
  { component }: Config,
  { integrity, rows, isCopy }: DatabaseOptions,
): Promise<Findings & { readonly held: boolean }> {
  const sentences: string[] = [];
  const ended = (ok: boolean, sentence: string, held = false): Findings & { held: boolean } => ({
    ok,
    held,
    sentences: [...sentences, sentence],
  });
  const held = isHeld(file);
  // One that check made would belong to whoever ran it, and the service might not be able to open it.
  if (!existsSync(file)) {
    if (isCopy) return ended(false, `There is no file "${file}".`);
    const { ok, sentence } = triedFolder(file);
    return ended(ok, sentence);
  }
  const little = roomWarning(file);
  if (little !== undefined) sentences.push(little);
  if (held) {
    if (integrity)
      sentences.push(
        'Its pages were not read, since nothing opens the files of a running Parlour: `parlour backup` makes a copy and reads all of it, and `check --integrity --copy FILE` reads a copy.',
      );
    return ended(
      true,
      `A running Parlour holds the database ${file}. Neither the database nor the link was tried, so as not to disturb it; \`parlour status\` says how it is.`,
      true,
    );
  }
  const became = becomeOwner(file);
  if (became !== undefined) sentences.push(became);
  if (integrity) {
    const faults = integrityFaults(file);
    if (faults.length > 0) {
      const restore = isCopy
        ? `The copy ${file} is not sound. Take another one.`
        : `The database ${file} is not sound. Stop Parlour, keep a copy of its files, and restore a backup (\`parlour restore\`).`;
      sentences.push(...faults);
      return ended(false, restore);
    }
    sentences.push(`Every page of the database ${file} was read, and they fit together.`);
  }
  const { steps, folds } = lookAt(file, { rows, domain: component.domain });
  if (folds)
    sentences.push(
      `The next start changes addresses in the database ${file} to the form by which they are compared. \`parlour check --migration\` says what that means.`,
    );
  if (steps > 0)
    sentences.push(
      `The next start brings the database ${file} up to date, in ${steps} ${steps === 1 ? 'step' : 'steps'}. An older Parlour cannot go back behind that: make a backup first.`,
    );
  return ended(true, `The database ${file} can be used.`);
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

/** `parlour check --migration`: what the next start would change in the database, or in a copy of it, without changing anything. Throws StoreRefused and NotOwner. */
export async function checkMigration(config: Config, { copy }: Pick<CheckOptions, 'copy'> = {}): Promise<Findings> {
  const rows = [...createFeatures(config.limits, config.archive).rows.values()];
  const file = copy ?? config.database.path;
  if (existsSync(file) && isHeld(file))
    return {
      ok: false,
      sentences: [
        `A running Parlour holds the database ${file}, whose files nothing else opens. Make a copy with \`parlour backup\`, and look at that: \`check --migration --copy FILE\`.`,
      ],
    };
  const became = existsSync(file) ? becomeOwner(file) : undefined;
  return { ok: true, sentences: [...(became === undefined ? [] : [became]), ...(await previewFold(file, rows))] };
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
      // Told below, in the words of a check.
      if ('event' in fields && fields.event === 'link.domain-unknown') return;
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
    const loop = new LoopBack({
      domain: component.domain,
      send: (out) => link.send(out),
      secret: randomUUID,
      connection: () => (link.online ? link.counts.attached : undefined),
      read: () => link.barrier(),
      patience: READ_PATIENCE,
      givesUp: () => true,
      wait: LOOP_PATIENCE,
    });
    link.start({
      stanza: (stanza) => void loop.took(stanza),
      online: () => {
        clearTimeout(timer);
        const takes = `The server at ${server.host}:${server.port} takes us as ${component.domain}.`;
        void Promise.all([loop.look(), strangeDomain(link, config)]).then(([looped, strange]) => {
          if (looped === undefined) return settle(false, takes, 'Then the connection was lost. Run the check again.');
          const shared = sharedDomain(looped, component.domain);
          const own =
            shared === undefined ? `All of ${looped.sent} stanzas that were sent to ${component.domain} came back.` : `${shared}.`;
          // Where others get what was for us, no answer says nothing of who was asked.
          const told = strange === undefined || (shared !== undefined && strange === NOBODY) ? [] : [strangeWarning(config, strange)];
          settle(shared === undefined, takes, own, ...told);
        });
      },
      offline: ignore,
      drained: ignore,
    });
  });
}

const NOBODY = 'nobody answers there';

/** Asks the domain of the server's users for a sign of life (XEP-0199): nothing else would notice that another one is meant. Why it seems so, or undefined. */
async function strangeDomain(link: Link, { server, component }: Config): Promise<string | undefined> {
  const answer = await link.request({
    from: `${component.domain}/check-${randomUUID()}`,
    to: server.domain,
    type: 'get',
    payload: PING_XML,
    deadline: DOMAIN_PATIENCE,
  });
  const strange = strangeAddress(answer);
  if (strange !== undefined) return `the server knows no such domain (${strange})`;
  return answer.type === 'timeout' ? NOBODY : undefined;
}

const strangeWarning = ({ server }: Config, how: string): string =>
  `Warning: server.domain is "${server.domain}", but ${how}. Set it to the domain of the accounts on this server.`;
