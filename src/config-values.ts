/** What values of the configuration may be: each kind with the words that say what is allowed. */
import { isIPv6 } from 'node:net';
import * as z from 'zod';
import { prepareBareJid } from './xmpp/prepare';

/** A whole number within bounds; the error text says what is allowed. */
export function whole(min: number, max: number, error = `a whole number from ${min} to ${max}`): z.ZodNumber {
  return z.number({ error }).int({ error }).min(min, { error }).max(max, { error });
}

/** A limit that can be switched off. */
export const wholeOrNone = (min: number, max: number): z.ZodType<number | null, number | null> =>
  z.union([whole(min, max), z.null()], { error: `a whole number from ${min} to ${max}, or null for no limit` });

/** A rate of each account over all rooms, with its default. */
export const perAccount = (rate: number, max: number, what: string): z.ZodDefault<z.ZodType<number | null, number | null>> =>
  wholeOrNone(1, max)
    .default(rate)
    .describe(`${what}; more waits, then it is refused. Admins and owners are exempt in their own rooms. null: no limit.`);

/** Text that is not empty, of at most `max` characters. */
export function text(max: number): z.ZodString {
  const error = `text of 1 to ${max} characters`;
  return z.string({ error }).min(1, { error }).max(max, { error });
}

/** One of a few words. */
export function choice<const T extends readonly [string, ...string[]]>(values: T): z.ZodEnum<{ [K in T[number]]: K }> {
  return z.enum(values, { error: `one of ${values.map((value) => `"${value}"`).join(', ')}` });
}

/** Whether a text is a domain, whether one that is an account, and whether it is either. */
export const isDomain = (raw: string): boolean => !/[@/]/.test(raw) && prepareBareJid(raw) !== undefined;
const isBareJid = (raw: string): boolean => raw.includes('@') && !raw.includes('/') && prepareBareJid(raw) !== undefined;
export const isAddress = (raw: string): boolean => !raw.includes('/') && prepareBareJid(raw) !== undefined;

/** Text of a form; what is allowed is also the title in the JSON Schema, which docs/configuration.md shows. */
export function checked(allowed: string, is: (raw: string) => boolean): z.ZodString {
  return z.string({ error: allowed }).refine(is, { error: allowed }).meta({ title: allowed });
}

/** A domain; as it is written, not folded yet. */
export const domain = (): z.ZodString => checked('a domain such as "rooms.example.com"', isDomain);
/** An account; as it is written, not folded yet. */
export const bareJid = (): z.ZodString => checked('a bare JID such as "ada@example.com"', isBareJid);

/** A list of what is allowed in it. */
export function list<T extends z.ZodType>(item: T, allowed: string): z.ZodArray<T> {
  return z.array(item, { error: allowed });
}

/** An object that refuses unknown keys; left out, it is one of defaults only. */
export function group<T extends z.ZodRawShape>(shape: T): z.ZodObject<T, z.core.$strict> {
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys' ? Object.keys(shape).join(', ') : `an object with the keys ${Object.keys(shape).join(', ')}`,
  });
}

const URI = 'a URI such as "mailto:abuse@example.com" or "xmpp:admin@example.com"';
/** A URI of any scheme. */
export const uri = (): z.ZodString => checked(URI, (raw) => URL.canParse(raw));
/** Yes or no. */
export const flag = (): z.ZodBoolean => z.boolean({ error: 'true or false' });

/** URIs, or nothing. */
export const uris = (): z.ZodOptional<z.ZodArray<z.ZodString>> => list(uri(), 'a list of URIs').optional();

const LISTEN = 'a port such as 8080, an address with a port such as "127.0.0.1:8080" or "[::1]:8080", or null';

/** Where traces may go. */
export const TRACES = 'a URL such as "http://127.0.0.1:4318/v1/traces", or null';
/** Whether a text is a URL of HTTP. */
export const isHttp = (raw: string): boolean => URL.canParse(raw) && /^https?:$/.test(new URL(raw).protocol);

/** Where something listens, or null. */
export const listen = (): z.ZodType<string | number | null, string | number | null> =>
  z
    .union([whole(1, 65_535, LISTEN), checked(LISTEN, (raw) => listenOf(raw) !== undefined), z.null()], { error: LISTEN })
    .meta({ title: LISTEN });

/** What a name of a plug-in is. */
export const PLUGIN_NAME = 'a lower-case letter, then letters, digits and hyphens, 32 at most';

/** What a field of a form may be. */
export const FIELD_VALUE = 'text, true or false, a number, or a list of texts';

/** An address and a port; undefined: it is none. */
export function listenOf(raw: string | number): { host: string; port: number } | undefined {
  const [, bracketed, plain, digits] = /^(?:(?:\[([\da-fA-F:.]+)\]|([^\s:/[\]]+)):)?(\d{1,5})$/.exec(String(raw)) ?? [];
  const port = Number(digits);
  if (!(port >= 1 && port <= 65_535) || (bracketed !== undefined && !isIPv6(bracketed))) return undefined;
  return { host: bracketed ?? plain ?? '127.0.0.1', port };
}
