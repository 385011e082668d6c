/** Tokens, by which programs use the API over the network. */
import { Argument, Option, type Command } from 'commander';
import { asks, destructive } from '../asks';
import { Ended, EXIT } from '../ending';
import { table, when } from '../show';
import type { Terminal } from '../terminal';

interface Token {
  readonly name: string;
  readonly scope: string;
  readonly rooms: string;
  readonly createdAt: string;
  readonly createdBy: string;
  readonly postAs: string | null;
  readonly state: string;
}

interface Creating {
  readonly scope?: string;
  readonly rooms: string;
  readonly postAs?: string;
}

export function tokens(program: Command, terminal: Terminal): void {
  program.commandsGroup('Programs:');
  const under = program.command('token').description('tokens for programs: create, list, revoke');
  asks(
    under
      .command('create <name>')
      .description('make a token; it is printed once, and only its hash is kept')
      .addOption(new Option('--scope <scope>', 'what it may').choices(['read', 'moderate', 'administer', 'post']))
      .addOption(new Option('--post-as <nick>', 'it posts in one room (--rooms) under this nickname, and may nothing else (--scope post)'))
      .option('--rooms <pattern>', 'the rooms that it is for, in which * stands for any text', '*'),
    terminal,
    ['POST /v1/tokens'],
    async ({ client, show }, { scope, rooms, postAs }: Creating, name: string) => {
      if (scope === undefined && postAs === undefined) throw new Ended(EXIT.usage, 'What may it? Say --scope SCOPE or --post-as NICK.');
      if (scope === 'post' && postAs === undefined)
        throw new Ended(EXIT.usage, 'A token that posts does so under a nickname, in one room: say --post-as NICK --rooms ROOM too.');
      if (scope !== undefined && scope !== 'post' && postAs !== undefined)
        throw new Ended(EXIT.usage, `A token of --scope ${scope} has no nickname. Leave out --post-as, or make two tokens.`);
      const body = { name, scope: scope ?? 'post', rooms, postAs };
      const made = await client.ask<Token & { token: string }>('POST /v1/tokens', { body });
      show(made, () => made.token);
    },
  );
  asks(under.command('list').description('list the tokens that there are'), terminal, ['GET /v1/tokens'], async ({ client, show }) => {
    const found = await client.list<Token>('GET /v1/tokens');
    show(found, () =>
      table(
        ['NAME', 'SCOPE', 'ROOMS', 'POSTS AS', 'MADE AT', 'MADE BY', 'STATE'],
        found.map(({ name, scope, rooms, postAs, createdAt, createdBy, state }) => [
          ...[name, scope, rooms, postAs, when(createdAt), createdBy],
          state.replace('-', ' '),
        ]),
        'There are no tokens.',
      ),
    );
  });
  asks(
    destructive(
      under
        .command('revoke')
        .addArgument(new Argument('<name>', 'as "token list" has it'))
        .description('let nobody in by this token any more'),
    ),
    terminal,
    ['DELETE /v1/tokens/:name'],
    async ({ client, show, confirmed }, _: object, name: string) => {
      await confirmed(`Whoever uses the token ${name} will be refused.`);
      show(await client.ask('DELETE /v1/tokens/:name', { path: { name } }), () => 'Revoked.');
    },
  );
}
