/** What a program says in a room without being in it. */
import * as z from 'zod';
import { stanzaError } from '../../xmpp/stanza-error';
import { inWords } from '../../words';
import { carriedOut, given } from '../asked';
import { problemOf } from '../problem';
import { route, type Route } from '../route';
import { text } from '../schemas';

export const posting: readonly Route[] = [
  route({
    method: 'POST',
    path: '/v1/rooms/:room/posts',
    scope: 'post',
    summary: 'Says something in the room under the name of the token. `id` in the answer is the stanza-id, null where nothing is archived.',
    commands: ['post'],
    body: z.strictObject({
      body: text(20_000),
      lang: text(35).optional(),
      id: text(200).optional().describe('The id of the stanza.'),
    }),
    answer: z.strictObject({ id: z.string().nullable() }),
    async run(call, parts) {
      const { poster, body } = call;
      if (poster === null) throw problemOf(stanzaError('forbidden', inWords('postingUnknown')));
      const { id: clientId, ...rest } = body;
      const outcome = await carriedOut(call, parts, { name: 'post', id: poster, ...given({ ...rest, clientId }) });
      return { id: outcome.said ?? null };
    },
  }),
];
