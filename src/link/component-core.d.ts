/** What the link uses of `@xmpp/component-core` 0.13.1, private members included: the version is pinned, the tests hold it. */
declare module '@xmpp/component-core' {
  import type { EventEmitter } from 'node:events';
  import type { Socket } from 'node:net';
  import type { Element } from '@xmpp/xml';

  interface Parser extends EventEmitter {
    write(text: string): void;
  }

  export class Component extends EventEmitter {
    constructor(options: { domain: string });
    Socket: new () => Socket;
    Parser: new () => Parser;
    socket: Socket | null;
    parser: Parser | null;
    /** Milliseconds that `open` and `authenticate` wait for the server. */
    timeout: number;
    socketParameters: (service: string) => { host: string; port: number };
    _onData: (data: string) => void;
    _onParserError: (error: Error) => void;
    _onStreamError: (element: Element) => void;
    _end: () => Promise<undefined>;
    connect(service: string): Promise<unknown>;
    open(options: { domain: string }): Promise<Element>;
    authenticate(id: string, password: string): Promise<void>;
  }
}
