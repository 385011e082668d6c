#!/usr/bin/env node
/** The `parlour` command: run, check, schema, demo. Exit codes: 0 well, 1 something did not work, 2 the configuration is wrong. */
import { Command } from 'commander';
import { ConfigRefused, configJsonSchema, loadConfig, type Config } from './config';
import { createLog, runParlour, VERSION } from './main';
import { StoreRefused } from './store/store';
import { untilStopped } from './signals';

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

async function run(file: string): Promise<void> {
  const config = readConfig(file);
  const log = createLog(config.log);
  try {
    const parlour = await runParlour(config, log);
    await untilStopped(parlour, log);
  } catch (error) {
    if (error instanceof ConfigRefused) refuse([`The configuration ${file} cannot be used:`, ...error.mistakes], 2);
    if (error instanceof StoreRefused) refuse([error.message], 1);
    throw error;
  }
}

const program = new Command('parlour').description('Group chat for XMPP (XEP-0045), attached to any server by XEP-0114.').version(VERSION);

program
  .command('run')
  .description('attach to the server named in the configuration and run the rooms')
  .requiredOption('--config <file>', 'the configuration, a JSON file')
  .action(({ config }: { config: string }) => run(config));

program
  .command('schema')
  .description('print the JSON Schema of the configuration, for editors')
  .action(() => {
    process.stdout.write(`${JSON.stringify(configJsonSchema(), null, 2)}\n`);
  });

program.parseAsync().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exit(1);
});
