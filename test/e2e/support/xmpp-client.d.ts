/** The part of `@xmpp/client` 0.13 that the tests use; the package brings no types. */
declare module '@xmpp/client' {
  import type { Element } from '@xmpp/xml';
  import type { EventEmitter } from 'node:events';
  import type { Socket } from 'node:net';

  interface Client extends EventEmitter {
    readonly reconnect: { stop(): void };
    readonly iqCallee: { get(namespace: string, name: string, handler: () => boolean): void };
    readonly socket: Socket | null;
    start(): Promise<unknown>;
    stop(): Promise<unknown>;
    send(element: Element): Promise<void>;
  }
  export function client(options: { service: string; domain: string; username: string; password: string; resource?: string }): Client;
}
