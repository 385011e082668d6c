/** The service as a whole: how it is. */
import * as z from 'zod';
import { route, type Route } from '../route';
import { dateOf } from '../schemas';

export const service: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v1/status',
    scope: 'read',
    summary: 'Whether the server takes us, since when the program runs, and how much there is.',
    answer: z.strictObject({
      version: z.string(),
      domain: z.string(),
      attached: z.boolean(),
      startedAt: z.iso.datetime(),
      rooms: z.int(),
      occupants: z.int(),
      messages: z.int(),
    }),
    async run(_, { domain, state, directory }) {
      const { startedAt, ...now } = state();
      return { domain, ...now, startedAt: dateOf(startedAt), ...(await directory.counts()) };
    },
  }),
];
