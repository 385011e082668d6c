/** What holds for somebody in a room for a time: mutes and warnings, given and taken back, and all that ends by itself. */
import type { Command } from 'commander';
import { asks } from '../asks';
import { table, when } from '../show';
import type { Terminal } from '../terminal';
import { ending, reasoned, type Ending } from './lasting';
import { toWhom, whomOf, type Whom } from './whom';

interface Limit {
  readonly kind: string;
  readonly jid: string;
  readonly since: string;
  readonly until: string | null;
  readonly by: string | null;
  readonly byName: string | null;
  readonly reason: string | null;
}

function listed(program: Command, terminal: Terminal): void {
  asks(
    program.command('limits <room>').description('list mutes, warnings, and affiliations that end by themselves'),
    terminal,
    ['GET /v1/rooms/:room/limits'],
    async ({ client, show }, _: object, room: string) => {
      const found = await client.list<Limit>('GET /v1/rooms/:room/limits', { path: { room } });
      show(found, () =>
        table(
          ['WHAT', 'JID', 'SINCE', 'UNTIL', 'BY', 'REASON'],
          found.map(({ kind, jid, since, until, by, byName, reason }) => [kind, jid, when(since), when(until), by ?? byName, reason]),
          'Nothing.',
        ),
      );
    },
  );
}

/** Adds what takes a mute or a warning back. */
function takenBack(program: Command, terminal: Terminal, [name, route, description]: readonly [string, string, string]): void {
  asks(
    toWhom(program.command(`${name} <room>`)).description(description),
    terminal,
    [route],
    async ({ client, show }, given: Whom, room: string, nick: string | undefined) => {
      show(await client.ask(route, { path: { room }, body: whomOf(nick, given) }), () => 'Taken back.');
    },
  );
}

export function limits(program: Command, terminal: Terminal): void {
  program.commandsGroup('People:');
  listed(program, terminal);
  asks(
    ending(reasoned(toWhom(program.command('mute <room>')))).description('take voice from somebody, until it is given back or its end'),
    terminal,
    ['POST /v1/rooms/:room/mutes'],
    async ({ client, show }, given: Whom & Ending & { reason?: string }, room: string, nick: string | undefined) => {
      const body = { ...whomOf(nick, given), reason: given.reason, for: given.for, until: given.until };
      show(await client.ask('POST /v1/rooms/:room/mutes', { path: { room }, body }), () => 'Muted.');
    },
  );
  takenBack(program, terminal, ['unmute', 'POST /v1/rooms/:room/unmutes', 'give voice back to somebody who is muted']);
  asks(
    ending(toWhom(program.command('warn <room>')))
      .requiredOption('--reason <text>', 'what they are warned of')
      .description('let the room warn somebody, at once or when they come; moderators see it for 30 days, or until its end'),
    terminal,
    ['POST /v1/rooms/:room/warnings'],
    async ({ client, show }, given: Whom & Ending & { reason: string }, room: string, nick: string | undefined) => {
      const body = { ...whomOf(nick, given), reason: given.reason, for: given.for, until: given.until };
      show(await client.ask('POST /v1/rooms/:room/warnings', { path: { room }, body }), () => 'Warned.');
    },
  );
  takenBack(program, terminal, ['unwarn', 'POST /v1/rooms/:room/withdrawn-warnings', 'take back what somebody was warned of']);
}
