/** One room: how it is, its configuration, its subject, its name, its end. */
import type { Command } from 'commander';
import { asks, destructive, type Tools } from '../asks';
import { Ended } from '../ending';
import { pairs, table, when } from '../show';
import type { Terminal } from '../terminal';
import { fieldsOf, type Fields } from '../words';
import { moving } from './room-files';

interface Room {
  readonly jid: string;
  readonly name: string;
  readonly locked: boolean;
  readonly createdAt: string;
  readonly creator: string | null;
  readonly persistent: boolean;
  readonly listed: boolean;
  readonly membersOnly: boolean;
  readonly moderated: boolean;
  readonly protected: boolean;
  readonly nonAnonymous: boolean;
  readonly archived: boolean;
  readonly subject: { readonly text: string; readonly nick: string; readonly setAt: string } | null;
  readonly occupants: number;
}

interface Numbers {
  readonly sessions: number;
  readonly affiliations: Readonly<Record<'owner' | 'admin' | 'member' | 'outcast', number>>;
  readonly rows: number;
  readonly latest: string;
}

interface Field {
  readonly var: string;
  readonly type: string;
  readonly label: string | null;
  readonly values: readonly string[] | null;
}

const show = (command: Command, terminal: Terminal): Command =>
  asks(
    command,
    terminal,
    ['GET /v1/rooms/:room', 'GET /v1/rooms/:room/numbers'],
    async ({ client, show: tell }, _: object, room: string) => {
      const it = await client.ask<Room>('GET /v1/rooms/:room', { path: { room } });
      const numbers = await client.ask<Numbers>('GET /v1/rooms/:room/numbers', { path: { room } });
      const { owner, admin, member, outcast } = numbers.affiliations;
      tell({ ...it, numbers }, () =>
        pairs([
          ['room', it.jid],
          ['name', it.name],
          ['subject', it.subject?.text ? `${it.subject.text} (${setterOf(it.subject)}, ${when(it.subject.setAt)})` : null],
          ['people in it', it.occupants],
          ['their sessions', numbers.sessions],
          ['owners', owner],
          ['admins', admin],
          ['members', member],
          ['banned', outcast],
          ['made by', it.creator],
          ['made at', when(it.createdAt)],
          ['last used', when(numbers.latest)],
          ['configured', !it.locked],
          ['persistent', it.persistent],
          ['in the room list', it.listed],
          ['members only', it.membersOnly],
          ['moderated', it.moderated],
          ['needs a password', it.protected],
          ['shows real JIDs', it.nonAnonymous],
          ['archived', it.archived],
          ['rows of features', numbers.rows],
        ]),
      );
    },
  );

function fieldTable(fields: readonly Field[]): string {
  const valueOf = ({ type, values }: Field): string => {
    if (values === null) return '(not shown)';
    if (type === 'boolean') return ['1', 'true'].includes(values[0] ?? '') ? 'yes' : 'no';
    return values.join(', ');
  };
  return table(
    ['FIELD', 'VALUE', 'MEANING'],
    fields.map((field) => [field.var, valueOf(field), field.label]),
  );
}

/** A switch as the table shows it, and as the room takes it. */
const SHOWN: Readonly<Record<string, string>> = { yes: '1', no: '0' };

/** What is written as the table shows it, as the room takes it. */
function asShown(options: Fields, fields: readonly Field[]): Fields {
  const switches = new Set(fields.filter(({ type }) => type === 'boolean').map((field) => field.var));
  const taken = (field: string, value: Fields[string]): Fields[string] =>
    switches.has(field) && typeof value === 'string' && Object.hasOwn(SHOWN, value) ? (SHOWN[value] ?? value) : value;
  return Object.fromEntries(Object.entries(options).map(([field, value]) => [field, taken(field, value)]));
}

/** Who set a subject: an operator sets it as the room, which has no nick. */
const setterOf = ({ nick }: { readonly nick: string }): string => nick || 'the room itself';

function configure(command: Command, terminal: Terminal): void {
  asks(
    command,
    terminal,
    ['GET /v1/rooms/:room/options', 'PUT /v1/rooms/:room/options'],
    async ({ client, show: tell }, _: object, room: string, words: string[]) => {
      const path = { room };
      const { fields } = await client.ask<{ fields: Field[] }>('GET /v1/rooms/:room/options', { path });
      if (words.length === 0) {
        tell(fields, () => fieldTable(fields));
        return;
      }
      const options = asShown(
        fieldsOf(
          words,
          fields.map((field) => field.var),
        ),
        fields,
      );
      tell(
        await client.ask('PUT /v1/rooms/:room/options', { path, body: { options } }),
        () => `Changed: ${Object.keys(options).join(', ')}.`,
      );
    },
  );
}

function create(command: Command, terminal: Terminal): void {
  command
    .requiredOption('--owner <jid>', 'whose room it is')
    .option('--preset <kind>', 'private-group, public-channel or announcements: a set of fields, before which those go that are given');
  asks(
    command,
    terminal,
    ['PUT /v1/rooms/:room'],
    async ({ client, show: tell }, { owner, preset }: { owner: string; preset?: string }, room: string, words: string[]) => {
      const body = { owner, ...(preset === undefined ? {} : { preset }), options: fieldsOf(words) };
      tell(await client.ask('PUT /v1/rooms/:room', { path: { room }, body }), () => 'The room was made.');
    },
  );
}

function destroy(command: Command, terminal: Terminal): void {
  interface Options {
    readonly reason?: string;
    readonly alternate?: string;
    readonly password?: string;
  }
  command
    .option('--reason <text>', 'what people in it are told')
    .option('--alternate <room>', 'where they are sent instead')
    .option('--password <text>', 'of that other room');
  asks(
    destructive(command),
    terminal,
    ['GET /v1/rooms/:room', 'POST /v1/rooms/:room/destroy'],
    async ({ client, show: tell, confirmed }, { reason, alternate, password }: Options, room: string) => {
      const path = { room };
      await named({ client, confirmed }, room, 'will be destroyed');
      const done = await client.ask('POST /v1/rooms/:room/destroy', { path, body: { reason, alternate, password } });
      const isLost = alternate !== undefined && !(await isRemembered(client, room));
      tell(done, () => `The room was destroyed.${isLost ? LOST : ''}`);
    },
  );
}

const LOST =
  ' Who comes later is not sent on: of a room in which nobody but its creator ever was, and where limits.destroyedDays is 0, nothing is remembered.';

/** Whether who comes to a room that was destroyed is told of it. Throws Ended. */
async function isRemembered(client: Tools['client'], room: string): Promise<boolean> {
  try {
    await client.ask('GET /v1/rooms/:room', { path: { room } });
    // Somebody has made it again.
    return false;
  } catch (error) {
    if (error instanceof Ended && error.problem) return error.problem.code === 'gone';
    throw error;
  }
}

/** Asks whether they mean this room, which must be there. Throws Ended. */
async function named({ client, confirmed }: Pick<Tools, 'client' | 'confirmed'>, room: string, what: string): Promise<void> {
  const { jid, occupants } = await client.ask<Room>('GET /v1/rooms/:room', { path: { room } });
  await confirmed(`${jid}, with ${occupants} in it, ${what}.`);
}

export function room(program: Command, terminal: Terminal): void {
  const under = program.command('room').description('one room: show, create, configure, rename, export, destroy …');
  show(under.command('show <room>').description('say how the room is'), terminal);
  create(under.command('create <room> [fields...]').description('make a room for its owner, configured by FIELD=VALUE'), terminal);
  configure(under.command('configure <room> [fields...]').description('show the configuration, or change it by FIELD=VALUE'), terminal);
  asks(
    under
      .command('rename <room> <to>')
      .description('give the room another address')
      .option('--reason <text>', 'what people in it are told'),
    terminal,
    ['POST /v1/rooms/:room/rename'],
    async ({ client, show: tell }, { reason }: { reason?: string }, from: string, to: string) => {
      const done = await client.ask<{ jid: string }>('POST /v1/rooms/:room/rename', { path: { room: from }, body: { to, reason } });
      tell(done, () => `The room is ${done.jid} now.`);
    },
  );
  asks(
    under.command('say <room> <text>').description('let the room itself say something').option('--lang <tag>', 'the language of the text'),
    terminal,
    ['POST /v1/rooms/:room/messages'],
    async ({ client, show: tell }, { lang }: { lang?: string }, where: string, body: string) => {
      tell(await client.ask('POST /v1/rooms/:room/messages', { path: { room: where }, body: { body, lang } }), () => 'Said.');
    },
  );
  asks(
    under
      .command('subject <room> [text]')
      .description('show the subject, or set it; an empty text clears it')
      .option('--lang <tag>', 'the language of the text'),
    terminal,
    ['GET /v1/rooms/:room', 'PUT /v1/rooms/:room/subject'],
    async ({ client, show: tell }, { lang }: { lang?: string }, where: string, text: string | undefined) => {
      const path = { room: where };
      if (text === undefined) {
        const { subject } = await client.ask<Room>('GET /v1/rooms/:room', { path });
        tell(subject, () =>
          subject
            ? pairs([
                ['subject', subject.text],
                ['set by', setterOf(subject)],
                ['set at', when(subject.setAt)],
              ])
            : 'None.',
        );
        return;
      }
      tell(await client.ask('PUT /v1/rooms/:room/subject', { path, body: { text, lang } }), () => (text === '' ? 'Cleared.' : 'Set.'));
    },
  );
  moving(under, terminal);
  destroy(under.command('destroy <room>').description('destroy the room'), terminal);
  asks(
    destructive(
      under.command('erase <room>').description('remove the room as if it had never been, also one that is destroyed and remembered'),
    ),
    terminal,
    ['POST /v1/rooms/:room/erase'],
    async ({ client, show: tell, confirmed }, _: object, which: string) => {
      await confirmed(`${which} and all that was ever said in it will be erased.`);
      tell(await client.ask('POST /v1/rooms/:room/erase', { path: { room: which }, body: {} }), () => 'The room was erased.');
    },
  );
}
