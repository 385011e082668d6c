/** Tokens: made, listed, revoked. */
import * as z from 'zod';
import { route, type Route } from '../route';
import { dateOf, DONE, done, text } from '../schemas';
import { SCOPES } from '../scopes';
import type { TokenView } from '../tokens';

const scope = z.enum(SCOPES, { error: `takes ${SCOPES.join(', ')}` });
const name = z
  .string({ error: 'takes a name of 1 to 64 letters, digits, dots, hyphens and underscores' })
  .regex(/^[\w.-]{1,64}$/, { error: 'takes a name of 1 to 64 letters, digits, dots, hyphens and underscores' });

const token = {
  name: z.string(),
  scope,
  rooms: z.string().describe('Addresses of rooms, in which * stands for any text; * alone: the whole service.'),
  createdAt: z.iso.datetime(),
  createdBy: z.string(),
};

const viewed = ({ createdAt, ...view }: TokenView): object => ({ ...view, createdAt: dateOf(createdAt) });

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
    summary: 'Makes a token. `token` in the answer is told here and never again.',
    body: z.strictObject({ name, scope, rooms: text(3_071).default('*') }),
    answer: z.strictObject({ ...token, token: z.string() }),
    async run({ actor, body }, parts) {
      const { token: secret, ...view } = await parts.tokens.create(body, actor.name ?? '', parts.clock.now(), parts.randomBytes);
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
    summary: 'Revokes a token: from now on nobody gets in by it.',
    params: z.strictObject({ name }),
    answer: done,
    async run({ actor, params }, parts) {
      await parts.tokens.revoke(params.name);
      parts.log.info({ event: 'api.token-revoked', token: params.name, by: actor.name }, 'a token was revoked');
      return DONE;
    },
  }),
];
