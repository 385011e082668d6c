/** The programs under measurement as processes: how each is started, stopped and, for Parlour, what it left in its database. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import Database from 'better-sqlite3';
import { COMPONENT_DOMAIN, SECRET, type Load } from './loads';
import type { BaselineJob } from './baseline';
import type { Forms } from './splicer';
import type { Template } from './template';

export interface Component {
  readonly process: ChildProcess;
  /** SIGTERM; rejects if it does not end well. */
  stop(): Promise<void>;
  /** Messages in the archive afterwards; undefined if this program keeps none. */
  archived(): number | undefined;
}

/** As docs/operating.md has it; the baseline gets it too. */
const NODE_OPTIONS = ['--max-semi-space-size=32'];

/** Starts the baseline, whose deliveries have the form of `template`, and what else it tells that of `forms`. */
export function startBaseline(
  port: number,
  template: Template,
  place: string,
  nodeOptions: readonly string[] = [],
  forms: Forms = {},
): Component {
  const job: BaselineJob = { ...forms, port, template };
  return component(path.join(__dirname, 'baseline.js'), [JSON.stringify(job)], nodeOptions, place, () => undefined);
}

/** Starts the least durable program: the baseline with each message in a database in `place` before it leaves. */
export function startLeast(port: number, template: Template, place: string): Component {
  const keep = path.join(place, 'least.db');
  const job: BaselineJob = { port, template, keep };
  return component(path.join(__dirname, 'baseline.js'), [JSON.stringify(job)], [], place, () => rows(keep));
}

/** A build of Parlour. */
export interface Build {
  /** Its compiled command line. */
  readonly cli: string;
  /** Options to node itself. */
  readonly nodeOptions: readonly string[];
}

/** This build. */
export const THIS_BUILD: Build = { cli: path.resolve(__dirname, '../src/cli.js'), nodeOptions: [] };

/** Above what any load says: the rates are set, not switched off, so that their cost is counted. */
const RATE = 100_000;
/** Loads say more than people do; a build that does not know one of these keys has no such rate. */
const RATES = [
  'messagesPerSecond',
  'presencePerSecond',
  'nickChangesPerSecond',
  'entriesPerSecond',
  'invitationsPerMinute',
  'requestsPerSecond',
  'archiveQueriesPerSecond',
  'roomsPerHour',
];

export interface Settings {
  /** False: the rates stay as they come. */
  readonly rates: boolean;
  /** The domain that is pinged. */
  readonly serverDomain: string;
  /** A port for the API. */
  readonly listen?: number;
  /** The multicast service by which rooms of ten or more speak. */
  readonly multicast?: string;
}

/** Starts a build of Parlour on an empty database in `place`, fully durable. */
export function startParlour(build: Build, port: number, load: Load, place: string, settings: Settings): Component {
  mkdirSync(place, { recursive: true });
  const file = path.join(place, 'parlour.db');
  const config = {
    server: { host: '127.0.0.1', port, secret: SECRET, domain: settings.serverDomain },
    component: { domain: COMPONENT_DOMAIN },
    database: { path: file, durability: 'full' },
    service: { createRooms: 'anyone' },
    roomDefaults: { 'muc#roomconfig_maxusers': String(load.occupants) },
    log: { level: 'warn', format: 'json' },
    ...(settings.rates ? { limits: ratesOf(build.cli) } : {}),
    ...(settings.multicast === undefined ? {} : { multicast: { service: settings.multicast, from: 10, addresses: 100 } }),
    ...(settings.listen === undefined ? {} : { api: { listen: settings.listen } }),
  };
  const configFile = path.join(place, 'component.json');
  writeFileSync(configFile, JSON.stringify(config, null, 2));
  return component(build.cli, ['run', '--config', configFile], build.nodeOptions, place, () => rows(file));
}

const known = new Map<string, Record<string, number>>();

/** Every rate that this build knows, as high as it allows. */
function ratesOf(cli: string): Record<string, number> {
  let rates = known.get(cli);
  if (rates === undefined) {
    const schema = JSON.parse(execFileSync(process.execPath, [cli, 'schema'], { encoding: 'utf8' })) as Schema;
    const limits = schema.properties?.['limits']?.properties ?? {};
    rates = Object.fromEntries(RATES.flatMap((key) => (limits[key] === undefined ? [] : [[key, Math.min(RATE, maximum(limits[key]))]])));
    known.set(cli, rates);
  }
  return rates;
}

/** As much of JSON Schema as the rates need. */
interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly anyOf?: readonly Schema[];
  readonly maximum?: number;
}

function maximum(schema: Schema): number {
  return schema.maximum ?? Math.min(RATE, ...(schema.anyOf ?? []).map(maximum));
}

function component(
  program: string,
  args: readonly string[],
  nodeOptions: readonly string[],
  place: string,
  archived: () => number | undefined,
): Component {
  mkdirSync(place, { recursive: true });
  const logFile = path.join(place, 'output.log');
  const log = openSync(logFile, 'a');
  const child = spawn(process.execPath, [...NODE_OPTIONS, ...nodeOptions, program, ...args], { stdio: ['ignore', log, log] });
  const ended = new Promise<number | string>((resolve) => child.once('exit', (code, signal) => resolve(code ?? signal ?? 'unknown')));
  return {
    process: child,
    archived,
    async stop() {
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), 30_000);
      const how = await ended;
      clearTimeout(timer);
      if (how !== 0)
        throw new Error(`${path.basename(program)} ended with ${how}. It said:\n${readFileSync(logFile, 'utf8').slice(-3000)}`);
    },
  };
}

function rows(file: string): number {
  const database = new Database(file, { readonly: true });
  try {
    return (database.prepare('SELECT count(*) AS n FROM message').get() as { n: number }).n;
  } finally {
    database.close();
  }
}
