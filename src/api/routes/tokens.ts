/** Tokens: made, listed, revoked. */
import * as z from 'zod';
import { route, type Route } from '../route';
import { DONE, done, nick, text } from '../schemas';
import { given } from '../asked';
import { postingRoom } from '../posting-room';
import { SCOPES } from '../scopes';
import type { TokenView } from '../tokens';
import { dateOf } from '../../xmpp/dates';

const KINDS = ['post', ...SCOPES] as const;
const scope = z.enum(KINDS, { error: `takes ${KINDS.join(', ')}` });
const name = z
  .string({ error: 'takes a name of 1 to 64 letters, digits, dots, hyphens and underscores' })
  .regex(/^[\w.-]{1,64}$/, { error: 'takes a name of 1 to 64 letters, digits, dots, hyphens and underscores' });

const token = {
  name: z.string(),
  scope,
  rooms: z.string().describe('Addresses of rooms, in which * stands for any text; * alone: the whole service.'),
  createdAt: z.iso.datetime(),
  createdBy: z.string(),
  postAs: z.string().nullable().describe('Of a token of scope post: the nickname under which it posts.'),
  state: z
    .enum(['in-force', 'being-made', 'being-revoked'])
    .describe(
      'Whether it lets somebody in. Not while its room has not agreed yet, nor while its name is still to be freed there, which is tried until it is done.',
    ),
};

const viewed = ({ name: called, scope: has, rooms, createdAt, createdBy, postAs, state }: TokenView): object => ({
  ...{ name: called, scope: has, rooms, createdBy, postAs, state },
  createdAt: dateOf(createdAt),
});

export const tokens: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v1/tokens',
    scope: 'administer',
    summary: 'The tokens that there are; what they are themselves is told once, when they are made.',
    answer: z.strictObject({ entries: z.array(z.strictObject(token)) }),
    run: async (_, parts) => ({ entries: parts.tokens.list().map(viewed) }),
  }),
  route({
    method: 'POST',
    path: '/v1/tokens',
    scope: 'administer',
    summary:
      'Makes a token. `token` in the answer is told here and never again. One of scope post posts in the one room that `rooms` names, under the nickname `postAs`, which is reserved for it.',
    commands: ['allow-posting'],
    secret: true,
    body: z.strictObject({ name, scope, rooms: text(3_071).default('*'), postAs: nick.optional() }),
    answer: z.strictObject({ ...token, token: z.string() }),
    async run({ actor, body }, parts) {
      const room = postingRoom(actor, parts, body.name);
      const made = await parts.tokens.create(given(body), actor.name ?? '', parts.clock.now(), parts.randomBytes, room);
      const { token: secret, ...view } = made;
      parts.log.info(
        { event: 'api.token-created', token: view.name, scope: view.scope, rooms: view.rooms, by: actor.name },
        'a token was made',
      );
      return { ...viewed(view), token: secret };
    },
  }),
  route({
    method: 'DELETE',
    path: '/v1/tokens/:name',
    scope: 'administer',
    summary: 'Revokes a token: from now on nobody gets in by it, and the name is free under which it posted.',
    commands: ['end-posting'],
    params: z.strictObject({ name }),
    answer: done,
    async run({ actor, params }, parts) {
      await parts.tokens.revoke(params.name, postingRoom(actor, parts, params.name).free);
      parts.log.info({ event: 'api.token-revoked', token: params.name, by: actor.name }, 'a token was revoked');
      return DONE;
    },
  }),
];
