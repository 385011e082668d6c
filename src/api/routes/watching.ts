/** Metrics and health, as at `metrics.listen`. */
import { route, type Route } from '../route';

export const watching: readonly Route[] = [
  route({
    method: 'GET',
    path: '/metrics',
    scope: 'read',
    summary: 'Metrics, for Prometheus.',
    answer: 'text',
    run: (_, { watched }) => watched('/metrics'),
  }),
  route({
    method: 'GET',
    path: '/healthz',
    scope: 'public',
    summary: 'Whether the process runs.',
    answer: 'text',
    run: (_, { watched }) => watched('/healthz'),
  }),
  route({
    method: 'GET',
    path: '/readyz',
    scope: 'public',
    summary: 'Whether the server takes us and the database takes writes; 503 if not.',
    answer: 'text',
    run: (_, { watched }) => watched('/readyz'),
  }),
];
