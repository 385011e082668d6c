/** The service as a whole: how it is, who changed what, what it reads and logs, its end. */
import type { Command } from 'commander';
import { asks, destructive } from '../asks';
import { Ended, EXIT } from '../ending';
import { harmless, many, pairs, table, when } from '../show';
import type { Terminal } from '../terminal';
import { timeOf, wholeOf } from '../words';

interface Status {
  readonly version: string;
  readonly domain: string;
  readonly attached: boolean;
  readonly startedAt: string;
  readonly rooms: number;
  readonly occupants: number;
  readonly messages: number;
}

interface AuditAct {
  readonly room: string;
  readonly at: string;
  readonly act: string;
  readonly by: { readonly kind: string; readonly name: string | null; readonly face: string; readonly claimed: boolean };
  readonly count: number;
  readonly items: readonly { object: string; before: string | null; after: string | null; reason: string | null }[];
}

const ACTS = 50;

function status(command: Command, terminal: Terminal): void {
  asks(command, terminal, ['GET /v1/status', 'GET /readyz'], async ({ client, show }, { json = false }: { json?: boolean }) => {
    const now = await client.ask<Status>('GET /v1/status');
    const ready = await client.told('GET /readyz');
    const isReady = ready.status === 200;
    show({ ...now, ready: isReady }, () =>
      pairs([
        ['domain', now.domain],
        ['link', now.attached ? 'up: the server takes us' : 'down'],
        ['ready', isReady],
        ['version', now.version],
        ['running since', when(now.startedAt)],
        ['rooms', now.rooms],
        ['people in rooms', now.occupants],
        ['messages', now.messages],
      ]),
    );
    // For programs the answer has said it.
    const down = (sentence: string): Ended => new Ended(EXIT.refused, json ? '' : sentence);
    if (!now.attached) throw down('The link to the XMPP server is down. The log says why, with events that begin with "link.".');
    if (!isReady) throw down(`Parlour is not ready. ${harmless(ready.text.trim())}`);
  });
}

/** One act, on one line, and up to three of the things that it changed. */
function actRow({ at, room, act, by, count, items }: AuditAct): (string | null)[] {
  const changes = items.slice(0, 3).map(({ object, before, after, reason }) => {
    // Where the reason alone changed, or nothing but the act is to be told.
    const change = before === after ? (after ?? '') : `${before ?? '-'} -> ${after ?? '-'}`;
    return [object, change, reason === null ? '' : `(${reason})`].filter((text) => text !== '').join(' ');
  });
  const more = count > 3 ? [`and ${count - 3} more`] : [];
  const who = `${by.name ?? by.kind}${by.claimed ? ' (claimed)' : ''}`;
  return [when(at), room, act, who, by.face, [...changes, ...more].join('; ')];
}

function audit(command: Command, terminal: Terminal): void {
  interface Options {
    readonly actor?: string;
    readonly object?: string;
    readonly from?: string;
    readonly to?: string;
    readonly limit: string;
  }
  command
    .option('--actor <who>', 'only acts of this JID, token or login')
    .option('--object <what>', 'only acts on this JID, option or message')
    .option('--from <time>', 'only acts since then')
    .option('--to <time>', 'only acts until then')
    .option('--limit <number>', 'as many acts at most', String(ACTS));
  asks(
    command,
    terminal,
    ['GET /v1/audit', 'GET /v1/rooms/:room/audit'],
    async ({ client, show }, options: Options, room: string | undefined) => {
      const { actor, object, limit } = options;
      const most = wholeOf(limit, '--limit', 1);
      const query = { actor, object, from: timeOf(options.from), to: timeOf(options.to), limit: Math.min(most + 1, 200) };
      const acts = await (room === undefined
        ? client.list<AuditAct>('GET /v1/audit', { query }, most + 1)
        : client.list<AuditAct>('GET /v1/rooms/:room/audit', { path: { room }, query }, most + 1));
      // One more than is shown tells whether there are more.
      const more = acts.length > most;
      if (more) acts.pop();
      show(acts, () => {
        const shown = table(['WHEN', 'ROOM', 'ACT', 'BY', 'THROUGH', 'WHAT'], acts.map(actRow), 'Nothing of that is in the audit trail.');
        return more ? `${shown}\nThese are the latest ${most}, and there are more: --limit takes another number.` : shown;
      });
    },
  );
}

function logLevel(command: Command, terminal: Terminal): void {
  asks(command, terminal, ['GET /v1/log-level', 'PUT /v1/log-level'], async ({ client, show }, _: object, level: string | undefined) => {
    if (level !== undefined) await client.ask('PUT /v1/log-level', { body: { level } });
    const now = await client.ask<{ level: string }>('GET /v1/log-level');
    show(now, () => now.level);
  });
}

function reload(command: Command, terminal: Terminal): void {
  asks(command, terminal, ['POST /v1/reload'], async ({ client, show }) => {
    const { taken, restart } = await client.ask<{ taken: string[]; restart: string[] }>('POST /v1/reload');
    show({ taken, restart }, () =>
      [
        taken.length > 0 ? `Taken: ${taken.join(', ')}.` : restart.length > 0 ? 'Nothing is taken at once.' : 'The file says nothing new.',
        ...(restart.length === 0 ? [] : [`These change with the next start: ${restart.join(', ')}.`]),
      ].join('\n'),
    );
  });
}

function stop(command: Command, terminal: Terminal): void {
  command
    .option('--final', 'tell everybody in every room that the service ends')
    .option('--reason <text>', 'what they are told with --final');
  asks(
    destructive(command),
    terminal,
    ['POST /v1/stop', 'POST /v1/shut-down', 'GET /v1/status'],
    async ({ client, show, confirmed }, { final = false, reason }: { final?: boolean; reason?: string }) => {
      if (!final && reason !== undefined) throw new Ended(EXIT.usage, 'Nobody is told a reason without --final.');
      if (final) {
        const { rooms, occupants } = await client.ask<Status>('GET /v1/status');
        await confirmed(`${many(occupants, 'occupant')} of ${many(rooms, 'room')} will be told that the service ends, and are put out.`);
      }
      const done = final ? await client.ask('POST /v1/shut-down', { body: { reason } }) : await client.ask('POST /v1/stop');
      show(done, () => (final ? 'Everybody was told. Parlour ends.' : 'Parlour ends. People stay in their rooms, for the next start.'));
    },
  );
}

export function service(program: Command, terminal: Terminal): void {
  program.commandsGroup('The service:');
  status(program.command('status').description('say how the service is; the exit code is 1 if the link is down'), terminal);
  asks(
    program.command('metrics').description('print the metrics, as Prometheus reads them'),
    terminal,
    ['GET /metrics'],
    async ({ client }) => {
      terminal.out(await client.text('GET /metrics', {}));
    },
  );
  audit(program.command('audit [room]').description('who changed what, in all rooms or one, the latest first'), terminal);
  asks(
    program.command('admins').description('list the service administrators, as the configuration has them'),
    terminal,
    ['GET /v1/admins'],
    async ({ client, show }) => {
      const answer = await client.ask<{ admins: string[] }>('GET /v1/admins');
      show(answer, () => answer.admins.map(harmless).join('\n') || 'None. The key service.admins of the configuration names them.');
    },
  );
  logLevel(program.command('log-level [level]').description('say what is logged, or change it until the next start'), terminal);
  reload(program.command('reload').description('read the configuration again, and say what needs a restart'), terminal);
  stop(program.command('stop').description('end the running Parlour; people stay in their rooms'), terminal);
}
