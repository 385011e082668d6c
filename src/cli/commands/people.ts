/** People in rooms and on their lists: who is there, and what admins do to them. */
import { Argument, Option, type Command } from 'commander';
import { asks, destructive } from '../asks';
import { Ended, EXIT } from '../ending';
import { many, table, when } from '../show';
import type { Terminal } from '../terminal';
import { failed } from './rooms';

interface Occupant {
  readonly nick: string;
  readonly occupantId: string;
  readonly jid: string | null;
  readonly affiliation: string;
  readonly role: string;
  readonly sessions: number;
}

interface Affiliated {
  readonly jid: string;
  readonly affiliation: string;
  readonly nick: string | null;
  readonly reason: string | null;
  readonly setBy: string | null;
  readonly setAt: string;
  readonly until: string | null;
}

interface Waiting {
  readonly kind: string;
  readonly jid: string;
  readonly id: string | null;
  readonly at: string | null;
  readonly about: string | null;
}

const LISTS = ['owner', 'admin', 'member', 'outcast'] as const;
/** When it ends by itself. */
interface Ending {
  readonly for?: string;
  readonly until?: string;
}

const ending = (command: Command): Command =>
  command
    .addOption(new Option('--for <length>', 'how long it holds: 30m, 12h, 2d, 1w').conflicts('until'))
    .option('--until <time>', 'when it ends, such as 2026-01-31T12:00:00Z');
const reasoned = (command: Command): Command => command.option('--reason <text>', 'why, for them and for the audit trail');

interface Banning extends Ending {
  readonly room?: string[];
  readonly everywhere?: boolean;
  readonly reason?: string;
}

/** Bans, or lifts bans: in the rooms that are named, or in all that there are. */
function bans(command: Command, terminal: Terminal, lift: boolean): void {
  (lift ? reasoned(command) : ending(reasoned(command)))
    .option('--room <room...>', 'in these rooms')
    .addOption(new Option('--everywhere', 'in every room that there is').conflicts('room'));
  const routes = ['POST /v1/rooms/:room/affiliations', 'POST /v1/bans', 'GET /v1/status'];
  const [is, was] = lift ? ['no longer banned', 'be let in again'] : ['banned', 'be banned'];
  asks(
    destructive(command),
    terminal,
    routes,
    async ({ client, show, confirmed, progress }, { room, everywhere = false, reason, for: lasts, until }: Banning, jids: string[]) => {
      if (room) {
        const items = jids.map((jid) => ({ jid, affiliation: lift ? 'none' : 'outcast', reason, for: lasts, until }));
        for (const one of room) await client.ask('POST /v1/rooms/:room/affiliations', { path: { room: one }, body: { items } });
        show({ rooms: room.length, failures: [] }, () => `${jids.join(', ')}: ${is} in ${many(room.length, 'room')}.`);
        return;
      }
      if (!everywhere) throw new Ended(EXIT.usage, 'Where? Say --room ROOM or --everywhere.');
      const { rooms: all } = await client.ask<{ rooms: number }>('GET /v1/status');
      await confirmed(`${jids.join(', ')} will ${was} in all rooms, which are ${all}.`);
      const done = { rooms: 0, failures: [] as { room: string; detail: string }[] };
      const seen = progress('Rooms:', all);
      for (let after: string | null | undefined; after !== null;) {
        const body: object = { jids, lift, reason, for: lasts, until, after };
        const part: typeof done & { next: string | null } = await client.ask('POST /v1/bans', { body });
        done.rooms += part.rooms;
        done.failures.push(...part.failures);
        after = part.next;
        seen.at(done.rooms);
      }
      seen.end();
      show(done, () => `${jids.join(', ')}: ${is} in ${many(done.rooms - done.failures.length, 'room')}.`);
      failed(done.failures);
    },
  );
}

function affiliations(command: Command, terminal: Terminal): void {
  command.addArgument(new Argument('[affiliation]', 'only these').choices(LISTS));
  asks(
    command,
    terminal,
    ['GET /v1/rooms/:room/affiliations'],
    async ({ client, show }, _: object, room: string, only: string | undefined) => {
      const found: Affiliated[] = [];
      for (const affiliation of only === undefined ? LISTS : [only])
        found.push(...(await client.list<Affiliated>('GET /v1/rooms/:room/affiliations', { path: { room }, query: { affiliation } })));
      show(found, () =>
        table(
          ['JID', 'AFFILIATION', 'NICK', 'SET BY', 'SET AT', 'UNTIL', 'REASON'],
          found.map((one) => [one.jid, one.affiliation, one.nick, one.setBy, when(one.setAt), when(one.until), one.reason]),
          'Nobody.',
        ),
      );
    },
  );
}

function roles(program: Command, terminal: Terminal): void {
  const route = 'POST /v1/rooms/:room/roles';
  asks(
    reasoned(program.command('kick <room> <nicks...>').description('put people out of the room')),
    terminal,
    [route],
    async ({ client, show }, { reason }: { reason?: string }, room: string, nicks: string[]) => {
      const items = nicks.map((nick) => ({ nick, role: 'none', reason }));
      show(await client.ask(route, { path: { room }, body: { items } }), () => `Kicked: ${many(nicks.length, 'person', 'people')}.`);
    },
  );
  const role = new Argument('<role>', 'what they are in the room from now on').choices(['moderator', 'participant', 'visitor']);
  asks(
    reasoned(program.command('role <room> <nick>').addArgument(role).description('change the role of somebody in the room')),
    terminal,
    [route],
    async ({ client, show }, { reason }: { reason?: string }, room: string, nick: string, to: string) => {
      show(await client.ask(route, { path: { room }, body: { items: [{ nick, role: to, reason }] } }), () => 'Changed.');
    },
  );
}

function queues(program: Command, terminal: Terminal): void {
  asks(
    program.command('queues <room>').description('list what waits for an answer in the room'),
    terminal,
    ['GET /v1/rooms/:room/queues'],
    async ({ client, show }, _: object, room: string) => {
      const waiting = await client.list<Waiting>('GET /v1/rooms/:room/queues', { path: { room } });
      show(waiting, () =>
        table(
          ['WHAT', 'WHOSE', 'ID', 'SINCE', 'ABOUT'],
          waiting.map(({ kind, jid, id, at, about }) => [kind, jid, id, when(at), about]),
          'Nothing waits.',
        ),
      );
    },
  );
  const kind = new Argument('<what>', 'what waits, as "queues" lists it').choices(['registration', 'voice', 'message']);
  const answer = new Argument('<answer>', 'whether they get it').choices(['yes', 'no']);
  asks(
    program
      .command('answer <room>')
      .addArgument(kind)
      .argument('<whose>', 'the JID, or the id of a message')
      .addArgument(answer)
      .description('answer what waits in the room'),
    terminal,
    ['registration', 'voice', 'message'].map((one) => `POST /v1/rooms/:room/queues/${one}`),
    async ({ client, show }, _: object, ...words: [room: string, what: string, whose: string, yes: string]) => {
      const [room, what, whose, yes] = words;
      const body = { [what === 'message' ? 'id' : 'jid']: whose, allow: yes === 'yes' };
      show(await client.ask(`POST /v1/rooms/:room/queues/${what}`, { path: { room }, body }), () => 'Answered.');
    },
  );
}

export function people(program: Command, terminal: Terminal): void {
  program.commandsGroup('People:');
  asks(
    program.command('occupants <room>').description('list who is in the room'),
    terminal,
    ['GET /v1/rooms/:room/occupants'],
    async ({ client, show }, _: object, room: string) => {
      const found = await client.list<Occupant>('GET /v1/rooms/:room/occupants', { path: { room } });
      show(found, () =>
        table(
          ['NICK', 'JID', 'AFFILIATION', 'ROLE', 'SESSIONS', 'OCCUPANT-ID'],
          found.map(({ nick, jid, affiliation, role, sessions, occupantId }) => [nick, jid, affiliation, role, sessions, occupantId]),
          'Nobody is in.',
        ),
      );
    },
  );
  affiliations(
    program.command('affiliations <room>').description('list who owns the room, administers it, is a member, is banned'),
    terminal,
  );
  const affiliation = new Argument('<affiliation>', 'what they are from now on').choices(['owner', 'admin', 'member', 'none']);
  asks(
    ending(
      reasoned(
        program.command('affiliate <room> <jid>').addArgument(affiliation).description('make somebody owner, admin, member, or none of it'),
      ),
    ).option('--nick <nick>', 'the nickname that is kept for them'),
    terminal,
    ['POST /v1/rooms/:room/affiliations'],
    async ({ client, show }, given: Ending & { reason?: string; nick?: string }, room: string, jid: string, to: string) => {
      const items = [{ jid, affiliation: to, nick: given.nick, reason: given.reason, for: given.for, until: given.until }];
      show(await client.ask('POST /v1/rooms/:room/affiliations', { path: { room }, body: { items } }), () => 'Changed.');
    },
  );
  bans(program.command('ban <jids...>').description('ban people or domains, from one room or everywhere'), terminal, false);
  bans(program.command('unban <jids...>').description('lift bans, in one room or everywhere'), terminal, true);
  roles(program, terminal);
  asks(
    program.command('nick <room> <nick> <to>').description('give somebody in the room another nickname'),
    terminal,
    ['POST /v1/rooms/:room/nicks'],
    async ({ client, show }, _: object, room: string, nick: string, to: string) => {
      show(await client.ask('POST /v1/rooms/:room/nicks', { path: { room }, body: { nick, to } }), () => 'Changed.');
    },
  );
  asks(
    reasoned(program.command('invite <room> <jid>').description('invite somebody into the room')),
    terminal,
    ['POST /v1/rooms/:room/invitations'],
    async ({ client, show }, { reason }: { reason?: string }, room: string, jid: string) => {
      show(await client.ask('POST /v1/rooms/:room/invitations', { path: { room }, body: { jid, reason } }), () => 'Invited.');
    },
  );
  queues(program, terminal);
}
