/** Rooms by what they are: found, and destroyed all together. */
import { Option, type Command } from 'commander';
import { asks } from '../asks';
import { Ended, EXIT } from '../ending';
import { harmless, many, table, when } from '../show';
import type { Terminal } from '../terminal';
import { wholeOf } from '../words';

interface FoundRoom {
  readonly jid: string;
  readonly name: string;
  readonly state: string;
  readonly listed: boolean;
  readonly creator: string | null;
  readonly latest: string;
  readonly occupants: number;
}

/** What is asked of rooms. */
interface Sought {
  readonly hidden?: boolean;
  readonly listed?: boolean;
  readonly empty?: boolean;
  readonly occupied?: boolean;
  readonly orphaned?: boolean;
  readonly creator?: string;
  readonly idle?: string;
}

interface Search {
  readonly listed?: boolean;
  readonly empty?: boolean;
  readonly orphaned?: boolean;
  readonly creator?: string;
  readonly idleDays?: number;
}

const seeking = (command: Command): Command =>
  command
    .option('--hidden', 'not shown in the room list')
    .addOption(new Option('--listed', 'shown in the room list').conflicts('hidden'))
    .option('--empty', 'nobody is in')
    .addOption(new Option('--occupied', 'somebody is in').conflicts('empty'))
    .option('--orphaned', 'nobody owns it')
    .option('--creator <jid>', 'made by them')
    .option('--idle <days>', 'nobody entered or spoke for so many days');

function searchOf({ hidden, listed, empty, occupied, orphaned, creator, idle }: Sought): Search {
  return {
    ...(hidden === true ? { listed: false } : listed === true ? { listed: true } : {}),
    ...(empty === true ? { empty: true } : occupied === true ? { empty: false } : {}),
    ...(orphaned === true ? { orphaned: true } : {}),
    ...(creator === undefined ? {} : { creator }),
    ...(idle === undefined ? {} : { idleDays: wholeOf(idle, '--idle') }),
  };
}

const tableOf = (rooms: readonly FoundRoom[]): string =>
  table(
    ['ROOM', 'NAME', 'PEOPLE', 'LISTED', 'CREATOR', 'LAST USED'],
    rooms.map(({ jid, name, state, listed, creator, latest, occupants }) => [
      jid,
      state === 'locked' ? `${name} (not configured yet)`.trim() : name,
      occupants,
      listed,
      creator,
      when(latest),
    ]),
    'There are no such rooms.',
  );

/** Rooms that are shown before all of them are destroyed; the rest is counted. */
const SHOWN = 50;

function destroy(command: Command, terminal: Terminal): void {
  seeking(command)
    .option('--reason <text>', 'what people in them are told')
    .option('--number <number>', 'how many there are, instead of being asked');
  asks(
    command,
    terminal,
    ['GET /v1/rooms', 'POST /v1/destructions'],
    async ({ client, show, counted }, options: Sought & { reason?: string; number?: string }) => {
      const search = searchOf(options);
      if (Object.keys(search).length === 0)
        throw new Ended(
          EXIT.usage,
          'Which rooms? Say at least one of --hidden, --listed, --empty, --occupied, --orphaned, --creator and --idle.',
        );
      const rooms = await client.list<FoundRoom>('GET /v1/rooms', { query: { ...search } });
      if (rooms.length === 0) {
        show({ destroyed: 0, failures: [] }, () => 'There are no such rooms.');
        return;
      }
      const rest = rooms.length > SHOWN ? `\nand ${rooms.length - SHOWN} more` : '';
      terminal.err(`${tableOf(rooms.slice(0, SHOWN))}${rest}\n`);
      await counted(`All of these ${many(rooms.length, 'room')} will be destroyed.`, rooms.length, options.number);
      const body = { ...search, number: rooms.length, ...(options.reason === undefined ? {} : { reason: options.reason }) };
      const done = await client.ask<{ destroyed: number; failures: { room: string; detail: string }[] }>('POST /v1/destructions', { body });
      show(done, () => `${many(done.destroyed, 'room')} destroyed.`);
      failed(done.failures);
    },
  );
}

/** Throws Ended if it did not work in some rooms. */
export function failed(failures: readonly { readonly room: string; readonly detail: string }[]): void {
  if (failures.length === 0) return;
  const lines = failures.map(({ room, detail }) => `${harmless(room)}: ${harmless(detail)}`);
  throw new Ended(EXIT.refused, [`It was refused in ${many(failures.length, 'room')}:`, ...lines].join('\n'));
}

export function rooms(program: Command, terminal: Terminal): void {
  program.commandsGroup('Rooms:');
  const command = program.command('rooms').description('list rooms, hidden ones too, by what they are');
  seeking(command);
  asks(command, terminal, ['GET /v1/rooms'], async ({ client, show, progress }, options: Sought) => {
    const found: FoundRoom[] = [];
    const seen = progress('Rooms found:');
    for await (const page of client.pages<FoundRoom>('GET /v1/rooms', { query: { ...searchOf(options) } })) {
      found.push(...page);
      seen.at(found.length);
    }
    seen.end();
    show(found, () => tableOf(found));
  });
  destroy(command.command('destroy').description('destroy all rooms that are so, after showing them'), terminal);
}
