/** The Unix socket: for its user alone, in place of what a dead process left there, never of a living one. */
import { chmodSync, lstatSync, unlinkSync } from 'node:fs';
import type { Server } from 'node:http';
import { connect } from 'node:net';

/** Thrown with a sentence that says what to change: where the API was to listen it cannot. */
export class ApiRefused extends Error {}

/** Owner: read and write. */
const MODE = 0o600;

/** Listens at the path. Throws ApiRefused. */
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
    throw new ApiRefused(
      `The socket of the API, ${path}, cannot be made: ${reasonOf(error)}. Change api.socket, or the folder's permissions.`,
    );
  }
}

/** Listens on TCP. Throws ApiRefused. */
export async function listenAtPort(server: Server, { host, port }: { host: string; port: number }): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port }, () => {
      server.off('error', reject);
      resolve();
    });
  }).catch((error: unknown) => {
    throw new ApiRefused(`The API cannot listen on ${host} port ${port}: ${reasonOf(error)}. Change api.listen, or end what is there.`);
  });
}

/** Removes a socket that nobody answers at. Throws ApiRefused for anything else that is there. */
async function makeWay(path: string): Promise<void> {
  const there = lstatSync(path, { throwIfNoEntry: false });
  if (!there) return;
  if (!there.isSocket())
    throw new ApiRefused(
      `The socket of the API, ${path}, cannot be made: a file is there that is no socket. Move it, or change api.socket.`,
    );
  if (await answers(path))
    throw new ApiRefused(
      `Another process answers at the socket of the API, ${path}. If it is another Parlour, give this one an api.socket of its own.`,
    );
  try {
    unlinkSync(path);
  } catch (error) {
    throw new ApiRefused(`The socket of the API, ${path}, was left behind and cannot be removed: ${reasonOf(error)}. Remove it.`);
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
