/** A command that asks the running Parlour: it declares the routes that it uses, and has the options that all of them have. */
import type { Command } from 'commander';
import { confirmed, counted } from './asking';
import { Client } from './client';
import { Ended } from './ending';
import { Progress } from './progress';
import { json } from './show';
import type { Terminal } from './terminal';
import { findPlace, type Where } from './where';
import { unshielded } from './words';

/** What a command works with. */
export interface Tools {
  readonly client: Client;
  readonly terminal: Terminal;
  /** Shows an answer: as JSON to programs that ask for it, otherwise as `text` says. */
  readonly show: (answer: unknown, text: () => string) => void;
  /** Goes on if they say yes, or said so with --yes. Throws Ended. */
  readonly confirmed: (what: string) => Promise<void>;
  /** Goes on if they give back how many there are. Throws Ended. */
  readonly counted: (what: string, number: number, said: string | undefined) => Promise<void>;
  readonly progress: (what: string, of?: number) => Progress;
}

interface Common extends Where {
  readonly json?: boolean;
  readonly yes?: boolean;
}

const routesOf = new WeakMap<Command, readonly string[]>();

/** The routes that a command declares; undefined: it does not ask the running Parlour. */
export const declaredRoutes = (command: Command): readonly string[] | undefined => routesOf.get(command);

/**
 * Makes a command one that asks. `routes`: as `GET /v1/rooms/:room`. `run`: what it does, with the command's own options and its arguments;
 * it throws Ended for what is refused.
 */
export function asks<Options extends object, Words extends readonly unknown[]>(
  command: Command,
  terminal: Terminal,
  routes: readonly string[],
  run: (tools: Tools, options: Options, ...words: Words) => Promise<void>,
): Command {
  routesOf.set(command, routes);
  return command
    .option('-c, --config <file>', 'the configuration of the Parlour that is meant')
    .option('--socket <path>', 'its socket, instead of the configuration')
    .option('--url <url>', 'its API over the network, with the token in PARLOUR_TOKEN')
    .option('--json', 'answer as JSON, for programs')
    .action(async (...given: unknown[]) => {
      const written = given.at(-2) as Options & Common;
      const options = Object.fromEntries(Object.entries(written).map(([name, value]) => [name, unshielded(value)])) as typeof written;
      const words = given.slice(0, -2).map(unshielded) as unknown as Words;
      const client = new Client(findPlace(options, terminal), terminal.login, routes);
      try {
        await run(toolsFor(client, terminal, options), options, ...words);
      } catch (error) {
        if (options.json === true && error instanceof Ended && error.problem)
          throw new Ended(error.code, json(error.problem), error.problem);
        throw error;
      }
    });
}

function toolsFor(client: Client, terminal: Terminal, options: Common): Tools {
  return {
    client,
    terminal,
    show: (answer, text) => terminal.out(`${options.json === true ? json(answer) : text()}\n`),
    confirmed: (what) => confirmed(terminal, what, options.yes === true),
    counted: (what, number, said) => counted(terminal, what, number, said),
    progress: (what, of) => new Progress(terminal, what, of),
  };
}

/** Adds --yes, for what destroys something. */
export const destructive = (command: Command): Command => command.option('--yes', 'do it without asking');
