/** What was said in a room: searched, taken back, trimmed. */
import { Option, type Command } from 'commander';
import { childElements, textOf, parseContent } from '../../xmpp/xml';
import { asks, destructive } from '../asks';
import { doubted } from '../doubted';
import { Ended, EXIT } from '../ending';
import { many, table, when } from '../show';
import type { Terminal } from '../terminal';
import { timeOf, wholeOf } from '../words';

interface Message {
  readonly id: string;
  readonly at: string;
  readonly nick: string | null;
  readonly jid: string | null;
  readonly payload: string;
  readonly retracted: boolean;
}

/** What a message says in words: its body, or the subject that it sets; null: neither. */
function bodyOf({ payload }: Message): string | null {
  const elements = parseContent(payload);
  const body = elements.find((element) => element.name === 'body') ?? elements.find((element) => element.name === 'subject');
  return body ? textOf(body) : null;
}

/** That a message was taken back, and why, if somebody else did it (XEP-0425 §5). */
function tombstoneOf({ payload }: Message): string {
  const moderation = parseContent(payload).find((element) => element.name === 'retracted');
  const inside = moderation ? childElements(moderation) : [];
  const reason = inside.find((element) => element.name === 'reason');
  const by = inside.some((element) => element.name === 'moderated') ? ' by a moderator' : '';
  return `(taken back${by}${reason ? `: ${textOf(reason)}` : ''})`;
}

/** The same on a line: of what has no words, which elements it has. */
const wordsOf = (message: Message): string =>
  message.retracted
    ? tombstoneOf(message)
    : (bodyOf(message) ??
      `<${parseContent(message.payload)
        .map((element) => element.name)
        .join('/> <')}/>`);

const MESSAGES = 50;

function search(command: Command, terminal: Terminal): void {
  interface Options {
    readonly with?: string;
    readonly nick?: string;
    readonly occupantId?: string;
    readonly from?: string;
    readonly to?: string;
    readonly limit: string;
  }
  command
    .option('--with <jid>', 'only what they said')
    .addOption(new Option('--nick <nick>', 'only of whoever goes by it now, also a program that posts by a token').conflicts('with'))
    .addOption(new Option('--occupant-id <id>', 'only of this occupant').conflicts(['with', 'nick']))
    .option('--from <time>', 'only what was said since then')
    .option('--to <time>', 'only what was said until then')
    .option('--limit <number>', 'as many messages at most, the latest', String(MESSAGES));
  asks(
    command,
    terminal,
    ['GET /v1/rooms/:room/messages'],
    async ({ client, show }, options: Options, room: string, text: string | undefined) => {
      const { nick, occupantId } = options;
      const query = { text, with: options.with, nick, occupantId, start: timeOf(options.from), end: timeOf(options.to) };
      const most = wholeOf(options.limit, '--limit', 1);
      // One more than is shown tells whether there are more.
      let left = most + 1;
      const found: Message[] = [];
      for (let before = ''; left > 0;) {
        const page = { ...query, before, limit: Math.min(left, 1_000) };
        const { entries, complete } = await client.ask<{ entries: Message[]; complete: boolean }>('GET /v1/rooms/:room/messages', {
          path: { room },
          query: page,
        });
        found.unshift(...entries);
        left -= entries.length;
        before = entries[0]?.id ?? '';
        if (complete || entries.length === 0) break;
      }
      const more = found.length > most;
      if (more) found.shift();
      show(
        found.map((message) => ({ ...message, body: bodyOf(message) })),
        () => {
          const shown = table(
            ['WHEN', 'NICK', 'JID', 'ID', 'TEXT'],
            found.map((message) => [when(message.at), message.nick ?? '(the room)', message.jid, message.id, wordsOf(message)]),
            'Nothing of that is in the archive.',
          );
          return more ? `${shown}\nThese are the latest ${most}, and there are more: --limit takes another number.` : shown;
        },
      );
    },
  );
}

function purge(command: Command, terminal: Terminal): void {
  interface Options {
    readonly nick?: string;
    readonly occupantId?: string;
    readonly jid?: string;
    readonly minutes: string;
    readonly ban?: boolean;
    readonly reason?: string;
  }
  command
    .option('--nick <nick>', 'of whoever wears it in the room now')
    .option('--occupant-id <id>', 'of this occupant')
    .option('--jid <jid>', 'of this JID')
    .requiredOption('--minutes <number>', 'what they said in so many minutes')
    .option('--ban', 'ban them too')
    .option('--reason <text>', 'why, for the room and for the audit trail');
  asks(
    destructive(command),
    terminal,
    ['POST /v1/rooms/:room/purge'],
    async ({ client, show, confirmed }, { nick, occupantId, jid, minutes, ban, reason }: Options, room: string) => {
      const whose = [nick, occupantId, jid].filter((one) => one !== undefined);
      if (whose.length !== 1) throw new Ended(EXIT.usage, 'Whose messages? Say one of --nick, --occupant-id and --jid.');
      const body = { nick, occupantId, jid, minutes: wholeOf(minutes, '--minutes'), ban, reason };
      await confirmed(
        `What ${whose.join()} said in ${room} in the last ${many(body.minutes, 'minute')} will be taken back${ban === true ? ', and they are banned' : ''}.`,
      );
      const sure = doubted({ confirmed }, room);
      const done = await sure((more) =>
        client.ask<{ retracted: number }>('POST /v1/rooms/:room/purge', { path: { room }, body: { ...body, ...more } }),
      );
      show(done, () => `${many(done.retracted, 'message')} taken back.${ban === true ? ' They are banned.' : ''}`);
    },
  );
}

export function archive(program: Command, terminal: Terminal): void {
  program.commandsGroup('What was said:');
  search(
    program.command('search <room> [text]').description('find messages in the archive of the room; without a text, the latest'),
    terminal,
  );
  asks(
    destructive(program.command('moderate <room> <id>').description('take one message back for everybody')).option(
      '--reason <text>',
      'why, for the room',
    ),
    terminal,
    ['POST /v1/rooms/:room/moderate'],
    async ({ client, show, confirmed }, { reason }: { reason?: string }, room: string, id: string) => {
      await confirmed(`The message ${id} in ${room} will be taken back.`);
      show(await client.ask('POST /v1/rooms/:room/moderate', { path: { room }, body: { id, reason } }), () => 'Taken back.');
    },
  );
  purge(program.command('purge <room>').description('take back what somebody said in the last minutes'), terminal);
  asks(
    destructive(program.command('trim <room>').description('erase the archive of the room, or its older part')).option(
      '--up-to <id>',
      'only up to this message, which goes too',
    ),
    terminal,
    ['POST /v1/rooms/:room/trim'],
    async ({ client, show, confirmed }, { upTo }: { upTo?: string }, room: string) => {
      await confirmed(`What was said in ${room}${upTo === undefined ? '' : ` up to the message ${upTo}`} will be erased.`);
      show(await client.ask('POST /v1/rooms/:room/trim', { path: { room }, body: { upToId: upTo } }), () => 'Trimmed.');
    },
  );
}
