/** What owners do to rooms and admins to people, by those who run the service. */
import * as z from 'zod';
import type { Command, CommandName } from '../../room/contract/commands';
import { inLanguage, type Text } from '../../words';
import { asked, carriedOut, given } from '../asked';
import { route, type Route } from '../route';
import { affiliation, done, jid, nick, options, person, reason, role, text } from '../schemas';
import { COMMAND_SCOPES, suffices, type Scope } from '../scopes';
import { mayTouch, writtenRoom } from '../written-room';

export const DONE = { done: true } as const;
/** Changes of one request. */
const MOST_ITEMS = 1_000;

/** A route that runs one command in a room and answers that it is done. */
export function acting<B extends z.ZodType>(
  method: Route['method'],
  path: string,
  name: Exclude<CommandName, 'ask' | 'ask-archive' | 'shut-down' | 'unregister'>,
  summary: string,
  body: B,
  commandOf: (body: z.output<B>) => Command,
): Route {
  return route({
    method,
    path: `/v1/rooms/:room${path}`,
    scope: COMMAND_SCOPES[name] as Scope,
    summary,
    commands: [name],
    body,
    answer: done,
    async run(call, parts) {
      await carriedOut(call, parts, commandOf(call.body));
      return DONE;
    },
  });
}

const lang = text(35).optional();

const field = z.strictObject({
  var: z.string(),
  type: z.string(),
  label: z.string().nullable(),
  values: z.array(z.string()).nullable().describe('null: a secret, which only the scope "administer" reads.'),
  options: z.array(z.strictObject({ value: z.string(), label: z.string().nullable() })),
});

export const governing: readonly Route[] = [
  acting(
    'PUT',
    '',
    'create',
    'Makes the room, configured and open, for its owner.',
    z.strictObject({ owner: person, options: options.optional() }),
    ({ owner, options: values = new Map() }) => ({ name: 'create', owner, values }),
  ),
  route({
    method: 'GET',
    path: '/v1/rooms/:room/options',
    scope: 'read',
    summary: "The room's configuration, by the names of its form's fields.",
    asks: ['options'],
    answer: z.strictObject({ fields: z.array(field) }),
    async run(call, parts) {
      const fields = await asked(call, parts, { what: 'options' });
      const label = (of: { readonly label?: Text }): string | null => (of.label === undefined ? null : inLanguage(of.label, call.language));
      return {
        fields: fields
          .filter(({ type }) => type !== 'fixed')
          .map((one) => ({
            var: one.var,
            type: one.type,
            label: label(one),
            values: one.type === 'text-private' && !suffices(call.scope, 'administer') ? null : one.values,
            options: (one.options ?? []).map((option) => ({ value: option.value, label: label(option) })),
          })),
      };
    },
  }),
  acting(
    'PUT',
    '/options',
    'configure',
    'Changes fields of the configuration; what is not named stays.',
    z.strictObject({ options }),
    (body) => ({
      name: 'configure',
      values: body.options,
    }),
  ),
  acting(
    'POST',
    '/destroy',
    'destroy',
    'Destroys the room; who comes later is led to the alternate, if there is one.',
    z.strictObject({ reason, alternate: jid.optional(), password: text(1_000).optional() }),
    (body) => ({ name: 'destroy', ...given(body) }),
  ),
  route({
    method: 'POST',
    path: '/v1/rooms/:room/rename',
    scope: 'administer',
    summary: 'Gives the room another address; everything it has goes along.',
    commands: ['rename'],
    body: z.strictObject({ to: text(3_071), reason }),
    answer: z.strictObject({ jid: z.string() }),
    async run(call, parts) {
      const to = writtenRoom(call.body.to, parts.domain);
      mayTouch(call, to);
      await carriedOut(call, parts, { name: 'rename', to, ...given({ reason: call.body.reason }) });
      return { jid: to };
    },
  }),
  acting(
    'POST',
    '/erase',
    'erase',
    'Removes the room as if it had never been, also one that is destroyed and remembered.',
    z.strictObject({}),
    () => ({
      name: 'erase',
    }),
  ),
  acting(
    'PUT',
    '/subject',
    'set-subject',
    'Sets the subject; an empty text clears it.',
    z.strictObject({ text: text(65_536, 0), lang }),
    (body) => ({ name: 'set-subject', ...given(body) }),
  ),
  acting('POST', '/messages', 'say', 'Lets the room itself say something.', z.strictObject({ body: text(10_000), lang }), (body) => ({
    name: 'say',
    ...given(body),
  })),
  acting(
    'POST',
    '/affiliations',
    'set-affiliations',
    'Changes affiliations, all of them or none: outcast bans, none takes an affiliation away. A domain means everybody of it.',
    z.strictObject({
      items: z
        .array(z.strictObject({ jid, affiliation, nick: text(1_023, 0).optional(), reason }))
        .min(1)
        .max(MOST_ITEMS)
        .refine((items) => new Set(items.map((item) => item.jid)).size === items.length, { error: 'names somebody twice' }),
    }),
    ({ items }) => ({ name: 'set-affiliations', items: items.map(given) }),
  ),
  acting(
    'POST',
    '/roles',
    'set-roles',
    'Changes roles of people in the room: none kicks, visitor takes voice away.',
    z.strictObject({
      items: z
        .array(z.strictObject({ nick, role, reason }))
        .min(1)
        .max(MOST_ITEMS)
        .refine((items) => new Set(items.map((item) => item.nick)).size === items.length, { error: 'names somebody twice' }),
    }),
    ({ items }) => ({ name: 'set-roles', items: items.map(given) }),
  ),
  acting('POST', '/nicks', 'change-nick', 'Gives somebody in the room another nickname.', z.strictObject({ nick, to: nick }), (body) => ({
    name: 'change-nick',
    ...body,
  })),
  acting(
    'POST',
    '/invitations',
    'invite',
    'Invites somebody, who becomes a member where only members come in.',
    z.strictObject({ jid: person, reason }),
    (body) => ({ name: 'invite', ...given(body) }),
  ),
  acting(
    'POST',
    '/erased-people',
    'erase-person',
    'Erases everything that this room knows of somebody, and what they said in it.',
    z.strictObject({ jid: person }),
    (body) => ({ name: 'erase-person', ...body }),
  ),
  acting(
    'POST',
    '/trim',
    'trim',
    'Erases the archive up to this message, that one included; without an id all of it.',
    z.strictObject({ upToId: text(200).optional() }),
    (body) => ({ name: 'trim', ...given(body) }),
  ),
];
