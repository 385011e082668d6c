/** The service as a whole: how it is, who changed what, its log, its end. */
import * as z from 'zod';
import { given } from '../asked';
import { ACTS, auditAnswer, auditPage, auditQuery } from '../audit-answer';
import { LOG_LEVELS } from '../../log';
import { route, type Route } from '../route';
import { DONE, done, reason, text } from '../schemas';
import { Problem, problemOf } from '../problem';
import { writtenRoom } from '../written-room';
import { inWords } from '../../words';
import { stanzaError } from '../../xmpp/stanza-error';
import { dateOf } from '../../xmpp/dates';

/** Between the answer and the end, in milliseconds: the answer is to arrive. */
const LEAVE_MS = 200;

const level = z.enum(LOG_LEVELS, { error: `takes ${LOG_LEVELS.join(', ')}` });

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
  route({
    method: 'GET',
    path: '/v1/audit',
    scope: 'read',
    summary: 'Who changed what in which room, the latest first.',
    query: z.strictObject({ room: text(3_071).optional(), ...auditQuery }),
    answer: auditPage,
    async run({ query: { after, room, limit = ACTS, ...which } }, { directory, domain }) {
      const acts = await directory.audit({
        ...given({ ...which, before: after, room: room === undefined ? undefined : writtenRoom(room, domain) }),
        limit: limit + 1,
      });
      return auditAnswer(acts, limit);
    },
  }),
  route({
    method: 'GET',
    path: '/v1/admins',
    scope: 'read',
    summary: 'Service administrators, as the configuration has them.',
    answer: z.strictObject({ admins: z.array(z.string()) }),
    run: async (_, { admins }) => ({ admins }),
  }),
  route({
    method: 'GET',
    path: '/v1/log-level',
    scope: 'read',
    summary: 'The least important events that are logged.',
    answer: z.strictObject({ level }),
    run: async (_, { logLevel }) => ({ level: logLevel.get() }),
  }),
  route({
    method: 'PUT',
    path: '/v1/log-level',
    scope: 'administer',
    summary: 'Changes what is logged until the next start.',
    body: z.strictObject({ level }),
    answer: done,
    async run({ actor, body }, { logLevel, log }) {
      logLevel.set(body.level);
      log.info({ event: 'api.log-level', level: body.level, by: actor.name }, 'another level of the log');
      return DONE;
    },
  }),
  route({
    method: 'POST',
    path: '/v1/reload',
    scope: 'administer',
    summary: 'Reads the configuration again: what was taken, and what needs a restart. A mistake in it changes nothing.',
    answer: z.strictObject({ taken: z.array(z.string()), restart: z.array(z.string()) }),
    async run(_, { reload }) {
      if (!reload) throw problemOf(stanzaError('feature-not-implemented', inWords('apiNoFile')));
      const outcome = reload();
      if ('mistakes' in outcome) {
        const { mistakes } = outcome;
        throw new Problem('not-acceptable', inWords('apiConfig', { mistakes: mistakes.join(' ') }), { mistakes });
      }
      return outcome;
    },
  }),
  route({
    method: 'POST',
    path: '/v1/stop',
    scope: 'administer',
    summary: 'Ends the program. People stay in their rooms, for the next start.',
    answer: done,
    async run(_, { clock, stop }) {
      clock.after(LEAVE_MS, stop);
      return DONE;
    },
  }),
  route({
    method: 'POST',
    path: '/v1/shut-down',
    scope: 'administer',
    summary: 'Tells everybody in every room that the service ends, and ends the program.',
    commands: ['shut-down'],
    body: z.strictObject({ reason }),
    answer: done,
    async run({ actor, body }, { clock, shutDown, stop }) {
      await shutDown(actor, body.reason);
      clock.after(LEAVE_MS, stop);
      return DONE;
    },
  }),
];
