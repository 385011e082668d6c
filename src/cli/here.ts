/** What `run`, `check`, `demo` and `schema` do. It is read when one of them is given: the other commands answer at once. */
import { setFlagsFromString } from 'node:v8';
import { openApiOf } from '../api/openapi';
import { ROUTES } from '../api/routes';
import { check, checkMigration } from '../check';
import { ConfigRefused, configJsonSchema, loadConfig, type Config } from '../config';
import { runDemo } from '../demo/demo';
import { FeatureClash } from '../features/one-per-key';
import { ListenRefused } from '../http/listening';
import { createLog, runParlour, StartEnded } from '../main';
import { PluginsRefused } from '../plugins/load';
import { reloadFile } from '../reload-file';
import { watchSignals } from '../signals';
import { StoreRefused } from '../store/failures';
import { Ended, EXIT } from './ending';

const unusable = (file: string, sentences: readonly string[]): Ended =>
  new Ended(EXIT.usage, [`The configuration ${file} cannot be used:`, ...sentences].join('\n'));

function readConfig(file: string): Config {
  try {
    return loadConfig(file);
  } catch (error) {
    throw error instanceof ConfigRefused ? unusable(file, error.mistakes) : error;
  }
}

/** The same error as sentences, if the operator can mend it. */
function explained(file: string, error: unknown): unknown {
  if (error instanceof ConfigRefused) return unusable(file, error.mistakes);
  if (error instanceof PluginsRefused) return unusable(file, error.sentences);
  if (error instanceof FeatureClash) return new Ended(EXIT.usage, error.message);
  if (error instanceof ListenRefused) return new Ended(EXIT.refused, error.message);
  // Restarting does not fix a module that does not load.
  if (error instanceof StoreRefused) return new Ended(error.reason === 'module' ? EXIT.usage : EXIT.refused, error.message);
  return error;
}

/** Runs the rooms until the end is wished for. Throws Ended for what an operator can mend. */
export async function run(file: string): Promise<void> {
  // Few young objects survive a collection: helper threads of the collector would only take processors from the store's threads.
  setFlagsFromString('--no-parallel-scavenge');
  const config = readConfig(file);
  const log = createLog(config.log);
  const signals = watchSignals('reloads');
  try {
    const parlour = await runParlour(config, log, () => signals.stop('ended by an administrator or an operator'), {
      starting: signals.starting,
      readAgain: (running) => reloadFile(file, running, log),
    });
    process.on('SIGUSR2', () => parlour.plugins.enable());
    signals.onReload(() => {
      try {
        reloadFile(file, parlour, log);
      } catch (error) {
        // What is wrong with the file was logged.
        if (!(error instanceof ConfigRefused)) throw error;
      }
    });
    await signals.untilStopped(parlour, log);
  } catch (error) {
    // Ignore start errors: it was told to stop.
    if (signals.starting.aborted && (error instanceof StartEnded || error instanceof StoreRefused)) process.exit(0);
    throw explained(file, error);
  }
}

export interface Checking {
  readonly config: string;
  readonly integrity?: boolean;
  readonly migration?: boolean;
}

/** What was found, as sentences. Throws Ended if something is not as it must be. */
export async function checked({ config: file, integrity = false, migration = false }: Checking): Promise<string> {
  const config = readConfig(file);
  const found = await (migration ? checkMigration(config) : check(config, { integrity })).catch((error: unknown) => {
    throw explained(file, error);
  });
  const text = found.sentences.join('\n');
  if (!found.ok) throw new Ended(EXIT.refused, text);
  return text;
}

/** Runs the demonstration until it is ended. Throws Ended. */
export async function demonstrated(options: { readonly yes?: boolean; readonly readyFile?: string }): Promise<void> {
  await runDemo(options).catch((error: unknown) => {
    throw new Ended(EXIT.refused, error instanceof Error ? error.message : String(error));
  });
}

/** The JSON Schema of the configuration, or the description of the API. */
export const schemaOf = (what: 'configuration' | 'api'): object => (what === 'api' ? openApiOf(ROUTES) : configJsonSchema());
