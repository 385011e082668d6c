/** Taking a changed configuration while the service runs: what can be taken is, what needs a restart is named, and a mistake changes nothing. */
import { isDeepStrictEqual } from 'node:util';
import type { Config } from './config';
import { ConfigRefused } from './config-mistakes';
import { createFeatures } from './features';
import { domainsNamed, policyOf, roomDefaultMistakes, trustOf } from './policy';
import type { Policy, Random } from './room/contract/env';
import type { Feature } from './room/contract/feature';
import type { FeatureSet } from './room/contract/feature-set';
import { ratesOf, type Rates } from './service/budget/rates';
import type { SeenDomains } from './service/presence/seen-domains';
import type { BareJid } from './xmpp/fold';

/** What came of it, by key of the configuration (`limits.history`). */
export interface Reloaded {
  readonly taken: readonly string[];
  readonly restart: readonly string[];
}

/** Keys and groups of keys that are read at start only: connections, files, and bounds that are built into queues. */
const AT_START = [
  'server',
  'component',
  'database',
  'api',
  'metrics',
  'multicast',
  'otel',
  'plugins',
  'events',
  'log.format',
  'limits.stanzaBytes',
  'limits.stanzaDepth',
  'limits.queueBytes',
  'limits.pendingBytes',
  'limits.awakeRooms',
  'limits.unreachableHours',
];

type Group = Readonly<Record<string, unknown>>;

/** Whether a key, such as `limits.history`, is read at start only. */
export const isAtStart = (path: string): boolean => AT_START.some((one) => path === one || path.startsWith(`${one}.`));

/** The groups of keys by name. */
function groupsOf(config: Config): Record<string, Group> {
  const groups: Record<string, Group> = {};
  for (const [name, group] of Object.entries(config) as [string, Group][]) groups[name] = group;
  return groups;
}

/** Groups that are one key: their names are not the configuration's own. */
const WHOLE = ['roomDefaults', 'plugins'];

/** What follows from another key, and is none itself. */
const DERIVED = ['backups.make'];

/** The keys that differ, as paths of at most two names. */
export function changesOf(before: Config, after: Config): string[] {
  const [old, now] = [groupsOf(before), groupsOf(after)];
  return Object.keys({ ...old, ...now }).flatMap((group) => {
    const [a, b] = [old[group], now[group]];
    if (isDeepStrictEqual(a, b)) return [];
    if (WHOLE.includes(group) || a === undefined || b === undefined) return [group];
    return Object.keys({ ...a, ...b }).flatMap((key) =>
      isDeepStrictEqual(a[key], b[key]) || DERIVED.includes(`${group}.${key}`) ? [] : [`${group}.${key}`],
    );
  });
}

/** The next configuration, with what needs a restart as it is now. */
function takeable(before: Config, after: Config, restart: readonly string[]): Config {
  const [old, next] = [groupsOf(before), groupsOf(after)];
  for (const path of restart) {
    const [group = '', key] = path.split('.');
    const whole = key === undefined ? old[group] : { ...next[group], [key]: old[group]?.[key] };
    if (whole !== undefined) next[group] = whole;
  }
  return { ...after, ...next };
}

/** What the running parts read their rules from. Only this file writes here; whoever has one of these objects reads it at each use. */
export interface Live {
  readonly env: { readonly random: Random; policy: Policy; features: FeatureSet };
  readonly rates: Rates;
  readonly info: Config['service'];
  readonly retention: Config['archive'];
  readonly auditKept: Config['audit'];
  readonly backups: Config['backups'];
  isTrusted: (account: BareJid) => boolean;
  wakeForms: Config['wakeUps']['forms'];
}

export interface RulesOptions {
  readonly random: Random;
  readonly domains: SeenDomains;
  /** The plug-ins' own, which stay. */
  readonly plugins: readonly Feature[];
}

export class Rules {
  readonly live: Live;

  /** Throws ConfigRefused for room defaults that no room can have, and FeatureClash. */
  constructor(
    private config: Config,
    private readonly options: RulesOptions,
  ) {
    const { features, policy } = this.made(config);
    this.live = {
      env: { random: options.random, policy, features },
      rates: { ...ratesOf(config.limits) },
      info: { ...config.service },
      retention: { ...config.archive },
      auditKept: { ...config.audit },
      backups: { ...config.backups },
      isTrusted: trustOf(config),
      wakeForms: config.wakeUps.forms,
    };
  }

  /** The configuration that holds now. */
  get current(): Config {
    return this.config;
  }

  /**
   * Takes a configuration in place of the present one. Rooms take the new rules with their next input. Throws ConfigRefused, and nothing has changed.
   *
   * @param level called with the new level of the log, if it has one.
   * @param plugins whether the plug-ins take what has changed of theirs.
   */
  take(after: Config, level: (level: Config['log']['level']) => void, plugins = false): Reloaded {
    const changed = changesOf(this.config, after);
    const waits = (path: string): boolean => isAtStart(path) && !(plugins && path === 'plugins');
    const restart = changed.filter(waits);
    const next = takeable(this.config, after, restart);
    const { features, policy } = this.made(next);
    const { live } = this;
    Object.assign(live.env, { policy, features });
    Object.assign(live.rates, ratesOf(next.limits));
    replace(live.info, next.service);
    replace(live.retention, next.archive);
    replace(live.auditKept, next.audit);
    replace(live.backups, next.backups);
    live.isTrusted = trustOf(next);
    live.wakeForms = next.wakeUps.forms;
    for (const domain of domainsNamed(next)) this.options.domains.note(domain);
    if (next.log.level !== this.config.log.level) level(next.log.level);
    this.config = next;
    return { taken: changed.filter((path) => !waits(path)), restart };
  }

  private made(config: Config): { features: FeatureSet; policy: Policy } {
    const { domains, plugins } = this.options;
    const features = createFeatures(config.limits, config.archive, config.service.dataPolicy, plugins);
    const mistakes = roomDefaultMistakes(features, config.roomDefaults);
    if (mistakes.length > 0) throw new ConfigRefused(mistakes);
    return { features, policy: policyOf(config, (domain) => domains.has(domain)) };
  }
}

/** Gives an object the keys of another, and only those. */
function replace(object: object, by: object): void {
  for (const key of Object.keys(object)) if (!(key in by)) Reflect.deleteProperty(object, key);
  Object.assign(object, by);
}
