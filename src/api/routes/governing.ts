/** What owners do to rooms and admins to people, by those who run the service. */
import * as z from 'zod';
import { inLanguage, type Text } from '../../words';
import { PRESET_FIELD, PRESET_NAMES } from '../../room/configuring/presets';
import { acting } from '../acting';
import { asked, carriedOut, given } from '../asked';
import { noDoubt } from '../doubts';
import { route, type Route } from '../route';
import {
  affiliation,
  done,
  DONE,
  ending,
  ENDS_ONCE,
  endsOnce,
  jid,
  nick,
  options,
  person,
  reason,
  role,
  text,
  trueOrFalse,
} from '../schemas';
import { suffices } from '../scopes';
import { mayTouch, writtenRoom } from '../written-room';

/** Changes of one request. */
const MOST_ITEMS = 1_000;

const lang = text(35).optional();
const only = z.enum(['banned', 'longer'], { error: 'takes banned or longer' }).optional();

const field = z.strictObject({
  var: z.string(),
  type: z.string(),
  label: z.string().nullable(),
  values: z.array(z.string()).nullable().describe('null: a secret, which only the scope "administer" reads.'),
  options: z.array(z.strictObject({ value: z.string(), label: z.string().nullable() })),
});

export const governing: readonly Route[] = [
  acting({
    method: 'PUT',
    path: '',
    command: 'create',
    summary:
      'Makes the room, configured, open and persistent, for its owner. A preset is a set of options by one word; an option that is given goes before it.',
    body: z.strictObject({ owner: person, preset: z.enum(PRESET_NAMES).optional(), options: options.optional() }),
    commandOf: ({ owner, preset, options: values = new Map() }) => ({
      name: 'create',
      owner,
      values: preset === undefined ? values : new Map([...values, [PRESET_FIELD, [preset]]]),
    }),
  }),
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
  acting({
    method: 'PUT',
    path: '/options',
    command: 'configure',
    summary: 'Changes fields of the configuration; what is not named stays.',
    body: z.strictObject({ options }),
    commandOf: (body) => ({
      name: 'configure',
      values: body.options,
    }),
  }),
  acting({
    method: 'POST',
    path: '/destroy',
    command: 'destroy',
    summary: 'Destroys the room; who comes later is led to the alternate, if there is one.',
    body: z.strictObject({ reason, alternate: jid.optional(), password: text(1_000).optional() }),
    commandOf: (body) => ({ name: 'destroy', ...given(body) }),
  }),
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
  acting({
    method: 'POST',
    path: '/erase',
    command: 'erase',
    summary: 'Removes the room as if it had never been, also one that is destroyed and remembered.',
    body: z.strictObject({}),
    commandOf: () => ({
      name: 'erase',
    }),
  }),
  acting({
    method: 'PUT',
    path: '/subject',
    command: 'set-subject',
    summary: 'Sets the subject; an empty text clears it.',
    body: z.strictObject({ text: text(65_536, 0), lang }),
    commandOf: (body) => ({ name: 'set-subject', ...given(body) }),
  }),
  acting({
    method: 'POST',
    path: '/messages',
    command: 'say',
    summary: 'Lets the room itself say something.',
    body: z.strictObject({ body: text(10_000), lang }),
    commandOf: (body) => ({
      name: 'say',
      ...given(body),
    }),
  }),
  route({
    method: 'POST',
    path: '/v1/rooms/:room/affiliations',
    scope: 'moderate',
    commands: ['set-affiliations'],
    summary:
      'Changes affiliations, all of them or none: outcast bans, none takes an affiliation away. A domain means everybody of it. One with `until` or `for` ends by itself. An item with `only` is left out if it is not so when the room decides: `banned`: they are banned; `longer`: no ban of theirs lasts longer than this one. `unchanged`: of whose items with `only` nothing came. A ban of who administers the service, or of the domain of its people, wants `confirmed`.',
    body: z.strictObject({
      items: z
        .array(z.strictObject({ jid, affiliation, nick: text(1_023, 0).optional(), reason, ...ending, only }).refine(endsOnce, ENDS_ONCE))
        .min(1)
        .max(MOST_ITEMS)
        .refine((items) => new Set(items.map((item) => item.jid)).size === items.length, { error: 'names somebody twice' }),
      confirmed: trueOrFalse.optional(),
    }),
    answer: done.extend({ unchanged: z.array(z.string()) }),
    async run(call, parts) {
      const { items, confirmed } = call.body;
      const banned = items.filter((item) => item.affiliation === 'outcast').map((item) => item.jid);
      noDoubt(banned, confirmed, call, parts);
      const { changed = [] } = await carriedOut(call, parts, { name: 'set-affiliations', items: items.map(given) });
      const conditional = items.filter((item) => item.only !== undefined).map((item) => item.jid);
      return { ...DONE, unchanged: conditional.filter((one) => !changed.includes(one)) };
    },
  }),
  acting({
    method: 'POST',
    path: '/roles',
    command: 'set-roles',
    summary: 'Changes roles of people in the room: none kicks, visitor takes voice away.',
    body: z.strictObject({
      items: z
        .array(z.strictObject({ nick, role, reason }))
        .min(1)
        .max(MOST_ITEMS)
        .refine((items) => new Set(items.map((item) => item.nick)).size === items.length, { error: 'names somebody twice' }),
    }),
    commandOf: ({ items }) => ({ name: 'set-roles', items: items.map(given) }),
  }),
  acting({
    method: 'POST',
    path: '/nicks',
    command: 'change-nick',
    summary: 'Gives somebody in the room another nickname.',
    body: z.strictObject({ nick, to: nick }),
    commandOf: (body) => ({
      name: 'change-nick',
      ...body,
    }),
  }),
  acting({
    method: 'POST',
    path: '/invitations',
    command: 'invite',
    summary: 'Invites somebody, who becomes a member where only members come in.',
    body: z.strictObject({ jid: person, reason }),
    commandOf: (body) => ({ name: 'invite', ...given(body) }),
  }),
  acting({
    method: 'POST',
    path: '/erased-people',
    command: 'erase-person',
    summary: 'Erases everything that this room knows of somebody, and what they said in it.',
    body: z.strictObject({ jid: person }),
    commandOf: (body) => ({ name: 'erase-person', ...body }),
  }),
  acting({
    method: 'POST',
    path: '/trim',
    command: 'trim',
    summary: 'Erases the archive up to this message, that one included; without an id all of it.',
    body: z.strictObject({ upToId: text(200).optional() }),
    commandOf: (body) => ({ name: 'trim', ...given(body) }),
  }),
];
