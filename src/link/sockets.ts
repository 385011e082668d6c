/** Sockets as the link wants them: text that never splits a character, no Nagle, keep-alive, a buffer for several writes. */
import { Socket } from 'node:net';
import { connect, type ConnectionOptions } from 'node:tls';

/** Bytes that may wait in a socket before it asks to wait for `drain`: a few writes of 48 KiB, so that it never runs dry. */
const HIGH_WATER = 256 * 1024;
/** Milliseconds of silence before TCP itself probes the peer. */
const TCP_KEEP_ALIVE = 30_000;

function prepare<S extends Socket>(socket: S): S {
  socket.setEncoding('utf8');
  socket.setNoDelay(true);
  socket.setKeepAlive(true, TCP_KEEP_ALIVE);
  // An error after the connection was given up has no other listener, and would end the process.
  socket.on('error', () => undefined);
  return socket;
}

/** A constructor, as `@xmpp/connection` wants it, for a plain socket, or one with TLS from the first byte. */
export function socketClass(host: string, port: number, tls: ConnectionOptions | undefined): new () => Socket {
  const create = function (): Socket {
    if (tls === undefined) return prepare(new Socket({ writableHighWaterMark: HIGH_WATER } as ConstructorParameters<typeof Socket>[0]));
    const socket = connect({ servername: /^[\d.]+$|:/.test(host) ? '' : host, ...tls, host, port });
    // It is connecting already; what is written meanwhile waits until the certificate was accepted.
    socket.connect = () => socket;
    return prepare(socket);
  };
  return create as unknown as new () => Socket;
}
