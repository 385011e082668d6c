/** The configuration file: writing the first one, showing it, changing a key of it. */
import { Option, type Command } from 'commander';
import { asks } from '../asks';
import type { Init } from '../config-file';
import { configFile } from '../lazy';
import type { Terminal } from '../terminal';

interface Named {
  readonly config?: string;
}

const RELOAD = ['POST /v1/reload'];

export function configuring(program: Command, terminal: Terminal): void {
  program.commandsGroup('The configuration:');
  program
    .command('init')
    .description('write a configuration and a secret, and print what the XMPP server needs; asks for what is not given')
    .option('-c, --config <file>', 'the file to write', 'component.json')
    .option('--users <domain>', "the domain of the server's users")
    .option('--domain <domain>', 'the domain of the rooms')
    .option('--host <host>', 'where the XMPP server is; default: 127.0.0.1')
    .option('--port <port>', 'its port for components; default: 5347')
    .option('--database <file>', 'the file of the database')
    .option(
      '--admin <jid>',
      'an administrator of the service; may be given more than once',
      (jid: string, all: string[]) => [...all, jid],
      [],
    )
    .addOption(new Option('--server <name>', 'print the lines for this server alone').choices(['prosody', 'ejabberd']))
    .action((options: Init) => configFile().init(options, terminal));
  const config = program.command('config').description('show and change the configuration file');
  config
    .command('show [key]')
    .description('print what the file comes to, with defaults and without the secret')
    .option('-c, --config <file>', 'the configuration, a JSON file')
    .action((key: string | undefined, { config: named }: { config?: string }) => {
      terminal.out(`${configFile().shownKey(key, named, terminal)}\n`);
    });
  asks(
    config
      .command('set <key> <value>')
      .description('change a key (limits.history) in the file, and have the running Parlour take it; the value is JSON or text'),
    terminal,
    RELOAD,
    (tools, options: Named, key: string, written: string) => configFile().change(tools, options, key, written),
  );
  asks(
    config.command('unset <key>').description('take a key out of the file, so that its default holds'),
    terminal,
    RELOAD,
    (tools, options: Named, key: string) => configFile().change(tools, options, key, undefined),
  );
}
