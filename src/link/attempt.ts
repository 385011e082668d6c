/** One connection, from the first packet to the last: a fresh component of `@xmpp/component-core` whose weak parts are replaced. */
import type { Sentence } from '../words';
import type { Socket } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import { Component } from '@xmpp/component-core';
import { NS } from '../xmpp/ns';
import type { Element } from '../xmpp/xml';
import { StreamFault } from './chars';
import { atPort, socketFailure, streamFailure, type Failure } from './failure';
import { StreamParser, type ParserLimits } from './parser';
import { socketClass } from './sockets';

export interface AttemptOptions {
  readonly host: string;
  readonly port: number;
  readonly domain: string;
  readonly secret: string;
  readonly tls?: ConnectionOptions | undefined;
  readonly limits: ParserLimits;
  /** Milliseconds for connecting, opening and the handshake together. */
  readonly deadline: number;
}

export interface AttemptEvents {
  online(socket: Socket): void;
  /** An element of the stream; may throw only by mistake. */
  element(element: Element, bytes: number): void;
  dropped(element: Element, reason: Sentence): void;
  /** Called once, whatever ended it. */
  down(failure: Failure): void;
}

const STREAM_END = '</stream:stream>';

export class Attempt {
  private readonly component: Component;
  private readonly parser: StreamParser;
  private readonly timer: NodeJS.Timeout;
  private phase: 'connecting' | 'handshake' | 'online' = 'connecting';
  /** The default namespace of the server's stream header. */
  private namespace: unknown;
  /** Our handshake is on its way. */
  private answering = false;
  private closing = false;
  private over = false;

  /** Begins to connect at once. */
  constructor(
    private readonly options: AttemptOptions,
    private readonly events: AttemptEvents,
  ) {
    this.parser = new StreamParser(options.limits);
    this.component = this.build();
    this.timer = setTimeout(() => {
      this.fail({ kind: this.phase === 'connecting' ? 'unreachable' : 'handshake', why: this.lateness() });
    }, options.deadline);
    void this.run();
  }

  /** Closes the stream; the server's closing tag, or `abandon`, ends the attempt. */
  close(): void {
    this.closing = true;
    this.component.socket?.end(STREAM_END);
  }

  /** Ends the attempt now. */
  abandon(failure: Failure): void {
    this.fail(failure);
  }

  private build(): Component {
    const { host, port, domain, deadline } = this.options;
    const { parser } = this;
    const component = new Component({ domain });
    component.timeout = deadline;
    component.Socket = socketClass(host, port, this.options.tls);
    component.Parser = function () {
      return parser;
    } as unknown as Component['Parser'];
    component.socketParameters = () => ({ host, port });
    component._onData = (data) => this.data(data);
    component._onParserError = (error) => this.unreadable(error);
    component._onStreamError = (element) => this.fail(streamFailure(element, this.phase === 'online'));
    component._end = () => Promise.resolve(undefined);
    component.on('error', (error: NodeJS.ErrnoException) => this.fail(socketFailure(error, this.phase)));
    component.on('element', (element: Element) => this.element(element));
    component.on('close', () => {
      if (!this.closing && !this.over) component.socket?.write(STREAM_END);
      this.fail({ kind: this.goneKind(), why: 'the server closed the stream' });
    });
    component.on('disconnect', () => this.fail({ kind: this.goneKind(), why: 'the server closed the connection' }));
    parser.on('start', (header: Element) => {
      this.namespace = header.attrs['xmlns'];
    });
    parser.on('dropped', (element: Element, reason: Sentence) => {
      if (this.phase === 'online' && !this.over) this.events.dropped(element, reason);
    });
    return component;
  }

  private async run(): Promise<void> {
    const { component } = this;
    const { domain, secret } = this.options;
    try {
      await component.connect(`xmpp://${domain}`);
      if (this.over) return;
      this.phase = 'handshake';
      const header = await component.open({ domain });
      if (this.over) return;
      const id: unknown = header.attrs['id'];
      this.answering = true;
      // The library hashes code units as bytes; XEP-0114 §3 means the UTF-8 bytes.
      await component.authenticate(utf8Bytes(typeof id === 'string' ? id : ''), utf8Bytes(secret));
    } catch (error) {
      this.fail({
        kind: this.phase === 'connecting' ? 'unreachable' : this.goneKind(),
        why: (error as Error).message || 'the server did not answer',
      });
    }
  }

  private data(data: string): void {
    if (this.over || this.component.parser === null) return;
    try {
      this.parser.write(data);
    } catch (error) {
      // Only a bug makes the parser throw; its position in the stream is unknown then.
      this.fail({ kind: this.goneKind(), why: `reading failed: ${(error as Error).message}` });
    }
  }

  private element(element: Element): void {
    if (this.over) return;
    if (this.phase !== 'online') {
      // Not after `authenticate` has returned: stanzas may follow in the same chunk.
      if (this.answering && element.name === 'handshake') this.attached();
      return;
    }
    this.events.element(element, this.parser.bytes);
  }

  private attached(): void {
    clearTimeout(this.timer);
    this.phase = 'online';
    this.events.online(this.component.socket as Socket);
  }

  /** RFC 6120 §4.9.1.1: say why, close the stream, then the connection. */
  private unreadable(error: Error): void {
    const condition = error instanceof StreamFault ? error.condition : 'bad-format';
    this.component.socket?.write(`<stream:error><${condition} xmlns="${NS.streams}"/></stream:error>${STREAM_END}`);
    this.fail({ kind: this.goneKind(), why: `the server sent ${error.message} (${condition})` });
  }

  private goneKind(): 'lost' | 'handshake' {
    return this.phase === 'online' ? 'lost' : 'handshake';
  }

  private lateness(): string {
    const seconds = this.options.deadline / 1000;
    return this.phase === 'connecting'
      ? `no connection after ${seconds} s`
      : `the handshake was not complete after ${seconds} s. If it stays so, see that server.port is that of the server's components`;
  }

  private fail(failure: Failure): void {
    if (this.over) return;
    this.over = true;
    clearTimeout(this.timer);
    this.parser.halt();
    const { socket } = this.component;
    // What was written last (a good-bye, a stream error) may still go out; a peer that does not read must not hold the socket.
    if (socket !== null && this.phase !== 'connecting' && socket.writableLength === 0) socket.destroySoon();
    else socket?.destroy();
    // Ends what the library still waits for, and its timers.
    this.component.emit('error', new Error(failure.why));
    const reason = this.phase === 'handshake' ? atPort(failure, this.namespace) : failure;
    this.events.down(this.closing ? { kind: 'lost', why: 'closed by us' } : reason);
  }
}

/** A string whose code units are the UTF-8 bytes of `text`. */
function utf8Bytes(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}
