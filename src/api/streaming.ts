/** Answers that are sent as they are made, at the reader's pace, and content of any length, which is read as it comes. */
import { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { mistaken } from './problem';

interface Watching {
  readonly begun: () => void;
  /** However it ends: all is sent, the reader has gone, or making it failed. */
  readonly ended: () => void;
  /** Making it failed in the middle. */
  readonly failed: (error: Error) => void;
}

/** The pieces as a stream, once the first one is there. Rejects if that cannot be made. */
export async function streamOf(pieces: AsyncIterable<string>, { begun, ended, failed }: Watching): Promise<Readable> {
  const all = pieces[Symbol.asyncIterator]();
  const first = await all.next();
  const rest = async function* (): AsyncGenerator<string> {
    try {
      if (first.done === true) return;
      yield first.value;
      yield* { [Symbol.asyncIterator]: () => all };
    } catch (error) {
      failed(error as Error);
      throw error;
    }
  };
  begun();
  const stream = Readable.from(rest(), { objectMode: false });
  stream.once('close', ended);
  return stream;
}

/** The content of a request. Whoever stops reading it early ends neither the request nor its answer. Throws Problem if it breaks off. */
export async function* contentOf(request: Readable): AsyncGenerator<Uint8Array> {
  try {
    yield* request.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>;
  } catch {
    throw mistaken('apiBrokenOff');
  }
}

/** Reads what is left of a request, whose content nobody reads any more: an answer that comes before its end would not reach who is still sending. */
export async function drained(request: Readable, content: AsyncGenerator<Uint8Array>): Promise<void> {
  // Whoever read it may have stopped in the middle, and only then does the request flow.
  await content.return(undefined);
  await setImmediate();
  if (request.readableEnded || request.destroyed) return;
  const over = new Promise<void>((resolve) => {
    for (const end of ['end', 'close', 'error']) request.once(end, () => resolve());
  });
  request.resume();
  await over;
}
