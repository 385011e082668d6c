/** The `parlour` command: all its groups. */
import { Command, CommanderError } from 'commander';
import { VERSION } from '../version';
import { about } from './commands/about';
import { archive } from './commands/archive';
import { keeping } from './commands/backups';
import { completion } from './commands/completion';
import { configuring } from './commands/configuring';
import { hats } from './commands/hats';
import { limits } from './commands/limits';
import { people } from './commands/people';
import { rights } from './commands/rights';
import { room } from './commands/room';
import { rooms } from './commands/rooms';
import { running } from './commands/running';
import { service } from './commands/service';
import { tokens } from './commands/tokens';
import { Ended, EXIT } from './ending';
import type { Terminal } from './terminal';
import { shielded } from './words';

/** Each adds its commands, in the order in which help lists them. Whoever adds a group adds it here. */
const GROUPS: readonly ((program: Command, terminal: Terminal) => void)[] = [
  running,
  about,
  service,
  rooms,
  room,
  people,
  limits,
  hats,
  archive,
  rights,
  tokens,
  keeping,
  configuring,
  completion,
];

/** The program, which is not run yet. */
export function createProgram(terminal: Terminal): Command {
  const program = new Command('parlour')
    .description('Group chat for XMPP (XEP-0045), attached to any server by XEP-0114.')
    .version(VERSION)
    .exitOverride()
    // Options belong to the command behind whose words they stand: `rooms` and `rooms destroy` have the same.
    .enablePositionalOptions()
    .configureOutput({ writeOut: terminal.out, writeErr: terminal.err })
    .showHelpAfterError('(--help says what there is)');
  for (const group of GROUPS) group(program, terminal);
  return program;
}

/** Runs a command line; its exit code. Rejects for mistakes in the program. */
export async function runProgram(words: readonly string[], terminal: Terminal): Promise<number> {
  try {
    await createProgram(terminal).parseAsync(shielded(words), { from: 'user' });
    return EXIT.well;
  } catch (error) {
    if (error instanceof Ended) {
      if (error.message !== '') terminal.err(`${error.message}\n`);
      return error.code;
    }
    // Restarting does not mend a command line: a unit that has a mistake in it must not be started for ever.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.well : EXIT.usage;
    throw error;
  }
}
