/** The server's end of a component connection that is read at a pace: fast, slowly, or for a while not at all. */
import { createHash } from 'node:crypto';
import net from 'node:net';
import { COMPONENT_DOMAIN, SECRET } from './loads';

/** One socket at a time, read at a pace. */
export class PacedServer {
  connections = 0;
  received = 0;
  private socket: net.Socket | undefined;
  private rate = Infinity;
  private since = 0;
  private taken = 0;
  private readonly server = net.createServer((socket) => this.accept(socket));

  constructor(private readonly onData: (chunk: Buffer) => void) {}

  async listen(): Promise<number> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return (this.server.address() as net.AddressInfo).port;
  }

  get attached(): boolean {
    return this.connections > 0;
  }

  /** Bytes per second from now on. */
  pace(rate: number): void {
    this.rate = rate;
    this.since = performance.now();
    this.taken = 0;
    if (rate > 0) this.socket?.resume();
    else this.socket?.pause();
  }

  write(text: string): void {
    this.socket?.write(text);
  }

  close(): void {
    this.socket?.destroy();
    this.server.close();
  }

  private accept(socket: net.Socket): void {
    socket.on('error', () => undefined);
    let shaken = false;
    let begin = '';
    socket.on('data', (chunk) => {
      if (!shaken) {
        begin += chunk.toString();
        if (begin.includes('<handshake>') || begin.includes('</handshake>')) {
          shaken = true;
          this.connections++;
          this.socket = socket;
          socket.write('<handshake/>');
        } else if (begin.includes('<stream:stream') && !begin.includes('sent')) {
          begin += 'sent';
          socket.write(
            `<?xml version='1.0'?><stream:stream xmlns:stream='http://etherx.jabber.org/streams' xmlns='jabber:component:accept' from='${COMPONENT_DOMAIN}' id='${createHash('sha1').update(SECRET).digest('hex')}'>`,
          );
        }
        return;
      }
      this.received += chunk.length;
      this.onData(chunk);
      this.taken += chunk.length;
      if (this.rate === Infinity) return;
      const due = (this.taken / this.rate) * 1000 - (performance.now() - this.since);
      if (due <= 1) return;
      socket.pause();
      setTimeout(() => {
        if (this.rate > 0) socket.resume();
      }, due);
    });
  }
}
