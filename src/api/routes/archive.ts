/** What was said in a room, what was done in it, and how much it holds. */
import * as z from 'zod';
import { asked, given } from '../asked';
import { ACTS, auditAnswer, auditPage, auditQuery } from '../audit-answer';
import { route, type Route } from '../route';
import { LATEST, nick, person, text, time, whole } from '../schemas';
import { LONGEST_SEARCH } from '../../room/contract/archive-query';
import { writtenOccupantId } from '../../room/talking/ids';
import { dateOf } from '../../xmpp/dates';

const message = z.strictObject({
  id: z.string(),
  at: z.iso.datetime(),
  nick: z.string().nullable().describe('null: the room itself said it.'),
  occupantId: z.string().nullable(),
  jid: z.string().nullable(),
  payload: z.string().describe('Its content, XML.'),
  retracted: z.boolean().describe('It was taken back: nothing is left of it but a tombstone.'),
});

const PAGE = 50;
const counted = z.int();

export const reading: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v1/rooms/:room/messages',
    scope: 'read',
    summary:
      'A page of the archive, oldest first: behind `after`, or before `before` (empty: the latest). `text` searches; `start` and `end` choose, and one of `with` (a JID), `nick` (of whoever goes by it now, also a program that posts by a token) and `occupantId`.',
    asks: ['archive'],
    query: z
      .strictObject({
        text: text(LONGEST_SEARCH).optional(),
        with: person.optional(),
        nick: nick.optional(),
        occupantId: text(200).optional(),
        start: time.optional(),
        end: time.optional(),
        after: text(200).optional(),
        before: text(200, 0).optional(),
        limit: whole(1, 1_000).optional(),
      })
      .refine((one) => [one.with, one.nick, one.occupantId].filter((named) => named !== undefined).length <= 1, {
        error: 'takes one of with, nick and occupantId',
      }),
    answer: z.strictObject({ entries: z.array(message), complete: z.boolean() }),
    async run(call, parts) {
      const { after, before, limit = PAGE, occupantId, ...which } = call.query;
      const { messages, complete } = await asked(call, parts, {
        what: 'archive',
        ...given(which),
        ...(occupantId === undefined ? {} : { occupantId: writtenOccupantId(occupantId) }),
        paging: { max: limit, ...given({ after, before }) },
      });
      return { entries: messages.map((one) => ({ ...one, at: dateOf(one.at) })), complete };
    },
  }),
  route({
    method: 'GET',
    path: '/v1/rooms/:room/numbers',
    scope: 'read',
    summary: 'How much the room holds.',
    asks: ['numbers'],
    answer: z.strictObject({
      occupants: counted,
      sessions: counted,
      affiliations: z.strictObject({ owner: counted, admin: counted, member: counted, outcast: counted }),
      rows: counted,
      seq: counted,
      latest: z.iso.datetime().describe(LATEST),
    }),
    async run(call, parts) {
      const numbers = await asked(call, parts, { what: 'numbers' });
      return { ...numbers, latest: dateOf(numbers.latest) };
    },
  }),
  route({
    method: 'GET',
    path: '/v1/rooms/:room/audit',
    scope: 'read',
    summary: 'Who changed what in the room, the latest first.',
    query: z.strictObject(auditQuery),
    answer: auditPage,
    async run({ room, query: { after, limit = ACTS, ...which } }, { directory }) {
      const acts = await directory.audit({ room, ...given(which), ...given({ before: after }), limit: limit + 1 });
      return auditAnswer(acts, limit);
    },
  }),
];
