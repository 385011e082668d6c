/** Ports for what a test starts: each of jest's workers has a share of its own, so that two of them never choose the same. */
import { FIRST_PORT, freePort as freePortOf, LAST_PORT } from '../../src/demo/free-port';

/** More workers than this share ports with each other. */
const SHARES = 16;
const SIZE = Math.floor((LAST_PORT - FIRST_PORT + 1) / SHARES);
const FIRST = FIRST_PORT + SIZE * (Number(process.env['JEST_WORKER_ID'] ?? 0) % SHARES);

/** Given in this worker: a server that is only being started does not listen on its ports yet. */
const given = new Set<number>();

/** A loopback TCP port on which nobody listens, nobody is about to, and no outgoing connection begins. */
export async function freePort(): Promise<number> {
  if (given.size > SIZE / 2) given.clear();
  for (;;) {
    const port = await freePortOf(FIRST, FIRST + SIZE - 1);
    if (given.has(port)) continue;
    given.add(port);
    return port;
  }
}
