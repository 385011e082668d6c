/** Options that several commands about people share: how long it holds, and why. */
import { Option, type Command } from 'commander';

/** When it ends by itself. */
export interface Ending {
  readonly for?: string;
  readonly until?: string;
}

/** Adds --for and --until. */
export const ending = (command: Command): Command =>
  command
    .addOption(new Option('--for <length>', 'how long it holds: 30m, 12h, 2d, 1w').conflicts('until'))
    .option('--until <time>', 'when it ends, such as 2026-01-31T12:00:00Z');

/** Adds --reason. */
export const reasoned = (command: Command): Command => command.option('--reason <text>', 'why, for them and for the audit trail');
