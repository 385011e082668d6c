/** A server of HTTP with bounds for whoever is slow, many or mad. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { BOUNDS } from './bounds';

/** It does not listen yet. */
export function serverOf(app: FastifyInstance): Server {
  const server = createServer(
    {
      maxHeaderSize: BOUNDS.head,
      headersTimeout: BOUNDS.headTime,
      // Of other requests the hook takes care.
      requestTimeout: BOUNDS.uploadTime,
      keepAliveTimeout: BOUNDS.idleTime,
      connectionsCheckingInterval: 5_000,
    },
    (request: IncomingMessage, response: ServerResponse) => app.routing(request, response),
  );
  server.maxConnections = BOUNDS.connections;
  server.maxRequestsPerSocket = BOUNDS.perConnection;
  server.timeout = BOUNDS.silence;
  return server;
}
