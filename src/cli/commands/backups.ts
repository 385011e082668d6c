/** Backups, and what is done to the database while no Parlour runs on it: restoring, erasing again, another domain. */
import type { Command } from 'commander';
import { asks, destructive } from '../asks';
import type { Again, Offline } from '../database';
import { database } from '../lazy';
import { many, table, when } from '../show';
import type { Terminal } from '../terminal';

interface Listed {
  readonly backups: readonly { readonly name: string; readonly at: string; readonly kind: string; readonly bytes: number }[];
  readonly underWay: number | null;
}

interface Made {
  readonly name: string;
  readonly bytes: number;
  readonly rooms: number;
  readonly messages: number;
}

/** Between two looks at how far a backup is, in milliseconds. */
const LOOK_MS = 500;
const MIB = 1024 * 1024;
const mib = (bytes: number): string => `${(bytes / MIB).toFixed(1)} MiB`;

function backup(command: Command, terminal: Terminal): void {
  asks(command, terminal, ['POST /v1/backups', 'GET /v1/backups'], async ({ client, show, progress }) => {
    const bar = progress('Copied, in percent:', 100);
    const look = async (): Promise<void> => {
      const { underWay } = await client.ask<Listed>('GET /v1/backups');
      bar.at(Math.round((underWay ?? 0) * 100));
    };
    await look();
    // The backup itself says what is wrong.
    const looking = setInterval(() => void look().catch(() => undefined), LOOK_MS);
    try {
      const made = await client.ask<Made>('POST /v1/backups');
      bar.end();
      show(
        made,
        () => `${made.name} is made and checked: ${many(made.rooms, 'room')}, ${many(made.messages, 'message')}, ${mib(made.bytes)}.`,
      );
    } finally {
      clearInterval(looking);
      bar.end();
    }
  });
}

function backups(command: Command, terminal: Terminal): void {
  asks(command, terminal, ['GET /v1/backups'], async ({ client, show }) => {
    const found = await client.ask<Listed>('GET /v1/backups');
    show(found, () =>
      table(
        ['BACKUP', 'MADE', 'KIND', 'SIZE'],
        found.backups.map(({ name, at, kind, bytes }) => [name, when(at), kind, mib(bytes)]),
        'There is none.',
      ),
    );
  });
}

export function keeping(program: Command, terminal: Terminal): void {
  const config = '-c, --config <file>';
  const theFile = 'the configuration, a JSON file';
  program.commandsGroup('Backups, and the database:');
  backup(program.command('backup').description('make a backup in the folder that the configuration names'), terminal);
  backups(program.command('backups').description('list the backups in that folder'), terminal);
  destructive(program.command('restore <file>'))
    .description('put a backup in the place of the database, while Parlour does not run')
    .requiredOption(config, theFile)
    .action(async (file: string, options: Offline) => {
      terminal.out(`${await database().restored(file, options, terminal)}\n`);
    });
  destructive(program.command('erase-again <replaced>'))
    .description('erase again, in a database that was restored, what the replaced one had erased; while Parlour does not run')
    .requiredOption(config, theFile)
    .option('--number <number>', 'how many rooms are to be destroyed, instead of being asked')
    .action(async (replaced: string, options: Again) => {
      terminal.out(`${await database().erasedAgain(replaced, options, terminal)}\n`);
    });
  destructive(program.command('change-domain <old>'))
    .description('move all rooms of the database from another domain to that of the configuration, while Parlour does not run')
    .requiredOption(config, theFile)
    .action(async (old: string, options: Offline) => {
      terminal.out(`${await database().movedFrom(old, options, terminal)}\n`);
    });
}
