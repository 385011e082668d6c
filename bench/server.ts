/** The server's end of one component connection: listens, accepts the XEP-0114 handshake, then hands over raw chunks. */
import { createHash } from 'node:crypto';
import net from 'node:net';

/** Reads land here; one buffer for all of them, because nothing read is kept. */
const READ_BUFFER = 256 * 1024;

export interface Peer {
  write(data: string | Buffer): void;
  /** Bytes that the other end has not taken yet. */
  backlog(): number;
  /** Ends the stream in answer to the component's `</stream:stream>`. */
  end(): void;
}

/** Gets each chunk in turn; it may not keep the chunk, whose bytes are overwritten by the next read. */
export type OnChunk = (chunk: Buffer) => void;

/**
 * Listens on a free loopback port for one component. `attached` is called once its handshake (any secret) was accepted;
 * what comes afterwards goes to the function that it returns.
 */
export function serveComponent(domain: string, attached: (peer: Peer) => OnChunk): Promise<number> {
  const server = net.createServer({ pauseOnConnect: true, noDelay: true }, (accepted) => {
    server.close();
    let handed: OnChunk | undefined;
    let greeting = '';
    const socket = reading(accepted, (chunk) => {
      if (handed) return handed(chunk);
      const before = greeting;
      greeting += chunk.toString('latin1');
      if (!before.includes('<stream:stream') && greeting.includes('<stream:stream')) {
        socket.write(
          `<?xml version='1.0'?><stream:stream xmlns='jabber:component:accept' xmlns:stream='http://etherx.jabber.org/streams' from='${domain}' id='bench'>`,
        );
      }
      if (greeting.includes('</handshake>')) {
        socket.write('<handshake/>');
        handed = attached({
          write: (data) => void socket.write(data),
          backlog: () => socket.writableLength,
          end: () => socket.end('</stream:stream>'),
        });
      }
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ECONNRESET' && error.code !== 'EPIPE') throw error;
    });
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve((server.address() as net.AddressInfo).port));
  });
}

/** Attaches to a real server on a loopback port as the component `domain` (XEP-0114 §3); rejects when it is refused. */
export function joinServer(port: number, domain: string, secret: string, onChunk: OnChunk): Promise<Peer> {
  return new Promise((resolve, reject) => {
    let greeting = '';
    let joined = false;
    const socket = net.connect({
      port,
      host: '127.0.0.1',
      noDelay: true,
      onread: {
        buffer: Buffer.allocUnsafeSlow(READ_BUFFER),
        callback(length: number, buffer: Uint8Array): boolean {
          const chunk = Buffer.from(buffer.buffer, buffer.byteOffset, length);
          if (joined) onChunk(chunk);
          else {
            const before = greeting;
            greeting += chunk.toString('latin1');
            const id = streamId(greeting);
            if (id !== undefined && streamId(before) === undefined) socket.write(`<handshake>${handshake(id, secret)}</handshake>`);
            if (/<handshake ?\/>|<\/handshake>/.test(greeting)) {
              joined = true;
              resolve({
                write: (data) => void socket.write(data),
                backlog: () => socket.writableLength,
                end: () => socket.end('</stream:stream>'),
              });
            } else if (greeting.includes('<stream:error')) reject(new Error(`The server refused ${domain}: ${greeting}`));
          }
          return true;
        },
      },
    });
    socket.on('error', reject);
    socket.write(
      `<?xml version='1.0'?><stream:stream xmlns='jabber:component:accept' xmlns:stream='http://etherx.jabber.org/streams' to='${domain}'>`,
    );
  });
}

/** The `id` of the stream that a server has opened; undefined until its start tag is there. */
export function streamId(greeting: string): string | undefined {
  return /<stream:stream[^>]* id=["']([^"']*)["'][^>]*>/.exec(greeting)?.[1];
}

/** XEP-0114 §3: what proves that the component knows the secret. */
export function handshake(id: string, secret: string): string {
  return createHash('sha1')
    .update(id + secret)
    .digest('hex');
}

/**
 * The accepted connection, read into one buffer of our own: a buffer per read, as 'data' events have it, costs the
 * generator more CPU than counting does. `onread` exists for client sockets only, hence the handle is moved to one.
 */
function reading(accepted: net.Socket, onChunk: OnChunk): net.Socket {
  const holder = accepted as unknown as { _handle: unknown };
  const options = {
    handle: holder._handle,
    onread: {
      buffer: Buffer.allocUnsafeSlow(READ_BUFFER),
      callback(length: number, buffer: Uint8Array): boolean {
        onChunk(Buffer.from(buffer.buffer, buffer.byteOffset, length));
        return true;
      },
    },
  };
  const socket = new net.Socket(options as unknown as net.SocketConstructorOpts);
  holder._handle = null;
  socket.setNoDelay(true);
  socket.resume();
  return socket;
}
