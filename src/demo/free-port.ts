/** Loopback ports that a program started later can still have. */
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Where the search begins and ends: above the well-known ports, below those that Linux, macOS and Windows give to outgoing connections. */
export const FIRST_PORT = 10_000;
export const LAST_PORT = 32_767;

/**
 * A loopback TCP port of the range that nobody listens on at the moment. Ports that the system gives away by itself are
 * left out: between the search and the start of the program that is to listen, any connection could take one of those.
 * Throws an Error when all of the range is taken.
 */
export async function freePort(first = FIRST_PORT, last = LAST_PORT): Promise<number> {
  const count = last - first + 1;
  const start = randomInt(count);
  for (let step = 0; step < count; step++) {
    const port = first + ((start + step) % count);
    if (await canListen(port)) return port;
  }
  throw new Error(`Every loopback port from ${first} to ${last} is taken: end a program that listens on one.`);
}

/** So many of them, each different from the others. */
export async function freePorts(count: number): Promise<number[]> {
  const found = new Set<number>();
  while (found.size < count) found.add(await freePort());
  return [...found];
}

async function canListen(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch (error) {
    // EACCES: some systems keep single ports for themselves.
    if (['EADDRINUSE', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '')) return false;
    throw error;
  }
  server.close();
  await once(server, 'close');
  return true;
}
