/** A server that does exactly what a test tells it: plays the other end of XEP-0114, well or badly. */
import { createHash } from 'node:crypto';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { freePort } from '../support/free-port';

export const DOMAIN = 'rooms.example.org';
export const SECRET = 'a sécret';
const STREAM_ID = '3BF96D32';

export const HEADER = `<?xml version='1.0'?><stream:stream xmlns:stream='http://etherx.jabber.org/streams' xmlns='jabber:component:accept' from='${DOMAIN}' id='${STREAM_ID}'>`;

/** A stream error as servers write it. */
export function streamError(condition: string, text = ''): string {
  const words = text === '' ? '' : `<text xmlns='urn:ietf:params:xml:ns:xmpp-streams'>${text}</text>`;
  return `<stream:error><${condition} xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>${words}</stream:error></stream:stream>`;
}

/** Waits until `test` gives something other than undefined or false; fails after 5 s. */
export async function until<T>(test: () => T | undefined | false, what: string): Promise<T> {
  for (let i = 0; i < 1000; i++) {
    const value = test();
    if (value !== undefined && value !== false) return value;
    await sleep(5);
  }
  throw new Error(`did not happen in 5 s: ${what}`);
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** One connection that the link made. */
export class Peer {
  /** All that came in, but for what `expect` has passed. */
  text = '';
  received = 0;
  ended = false;
  closed = false;

  constructor(readonly socket: Socket) {
    socket.setEncoding('utf8');
    socket.on('data', (data: string) => {
      this.text += data;
      this.received += Buffer.byteLength(data);
    });
    socket.on('end', () => (this.ended = true));
    socket.on('close', () => (this.closed = true));
    socket.on('error', () => (this.closed = true));
  }

  send(text: string | Buffer): void {
    this.socket.write(text);
  }

  /** Waits for text that matches and takes it, and all before it, out of `text`. */
  async expect(pattern: RegExp): Promise<RegExpExecArray> {
    const found = await until(
      () => pattern.exec(this.text) ?? undefined,
      `${String(pattern)} in ${JSON.stringify(this.text.slice(0, 300))}`,
    );
    this.text = this.text.slice(found.index + found[0].length);
    return found;
  }

  /** Reads the stream header; true if the link asked for the right domain. */
  async opened(): Promise<void> {
    const header = await this.expect(/<stream:stream [^>]*>/);
    if (!header[0].includes(`to="${DOMAIN}"`)) throw new Error(`another domain: ${header[0]}`);
  }

  /** Answers the header and checks the secret; the handshake is not yet accepted. */
  async challenged(): Promise<void> {
    await this.opened();
    this.send(HEADER);
    const digest = (await this.expect(/<handshake>([^<]*)<\/handshake>/))[1];
    const right = createHash('sha1')
      .update(STREAM_ID + SECRET, 'utf8')
      .digest('hex');
    if (digest !== right) throw new Error('the digest is wrong');
  }

  /** The whole handshake. */
  async accept(): Promise<this> {
    await this.challenged();
    this.send('<handshake/>');
    return this;
  }
}

export class FakeServer {
  private readonly waiting: Peer[] = [];
  private readonly sockets = new Set<Socket>();
  /** Connections so far. */
  count = 0;

  private constructor(
    private readonly server: Server,
    event: 'connection' | 'secureConnection',
  ) {
    server.on(event, (socket: Socket) => {
      this.count++;
      this.sockets.add(socket);
      this.waiting.push(new Peer(socket));
    });
  }

  static async listen(port?: number, tls?: TlsOptions): Promise<FakeServer> {
    // Tests close it and listen again: in between no outgoing connection must have the port, not even the link's own.
    const chosen = port ?? (await freePort());
    const server = tls === undefined ? createServer() : createTlsServer(tls);
    const fake = new FakeServer(server, tls === undefined ? 'connection' : 'secureConnection');
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(chosen, '127.0.0.1', resolve);
    });
    return fake;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** The next connection. */
  next(): Promise<Peer> {
    return until(() => this.waiting.shift(), 'a connection');
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
