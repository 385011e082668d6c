/** Who troubles the API, in a process of its own: garbage, slow clients and a thousand connections, each at a stated pace. */
import { randomBytes } from 'node:crypto';
import { connect, type NetConnectOpts, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** Connections that are held, or asked for again when they are ended. */
const CONNECTIONS = 1_000;
/** Of these, such that send a byte of a head or of content now and then. */
const SLOW = 200;
/** Milliseconds between two bytes of a slow client, and before somebody whose connection was ended is back. */
const BYTE_MS = 200;
const BACK_MS = 3_000;
/** A megabyte of garbage so often, in milliseconds. */
const GARBAGE_MS = 500;
const MIB = 1024 * 1024;

const HEAD = 'GET /v1/status HTTP/1.1\r\nHost: parlour\r\nX-Slow: ';
const CONTENT = 'POST /v1/bans HTTP/1.1\r\nHost: parlour\r\nContent-Type: application/json\r\nContent-Length: 200000\r\n\r\n{"jids":["';

export interface CrowdJob {
  /** Where the API is: a path or a port each. */
  readonly at: readonly (string | number)[];
}

/** What came of it so far. */
export interface CrowdNumbers {
  /** Connections that are open now, and that were ended by the other side. */
  open: number;
  ended: number;
  /** Megabytes of garbage that were begun. */
  garbage: number;
}

const numbers: CrowdNumbers = { open: 0, ended: 0, garbage: 0 };

function connected(at: string | number, onOpen: (socket: Socket) => void, onEnd: () => void): void {
  const where: NetConnectOpts = typeof at === 'string' ? { path: at } : { port: at, host: '127.0.0.1' };
  const socket = connect(where);
  socket.once('connect', () => {
    numbers.open++;
    onOpen(socket);
    socket.once('close', () => {
      numbers.open--;
      numbers.ended++;
    });
  });
  // Being refused is what is to happen.
  socket.on('error', () => undefined);
  socket.on('data', () => undefined);
  socket.once('close', onEnd);
}

/** One of the thousand; comes back when it was ended. */
function hold(at: string | number, n: number): void {
  let timer: NodeJS.Timeout | undefined;
  connected(
    at,
    (socket) => {
      if (n >= SLOW) {
        // Says nothing, or asks once and then says nothing.
        if (n % 2 === 0) socket.write('GET /healthz HTTP/1.1\r\nHost: parlour\r\n\r\n');
        return;
      }
      socket.write(n % 2 === 0 ? HEAD : CONTENT);
      timer = setInterval(() => socket.write('x'), BYTE_MS);
    },
    () => {
      clearInterval(timer);
      setTimeout(() => hold(at, n), BACK_MS);
    },
  );
}

async function garbage(at: readonly (string | number)[]): Promise<void> {
  const bytes = randomBytes(MIB);
  const request = Buffer.from(
    `POST /v1/bans HTTP/1.1\r\nHost: parlour\r\nContent-Type: application/json\r\nContent-Length: ${MIB}\r\nConnection: close\r\n\r\n`,
  );
  for (let n = 0; ; n++) {
    const where = at[n % at.length] as string | number;
    // As no request at all, and as the content of one.
    const content = n % 4 < 2 ? bytes : Buffer.concat([request, bytes]);
    connected(
      where,
      (socket) => {
        numbers.garbage++;
        socket.end(content);
      },
      () => undefined,
    );
    await delay(GARBAGE_MS);
  }
}

function main(): void {
  const { at } = JSON.parse(process.argv[2] ?? '') as CrowdJob;
  // They come over a second, not in one moment.
  for (let n = 0; n < CONNECTIONS; n++) setTimeout(() => hold(at[n % at.length] as string | number, n), n);
  void garbage(at);
  setInterval(() => process.send?.(numbers), 200);
}

if (require.main === module) main();
