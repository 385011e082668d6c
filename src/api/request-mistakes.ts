/** What is wrong with a request: where, what is allowed there, and what came. */
import type * as z from 'zod';
import { short } from '../xmpp/short';

/** Characters of a value that are told again. */
const SHOWN = 40;
/** Names of JSON's kinds, as the schemas call them. */
const KINDS: Readonly<Record<string, string>> = {
  record: 'an object',
  object: 'an object',
  array: 'a list',
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
};

/** The first mistake. `part`: of the request: body, querystring, params. `where` is the member's path, or the part if it is all of it. */
export function requestMistake(issue: z.core.$ZodIssue, data: unknown, part: string): { readonly where: string; readonly problem: string } {
  const path = issue.path.map(String);
  if (issue.code === 'unrecognized_keys')
    return { where: [part, ...path].join('.'), problem: `knows no ${issue.keys.map((key) => `"${short(key, SHOWN)}"`).join(', ')}` };
  const value = issue.path.reduce<unknown>((inside, key) => (inside as Record<PropertyKey, unknown> | null | undefined)?.[key], data);
  const where = path.length === 0 ? part : path.join('.');
  if (value === undefined && path.length > 0) return { where, problem: `is needed; it ${allowed(issue)}` };
  const came = typeof value === 'string' && value !== '' ? `, not "${short(value, SHOWN)}"` : '';
  return { where, problem: `${allowed(issue)}${issue.message.startsWith('names ') ? '' : came}` };
}

/** What may stand there: the schema's own words, or what a schema without any means. */
function allowed(issue: z.core.$ZodIssue): string {
  if (/^(takes|names|wants|is|has) /.test(issue.message)) return issue.message;
  switch (issue.code) {
    case 'invalid_type':
      return `takes ${KINDS[issue.expected] ?? issue.expected}`;
    case 'too_small':
      return issue.origin === 'array'
        ? `takes at least ${issue.minimum} of them`
        : `takes at least ${issue.minimum}${unitOf(issue.origin)}`;
    case 'too_big':
      return issue.origin === 'array' ? `takes at most ${issue.maximum} of them` : `takes at most ${issue.maximum}${unitOf(issue.origin)}`;
    case 'invalid_value':
      return `takes ${issue.values.map(String).join(' or ')}`;
    default:
      return issue.message.charAt(0).toLowerCase() + issue.message.slice(1);
  }
}

const unitOf = (origin: string): string => (origin === 'string' ? ' characters' : '');
