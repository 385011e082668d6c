/** The inside of a thread: answers each request with what its handler gives or throws. */
import { parentPort } from 'node:worker_threads';
import { toPlain, type Calls, type Envelope, type Reply } from './protocol';

/** One synchronous function for each request. */
export type Handlers<C extends Calls<C>> = { readonly [K in keyof C]: (take: C[K]['take']) => C[K]['give'] };

/** Serves requests from the main thread until `close` was answered. */
export function serve<C extends Calls<C>>(handlers: Handlers<C>): void {
  const port = parentPort;
  if (!port) throw new Error('This file runs as a worker thread of the store');
  port.on('message', ({ id, call, take }: Envelope) => {
    let reply: Reply;
    try {
      reply = { id, give: handlers[call as keyof C](take) };
    } catch (error) {
      reply = { id, error: toPlain(error) };
    }
    port.postMessage(reply);
    if (call === 'close') port.close();
  });
}
