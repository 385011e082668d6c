/** Hats of a room: which there are, who wears them, and what is done with them. */
import { Option, type Command } from 'commander';
import { asks, destructive } from '../asks';
import { table } from '../show';
import type { Terminal } from '../terminal';
import { toWhom, whomOf, type Whom } from './whom';

interface Hat {
  readonly uri: string;
  readonly title: string;
  readonly hue: string | null;
  readonly role: string | null;
  readonly mentions: boolean;
  readonly wearers: readonly string[] | null;
}

interface Making {
  readonly hue?: string;
  readonly role?: string;
  readonly mentions?: true;
}

function made(under: Command, terminal: Terminal): void {
  asks(
    under
      .command('set <room> <uri> <title>')
      .description('make a hat, or another of the one with this URI')
      .addOption(new Option('--role <role>', 'what its wearers are at least').choices(['participant', 'moderator']))
      .option('--hue <degrees>', 'its colour: 0 to 360 (XEP-0392)')
      .option('--mentions', 'its wearers may mention the whole room'),
    terminal,
    ['PUT /v1/rooms/:room/hats'],
    async ({ client, show }, { hue, role, mentions }: Making, ...[room, uri, title]: [string, string, string]) => {
      show(await client.ask('PUT /v1/rooms/:room/hats', { path: { room }, body: { uri, title, hue, role, mentions } }), () => 'Made.');
    },
  );
  asks(
    destructive(under.command('destroy <room> <uri>').description('destroy a hat; nobody wears it any more')),
    terminal,
    ['POST /v1/rooms/:room/hats/destroy'],
    async ({ client, show, confirmed }, _: object, room: string, uri: string) => {
      await confirmed(`Whoever wears the hat ${uri} will wear it no longer, and lose what it gave them.`);
      show(await client.ask('POST /v1/rooms/:room/hats/destroy', { path: { room }, body: { uri } }), () => 'Destroyed.');
    },
  );
}

function worn(under: Command, terminal: Terminal): void {
  for (const [name, description, done] of [
    ['assign', 'give a hat to somebody', 'Given.'],
    ['unassign', 'take a hat from somebody', 'Taken.'],
  ] as const) {
    const route = `POST /v1/rooms/:room/hats/${name}`;
    asks(
      toWhom(under.command(`${name} <room> <uri>`)).description(description),
      terminal,
      [route],
      async ({ client, show }, given: Whom, ...[room, uri, nick]: [string, string, string | undefined]) => {
        show(await client.ask(route, { path: { room }, body: { uri, ...whomOf(nick, given) } }), () => done);
      },
    );
  }
}

export function hats(program: Command, terminal: Terminal): void {
  program.commandsGroup('People:');
  const under = program.command('hat').description('hats of a room: list, set, destroy, assign, unassign');
  asks(
    under.command('list <room>').description('list the hats that there are in the room, and who wears them'),
    terminal,
    ['GET /v1/rooms/:room/hats'],
    async ({ client, show }, _: object, room: string) => {
      const found = await client.list<Hat>('GET /v1/rooms/:room/hats', { path: { room } });
      show(found, () =>
        table(
          ['TITLE', 'URI', 'ROLE', 'MENTIONS ALL', 'WORN BY'],
          found.map(({ title, uri, role, mentions, wearers }) => [title, uri, role, mentions, (wearers ?? []).join(', ')]),
          'There are none.',
        ),
      );
    },
  );
  made(under, terminal);
  worn(under, terminal);
}
