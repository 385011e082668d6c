/** Reads the configuration file by its schema (`config-schema.ts`), checks what concerns several keys, and makes of it what the program uses. Nothing is connected or opened. */
import { existsSync } from 'node:fs';
import * as path from 'node:path';
import * as z from 'zod';
import { ConfigRefused, mistakesOf, type Mistake } from './config-mistakes';
import { readConfigFile, roughly } from './config-file';
import { configSchema, type Parsed } from './config-schema';
import { findSecret } from './config-secret';
import { isDomain, listenOf } from './config-values';
import type { Retention, RetentionBound } from './room/configuring/retention';
import { setOwnDomains, type BareJid, type Domain } from './xmpp/fold';
import { formValues } from './xmpp/forms';
import { domainOf } from './xmpp/jid';
import { prepareBareJid } from './xmpp/prepare';

export { ConfigRefused } from './config-mistakes';

/** Longest path of a Unix socket, in bytes: the system takes no longer one. */
const LONGEST_SOCKET = 107;

/** Words for who may create rooms. */
type Creators = 'anyone' | 'local' | 'admins';

/** The configuration as the rest of the program uses it: defaults filled in, JIDs prepared, paths absolute, the secret found. */
export interface Config {
  readonly server: { readonly host: string; readonly port: number; readonly domain: Domain; readonly secret: string };
  readonly component: { readonly domain: Domain };
  readonly multicast: Readonly<Parsed['multicast']>;
  readonly database: Readonly<Parsed['database']>;
  readonly backups: BackupSettings;
  readonly service: Readonly<Omit<Parsed['service'], 'admins' | 'createRooms'>> & {
    readonly admins: readonly BareJid[];
    /** In a list the words stand beside domains and bare JIDs. */
    readonly createRooms: Creators | readonly (Creators | BareJid)[];
  };
  /** Values by form field name, as a form would submit them. */
  readonly roomDefaults: ReadonlyMap<string, readonly string[]>;
  readonly limits: Readonly<Omit<Parsed['limits'], 'trusted'>> & { readonly trusted: readonly BareJid[] };
  readonly archive: Readonly<Parsed['archive']>;
  readonly audit: Readonly<Parsed['audit']>;
  readonly events: Readonly<Parsed['events']>;
  readonly rooms: Readonly<Parsed['rooms']>;
  readonly wakeUps: Readonly<Omit<Parsed['wakeUps'], 'forms'>> & { readonly forms: ReadonlyMap<Domain, 'groupchat' | 'doorbell'> };
  /** What they name starts at the folder of the configuration file. */
  readonly plugins: { readonly folder: string; readonly entries: Readonly<Parsed['plugins']> };
  readonly api: {
    /** An absolute path. */
    readonly socket: string;
    readonly listen: { readonly host: string; readonly port: number } | null;
  };
  readonly metrics: { readonly listen: { readonly host: string; readonly port: number } | null };
  readonly otel: Readonly<Parsed['otel']>;
  readonly log: Readonly<Parsed['log']>;
}

/**
 * Reads and checks the configuration file; `env` is where `secretEnv` looks.
 * Throws ConfigRefused with one sentence for each mistake, all of them at once.
 */
export function loadConfig(file: string, env: NodeJS.ProcessEnv = process.env): Config {
  return parseConfig(readConfigFile(file), path.dirname(path.resolve(file)), env);
}

/** Checks a configuration that is already read; `folder` is where its relative paths start. */
export function parseConfig(raw: unknown, folder: string, env: NodeJS.ProcessEnv = process.env): Config {
  const result = configSchema.safeParse(raw);
  const mistakes: Mistake[] = result.success ? [] : mistakesOf(result.error.issues, raw);
  const secret = findSecret(raw, folder, env);
  if (typeof secret !== 'string') mistakes.push(...secret);
  if (result.success) mistakes.push(...retentionMistakes(result.data.archive), ...socketMistakes(result.data, folder));
  const parent = parentDomain(raw);
  if (parent !== undefined) mistakes.push(parent);
  if (!result.success || typeof secret !== 'string' || mistakes.length > 0) throw new ConfigRefused(mistakes);
  return resolve(result.data, secret, folder);
}

/** What says where the socket is. */
const socketSchema = z.looseObject({ api: configSchema.shape.api, database: configSchema.shape.database });

/**
 * The socket of the API of whoever runs by this configuration. For the command line: it needs no secret, which its user may not read, and mistakes elsewhere
 * in the file are for the running service to tell. Throws ConfigRefused.
 */
export function socketOf(file: string): string {
  try {
    return soundSocketOf(file);
  } catch (error) {
    // The Parlour that runs has read another text: its socket is where it was, if that can still be told.
    const rough = error instanceof ConfigRefused ? roughSocketOf(file) : undefined;
    if (rough !== undefined && existsSync(rough)) return rough;
    throw error;
  }
}

/** Where the socket may be by a file with mistakes, as far as it can be read; undefined: nobody knows. */
function roughSocketOf(file: string): string | undefined {
  const raw = roughly(file) as { api?: { socket?: unknown }; database?: { path?: unknown } } | null | undefined;
  const [socket, database] = [raw?.api?.socket, raw?.database?.path];
  const named =
    typeof socket === 'string' ? socket : typeof database === 'string' ? path.join(path.dirname(database), 'parlour.sock') : 'parlour.sock';
  return raw === undefined ? undefined : path.resolve(path.dirname(path.resolve(file)), named);
}

function soundSocketOf(file: string): string {
  const raw = readConfigFile(file);
  const result = socketSchema.safeParse(raw);
  const folder = path.dirname(path.resolve(file));
  const mistakes = result.success ? socketMistakes(result.data, folder) : mistakesOf(result.error.issues, raw);
  if (!result.success || mistakes.length > 0) throw new ConfigRefused(mistakes);
  return socketPath(result.data, folder);
}

/** What a configuration file comes to, with defaults and without the secret. Throws ConfigRefused. */
export function shownConfig(file: string): object {
  const raw = readConfigFile(file);
  const result = configSchema.safeParse(raw);
  if (!result.success) throw new ConfigRefused(mistakesOf(result.error.issues, raw));
  const { server, api, backups, database } = result.data;
  // What stands beside the database by default.
  const beside = (name: string): string => path.join(path.dirname(database.path), name);
  return {
    ...result.data,
    server: { ...server, ...(server.secret === undefined ? {} : { secret: 'is set' }) },
    api: { ...api, socket: api.socket ?? beside('parlour.sock') },
    backups: { ...backups, folder: backups.folder ?? beside('backups') },
  };
}

function socketPath({ api, database }: Pick<Parsed, 'api' | 'database'>, folder: string): string {
  return path.resolve(folder, api.socket ?? path.join(path.dirname(database.path), 'parlour.sock'));
}

/** `make`: the folder is Parlour's own to make. */
interface BackupSettings {
  /** An absolute path. */
  readonly folder: string;
  readonly make: boolean;
  readonly everyHours: number | null;
  readonly keep: number;
  readonly mostByHand: number;
}

function backupsOf({ backups, database }: Parsed, folder: string): BackupSettings {
  const { folder: named, everyHours, keep, mostByHand } = backups;
  return {
    folder: path.resolve(folder, named ?? path.join(path.dirname(database.path), 'backups')),
    make: named === undefined,
    everyHours,
    keep,
    mostByHand,
  };
}

function socketMistakes(parsed: Pick<Parsed, 'api' | 'database'>, folder: string): Mistake[] {
  const socket = socketPath(parsed, folder);
  const bytes = Buffer.byteLength(socket);
  if (bytes <= LONGEST_SOCKET) return [];
  const found = parsed.api.socket === undefined ? `nothing, and ${socket} beside the database has` : `${socket}, which has`;
  return [
    {
      path: 'api.socket',
      text: `found ${found} ${bytes} bytes; allowed: a path of at most ${LONGEST_SOCKET}, such as /run/parlour/parlour.sock.`,
    },
  ];
}

/** A default above the maximum would never hold. */
function retentionMistakes({ days, messages }: Retention): Mistake[] {
  return Object.entries({ days, messages }).flatMap(([key, { default: initial, max }]: [string, RetentionBound]) => {
    if (initial === null || max === null || initial <= max) return [];
    return [{ path: `archive.${key}.default`, text: `found ${initial}; allowed: at most archive.${key}.max, which is ${max}.` }];
  });
}

/** The server's domain is another than the component's; without a dot in that it cannot be guessed. */
function parentDomain(raw: unknown): Mistake | undefined {
  const { component, server } = (raw ?? {}) as { component?: { domain?: unknown }; server?: { domain?: unknown } };
  const own = component?.domain;
  if (typeof own === 'string' && isDomain(own) && typeof server?.domain === 'string' && isDomain(server.domain)) {
    // By the form in which both are compared later.
    if (domainOf(prepared(own)) !== domainOf(prepared(server.domain))) return undefined;
    return {
      path: 'server.domain',
      text: `found ${JSON.stringify(server.domain)}; allowed: the domain of the server's users, not that of the rooms.`,
    };
  }
  if (server?.domain !== undefined || typeof own !== 'string' || !isDomain(own) || own.includes('.')) return undefined;
  return { path: 'server.domain', text: `found nothing; allowed: the domain of the server's users, which cannot be told from "${own}".` };
}

function resolve(parsed: Parsed, secret: string, folder: string): Config {
  const own = domainOf(prepared(parsed.component.domain));
  const users = domainOf(prepared(parsed.server.domain ?? own.slice(own.indexOf('.') + 1)));
  // From here on: the addresses below may be on either kind of domain.
  setOwnDomains([own, users]);
  const { host, port } = parsed.server;
  const { createRooms } = parsed.service;
  return {
    server: { host, port, secret, domain: users },
    component: { domain: own },
    multicast: parsed.multicast,
    database: { ...parsed.database, path: path.resolve(folder, parsed.database.path) },
    backups: backupsOf(parsed, folder),
    service: {
      ...parsed.service,
      admins: parsed.service.admins.map(prepared),
      createRooms: typeof createRooms === 'string' ? createRooms : createRooms.map(prepared),
    },
    roomDefaults: new Map(Object.entries(parsed.roomDefaults).map(([field, value]) => [field, formValues(value)])),
    archive: parsed.archive,
    audit: parsed.audit,
    events: parsed.events,
    rooms: parsed.rooms,
    wakeUps: {
      ...parsed.wakeUps,
      forms: new Map(Object.entries(parsed.wakeUps.forms).map(([raw, form]) => [domainOf(prepared(raw)), form])),
    },
    limits: { ...parsed.limits, trusted: parsed.limits.trusted.map(prepared) },
    plugins: { folder, entries: parsed.plugins },
    api: { socket: socketPath(parsed, folder), listen: parsed.api.listen === null ? null : (listenOf(parsed.api.listen) ?? null) },
    metrics: { listen: parsed.metrics.listen === null ? null : (listenOf(parsed.metrics.listen) ?? null) },
    otel: parsed.otel,
    log: parsed.log,
  };
}

/** The prepared form of an address that the schema has accepted. */
function prepared(raw: string): BareJid {
  const jid = prepareBareJid(raw);
  if (jid === undefined) throw new Error(`"${raw}" passed the schema but is no JID`);
  return jid;
}

/** The JSON Schema (2020-12) of the file, for editors. */
export function configJsonSchema(): object {
  return { title: 'Configuration of Parlour', ...z.toJSONSchema(configSchema, { io: 'input' }) };
}
