/** What requests may hold and answers do, as zod schemas: checked, and published in the OpenAPI document. */
import * as z from 'zod';
import type { Target } from '../room/contract/commands';
import type { BareJid } from '../xmpp/fold';
import { parseDuration } from '../xmpp/durations';
import { prepareBareJid } from '../xmpp/prepare';
import { formValues } from '../xmpp/forms';
import { isCarried } from '../xmpp/xml';

const LASTS = 'takes a length of time such as 30m, 12h, 2d or 1w';

/** Longest address, in characters (RFC 7622 §3.1: two parts of 1023 octets). */
const MAX_JID = 2_047;

/** A number, or its digits: JavaScript would also take null, false and an empty text for 0. */
const written = (value: unknown): unknown =>
  typeof value === 'number' || (typeof value === 'string' && /^-?\d{1,16}$/.test(value)) ? value : undefined;

/** A whole number within bounds, also as text in a URL. */
export const whole = (min: number, max: number): z.ZodPreprocess<z.ZodCoercedNumber<string | number>> => {
  const error = `takes a whole number from ${min} to ${max}`;
  return z.preprocess(written, z.coerce.number<string | number>({ error }).int({ error }).min(min, { error }).max(max, { error }));
};

/** What XMPP cannot carry would be left out: rather than half a text, nothing is said. */
const CARRIED = { error: 'takes no control characters and no halves of surrogate pairs: XML cannot carry them' };

export const text = (max: number, min = 1): z.ZodString => {
  const error = `takes text of ${min} to ${max} characters`;
  return z.string({ error }).min(min, { error }).max(max, { error }).refine(isCarried, CARRIED);
};

/** true or false in a body. */
export const trueOrFalse = z.boolean({ error: 'takes true or false' });

/** The same in a URL. */
export const flag = z.enum(['true', 'false'], { error: 'takes true or false' }).transform((value) => value === 'true');

/** A bare JID or a domain, brought to the form in which addresses are compared. */
export const jid = z.string({ error: 'takes a JID such as "ada@example.com"' }).transform((raw, context) => {
  const prepared = raw.length > MAX_JID || raw.includes('/') ? undefined : prepareBareJid(raw);
  if (prepared !== undefined) return prepared;
  context.addIssue({ code: 'custom', message: 'takes a JID such as "ada@example.com"' });
  return z.NEVER;
});

/** The same of a person. */
export const person = jid.refine((bare) => bare.includes('@'), { error: 'takes the JID of a person, such as "ada@example.com"' });

/** A nickname as it is worn; whether it may be, the room says. */
export const nick = text(1_023);
export const reason = text(1_000).optional();
/** One person: somebody in the room by nickname, or anybody by JID. */
export const whom = { nick: nick.optional(), jid: person.optional() };
export const namesOne = (one: { readonly nick?: string | undefined; readonly jid?: BareJid | undefined }): boolean =>
  (one.nick === undefined) !== (one.jid === undefined);
export const NAMES_ONE = { error: 'takes one of nick and jid' };
export const targetOf = (worn: string | undefined, bare: BareJid | undefined): Target =>
  bare === undefined ? { nick: worn ?? '' } : { jid: bare };

/** Milliseconds since 1970 as a date, in answers. */
const date = z.iso.datetime();
/** Milliseconds since 1970 of a date in a request. */
export const time = z.iso
  .datetime({ offset: true, error: 'takes a time such as 2026-01-31T12:00:00Z' })
  .transform((value) => Date.parse(value));

/** How long something lasts, in milliseconds, as people write it. */
const duration = z.string({ error: LASTS }).transform((raw, context) => {
  const lasts = raw.length > 20 ? undefined : parseDuration(raw);
  if (lasts !== undefined) return lasts;
  context.addIssue({ code: 'custom', message: LASTS });
  return z.NEVER;
});

/** When something ends by itself: at a time or after a time; without either it lasts. */
export const ending = { until: time.optional(), for: duration.optional() };
export const endsOnce = ({ until, for: lasts }: { readonly until?: number | undefined; readonly for?: number | undefined }): boolean =>
  until === undefined || lasts === undefined;
export const ENDS_ONCE = { error: 'takes one of until and for' };

/** Fields of one request, more than a form has; and values of all lists together. */
const MOST_FIELDS = 200;
const MOST_VALUES = 1_000;
const MANY_VALUES = { error: `takes at most ${MOST_FIELDS} fields, and ${MOST_VALUES} values in all lists together` };
const value = z.string().refine(isCarried, CARRIED);

/** They are counted before they are looked at. */
const isFew = (fields: unknown): boolean => {
  if (typeof fields !== 'object' || fields === null) return true;
  const values: readonly unknown[] = Object.values(fields);
  return values.length <= MOST_FIELDS && values.reduce<number>((sum, one) => sum + (Array.isArray(one) ? one.length : 1), 0) <= MOST_VALUES;
};

const fields = z.record(
  z.string().max(200),
  z.union([value, z.boolean(), z.number(), z.array(value)], {
    error: 'takes text, true or false, a number, or a list of texts',
  }),
);
/** Whatever is counted first would be published as anything at all. */
const published = { ...z.toJSONSchema(fields, { io: 'input' }) };
delete published.$schema;

/** Values of a room's form, by the names of its fields. */
export const options = z
  .custom<Readonly<Record<string, unknown>>>(isFew, MANY_VALUES)
  .meta(published)
  .pipe(fields)
  .transform((given) => new Map(Object.entries(given).map(([field, one]) => [field, formValues(one)])));

export const affiliation = z.enum(['owner', 'admin', 'member', 'none', 'outcast'], {
  error: 'takes owner, admin, member, none or outcast',
});
export const listedAffiliation = affiliation.exclude(['none'], { error: 'takes owner, admin, member or outcast' });
export const role = z.enum(['moderator', 'participant', 'visitor', 'none'], { error: 'takes moderator, participant, visitor or none' });

/** How a part of a list is asked for. */
export const paged = { after: text(3_071).optional(), limit: whole(1, 1_000).optional() };

/** A part of a list; `next`: what to ask for as `after`, null: that was all. */
export const pageOf = <Entry extends z.ZodType>(
  entry: Entry,
): z.ZodObject<{ entries: z.ZodArray<Entry>; next: z.ZodNullable<z.ZodString> }> =>
  z.strictObject({ entries: z.array(entry), next: z.string().nullable() });

export const done = z.strictObject({ done: z.literal(true) });
export const DONE = { done: true } as const;

export const roomAnswer = z.strictObject({
  jid: z.string(),
  name: z.string(),
  locked: z.boolean(),
  createdAt: date,
  creator: z.string().nullable(),
  persistent: z.boolean(),
  listed: z.boolean(),
  membersOnly: z.boolean(),
  moderated: z.boolean(),
  protected: z.boolean(),
  nonAnonymous: z.boolean(),
  archived: z.boolean(),
  subject: z.strictObject({ text: z.string(), nick: z.string(), setAt: date }).nullable(),
  occupants: z.int(),
});

/** What a time of use is. */
export const LATEST = 'When somebody last entered or spoke; if nobody has, when the room was made.';

export const foundRoom = z.strictObject({
  jid: z.string(),
  name: z.string(),
  state: z.enum(['locked', 'open']),
  listed: z.boolean(),
  creator: z.string().nullable(),
  createdAt: date,
  latest: date.describe(LATEST),
  occupants: z.int(),
});

export const occupantAnswer = z.strictObject({
  nick: z.string(),
  occupantId: z.string(),
  jid: z.string().nullable(),
  affiliation,
  role,
  sessions: z.int(),
});

/** What a field with the name of who has no address says. */
export const NAMED_BY =
  'Who did it and has no address: `operator NAME`, `token NAME` or `plug-in NAME`; `unknown`: it was set by an earlier version, and the audit trail does not tell; null: an account, or the room itself.';

export const affiliationAnswer = z.strictObject({
  jid: z.string(),
  affiliation: listedAffiliation,
  nick: z.string().nullable(),
  reason: z.string().nullable(),
  setBy: z.string().nullable(),
  setByName: z.string().nullable().describe(NAMED_BY),
  setAt: date,
  until: date.nullable().describe('When it ends by itself; null: it lasts.'),
  afterwards: affiliation.nullable().describe('What they are then; null: it lasts.'),
});
