/** A server of HTTP with bounds for whoever is slow, many or mad. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { BOUNDS } from './bounds';

/** It does not listen yet. */
export function serverOf(app: FastifyInstance): Server {
  const server = createServer(
    {
      maxHeaderSize: BOUNDS.head,
      headersTimeout: BOUNDS.headTime,
      // A request that takes no document has less: see `inTime` in server.ts.
      requestTimeout: BOUNDS.uploadTime,
      keepAliveTimeout: BOUNDS.idleTime,
      connectionsCheckingInterval: 5_000,
    },
    (request: IncomingMessage, response: ServerResponse) => {
      // Who waits for an answer that is still being made has nothing to say. Without a listener Node ends the connection.
      response.on('timeout', (socket: Socket) => {
        const sends = !request.complete && request.readableLength === 0;
        if (sends || socket.writableLength > 0) socket.destroy();
      });
      app.routing(request, response);
    },
  );
  server.maxConnections = BOUNDS.connections;
  server.maxRequestsPerSocket = BOUNDS.perConnection;
  server.timeout = BOUNDS.silence;
  return server;
}
