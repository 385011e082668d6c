/** Answers that are sent as they are made, at the reader's pace. */
import { Readable } from 'node:stream';

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
