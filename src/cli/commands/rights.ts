/** What people may ask for: what is held of them, and that it goes. */
import { setTimeout as delay } from 'node:timers/promises';
import { Option, type Command } from 'commander';
import { asks, destructive, type Tools } from '../asks';
import { Ended, EXIT } from '../ending';
import { freeFile, isEmpty, printed, saved } from '../files';
import { harmless, harmlessHtml, harmlessJson, many, table, when } from '../show';
import type { Terminal } from '../terminal';
import { languageIn } from '../words';

interface Erasure {
  readonly jid: string;
  readonly finished: boolean;
  readonly rooms: number;
  readonly messages: number;
  readonly failed: number;
  readonly askedBy: string | null;
  readonly askedAt: string;
}

/** Between two looks at an erasure, in milliseconds. */
const LOOK_MS = 500;

/** Waits until somebody is erased from all rooms. Ctrl-C ends the waiting, not the erasing. */
async function untilErased({ client, progress }: Tools, begun: Erasure): Promise<Erasure> {
  const { rooms: all } = await client.ask<{ rooms: number }>('GET /v1/status');
  const seen = progress('Rooms:', all);
  try {
    for (let state = begun; ;) {
      if (state.finished) return state;
      seen.at(state.rooms);
      await delay(LOOK_MS);
      const { entries } = await client.ask<{ entries: Erasure[] }>('GET /v1/erasures');
      const now = entries.find(({ jid }) => jid === begun.jid);
      if (!now)
        throw new Ended(
          EXIT.refused,
          'Parlour was started anew, and its log says what came of it (erasure.finished). If it does not: say the same again.',
        );
      state = now;
    }
  } finally {
    seen.end();
  }
}

function erase(command: Command, terminal: Terminal): void {
  command.option('--room <room>', 'from this room alone').option('--no-wait', 'do not wait until it is done');
  const routes = ['POST /v1/erasures', 'GET /v1/erasures', 'POST /v1/rooms/:room/erased-people', 'GET /v1/status', 'GET /v1/rooms'];
  asks(destructive(command), terminal, routes, async (tools, { room, wait }: { room?: string; wait: boolean }, jid: string) => {
    const { client, show, confirmed } = tools;
    await confirmed(`${jid} and all that they said will be erased from ${room ?? 'all rooms'}. It cannot be undone.`);
    const before = new Set((await ownerless(client)).map((one) => one.jid));
    const left = async (): Promise<string[]> => (await ownerless(client)).map((one) => one.jid).filter((one) => !before.has(one));
    if (room !== undefined) {
      const done = await client.ask<object>('POST /v1/rooms/:room/erased-people', { path: { room }, body: { jid } });
      const orphaned = await left();
      show({ ...done, orphaned }, () => `Erased.${remedy(orphaned)}`);
      return;
    }
    const begun = await client.ask<Erasure>('POST /v1/erasures', { body: { jid } });
    const state = wait ? await untilErased(tools, begun) : begun;
    const orphaned = state.finished ? await left() : [];
    show({ ...state, orphaned }, () =>
      state.finished
        ? `${state.jid} was erased: ${many(state.messages, 'message')}, in ${many(state.rooms, 'room that was', 'rooms that were')} looked at.${remedy(orphaned)}`
        : `${state.jid} is being erased. "parlour erasures" says how far that is.`,
    );
    if (state.failed > 0)
      throw new Ended(
        EXIT.refused,
        `It failed in ${many(state.failed, 'room')}, which the log names (erasure.failed). Say the same again.`,
      );
  });
}

/** Rooms that nobody owns. Throws Ended. */
const ownerless = (client: Tools['client']): Promise<{ readonly jid: string }[]> =>
  client.list<{ jid: string }>('GET /v1/rooms', { query: { orphaned: true } });

/** What to do about rooms that nobody owns any more. */
const remedy = (rooms: readonly string[]): string =>
  rooms.length === 0
    ? ''
    : `\nNobody owns ${rooms.map(harmless).join(', ')} any more: "parlour affiliate ROOM JID owner" gives a room an owner, "parlour room destroy ROOM" ends it.`;

export function rights(program: Command, terminal: Terminal): void {
  program.commandsGroup('Rights of people:');
  asks(
    program
      .command('export-person <jid> [file]')
      .description('write all that rooms hold of somebody into a new file; without a file, print it')
      .option('--html', 'as a page for people, instead of JSON')
      .addOption(new Option('--lang <tag>', 'the language of the page: en, de, es or fr').implies({ html: true })),
    terminal,
    ['GET /v1/people/:jid/export'],
    async (
      { client, show, progress },
      { html = false, lang }: { html?: boolean; lang?: string },
      jid: string,
      name: string | undefined,
    ) => {
      const file = name === undefined ? undefined : freeFile(terminal.folder, name);
      const answer = await client.open('GET /v1/people/:jid/export', {
        path: { jid },
        query: { format: html ? 'html' : 'json' },
        language: languageIn(lang),
      });
      if (file === undefined) {
        await printed(answer, terminal, html ? harmlessHtml : harmlessJson);
        return;
      }
      await saved(answer, file, progress('Bytes written:'));
      const nothing = isEmpty(file);
      show({ file, nothing }, () =>
        nothing ? `Rooms hold nothing of ${jid}; ${file} says so.` : `What rooms hold of ${jid} is in ${file}.`,
      );
    },
  );
  erase(program.command('erase <jid>').description('erase somebody and all that they said, from all rooms or one'), terminal);
  asks(
    program.command('erasures').description('list who is being erased from all rooms, and the latest results'),
    terminal,
    ['GET /v1/erasures'],
    async ({ client, show }) => {
      const found = await client.list<Erasure>('GET /v1/erasures');
      show(found, () =>
        table(
          ['JID', 'DONE', 'ROOMS', 'MESSAGES', 'FAILED', 'ASKED BY', 'ASKED AT'],
          found.map(({ jid, finished, rooms, messages, failed, askedBy, askedAt }) => [
            jid,
            finished,
            rooms,
            messages,
            failed,
            askedBy,
            when(askedAt),
          ]),
          'Nobody.',
        ),
      );
    },
  );
  asks(
    destructive(program.command('forget <jid>').description('forget an account that was deleted; what it said stays, and bans')),
    terminal,
    ['POST /v1/forgotten-accounts'],
    async ({ client, show, confirmed }, _: object, jid: string) => {
      await confirmed(`${jid} will lose affiliations, nicknames and wishes in all rooms.`);
      const done = await client.ask<{ rooms: number; failed: number }>('POST /v1/forgotten-accounts', { body: { jid } });
      show(done, () => `${jid} was forgotten in ${many(done.rooms - done.failed, 'room')}.`);
      if (done.failed > 0)
        throw new Ended(
          EXIT.refused,
          `It failed in ${many(done.failed, 'room')}, which the log names (account.forget-failed). Say the same again.`,
        );
    },
  );
}
