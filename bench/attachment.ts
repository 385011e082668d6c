/** The attached component as the generator's phases see it: bytes counted, its requests answered, and who listens now. */
import { setTimeout as delay } from 'node:timers/promises';
import { ByteCounter } from './byte-counter';
import { COMPONENT_DOMAIN, SECRET, SERVER_DOMAIN } from './loads';
import { joinServer, serveComponent, type Peer } from './server';

export class Attachment {
  /** Bytes received that were no IQ. */
  received = 0;
  /** IQ requests of the component that were answered. */
  asked = 0;
  /** Results and errors that the component gave to IQs of the generator. */
  answers = 0;
  /** Called with every chunk, before it is counted; the chunk may not be kept. For the set-up only. */
  look: ((chunk: Buffer) => void) | undefined;
  /** True while the component may refuse requests. */
  mayRefuse = false;
  /** Called after bytes were counted. */
  counted: (() => void) | undefined;
  readonly attached: Promise<void>;
  /** True once a request was answered with a result. */
  private answered = false;
  private peer: Peer | undefined;
  private readonly counter = new ByteCounter();
  private setAttached: () => void = () => undefined;

  constructor() {
    this.attached = new Promise((resolve) => (this.setAttached = resolve));
  }

  /** Resolves with the port that the component has to connect to. */
  listen(): Promise<number> {
    return serveComponent(SERVER_DOMAIN, (peer) => {
      this.peer = peer;
      this.answered = true;
      this.setAttached();
      return (chunk) => this.chunk(chunk);
    });
  }

  /**
   * Attaches to a real server as the component that all occupants belong to, and resolves when the component under
   * measurement answers through that server. `ms`: patience.
   */
  async joinServer(port: number, ms = 30_000): Promise<void> {
    this.peer = await joinServer(port, SERVER_DOMAIN, SECRET, (chunk) => this.chunk(chunk));
    const deadline = Date.now() + ms;
    for (let n = 0; !this.answered; n++) {
      if (Date.now() > deadline) throw new Error('The component does not answer through the server.');
      this.write(
        `<iq from='up@${SERVER_DOMAIN}/1' to='${COMPONENT_DOMAIN}' type='get' id='up${n}'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>`,
      );
      await delay(200);
    }
    await delay(500);
    this.answers = 0;
    this.setAttached();
  }

  /** From now on only deliveries of this length and IQs will come. */
  expectDeliveries(length: number): void {
    this.counter.expect(length);
  }

  /** Bytes written that the other end has not taken yet. */
  get backlog(): number {
    return this.peer?.backlog() ?? 0;
  }

  write(data: string | Buffer): void {
    this.peer?.write(data);
  }

  /** Ends the stream. */
  end(): void {
    this.peer?.end();
  }

  private chunk(chunk: Buffer): void {
    this.look?.(chunk);
    const { bytes, iqs } = this.counter.feed(chunk);
    this.received += bytes;
    for (const iq of iqs) this.iq(iq);
    this.counted?.();
    if (chunk[chunk.length - 1] === 0x3e && chunk.subarray(-16).toString('latin1') === '</stream:stream>') this.peer?.end();
  }

  /** Every request (pings of the server, probes of users) gets its result. */
  private iq(text: string): void {
    const type = attribute(text, 'type');
    if (type !== 'get' && type !== 'set') {
      this.answers++;
      // Before the component has attached, a real server answers in its place.
      if (type === 'error' && (this.mayRefuse || !this.answered)) return;
      this.answered = true;
      if (type === 'error') throw new Error(`The component refused a request: ${text}`);
      return;
    }
    this.asked++;
    this.write(`<iq from="${attribute(text, 'to')}" to="${attribute(text, 'from')}" id="${attribute(text, 'id')}" type="result"/>`);
  }
}

function attribute(xml: string, name: string): string {
  return new RegExp(` ${name}=["']([^"']*)["']`).exec(xml)?.[1] ?? '';
}
