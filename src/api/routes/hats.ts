/** Hats of a room (XEP-0317): which there are and who wears them, and what is done with them. */
import * as z from 'zod';
import { acting } from '../acting';
import { asked, given } from '../asked';
import { route, type Route } from '../route';
import { NAMES_ONE, namesOne, targetOf, text, trueOrFalse, whom } from '../schemas';

const uri = text(1_000);
const role = z.enum(['participant', 'moderator'], { error: 'takes participant or moderator' });

const hat = z.strictObject({
  uri: z.string(),
  title: z.string(),
  hue: z.string().nullable().describe('Degrees (XEP-0392).'),
  role: role.nullable().describe('What its wearers are at least.'),
  mentions: z.boolean().describe('Whether its wearers may mention the whole room.'),
  wearers: z.array(z.string()).nullable().describe('By bare JID.'),
});

/** A route about one hat and one person. */
const worn = (path: string, command: 'assign-hat' | 'unassign-hat', summary: string): Route =>
  acting({
    method: 'POST',
    path,
    command,
    summary,
    body: z.strictObject({ uri, ...whom }).refine(namesOne, NAMES_ONE),
    commandOf: ({ uri: which, nick, jid }) => ({ name: command, uri: which, target: targetOf(nick, jid) }),
  });

export const hats: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v1/rooms/:room/hats',
    scope: 'read',
    summary: 'The hats that there are in the room, and who wears them.',
    asks: ['hats'],
    answer: z.strictObject({ entries: z.array(hat) }),
    async run(call, parts) {
      return { entries: await asked(call, parts, { what: 'hats' }) };
    },
  }),
  acting({
    method: 'PUT',
    path: '/hats',
    command: 'set-hat',
    summary:
      'Makes a hat, or another of the one with this URI. `hue`: degrees (XEP-0392); `role`: what its wearers are at least; `mentions`: they may mention the whole room.',
    body: z.strictObject({
      uri,
      title: text(100),
      hue: text(20).optional(),
      role: role.optional(),
      mentions: trueOrFalse.optional(),
    }),
    commandOf: (body) => ({ name: 'set-hat', ...given(body) }),
  }),
  acting({
    method: 'POST',
    path: '/hats/destroy',
    command: 'destroy-hat',
    summary: 'Destroys a hat; nobody wears it any more.',
    body: z.strictObject({ uri }),
    commandOf: (body) => ({ name: 'destroy-hat', ...body }),
  }),
  worn('/hats/assign', 'assign-hat', 'Gives a hat to somebody: in the room by nickname, or by JID.'),
  worn('/hats/unassign', 'unassign-hat', 'Takes a hat from somebody.'),
];
