/** What waits for an answer, and messages and people that do harm. */
import * as z from 'zod';
import { acting } from '../acting';
import { asked, carriedOut, given } from '../asked';
import { noDoubt } from '../doubts';
import { route, type Route } from '../route';
import {
  ending,
  ENDS_ONCE,
  endsOnce,
  jid,
  NAMES_ONE,
  namesOne,
  nick,
  person,
  reason,
  targetOf,
  text,
  trueOrFalse,
  whole,
  whom,
  NAMED_BY,
} from '../schemas';
import { writtenOccupantId } from '../../room/talking/ids';
import { dateOf } from '../../xmpp/dates';

/** A year. */
const MAX_MINUTES = 525_600;

const waiting = z.strictObject({
  kind: z.enum(['registration', 'voice', 'message', 'invitation']),
  jid: z.string(),
  id: z.string().nullable(),
  at: z.iso.datetime().nullable(),
  about: z.string().nullable(),
});

const limit = z.strictObject({
  kind: z.enum(['mute', 'warning', 'owner', 'admin', 'member', 'outcast']),
  jid: z.string(),
  since: z.iso.datetime(),
  until: z.iso.datetime().nullable(),
  by: z.string().nullable(),
  byName: z.string().nullable().describe(NAMED_BY),
  reason: z.string().nullable(),
});

/** What holds for somebody ends. */
const takenBack = (path: string, name: 'unmute' | 'unwarn', summary: string): Route =>
  acting({
    method: 'POST',
    path,
    command: name,
    summary,
    body: z.strictObject(whom).refine(namesOne, NAMES_ONE),
    commandOf: ({ nick: worn, jid: bare }) => ({ name, target: targetOf(worn, bare) }),
  });

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
    body: z.strictObject({ jid: person, allow: trueOrFalse }),
    commandOf: (body) => ({ name: 'answer-registration', ...body }),
  }),
  acting({
    method: 'POST',
    path: '/queues/voice',
    command: 'answer-voice',
    summary: 'Answers whether a visitor who asked for voice gets it.',
    body: z.strictObject({ jid: person, allow: trueOrFalse }),
    commandOf: (body) => ({ name: 'answer-voice', ...body }),
  }),
  acting({
    method: 'POST',
    path: '/queues/message',
    command: 'answer-message',
    summary: 'Answers whether a message that waits is said, by its id in the queue.',
    body: z.strictObject({ id: text(200), allow: trueOrFalse }),
    commandOf: (body) => ({ name: 'answer-message', ...body }),
  }),
  route({
    method: 'GET',
    path: '/v1/rooms/:room/limits',
    scope: 'read',
    summary: 'Mutes, warnings, and affiliations that end by themselves, the first end first.',
    asks: ['limits'],
    answer: z.strictObject({ entries: z.array(limit) }),
    async run(call, parts) {
      const entries = await asked(call, parts, { what: 'limits' });
      return {
        entries: entries.map((one) => ({ ...one, since: dateOf(one.since), until: one.until === null ? null : dateOf(one.until) })),
      };
    },
  }),
  acting({
    method: 'POST',
    path: '/mutes',
    command: 'mute',
    summary: 'Takes voice from somebody, until somebody gives it back or the end that is given.',
    body: z
      .strictObject({ ...whom, reason, ...ending })
      .refine(endsOnce, ENDS_ONCE)
      .refine(namesOne, NAMES_ONE),
    commandOf: ({ nick: worn, jid: bare, ...more }) => ({ name: 'mute', target: targetOf(worn, bare), ...given(more) }),
  }),
  takenBack('/unmutes', 'unmute', 'Ends a mute.'),
  acting({
    method: 'POST',
    path: '/warnings',
    command: 'warn',
    summary: 'Lets the room warn somebody; moderators see it until its end, 30 days if none is given.',
    body: z
      .strictObject({ ...whom, reason: text(1_000), ...ending })
      .refine(endsOnce, ENDS_ONCE)
      .refine(namesOne, NAMES_ONE),
    commandOf: ({ nick: worn, jid: bare, reason: why, ...more }) => ({
      name: 'warn',
      target: targetOf(worn, bare),
      reason: why,
      ...given(more),
    }),
  }),
  takenBack('/withdrawn-warnings', 'unwarn', 'Takes back what somebody was warned of.'),
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
      'Takes back what one person said in the last minutes, and bans them too if asked to, for good or with an end. They are named by one of nick, occupantId and jid. A ban of who administers the service, or of the domain of its people, wants `confirmed`.',
    commands: ['ban-and-retract'],
    body: z
      .strictObject({
        nick: nick.optional(),
        occupantId: text(200).optional(),
        jid: jid.optional(),
        minutes: whole(1, MAX_MINUTES),
        ban: trueOrFalse.optional(),
        confirmed: trueOrFalse.optional(),
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
      const { nick: worn, occupantId, jid: bare, minutes, ban = false, confirmed, reason: why, until, for: lasts } = call.body;
      if (ban && bare !== undefined) noDoubt([bare], confirmed, call, parts);
      const target =
        bare !== undefined
          ? { jid: bare }
          : occupantId !== undefined
            ? { occupantId: writtenOccupantId(occupantId) }
            : { nick: worn ?? '' };
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
