/** The composition root: the one place where everything is put together; what serves one domain is in domain.ts. */
import { randomBytes, randomFillSync } from 'node:crypto';
import { hostname } from 'node:os';
import { isatty } from 'node:tty';
import { pino } from 'pino';
import { prettyFactory } from 'pino-pretty';
import type { BackingUp } from './admin/backing-up';
import { ROUTES } from './api/routes';
import { createApi } from './api/server';
import type { ReloadOutcome } from './api/parts';
import { Tokens } from './api/tokens';
import type { Config } from './config';
import { serveDomain } from './domain';
import { Listener } from './metrics/listener';
import { Watched } from './metrics/watched';
import { DomainWatch, LoopBack, sharedDomain } from './link/loop-back';
import { Plugins, type PluginLog } from './plugins/runtime';
import type { LogEvent, LogLevel, ProgramLog } from './log';
import { LogOutput, toStandardOutput } from './log-output';
import { domainsNamed } from './policy';
import { Rules, type Reloaded } from './reload';
import { ConfigRefused } from './config-mistakes';
import type { Ask, Execute } from './room/contract/commands';
import type { Random } from './room/contract/env';
import { systemClock } from './service/clock';
import { SeenDomains } from './service/presence/seen-domains';
import type { FindRooms } from './service/pipeline/asks';
import { openSqliteStore, realFile } from './store/sqlite';
import { BackupFailed, Backups } from './transfer/backups';
import type { Transfers } from './transfer/contract';
import { createTransfers } from './transfer/transfers';
import { openTraces } from './traces';
import { VERSION } from './version';
import type { Text } from './words';

/** A running Parlour. */
export interface Parlour {
  /** Takes no more, finishes what was accepted, closes link and database. */
  stop(): Promise<void>;
  /** Runs a command in a room; answers when its outcome is certain. */
  readonly execute: Execute;
  /** Asks a room. */
  readonly query: Ask;
  /**
   * Takes a changed configuration as far as that goes without a restart, and logs what was taken and what was not. Throws ConfigRefused, and nothing
   * has changed.
   */
  reload(config: Config): Reloaded;
  /** The configuration that holds. */
  readonly config: Config;
  /** The plug-ins that run. */
  readonly plugins: Plugins;
  /** Finds rooms, hidden ones too. */
  readonly findRooms: FindRooms;
  /** Takes rooms out and in, and people out. */
  readonly transfers: Transfers;
}

/** What a program that runs Parlour has of its own. */
export interface Operating {
  /** Aborted: it is not to start any more. */
  readonly starting?: AbortSignal;
  /** Throws ConfigRefused, and nothing has changed. */
  readonly readAgain?: (parlour: Parlour) => Reloaded;
}

/** What came of it, also if the file has mistakes. */
function reloaded(read: () => Reloaded): ReloadOutcome {
  try {
    return read();
  } catch (error) {
    if (error instanceof ConfigRefused) return { mistakes: error.mistakes };
    throw error;
  }
}

/** Backups for administrators, who are told in a sentence what went wrong. */
function refusing(backups: Backups): BackingUp {
  const refusal = (error: unknown): { readonly refusal: Text } => {
    if (error instanceof BackupFailed) return { refusal: error.text };
    throw error;
  };
  return {
    make: () => backups.make('by-hand').catch(refusal),
    list: () => {
      try {
        return backups.list();
      } catch (error) {
        return refusal(error);
      }
    },
  };
}

/** Thrown when the end was asked for before anything was accepted. */
export class StartEnded extends Error {}

/** How long `stop` waits until what was said is written to the server, in milliseconds. */
const DRAIN_MS = 5_000;

/** How long what is sent to the own domain is waited for when the server has read it, in milliseconds. */
const LOOP_MS = 10_000;
/** Milliseconds after which the server is asked no longer whether it has read that, if some of it came back. */
const LOOP_PATIENCE = 10_000;
/** Milliseconds from one look to the next, while the connection lasts. */
const LOOK_EVERY = 3_600_000;

/** The program's logger, as the configuration wants it: on standard output, one event a line. */
export function createLog(config: Config['log']): ProgramLog {
  const { level, format } = config;
  const prettify = prettyFactory({ singleLine: true, colorize: isatty(1) });
  const shown = (line: string): string => (format === 'pretty' ? (prettify(line) ?? '') : line);
  const output = new LogOutput(toStandardOutput(), (lost, why) => {
    const notice = {
      level: 40,
      time: Date.now(),
      pid: process.pid,
      hostname: hostname(),
      event: 'log.lost' satisfies LogEvent,
      lost,
      why,
      msg: 'lines of the log could not be written',
    };
    return shown(`${JSON.stringify(notice)}\n`);
  });
  process.once('exit', () => output.flush());
  // A child has its parent's level of when it was made.
  const children: { level: string }[] = [];
  const log = pino({ level, onChild: (child) => void children.push(child) }, { write: (line: string) => output.write(shown(line)) });
  return Object.assign(log, {
    setLevel: (next: LogLevel) => {
      for (const one of [log, ...children]) one.level = next;
    },
  });
}

/** The plug-ins that the configuration names. Throws PluginsRefused. */
export function loadPlugins({ plugins }: Config, log: PluginLog): Promise<Plugins> {
  return Plugins.load(plugins.entries, plugins.folder, log);
}

/** Cryptographic randomness, drawn a page at a time: a message id takes 14 bytes, and each draw has a fixed price. */
function pooledRandom(): Random {
  const pool = Buffer.alloc(16_384);
  let used = pool.length;
  return {
    bytes(count) {
      if (used + count > pool.length) {
        randomFillSync(pool);
        used = 0;
      }
      used += count;
      return pool.subarray(used - count, used);
    },
  };
}

/**
 * Starts Parlour: opens the database, then attaches to the server and stays attached. Throws ConfigRefused for room defaults
 * that no room can have, PluginsRefused and FeatureClash for plug-ins that cannot be used, StoreRefused if the database cannot be used, and ListenRefused if it cannot listen where the API or the metrics are to be; a server that cannot be reached is tried again.
 * Throws StartEnded if it was not to start any more (`starting`). `end`: called when an administrator or an operator wants the end; `stop` is to follow.
 * `readAgain`: reads the file from which the configuration came, for operators who ask for it, and has it taken.
 */
export async function runParlour(
  config: Config,
  log: ProgramLog,
  end: () => void,
  { starting, readAgain }: Operating = {},
): Promise<Parlour> {
  const startedAt = systemClock.now();
  const plugins = await loadPlugins(config, log.child({ part: 'plug-in' }));
  const random = pooledRandom();
  const domains = new SeenDomains(domainsNamed(config));
  const rules = new Rules(config, { random, domains, plugins: plugins.features });
  const { live } = rules;
  const { features } = live.env;
  const traces = openTraces(config.otel, log.child({ part: 'traces' }));
  const { server, component, multicast, database, limits } = config;
  const store = openSqliteStore({
    ready: true,
    ...database,
    domain: component.domain,
    rows: [...features.rows.values()],
    log: log.child({ part: 'store' }),
  });
  traces?.watchStore(store);
  await store.open();
  if (starting?.aborted) {
    await store.close();
    throw new StartEnded();
  }
  await plugins.open(store, config.events);
  const backups = new Backups({
    domain: component.domain,
    store,
    clock: systemClock,
    log: log.child({ part: 'backups' }),
    settings: () => live.backups,
  });
  const { link, service, makeRoom, erasures } = serveDomain(
    { domain: component.domain, server, multicast },
    { store, live, seen: domains, backups: refusing(backups), plugins, limits, random, log, version: VERSION, traces, end },
  );
  const watched = new Watched({
    link,
    stats: () => service.stats(),
    store,
    backups: () => backups.counts,
    refusals: () => api.refusals,
    database: realFile(database.path),
    startedAt,
    version: VERSION,
  });
  const { listen } = config.metrics;
  const listener = listen && new Listener({ ...listen, answer: (path) => watched.at(path), log: log.child({ part: 'metrics' }) });
  const api = createApi({
    routes: ROUTES,
    ...config.api,
    answered: traces && ((request) => traces.answered(request)),
    parts: {
      domain: component.domain,
      serverDomain: server.domain,
      execute: (execution) => service.execute(execution),
      query: service.query,
      findRooms: service.findRooms,
      directory: store,
      get admins() {
        return live.info.admins;
      },
      clock: systemClock,
      log: log.child({ part: 'api' }),
      tokens: new Tokens(store, component.domain),
      randomBytes,
      backups,
      logLevel: { get: () => log.level as LogLevel, set: (level) => log.setLevel(level) },
      reload: readAgain ? () => reloaded(() => readAgain(running)) : null,
      get transfers() {
        return running.transfers;
      },
      erasures,
      stop: end,
      shutDown: (by, reason) => service.shutDown(by, reason),
      state: () => ({ version: VERSION, attached: link.online, startedAt }),
      watched: (path) => watched.at(path),
    },
  });
  const running: Parlour = {
    execute: (execution) => service.execute(execution),
    query: service.query,
    plugins,
    findRooms: service.findRooms,
    transfers: createTransfers({
      domain: component.domain,
      store,
      features,
      makeRoom,
      arrive: service.arrive,
      execute: service.execute,
      forgetAccount: service.forget,
      clock: systemClock,
      get limits() {
        return live.env.policy.limits;
      },
      random,
      log: log.child({ part: 'transfer' }),
    }),
    get config() {
      return rules.current;
    },
    reload(next) {
      const renewal = plugins.renewal(rules.current.plugins.entries, next.plugins.entries);
      if (renewal && 'mistakes' in renewal) throw new ConfigRefused(renewal.mistakes);
      const reloaded = rules.take(next, (level) => log.setLevel(level), renewal !== undefined);
      renewal?.take();
      service.rulesChanged();
      plugins.enable();
      backups.replan();
      log.info({ event: 'config.reloaded', ...reloaded }, 'the configuration was read again');
      return reloaded;
    },
    async stop() {
      await api.stop();
      await listener?.stop();
      watched.stop();
      await plugins.stop();
      await backups.stop();
      erasures.stop();
      await service.stop();
      await link.stop(DRAIN_MS);
      await store.close();
      await traces?.stop();
    },
  };
  await service.start();
  try {
    await api.start();
    await listener?.start();
  } catch (error) {
    await api.stop();
    watched.stop();
    await service.stop();
    await store.close();
    throw error;
  }
  const loop = new LoopBack({
    domain: component.domain,
    send: (out) => link.send(out),
    secret: () => randomBytes(12).toString('hex'),
    connection: () => (link.online ? link.counts.attached : undefined),
    read: () => link.barrier(),
    patience: LOOP_PATIENCE,
    // A server that has given back none may only be slow; the barrier has an end of its own.
    givesUp: (came) => came > 0 && link.queued === 0,
    wait: LOOP_MS,
  });
  const domainWatch = new DomainWatch(
    () => loop.look(),
    (looped) => {
      const shared = sharedDomain(looped, component.domain);
      if (shared !== undefined) log.warn({ event: 'link.shared', ...looped }, shared);
    },
    LOOK_EVERY,
  );
  const handler = loop.before(service.handler);
  link.start({
    ...handler,
    offline(why) {
      traces?.offline();
      domainWatch.offline();
      handler.offline(why);
    },
    online() {
      traces?.online();
      handler.online();
      domainWatch.online();
    },
  });
  await erasures.resume();
  await plugins.start(service);
  backups.start();
  if (plugins.names.length > 0) log.info({ event: 'plugin.running', plugins: plugins.names }, 'plug-ins run');
  return running;
}
