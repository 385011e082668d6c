/** Listens for HTTP at a Unix socket (mode 0600) and at a TCP port. A stale socket is replaced, a live one never. */
import { chmodSync, lstatSync, unlinkSync } from 'node:fs';
import type { Server } from 'node:http';
import { connect } from 'node:net';
import type { Log } from '../log';

/** Thrown with a sentence that says what to change: it cannot listen where it was to. */
export class ListenRefused extends Error {}

/** Owner: read and write. */
const MODE = 0o600;
/** Between two lines about connections that could not be taken, in milliseconds. */
const TELL_EVERY_MS = 60_000;

/** Listens at the path. Throws ListenRefused. */
export async function listenAtSocket(server: Server, path: string): Promise<void> {
  await makeWay(path);
  // Between bind and chmod anybody could connect; bind is done within `listen`.
  const before = process.umask(0o177);
  const listening = new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ path }, () => {
      server.off('error', reject);
      resolve();
    });
  });
  process.umask(before);
  try {
    await listening;
    chmodSync(path, MODE);
  } catch (error) {
    throw new ListenRefused(
      `The socket of the API, ${path}, cannot be made: ${reasonOf(error)}. Change api.socket, or the folder's permissions.`,
    );
  }
}

/** Listens on TCP. `key`: of the configuration, to be changed if that cannot be. Throws ListenRefused. */
export async function listenAtPort(server: Server, { host, port, key }: { host: string; port: number; key: string }): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port }, () => {
      server.off('error', reject);
      resolve();
    });
  }).catch((error: unknown) => {
    throw new ListenRefused(`${host} port ${port} cannot be listened at: ${reasonOf(error)}. Change ${key}, or end what is there.`);
  });
}

/** Takes no more connections; what is being answered has so many milliseconds for it. */
export async function ended(server: Server, ms: number): Promise<void> {
  if (!server.listening) return;
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const late = setTimeout(() => server.closeAllConnections(), ms);
  await closed;
  clearTimeout(late);
}

/** A connection that cannot be taken, for want of file descriptors, is a line of the log, once a minute at most. Without this it would end the process. */
export function tellFailures(server: Server, log: Log): void {
  let quietUntil = -Infinity;
  server.on('error', (error: Error) => {
    // Errors while it begins to listen are reported by the caller.
    if (!server.listening || performance.now() < quietUntil) return;
    quietUntil = performance.now() + TELL_EVERY_MS;
    log.warn({ event: 'http.not-taken', err: error }, 'a connection could not be taken');
  });
}

/** Removes a socket that nobody answers at. Throws ListenRefused for anything else that is there. */
async function makeWay(path: string): Promise<void> {
  const there = lstatSync(path, { throwIfNoEntry: false });
  if (!there) return;
  if (!there.isSocket())
    throw new ListenRefused(
      `The socket of the API, ${path}, cannot be made: a file is there that is no socket. Move it, or change api.socket.`,
    );
  if (await answers(path))
    throw new ListenRefused(
      `Another process answers at the socket of the API, ${path}. If it is another Parlour, give this one an api.socket of its own.`,
    );
  try {
    unlinkSync(path);
  } catch (error) {
    throw new ListenRefused(`The socket of the API, ${path}, was left behind and cannot be removed: ${reasonOf(error)}. Remove it.`);
  }
}

/** Whether a process has the socket open. One that may not be asked counts. */
function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect({ path });
    probe.once('connect', () => {
      probe.destroy();
      resolve(true);
    });
    probe.once('error', (error: NodeJS.ErrnoException) => resolve(error.code !== 'ECONNREFUSED' && error.code !== 'ENOENT'));
  });
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'this user may not write there',
  EADDRINUSE: 'something else listens there',
  EADDRNOTAVAIL: 'this machine has no such address',
  ENOENT: 'its folder is not there',
  ENOTFOUND: 'no such host is known',
  EROFS: 'the disk is read-only',
};

function reasonOf(error: unknown): string {
  const { code = '', message } = error as NodeJS.ErrnoException;
  return REASONS[code] ?? message;
}
