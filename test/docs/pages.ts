/** Pages of the manual that are made from the program: every command (docs/commands.md), and acts by faces (docs/acts.md). */
import type { Command, Option } from 'commander';
import { declaredRoutes } from '../../src/cli/asks';
import { createProgram } from '../../src/cli/program';
import { ownTerminal } from '../../src/cli/terminal';
import { ACTS, type ActRow } from './acts';

export interface NamedCommand {
  /** As `room show`. */
  readonly name: string;
  readonly command: Command;
  readonly group: string;
  /** undefined: it asks nobody. */
  readonly routes: readonly string[] | undefined;
}

/** Every command that can be given, in the order of help. */
export function allCommands(): NamedCommand[] {
  const walk = (command: Command, name: string, group: string): NamedCommand[] => {
    const under = command.commands.flatMap((one) =>
      walk(one, `${name} ${one.name()}`.trim(), group === '' ? (one.helpGroup() ?? '') : group),
    );
    const routes = declaredRoutes(command);
    return name !== '' && (routes || under.length === 0) ? [{ name, command, group, routes }, ...under] : under;
  };
  return walk(createProgram(ownTerminal()), '', '');
}

/** Options that every command that asks has. */
const COMMON = ['--config', '--socket', '--url', '--json', '--yes'];

const cell = (text: string): string => text.replace(/\|/g, '\\|');

function optionLine({ flags, description, defaultValue, argChoices, mandatory }: Option): string {
  const choices = argChoices ? `; ${argChoices.join(', ')}` : '';
  const given = typeof defaultValue === 'string' ? `; default: ${defaultValue}` : '';
  return `- \`${flags}\`${mandatory ? ' (needed)' : ''}: ${description}${choices}${given}`;
}

function section({ name, command, routes }: NamedCommand): string {
  const words = command.registeredArguments.map((one) => {
    const { required, variadic } = one;
    const word = `${one.name()}${variadic ? '...' : ''}`;
    return required ? `<${word}>` : `[${word}]`;
  });
  const choices = command.registeredArguments.flatMap((one) =>
    one.argChoices ? [`\`${one.name()}\`: ${one.argChoices.join(', ')}.`] : [],
  );
  const own = command.options.filter(({ long }) => routes === undefined || !COMMON.includes(long ?? ''));
  const asks =
    command.options.some(({ long }) => long === '--yes') && routes !== undefined
      ? ' Before it destroys anything it asks; `--yes` answers.'
      : '';
  const sentence = command.description();
  return [
    `### \`${['parlour', name, ...words].join(' ')}\``,
    '',
    `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}.${asks}${choices.length > 0 ? ` ${choices.join(' ')}` : ''}`,
    ...(own.length > 0 ? ['', ...own.map(optionLine)] : []),
    '',
  ].join('\n');
}

const COMMANDS_HEAD = `# Commands

The command is \`parlour\` (\`node dist/src/cli.js\` in a checkout). \`run\`, \`check\`, \`demo\`, \`schema\`, \`version\` and \`completion\` work by themselves; all others ask the running Parlour over
[its API](api.md) and open no file of it. This page is made from the program (\`node dist/test/docs/write.js\`).

## Whom it asks

At the Unix socket, which is for the user as whom Parlour runs, and for root. It is found by the first of these that there is: \`--url\`, \`--socket\`, \`--config\`; the environment's
\`PARLOUR_URL\`, \`PARLOUR_SOCKET\`, \`PARLOUR_CONFIG\`; \`component.json\` in the folder, \`/etc/parlour/component.json\`. Over the network, with \`--url\` (the key \`api.listen\`), it needs a token in
\`PARLOUR_TOKEN\`, and can do what the token can.

## What all have in common

- Rooms are named by their address or by what stands before the \`@\`.
- \`--json\`: the answer as JSON, on standard output; a refusal too, on standard error. Without it there are tables for people, which may change.
- \`--yes\`: what destroys something asks at a terminal, and elsewhere needs it. What destroys many rooms shows them, and wants their number: typed, or as \`--number\`.
- Control characters and what turns the direction of text, in names and messages of strangers, are shown as their codes: \`\\u{202e}\`.
- Long work shows on standard error how far it is, if that is a terminal.

| exit code | |
|---|---|
| 0 | It was done. |
| 1 | It was refused or did not work, at least in part; \`status\`: the link is down, or Parlour is not ready. |
| 2 | The command line, the configuration or the installation is wrong. Trying again mends nothing. |
| 3 | The running Parlour cannot be reached. |
| 4 | Nobody said yes, or nobody was there to be asked. Nothing was done. |
| 70 | \`run\`: a mistake in the program, which the log tells. \`demo\` ends with 130 if Ctrl-C ends it before it runs. |

Shells complete commands: \`parlour completion bash > /etc/bash_completion.d/parlour\`; for zsh into a folder of \`$fpath\` as \`_parlour\`, for fish into \`~/.config/fish/completions/parlour.fish\`.
`;

export function commandsPage(): string {
  let group = '';
  const parts = allCommands().map((one) => {
    const head = one.group === group ? '' : `## ${one.group.replace(/:$/, '')}\n\n`;
    group = one.group;
    return head + section(one);
  });
  return `${COMMANDS_HEAD}\n${parts.join('\n')}`;
}

const ACTS_HEAD = `# Acts and faces

What those who run rooms can do, and by which face: the [HTTP API](api.md), the [command line](commands.md), or commands in clients (XEP-0050) at the service for its administrators, or at
a room. Each cell is played by a test, and a route or command that stands in no row fails one. The configuration file is of the machine: whoever may write it changes it. This page is
made from \`test/docs/acts.ts\` (\`node dist/test/docs/write.js\`).

| act | HTTP | command line | in clients |
|---|---|---|---|
`;

const listed = (cellOf: readonly string[] | { readonly because: string }): string =>
  'because' in cellOf ? `not here, because ${cellOf.because}` : cellOf.map((one) => `\`${one}\``).join(', ');

function adHoc({ adHoc: one }: ActRow): string {
  if ('because' in one) return `not here, because ${one.because}`;
  const { service, room } = one;
  return [...(service ? [`at the service: ${listed(service)}`] : []), ...(room ? [`at the room: ${listed(room)}`] : [])].join('; ');
}

export function actsPage(): string {
  const rows = ACTS.map((row) => `| ${[row.act, listed(row.http), listed(row.commandLine), adHoc(row)].map(cell).join(' | ')} |`);
  return `${ACTS_HEAD}${rows.join('\n')}\n`;
}
