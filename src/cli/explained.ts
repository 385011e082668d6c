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

/** The same error as sentences, if the operator can mend it. */
export function explained(file: string, error: unknown): unknown {
  if (error instanceof ConfigRefused) return unusable(file, error.mistakes);
  if (error instanceof PluginsRefused) return unusable(file, error.sentences);
  if (error instanceof FeatureClash) return new Ended(EXIT.usage, error.message);
  if (error instanceof ListenRefused || error instanceof NotOwner || error instanceof StoreFailed)
    return new Ended(EXIT.refused, error.message);
  // Restarting does not fix a module that does not load.
  if (error instanceof StoreRefused) return new Ended(error.reason === 'module' ? EXIT.usage : EXIT.refused, error.message);
  return error;
}
