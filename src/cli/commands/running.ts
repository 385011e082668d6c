/** The service itself: run, check, demo. They run on this machine and ask nobody. */
import { setFlagsFromString } from 'node:v8';
import { Option, type Command } from 'commander';
import { check, checkMigration } from '../../check';
import { ConfigRefused, loadConfig, type Config } from '../../config';
import { runDemo } from '../../demo/demo';
import { FeatureClash } from '../../features/one-per-key';
import { ListenRefused } from '../../http/listening';
import { createLog, runParlour, StartEnded } from '../../main';
import { PluginsRefused } from '../../plugins/load';
import { reloadFile } from '../../reload-file';
import { watchSignals } from '../../signals';
import { StoreRefused } from '../../store/failures';
import { Ended, EXIT } from '../ending';
import type { Terminal } from '../terminal';

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

async function run(file: string): Promise<void> {
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

interface Checking {
  readonly config: string;
  readonly integrity?: boolean;
  readonly migration?: boolean;
}

async function checked({ config: file, integrity = false, migration = false }: Checking, out: Terminal['out']): Promise<void> {
  const config = readConfig(file);
  const found = await (migration ? checkMigration(config) : check(config, { integrity })).catch((error: unknown) => {
    throw explained(file, error);
  });
  const text = found.sentences.join('\n');
  if (!found.ok) throw new Ended(EXIT.refused, text);
  out(`${text}\n`);
}

export function running(program: Command, terminal: Terminal): void {
  program.commandsGroup('Running Parlour:');
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
    .action((options: Checking) => checked(options, terminal.out));
  program
    .command('demo')
    .description('run a private Prosody on loopback with Parlour attached and a web client, until Ctrl-C')
    .option('--yes', 'install Prosody without asking if it is missing (apt, as root)')
    .option('--ready-file <file>', 'write ports and accounts there as JSON once everything runs')
    .action(async (options: { yes?: boolean; readyFile?: string }) => {
      await runDemo(options).catch((error: unknown) => {
        throw new Ended(EXIT.refused, error instanceof Error ? error.message : String(error));
      });
    });
}
