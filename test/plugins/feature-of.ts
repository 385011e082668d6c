/** Plug-ins as features for conversation tests. */
import type { Hooks, Plugin } from '../../src/plugins/api';
import { definePlugin } from '../../src/plugins/api';
import { Plugins } from '../../src/plugins/runtime';

/** Lines that were logged: the text, and the fields as JSON. */
export type Lines = string[];

/** A plug-in, set up and started by nobody. */
export function pluginsOf(plugin: Plugin, config: unknown = undefined, lines: Lines = []): Plugins {
  const log = (fields: object, text: string): void => void lines.push(`${text} ${JSON.stringify(fields)}`);
  return Plugins.of(plugin, config, { debug: log, info: log, warn: log, error: log });
}

/** A plug-in of these hooks and nothing else. */
export function withHooks(hooks: Hooks, name = 'mine'): Plugin {
  return definePlugin({ name, apiVersion: 1, setup: () => hooks });
}
