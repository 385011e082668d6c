/** The plug-ins of a Parlour that runs: loaded, made features of, started and stopped. */
import type { Log } from '../log';
import { setTimeout as delay } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { Feature } from '../room/contract/feature';
import type { Ask, Execute } from '../room/contract/commands';
import type { Events } from '../store/events';
import type { Hooks, Host, Outcome, Plugin } from './api';
import { executeFor, queryFor } from './execute';
import { featureOf } from './feature';
import { EventHub, type EventsKept } from './event-hub';
import { eventsFeature, roomsOf } from './event-rows';
import type { Subscriber } from './event-teller';
import { Guard, type GuardState } from './guard';
import { eventsMistake } from './validate-hooks';
import { loadPlugins, setUpOne, type LoadedPlugin, type PluginEntry } from './load';

/** Where plug-ins, and what becomes of them, are told of. */
export type PluginLog = Log;

/** How long the stop of all plug-ins may take, in milliseconds. */
const STOP_MS = 5_000;

export class Plugins {
  readonly features: readonly Feature[];
  private readonly guards: readonly Guard[];
  private readonly subscribers: readonly Subscriber[];
  private readonly renewWishes: () => void;
  private readonly hub: EventHub;

  private constructor(
    readonly loaded: readonly LoadedPlugin[],
    private readonly log: PluginLog,
    elapsed: () => number,
    private readonly executeOf: CurrentExecute,
  ) {
    this.guards = loaded.map(({ name }) => new Guard(name, log, elapsed));
    this.subscribers = loaded.flatMap(({ name, hooks: { events } }, i) =>
      events ? [{ name, events, guard: this.guards[i] as Guard, rooms: roomsOf(events) }] : [],
    );
    const features = loaded.map((plugin, i) => featureOf(plugin, this.guards[i] as Guard));
    const { feature, renew } = eventsFeature(this.subscribers);
    this.features = this.subscribers.length === 0 ? features : [...features, feature];
    this.renewWishes = renew;
    this.hub = new EventHub(this.subscribers, log);
  }

  /** Loads and sets up what the configuration names; `folder` is where its file is. Throws PluginsRefused. */
  static async load(
    entries: readonly PluginEntry[],
    folder: string,
    log: PluginLog,
    elapsed: () => number = () => performance.now(),
  ): Promise<Plugins> {
    const execute: CurrentExecute = { current: undefined };
    return new Plugins(await loadPlugins(entries, folder, hosts(log, execute)), log, elapsed, execute);
  }

  /** One plug-in that is at hand. Throws PluginsRefused. */
  static of(plugin: Plugin, config: unknown, log: PluginLog): Plugins {
    const execute: CurrentExecute = { current: undefined };
    return new Plugins([setUpOne(plugin, config, hosts(log, execute))], log, () => performance.now(), execute);
  }

  /** Their names, in the order of the configuration. */
  get names(): readonly string[] {
    return this.loaded.map(({ name }) => name);
  }

  /** How each of them does. */
  get states(): readonly GuardState[] {
    return this.guards.map(({ state }) => state);
  }

  /** Says to the store who is told of events: to be called before rooms run, so that none is missed. Throws StoreFailed. */
  async open(store: Events, kept: EventsKept): Promise<void> {
    await this.hub.open(store, kept);
  }

  /** Rooms take commands from now on. A plug-in that cannot start is told of and stays: its checks hold all the same. */
  async start(rooms: RoomsApi): Promise<void> {
    this.executeOf.current = rooms;
    await Promise.all(
      this.loaded.map(async ({ name, hooks }) => {
        try {
          await hooks.start?.();
        } catch (error) {
          this.log.error({ event: 'plugin.start-failed', plugin: name, err: error }, 'a plug-in could not start');
        }
      }),
    );
    this.hub.start();
  }

  /** Tells them that Parlour ends, and waits five seconds at most. */
  async stop(): Promise<void> {
    const stopping = this.loaded.map(async ({ name, hooks }) => {
      try {
        await hooks.stop?.();
      } catch (error) {
        this.log.error({ event: 'plugin.stop-failed', plugin: name, err: error }, 'a plug-in could not stop');
      }
    });
    stopping.push(this.hub.stop());
    const ended = new AbortController();
    const late = delay(STOP_MS, 'late', { signal: ended.signal }).catch(() => undefined);
    const outcome = await Promise.race([Promise.all(stopping), late]);
    ended.abort();
    if (outcome === 'late') this.log.warn({ event: 'plugin.stop-late' }, 'plug-ins did not stop in time; going on without them');
  }

  /**
   * Other configurations for the same plug-ins, all of which take them while they run. What is returned hands them over; `mistakes`: what their schemas find wrong,
   * and nothing is handed over; undefined: it takes a restart.
   */
  renewal(before: readonly PluginEntry[], after: readonly PluginEntry[]): Renewal | undefined {
    if (before.length !== after.length || before.length !== this.loaded.length) return undefined;
    const mistakes: { readonly path: string; readonly text: string }[] = [];
    const steps: (() => void)[] = [];
    for (const [i, { name, hooks, read }] of this.loaded.entries()) {
      const [{ config: old, ...was }, { config, ...is }] = [before[i] as PluginEntry, after[i] as PluginEntry];
      if (!isDeepStrictEqual(was, is)) return undefined;
      if (isDeepStrictEqual(old, config)) continue;
      if (!hooks.reconfigure || !read) return undefined;
      const found = read(config);
      if ('value' in found) steps.push(() => this.reconfigure(name, hooks, found.value));
      else mistakes.push(...found.map(({ at, text }) => ({ path: `plugins[${i}]${at}`, text })));
    }
    if (mistakes.length > 0) return { mistakes };
    return {
      take: () => {
        for (const step of steps) step();
      },
    };
  }

  /** What it throws is told, and stops nothing. */
  private reconfigure(name: string, hooks: Hooks, config: unknown): void {
    try {
      hooks.reconfigure?.(config);
      const subscriber = this.subscribers.find((one) => one.name === name);
      if (!subscriber) return;
      const mistake = eventsMistake({ ...subscriber.events });
      if (mistake !== undefined) throw new Error(`it ${mistake}`);
      subscriber.rooms = roomsOf(subscriber.events);
      this.renewWishes();
    } catch (error) {
      this.log.error({ event: 'plugin.failed', plugin: name, hook: 'reconfigure', err: error }, 'a plug-in threw');
    }
  }

  /** The operator has mended what disabled them. */
  enable(): void {
    for (const guard of this.guards) guard.enable();
    this.hub.tryAgain();
  }
}

/** What becomes of other configurations of plug-ins that run. */
type Renewal = { readonly take: () => void } | { readonly mistakes: readonly { readonly path: string; readonly text: string }[] };

/** What plug-ins act and ask by. */
export interface RoomsApi {
  readonly execute: Execute;
  readonly query: Ask;
}

/** Commands are taken once there is something to run them. */
interface CurrentExecute {
  current: RoomsApi | undefined;
}

/** What each plug-in is given. */
function hosts(log: PluginLog, execute: CurrentExecute): (name: string) => Host {
  return (name) => ({
    name,
    log: {
      info: (fields, text) => log.info({ ...fields, event: 'plugin.says', plugin: name }, text),
      warn: (fields, text) => log.warn({ ...fields, event: 'plugin.says', plugin: name }, text),
      error: (fields, text) => log.error({ ...fields, event: 'plugin.says', plugin: name }, text),
    },
    execute: async (room, command): Promise<Outcome> => {
      if (!execute.current) throw new Error(`"${name}" cannot run commands yet: wait for start()`);
      // Never within the decision of a room that called a hook.
      await Promise.resolve();
      return executeFor(name, execute.current.execute, room, command);
    },
    query: async (room, query) => {
      if (!execute.current) throw new Error(`"${name}" cannot ask yet: wait for start()`);
      await Promise.resolve();
      return queryFor(name, execute.current.query, room, query);
    },
  });
}
