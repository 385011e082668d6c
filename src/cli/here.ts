/** What `run`, `check`, `demo` and `schema` do. It is read when one of them is given: the other commands answer at once. */
import path from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { openApiOf } from '../api/openapi';
import { ROUTES } from '../api/routes';
import { check, checkMigration } from '../check';
import { configJsonSchema } from '../config';
import { runDemo } from '../demo/demo';
import { createLog, runParlour, StartEnded } from '../main';
import { reloadFile } from '../reload-file';
import { watchSignals } from '../signals';
import { StoreRefused } from '../store/failures';
import { Ended, EXIT } from './ending';
import { explained, readConfig } from './explained';
import type { Terminal } from './terminal';

/** Runs the rooms until the end is wished for. Throws Ended for what an operator can mend. */
export async function run(file: string): Promise<void> {
  // Few young objects survive a collection: helper threads of the collector would only take processors from the store's threads.
  setFlagsFromString('--no-parallel-scavenge');
  // Before the file is read: a SIGHUP that comes behind that is not lost.
  const signals = watchSignals('reloads');
  const config = readConfig(file);
  const log = createLog(config.log);
  try {
    const parlour = await runParlour(config, log, () => signals.stop('ended by an administrator or an operator'), {
      starting: signals.starting,
      readAgain: (running) => reloadFile(file, running, log),
    });
    process.on('SIGUSR2', () => parlour.plugins.enable());
    signals.onReload(() => {
      try {
        reloadFile(file, parlour, log);
      } catch {
        // What is wrong was logged, and the service goes on: SIGHUP never ends it.
      }
    });
    await signals.untilStopped(parlour, log);
  } catch (error) {
    // Ignore start errors: it was told to stop.
    if (signals.starting.aborted && (error instanceof StartEnded || error instanceof StoreRefused)) process.exit(0);
    throw explained(file, error, true);
  }
}

export interface Checking {
  readonly config: string;
  readonly integrity?: boolean;
  readonly migration?: boolean;
  /** A copy of the database that is looked at. */
  readonly copy?: string;
}

/** What was found, as sentences. Throws Ended if something is not as it must be. */
export async function checked(
  { config: file, integrity = false, migration = false, copy }: Checking,
  { folder }: Pick<Terminal, 'folder'>,
): Promise<string> {
  const config = readConfig(file);
  const looked = copy === undefined ? {} : { copy: path.resolve(folder, copy) };
  const found = await (migration ? checkMigration(config, looked) : check(config, { integrity, ...looked })).catch((error: unknown) => {
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
