/** A room as a file: exported, and brought along from one. */
import type { Command } from 'commander';
import { asks } from '../asks';
import { freeFile, printed, read, saved } from '../files';
import { harmlessJson, many } from '../show';
import type { Progress } from '../progress';
import type { Terminal } from '../terminal';

function exporting(command: Command, terminal: Terminal): void {
  asks(
    command,
    terminal,
    ['GET /v1/rooms/:room/export'],
    async ({ client, show, progress }, _: object, room: string, name: string | undefined) => {
      const file = name === undefined ? undefined : freeFile(terminal.folder, name);
      const answer = await client.open('GET /v1/rooms/:room/export', { path: { room } });
      if (file === undefined) {
        await printed(answer, terminal, harmlessJson);
        return;
      }
      await saved(answer, file, progress('Bytes written:'));
      show({ file }, () => `The room is in ${file}. It holds secrets of the room: keep it to yourself.`);
    },
  );
}

function importing(command: Command, terminal: Terminal): void {
  asks(command, terminal, ['POST /v1/rooms/:room/import'], async ({ client, show, progress }, _: object, room: string, name: string) => {
    let bar: Progress | undefined;
    const stream = read(terminal.folder, name, (bytes) => (bar = progress('Bytes sent:', bytes)));
    try {
      const upload = { stream, mediaType: 'application/json' };
      const done = await client.ask<{ room: string; messages: number; left: string[] }>(
        'POST /v1/rooms/:room/import',
        { path: { room } },
        upload,
      );
      bar?.end();
      show(done, () =>
        [
          `${done.room} is here, with ${many(done.messages, 'message')}.`,
          ...(done.left.length === 0 ? [] : [`Left out, since these features do not run here: ${done.left.join(', ')}.`]),
        ].join('\n'),
      );
    } finally {
      bar?.end();
    }
  });
}

/** Adds both under `room`. */
export function moving(under: Command, terminal: Terminal): void {
  exporting(
    under.command('export <room> [file]').description('write all of the room into a new file, as JSON; without a file, print it'),
    terminal,
  );
  importing(
    under.command('import <room> <file>').description('make the room from such a file; it is persistent then, since nobody is in it yet'),
    terminal,
  );
}
