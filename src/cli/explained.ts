/** The configuration, and errors that an operator can mend, as sentences that end a command. */
import { NotOwner } from '../as-owner';
import { ConfigRefused, loadConfig, type Config } from '../config';
import { FeatureClash } from '../features/one-per-key';
import { ListenRefused } from '../http/listening';
import { PluginsRefused } from '../plugins/load';
import { StoreFailed, StoreRefused } from '../store/failures';
import { Ended, EXIT } from './ending';

/** What is wrong with a configuration. */
export const unusable = (file: string, sentences: readonly string[]): Ended =>
  new Ended(EXIT.usage, [`The configuration ${file} cannot be used:`, ...sentences].join('\n'));

/** Throws Ended. */
export function readConfig(file: string): Config {
  try {
    return loadConfig(file);
  } catch (error) {
    throw error instanceof ConfigRefused ? unusable(file, error.mistakes) : error;
  }
}

/** The same error as sentences, if the operator can mend it. `starting`: of a start, which systemd would try again for ever. */
export function explained(file: string, error: unknown, starting = false): unknown {
  if (error instanceof ConfigRefused) return unusable(file, error.mistakes);
  if (error instanceof PluginsRefused) return unusable(file, error.sentences);
  if (error instanceof FeatureClash) return new Ended(EXIT.usage, error.message);
  if (error instanceof NotOwner || error instanceof StoreFailed) return new Ended(EXIT.refused, error.message);
  // A port or a socket that cannot be had is the configuration's: restarting does not mend it.
  if (error instanceof ListenRefused) return new Ended(EXIT.usage, error.message);
  // Nor a folder that is not there, another domain's database or a module that does not load. Who has the database may let it go.
  if (error instanceof StoreRefused)
    return new Ended(error.reason === 'module' || (starting && error.reason !== 'in-use') ? EXIT.usage : EXIT.refused, error.message);
  return error;
}
