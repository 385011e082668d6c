/** Documents to files and from files: a file appears whole or not at all, for its owner alone, and none is written over. */
import { randomBytes } from 'node:crypto';
import {
  accessSync,
  closeSync,
  constants,
  createReadStream,
  createWriteStream,
  existsSync,
  linkSync,
  openSync,
  readSync,
  rmSync,
  statSync,
} from 'node:fs';
import type { IncomingMessage } from 'node:http';
import path from 'node:path';
import { Transform, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Ended, EXIT } from './ending';
import type { Progress } from './progress';
import type { Terminal } from './terminal';

/** Owner: read and write. What rooms hold is nobody else's. */
const MODE = 0o600;
/** Of a name that nobody guesses. */
const RANDOM_BYTES = 8;
/** Ctrl-C, and what else asks a program to end. */
const ENDS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

const counting = (progress: Progress): Transform => {
  let bytes = 0;
  return new Transform({
    transform(chunk: Buffer, _, done) {
      progress.at((bytes += chunk.length));
      done(null, chunk);
    },
  });
};

/** What errors of files mean to whoever named one. */
const CAUSES: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  EISDIR: 'it is a folder; name a file',
  ENOTDIR: 'a folder of its path is a file',
  EACCES: 'this user may not',
  EROFS: 'its disk takes no changes',
  ENOSPC: 'the disk is full',
  EEXIST: 'it is there already',
};

function reasonOf(error: unknown): string {
  const { code = '', message } = error as NodeJS.ErrnoException;
  return CAUSES[code] ?? message;
}

/** Throws Ended if something is there already. */
export function freeFile(folder: string, name: string): string {
  const file = path.resolve(folder, name);
  if (existsSync(file)) throw new Ended(EXIT.refused, `${file} is there already. Move it, or name another file.`);
  if (!existsSync(path.dirname(file))) throw new Ended(EXIT.usage, `The folder ${path.dirname(file)} is not there. Make it first.`);
  return file;
}

/** Writes an answer into a file of this path. Throws Ended. */
export async function saved(answer: IncomingMessage, file: string, progress: Progress): Promise<void> {
  // In a folder of many, what is there under a name that can be guessed may be somebody else's, or lead elsewhere.
  const partial = `${file}.${randomBytes(RANDOM_BYTES).toString('hex')}.partial`;
  const ended = removedBySignals(partial);
  try {
    // At once: one that is still being opened in another thread would come behind its removal.
    const opened = openSync(partial, 'wx', MODE);
    await pipeline(answer, counting(progress), createWriteStream(partial, { fd: opened }));
    if (!answer.complete) throw new Error('the answer broke off');
    // Unlike renaming, this writes over nothing that came meanwhile.
    linkSync(partial, file);
  } catch (error) {
    // What is not read to its end would keep the command waiting.
    answer.destroy();
    throw new Ended(EXIT.refused, `${file} was not written: ${reasonOf(error)}.`);
  } finally {
    progress.end();
    rmSync(partial, { force: true });
    ended();
  }
}

/** Who ends the command half-way leaves nothing behind either. Returns what is called when the file is done with. */
function removedBySignals(file: string): () => void {
  const remove = (signal: NodeJS.Signals): void => {
    rmSync(file, { force: true });
    done();
    process.kill(process.pid, signal);
  };
  const done = (): void => {
    for (const signal of ENDS) process.off(signal, remove);
  };
  for (const signal of ENDS) process.on(signal, remove);
  return done;
}

/** How a document ends that holds nothing of somebody, and the page of it. */
const NOTHING = /(?:"rows":\[\s*\]\}|<p class="nothing">[^<]*<\/p><\/body><\/html>)\s*$/;
const END_BYTES = 256;

/** Whether an export that was written into this file holds nothing. */
export function isEmpty(file: string): boolean {
  const opened = openSync(file, 'r');
  try {
    const end = Buffer.alloc(END_BYTES);
    const bytes = readSync(opened, end, 0, END_BYTES, Math.max(0, statSync(file).size - END_BYTES));
    return NOTHING.test(end.toString('utf8', 0, bytes));
  } finally {
    closeSync(opened);
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
    const found = statSync(file);
    if (found.isDirectory()) throw Object.assign(new Error('it is a folder'), { code: 'EISDIR' });
    accessSync(file, constants.R_OK);
    bytes = found.size;
  } catch (error) {
    throw new Ended(EXIT.usage, `${file} cannot be read: ${reasonOf(error)}.`);
  }
  const source = createReadStream(file);
  const sink = source.pipe(counting(progress(bytes)));
  source.on('error', (error) => sink.destroy(error));
  return sink;
}
