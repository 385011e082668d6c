/** Documents to files and from files: a file appears whole or not at all, for its owner alone, and none is written over. */
import { createReadStream, createWriteStream, existsSync, linkSync, rmSync, statSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import path from 'node:path';
import { Transform, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Ended, EXIT } from './ending';
import type { Progress } from './progress';
import type { Terminal } from './terminal';

/** Owner: read and write. What rooms hold is nobody else's. */
const MODE = 0o600;

const counting = (progress: Progress): Transform => {
  let bytes = 0;
  return new Transform({
    transform(chunk: Buffer, _, done) {
      progress.at((bytes += chunk.length));
      done(null, chunk);
    },
  });
};

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Throws Ended if something is there already. */
export function freeFile(folder: string, name: string): string {
  const file = path.resolve(folder, name);
  if (existsSync(file)) throw new Ended(EXIT.refused, `${file} is there already. Move it, or name another file.`);
  return file;
}

/** Writes an answer into a file of this path. Throws Ended. */
export async function saved(answer: IncomingMessage, file: string, progress: Progress): Promise<void> {
  const partial = `${file}.partial`;
  try {
    await pipeline(answer, counting(progress), createWriteStream(partial, { mode: MODE, flags: 'w' }));
    if (!answer.complete) throw new Error('the answer broke off');
    // Unlike renaming, this writes over nothing that came meanwhile.
    linkSync(partial, file);
  } catch (error) {
    throw new Ended(EXIT.refused, `${file} was not written: ${reasonOf(error)}.`);
  } finally {
    progress.end();
    rmSync(partial, { force: true });
  }
}

/** Prints an answer: to a terminal so that nothing in it acts on it (`harmless`), else as it is. Throws Ended. */
export async function printed(
  answer: IncomingMessage,
  { out, shown }: Pick<Terminal, 'out' | 'shown'>,
  harmless: (piece: string) => string,
): Promise<void> {
  // No piece ends within a character.
  answer.setEncoding('utf8');
  try {
    for await (const piece of answer as AsyncIterable<string>) out(shown ? harmless(piece) : piece);
  } catch (error) {
    throw new Ended(EXIT.refused, `The answer broke off: ${reasonOf(error)}.`);
  }
}

/** A file that is read as it is sent. Throws Ended. */
export function read(folder: string, name: string, progress: (bytes: number) => Progress): Readable {
  const file = path.resolve(folder, name);
  let bytes: number;
  try {
    bytes = statSync(file).size;
  } catch (error) {
    throw new Ended(EXIT.usage, `${file} cannot be read: ${reasonOf(error)}.`);
  }
  const source = createReadStream(file);
  const sink = source.pipe(counting(progress(bytes)));
  source.on('error', (error) => sink.destroy(error));
  return sink;
}
