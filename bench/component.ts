/** The programs under measurement as processes: how each is started, stopped and, for Parlour, what it left in its database. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import Database from 'better-sqlite3';
import { COMPONENT_DOMAIN, SECRET, type Load } from './loads';
import type { BaselineJob } from './baseline';
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

/** Starts the baseline, whose deliveries have the form of `template`. */
export function startBaseline(port: number, template: Template, place: string): Component {
  const job: BaselineJob = { port, template };
  return component(path.join(__dirname, 'baseline.js'), [JSON.stringify(job)], [], place, () => undefined);
}

/** Starts Parlour on an empty database in `place`, fully durable; `nodeOptions` go to node itself. */
export function startParlour(port: number, load: Load, place: string, nodeOptions: readonly string[]): Component {
  mkdirSync(place, { recursive: true });
  const file = path.join(place, 'parlour.db');
  const config = {
    server: { host: '127.0.0.1', port, secret: SECRET },
    component: { domain: COMPONENT_DOMAIN },
    database: { path: file, durability: 'full' },
    service: { createRooms: 'anyone' },
    roomDefaults: { 'muc#roomconfig_maxusers': String(load.occupants) },
    log: { level: 'warn', format: 'json' },
  };
  const configFile = path.join(place, 'component.json');
  writeFileSync(configFile, JSON.stringify(config, null, 2));
  const cli = path.resolve(__dirname, '../src/cli.js');
  return component(cli, ['run', '--config', configFile], nodeOptions, place, () => rows(file));
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
