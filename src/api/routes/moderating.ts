/** What waits for an answer, and messages and people that do harm. */
import * as z from 'zod';
import { acting } from '../acting';
import { asked, carriedOut, given } from '../asked';
import { route, type Route } from '../route';
import { dateOf, ending, ENDS_ONCE, endsOnce, jid, nick, person, reason, text, whole } from '../schemas';

/** A year. */
const MAX_MINUTES = 525_600;

const waiting = z.strictObject({
  kind: z.enum(['registration', 'voice', 'message', 'invitation']),
  jid: z.string(),
  id: z.string().nullable(),
  at: z.iso.datetime().nullable(),
  about: z.string().nullable(),
});

const allow = z.boolean({ error: 'takes true or false' });

export const moderating: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v1/rooms/:room/queues',
    scope: 'read',
    summary: 'Registrations, voice requests, messages and invitations that wait for an answer.',
    asks: ['queues'],
    answer: z.strictObject({ entries: z.array(waiting) }),
    async run(call, parts) {
      const entries = await asked(call, parts, { what: 'queues' });
      return {
        entries: entries.map(({ kind, jid: whose, id = null, at, about = null }) => ({
          kind,
          jid: whose,
          id,
          at: at === undefined ? null : dateOf(at),
          about,
        })),
      };
    },
  }),
  acting({
    method: 'POST',
    path: '/queues/registration',
    command: 'answer-registration',
    summary: 'Answers whether somebody may register with the room.',
    body: z.strictObject({ jid: person, allow }),
    commandOf: (body) => ({ name: 'answer-registration', ...body }),
  }),
  acting({
    method: 'POST',
    path: '/queues/voice',
    command: 'answer-voice',
    summary: 'Answers whether a visitor who asked for voice gets it.',
    body: z.strictObject({ jid: person, allow }),
    commandOf: (body) => ({ name: 'answer-voice', ...body }),
  }),
  acting({
    method: 'POST',
    path: '/queues/message',
    command: 'answer-message',
    summary: 'Answers whether a message that waits is said, by its id in the queue.',
    body: z.strictObject({ id: text(200), allow }),
    commandOf: (body) => ({ name: 'answer-message', ...body }),
  }),
  acting({
    method: 'POST',
    path: '/moderate',
    command: 'moderate',
    summary: 'Takes one message back for everybody, by its stanza-id.',
    body: z.strictObject({ id: text(200), reason }),
    commandOf: (body) => ({ name: 'moderate', ...given(body) }),
  }),
  route({
    method: 'POST',
    path: '/v1/rooms/:room/purge',
    scope: 'moderate',
    summary:
      'Takes back what one person said in the last minutes, and bans them too if asked to, for good or with an end. They are named by one of nick, occupantId and jid.',
    commands: ['ban-and-retract'],
    body: z
      .strictObject({
        nick: nick.optional(),
        occupantId: text(200).optional(),
        jid: jid.optional(),
        minutes: whole(1, MAX_MINUTES),
        ban: allow.optional(),
        reason,
        ...ending,
      })
      .refine(endsOnce, ENDS_ONCE)
      .refine((one) => one.ban === true || (one.until === undefined && one.for === undefined), { error: 'takes until and for with ban' })
      .refine((one) => [one.nick, one.occupantId, one.jid].filter((named) => named !== undefined).length === 1, {
        error: 'takes one of nick, occupantId and jid',
      }),
    answer: z.strictObject({ retracted: z.int() }),
    async run(call, parts) {
      const { nick: worn, occupantId, jid: bare, minutes, ban = false, reason: why, until, for: lasts } = call.body;
      const target = bare !== undefined ? { jid: bare } : occupantId !== undefined ? { occupantId } : { nick: worn ?? '' };
      const outcome = await carriedOut(call, parts, {
        name: 'ban-and-retract',
        target,
        minutes,
        ban,
        ...given({ reason: why, until, for: lasts }),
      });
      return { retracted: outcome.retracted ?? 0 };
    },
  }),
];
