#!/usr/bin/env -S node --max-semi-space-size=32
/** The `parlour` command: run, check, demo, schema, version. Exit codes: 0 well, 1 something did not work, 2 the command line, the configuration or the installation is wrong. */
import './early-end';
import { setFlagsFromString } from 'node:v8';
import { Command, Option } from 'commander';
import { check, checkMigration } from './check';
import { runDemo } from './demo/demo';
import { ConfigRefused, configJsonSchema, loadConfig, type Config } from './config';
import { FeatureClash } from './features/one-per-key';
import { createLog, runParlour, StartEnded, VERSION } from './main';
import { openApiOf } from './api/openapi';
import { ROUTES } from './api/routes';
import { ListenRefused } from './http/listening';
import { StoreRefused } from './store/failures';
import { PluginsRefused } from './plugins/load';
import { reloadFile } from './reload-file';
import { watchSignals } from './signals';

/** Ends the program with sentences for people. */
function refuse(sentences: readonly string[], code: number): never {
  for (const sentence of sentences) process.stderr.write(`${sentence}\n`);
  process.exit(code);
}

function readConfig(file: string): Config {
  try {
    return loadConfig(file);
  } catch (error) {
    if (error instanceof ConfigRefused) refuse([`The configuration ${file} cannot be used:`, ...error.mistakes], 2);
    throw error;
  }
}

/** Ends with sentences if the operator can fix the error, otherwise rethrows it. */
function explain(file: string, error: unknown): never {
  if (error instanceof ConfigRefused) refuse([`The configuration ${file} cannot be used:`, ...error.mistakes], 2);
  if (error instanceof PluginsRefused) refuse([`The configuration ${file} cannot be used:`, ...error.sentences], 2);
  if (error instanceof FeatureClash) refuse([error.message], 2);
  // Restarting does not fix a module that does not load.
  if (error instanceof ListenRefused) refuse([error.message], 1);
  if (error instanceof StoreRefused) refuse([error.message], error.reason === 'module' ? 2 : 1);
  throw error;
}

async function run(file: string): Promise<void> {
  // Few young objects survive a collection: helper threads of the collector would only take processors from the store's threads.
  setFlagsFromString('--no-parallel-scavenge');
  // Before the file is read: a SIGHUP that comes behind that is not lost.
  const signals = watchSignals('reloads');
  const config = readConfig(file);
  const log = createLog(config.log);
  try {
    const parlour = await runParlour(config, log, () => signals.stop('ended by an administrator or an operator'), signals.starting);
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
    explain(file, error);
  }
}

async function checkConfig(file: string, { integrity, migration }: { integrity: boolean; migration: boolean }): Promise<void> {
  const config = readConfig(file);
  try {
    const { ok, sentences } = await (migration ? checkMigration(config) : check(config, { integrity }));
    if (!ok) refuse(sentences, 1);
    process.stdout.write(`${sentences.join('\n')}\n`);
  } catch (error) {
    explain(file, error);
  }
}

const program = new Command('parlour')
  .description('Group chat for XMPP (XEP-0045), attached to any server by XEP-0114.')
  .version(VERSION)
  // Restarting does not mend a command line: a unit that has a mistake in it must not be started for ever.
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2));

program
  .command('run')
  .description('attach to the server named in the configuration and run the rooms')
  .requiredOption('-c, --config <file>', 'the configuration, a JSON file')
  .action(({ config }: { config: string }) => run(config));

program
  .command('check')
  .description('validate the configuration, then try the database and the link')
  .requiredOption('-c, --config <file>', 'the configuration, a JSON file')
  .option('--integrity', 'read the whole database first, and say whether it is sound')
  .addOption(new Option('--migration', 'say instead what the next start would change in the database').conflicts('integrity'))
  .action(({ config, integrity = false, migration = false }: { config: string; integrity?: boolean; migration?: boolean }) =>
    checkConfig(config, { integrity, migration }),
  );

program
  .command('demo')
  .description('run a private Prosody on loopback with Parlour attached and a web client, until Ctrl-C')
  .option('--yes', 'install Prosody without asking if it is missing (apt, as root)')
  .option('--ready-file <file>', 'write ports and accounts there as JSON once everything runs')
  .action((options: { yes?: boolean; readyFile?: string }) =>
    runDemo(options).catch((error: unknown) => refuse([error instanceof Error ? error.message : String(error)], 1)),
  );

program
  .command('schema')
  .description('print the JSON Schema of the configuration, for editors')
  .option('--api', 'print the description of the HTTP API instead (OpenAPI 3.1)')
  .action(({ api = false }: { api?: boolean }) => {
    process.stdout.write(`${JSON.stringify(api ? openApiOf(ROUTES) : configJsonSchema(), null, 2)}\n`);
  });

program
  .command('version')
  .description('print the version')
  .action(() => {
    process.stdout.write(`${VERSION}\n`);
  });

program.parseAsync().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exit(1);
});
