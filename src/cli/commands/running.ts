/** The service itself: run, check, demo. They run on this machine and ask nobody. */
import { Option, type Command } from 'commander';
import type { Checking } from '../here';
import type { Terminal } from '../terminal';

export function running(program: Command, terminal: Terminal): void {
  program.commandsGroup('Running Parlour:');
  program
    .command('run')
    .description('attach to the server named in the configuration and run the rooms')
    .requiredOption('-c, --config <file>', 'the configuration, a JSON file')
    .action(async ({ config }: { config: string }) => (await import('../here.js')).run(config));
  program
    .command('check')
    .description('validate the configuration, then try the database and the link')
    .requiredOption('-c, --config <file>', 'the configuration, a JSON file')
    .option('--integrity', 'read the whole database first, and say whether it is sound')
    .option('--copy <file>', 'look at a copy of the database, such as a backup, and leave the link alone')
    .addOption(new Option('--migration', 'say instead what the next start would change in the database').conflicts('integrity'))
    .action(async (options: Checking) => terminal.out(`${await (await import('../here.js')).checked(options, terminal)}\n`));
  program
    .command('demo')
    .description('run a private Prosody on loopback with Parlour attached and a web client, until Ctrl-C')
    .option('--yes', 'install Prosody without asking if it is missing (apt, as root)')
    .option('--ready-file <file>', 'write ports and accounts there as JSON once everything runs')
    .action(async (options: { yes?: boolean; readyFile?: string }) => (await import('../here.js')).demonstrated(options));
}
