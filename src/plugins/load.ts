/** Loads the plug-ins that the configuration names: each is found, read, checked and set up, or refused with a sentence. */
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type * as z from 'zod';
import { API_VERSION, isPlugin, type Host, type Hooks, type Plugin } from './api';
import { inOurWords } from './config-words';
import { hooksMistake } from './validate-hooks';
import { resolveOurs } from './resolve';

/** One entry of `plugins` in the configuration. */
export interface PluginEntry {
  /** A file, from the configuration file's folder unless it is absolute; or the name of a package that is installed there. */
  readonly module: string;
  readonly name?: string | undefined;
  readonly config?: unknown;
}

/** A plug-in that is set up. */
export interface LoadedPlugin {
  readonly name: string;
  readonly hooks: Hooks;
  /** Its part of the configuration, as its schema reads it, or what is wrong there. */
  readonly read?: (raw: unknown) => { readonly value: unknown } | readonly Fault[];
}

/** What is wrong with an entry: where, from the entry on, and a sentence. */
interface Fault {
  readonly at: string;
  readonly text: string;
}

/** Thrown when plug-ins cannot be used: one sentence for each mistake that was found. */
export class PluginsRefused extends Error {
  constructor(readonly sentences: readonly string[]) {
    super(sentences.join('\n'));
    this.name = 'PluginsRefused';
  }
}

/** How long a module may take until it is there: an import that waits for something that never comes would keep Parlour from starting for ever. */
const PATIENCE_MS = 20_000;

const NAME = /^[a-z][a-z0-9-]{0,31}$/;

/**
 * Loads and sets up all of them, in the order of the configuration.
 *
 * @param folder where relative files and packages are looked for: that of the configuration file.
 * @param hostOf what a plug-in of that name is given. Throws PluginsRefused.
 */
export async function loadPlugins(
  entries: readonly PluginEntry[],
  folder: string,
  hostOf: (name: string) => Host,
): Promise<readonly LoadedPlugin[]> {
  if (entries.length === 0) return [];
  resolveOurs();
  const loaded: LoadedPlugin[] = [];
  const sentences: string[] = [];
  for (const [index, entry] of entries.entries()) {
    const result = await load(entry, folder, hostOf, loaded);
    if ('hooks' in result) loaded.push(result);
    else for (const { at, text } of result) sentences.push(`plugins[${index}]${at}: ${text}`);
  }
  if (sentences.length > 0) throw new PluginsRefused(sentences);
  return loaded;
}

/** Sets up a plug-in that is at hand already. Throws PluginsRefused. */
export function setUpOne(plugin: Plugin, config: unknown, hostOf: (name: string) => Host): LoadedPlugin {
  const result = setUp(plugin, plugin.name, config, hostOf(plugin.name));
  if ('hooks' in result) return result;
  throw new PluginsRefused(result.map(({ at, text }) => `${at === '' ? 'the plug-in' : at.slice(1)}: ${text}`));
}

async function load(
  entry: PluginEntry,
  folder: string,
  hostOf: (name: string) => Host,
  others: readonly LoadedPlugin[],
): Promise<LoadedPlugin | readonly Fault[]> {
  const module = await moduleOf(entry.module, folder);
  if ('text' in module) return [{ at: '.module', text: module.text }];
  const { plugin } = module;
  const name = entry.name ?? plugin.name;
  if (typeof name !== 'string' || !NAME.test(name))
    return [
      { at: '.name', text: `found ${JSON.stringify(name)}; allowed: a lower-case letter, then letters, digits and hyphens, 32 at most.` },
    ];
  if (others.some((other) => other.name === name))
    return [{ at: '.name', text: `there is a plug-in "${name}" already; give this one another "name" in the configuration.` }];
  return setUp(plugin, name, entry.config, hostOf(name));
}

function setUp(plugin: Plugin, name: string, raw: unknown, host: Host): LoadedPlugin | readonly Fault[] {
  const config = configOf(plugin, raw);
  if (!('value' in config)) return config;
  let hooks: unknown;
  try {
    hooks = plugin.setup(config.value, host);
  } catch (error) {
    return [{ at: '', text: `"${name}" cannot be set up: ${sentenceOf(error)}` }];
  }
  const mistake = hooksMistake(hooks);
  if (mistake !== undefined) return [{ at: '', text: `"${name}" ${mistake}` }];
  return { name, hooks: hooks as Hooks, read: (other) => configOf(plugin, other) };
}

/** Its part of the configuration, as its schema reads it, or what is wrong there. */
function configOf({ config: schema, name }: Plugin, raw: unknown): { readonly value: unknown } | Fault[] {
  if (schema === undefined) {
    const isEmpty = raw === undefined || (typeof raw === 'object' && raw !== null && Object.keys(raw).length === 0);
    return isEmpty ? { value: undefined } : [{ at: '.config', text: `"${name}" has no configuration; leave it out.` }];
  }
  try {
    const result = schema.safeParse(raw ?? {}, { error: inOurWords });
    if (result.success) return { value: result.data };
    return result.error.issues.map((issue) => ({ at: `.config${pathOf(issue)}`, text: `${issue.message}.` }));
  } catch (error) {
    return [{ at: '.config', text: `the schema of "${name}" cannot read it: ${sentenceOf(error)}` }];
  }
}

const pathOf = ({ path: parts }: z.core.$ZodIssue): string =>
  parts.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('');

async function moduleOf(name: string, folder: string): Promise<{ readonly plugin: Plugin } | { readonly text: string }> {
  const file = fileOf(name, folder);
  if (file === undefined) {
    const looked = isFile(name) ? path.resolve(folder, name) : `a package "${name}" from ${folder} on`;
    return {
      text: `found ${JSON.stringify(name)}, but there is no ${looked}; name a file, or a package that is installed there.`,
    };
  }
  let namespace: { readonly default?: unknown };
  try {
    namespace = await inTime(import(pathToFileURL(file).href) as Promise<{ readonly default?: unknown }>);
  } catch (error) {
    return { text: `${file} cannot be loaded: ${sentenceOf(error)}` };
  }
  const plugin = [namespace.default, (namespace.default as { default?: unknown } | undefined)?.default].find(isPlugin);
  if (!plugin) return { text: `${file} is no plug-in; its default export must be what definePlugin returns.` };
  const version = String((plugin as { apiVersion: unknown }).apiVersion);
  if (version !== String(API_VERSION)) {
    return {
      text: `${file} was written for version ${version} of the plug-in interface; this Parlour has version ${API_VERSION}. Take the version of the plug-in that belongs to it.`,
    };
  }
  if (typeof plugin.setup !== 'function') return { text: `${file} defines a plug-in without a function "setup".` };
  return { plugin };
}

const isFile = (name: string): boolean => path.isAbsolute(name) || name.startsWith('.') || /\.[cm]?js$/.test(name);

/** The file that a name in the configuration means. */
function fileOf(name: string, folder: string): string | undefined {
  try {
    return createRequire(path.join(folder, 'component.json')).resolve(isFile(name) ? path.resolve(folder, name) : name);
  } catch {
    return undefined;
  }
}

async function inTime<T>(loading: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`it is not there after ${PATIENCE_MS / 1000} s; a module must not wait for anything`)),
      PATIENCE_MS,
    );
  });
  try {
    return await Promise.race([loading, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** The message of an error as the end of a sentence. */
function sentenceOf(error: unknown): string {
  const text = (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
  return text.endsWith('.') ? text : `${text}.`;
}
