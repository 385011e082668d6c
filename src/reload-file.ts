/** Reading the configuration file again while the service runs. */
import { ConfigRefused, loadConfig, type Config } from './config';
import type { Log } from './log';
import type { Reloaded } from './reload';
import { setOwnDomains } from './xmpp/fold';

/** What takes a configuration while it runs. */
export interface Reloading {
  /** The configuration that holds. */
  readonly config: Config;
  /** Throws ConfigRefused, and nothing has changed. */
  reload(config: Config): Reloaded;
}

/** Takes the file as it is now. Throws ConfigRefused with what is wrong with it, and nothing has changed. Whatever comes of it is logged. */
export function reloadFile(file: string, running: Reloading, log: Log): Reloaded {
  try {
    return running.reload(readAgain(file, running.config));
  } catch (error) {
    if (error instanceof ConfigRefused)
      log.error({ event: 'config.refused', file, mistakes: error.mistakes }, 'the configuration has mistakes: nothing was changed');
    else log.error({ event: 'config.failed', file, err: error }, 'the configuration could not be read again: a mistake in the program');
    throw error;
  }
}

/** The file's addresses are folded by the domains that it names, and those of the running service are others until a restart. */
function readAgain(file: string, { component, server }: Config): Config {
  try {
    const next = loadConfig(file);
    const moved = [
      ...(next.component.domain === component.domain ? [] : [mistake('component.domain', next.component.domain, component.domain)]),
      ...(next.server.domain === server.domain ? [] : [mistake('server.domain', next.server.domain, server.domain)]),
    ];
    if (moved.length > 0) throw new ConfigRefused(moved);
    return next;
  } finally {
    setOwnDomains([component.domain, server.domain]);
  }
}

function mistake(path: string, found: string, is: string): { path: string; text: string } {
  return { path, text: `found ${JSON.stringify(found)}; Parlour runs with ${JSON.stringify(is)}: restart it to change this.` };
}
