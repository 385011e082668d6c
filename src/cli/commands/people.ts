/** People in rooms and on their lists: who is there, and what admins do to them. */
import { Argument, Option, type Command } from 'commander';
import { asks, destructive, type Tools } from '../asks';
import { doubted } from '../doubted';
import { Ended, EXIT } from '../ending';
import { harmless, many, table, when } from '../show';
import type { Terminal } from '../terminal';
import { ending, reasoned, type Ending } from './lasting';
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
  readonly setByName: string | null;
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
interface Banning extends Ending {
  readonly room?: string[];
  readonly everywhere?: boolean;
  readonly reason?: string;
}

/** What came of bans in rooms. */
interface Banned {
  rooms: number;
  changed: number;
  readonly failures: { room: string; detail: string }[];
}

/** Bans, or lifts bans: in the rooms that are named, or in all that there are. */
function bans(command: Command, terminal: Terminal, lift: boolean): void {
  (lift ? reasoned(command) : ending(reasoned(command)))
    .option('--room <room...>', 'in these rooms')
    .addOption(new Option('--everywhere', 'in every room that there is').conflicts('room'));
  const routes = ['POST /v1/rooms/:room/affiliations', 'POST /v1/bans', 'GET /v1/status'];
  asks(destructive(command), terminal, routes, async (tools, given: Banning, jids: string[]) => {
    const { room, everywhere = false } = given;
    if (!room && !everywhere) throw new Ended(EXIT.usage, 'Where? Say --room ROOM or --everywhere.');
    if (room) await bansIn(tools, room, given, { jids, lift });
    else await bansEverywhere(tools, given, { jids, lift });
  });
}

interface Whom {
  readonly jids: readonly string[];
  readonly lift: boolean;
}

const cameOf = ({ jids, lift }: Whom, rooms: number): string =>
  `${jids.join(', ')}: ${lift ? 'no longer banned' : 'banned'} in ${many(rooms, 'room')}.`;

/** Room by room: what is refused in one is told, and the others are tried. */
async function bansIn(tools: Tools, rooms: readonly string[], given: Banning, { jids, lift }: Whom): Promise<void> {
  const { client, show } = tools;
  const sure = doubted(tools, rooms.join(', '));
  const how = lift ? { affiliation: 'none', only: 'banned' } : { affiliation: 'outcast', only: 'longer' };
  const items = jids.map((jid) => ({ jid, ...how, reason: given.reason, for: given.for, until: given.until }));
  const done: Banned = { rooms: rooms.length, changed: 0, failures: [] };
  const lines: string[] = [];
  for (const room of rooms) {
    try {
      const path = { room };
      const { unchanged } = await sure((more) =>
        client.ask<{ unchanged: string[] }>('POST /v1/rooms/:room/affiliations', { path, body: { items, ...more } }),
      );
      if (unchanged.length < jids.length) done.changed++;
      const as = lift ? `not banned in ${room}` : `banned in ${room} already, for as long or longer. To shorten it, lift it first`;
      for (const jid of unchanged) lines.push(harmless(`${jid} is ${as}.`));
    } catch (error) {
      if (!(error instanceof Ended) || !error.problem || (rooms.length === 1 && error.code === EXIT.usage)) throw error;
      if (rooms.length === 1) throw new Ended(error.code, `${room}: ${error.message}`, error.problem);
      done.failures.push({ room, detail: error.message });
    }
  }
  show(done, () => [...(done.changed > 0 || lines.length === 0 ? [cameOf({ jids, lift }, done.changed)] : []), ...lines].join('\n'));
  failed(done.failures);
}

async function bansEverywhere(tools: Tools, given: Banning, { jids, lift }: Whom): Promise<void> {
  const { client, show, confirmed, progress } = tools;
  const sure = doubted(tools, 'all rooms');
  const { reason, for: lasts, until } = given;
  const { rooms: all } = await client.ask<{ rooms: number }>('GET /v1/status');
  await confirmed(`${jids.join(', ')} will ${lift ? 'be let in again' : 'be banned'} in all rooms, which are ${all}.`);
  const done: Banned = { rooms: 0, changed: 0, failures: [] };
  const seen = progress('Rooms:', all);
  for (let after: string | null | undefined; after !== null;) {
    const body: object = { jids, lift, reason, for: lasts, until, after };
    const part: Banned & { next: string | null } = await sure((more) => client.ask('POST /v1/bans', { body: { ...body, ...more } }));
    done.rooms += part.rooms;
    done.changed += part.changed;
    done.failures.push(...part.failures);
    after = part.next;
    seen.at(done.rooms);
  }
  seen.end();
  const as = lift ? 'banned in none' : 'banned in them already, or it was refused';
  show(done, () =>
    done.changed > 0 ? cameOf({ jids, lift }, done.changed) : `${jids.join(', ')}: ${as}, of ${many(done.rooms, 'room')}.`,
  );
  failed(done.failures);
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
          found.map((one) => [
            one.jid,
            one.affiliation,
            one.nick,
            one.setBy ?? one.setByName,
            when(one.setAt),
            when(one.until),
            one.reason,
          ]),
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
      const refused: string[] = [];
      for (const nick of nicks) {
        try {
          await client.ask(route, { path: { room }, body: { items: [{ nick, role: 'none', reason }] } });
        } catch (error) {
          if (!(error instanceof Ended) || !error.problem) throw error;
          const sentence = `${harmless(nick)}: ${error.message}`;
          if (nicks.length === 1) throw new Ended(error.code, sentence, error.problem);
          refused.push(sentence);
        }
      }
      show(
        { kicked: nicks.length - refused.length, failures: refused },
        () => `Kicked: ${many(nicks.length - refused.length, 'person', 'people')}.`,
      );
      if (refused.length > 0) throw new Ended(EXIT.refused, refused.join('\n'));
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
