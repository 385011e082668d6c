/** What is wrong in a plug-in's part of the configuration, in our words, where its schema says none of its own. Values are not repeated: they may be secrets. */
import type * as z from 'zod';

/** Kinds of values, as schemas call them. */
const KINDS: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  tuple: 'a list',
  object: 'an object',
  record: 'an object',
  null: 'null',
  undefined: 'nothing',
};

/** What came, by its kind. */
function kindOf(value: unknown): string {
  const kind = value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;
  return KINDS[kind] ?? kind;
}

/** Behind a number: of what it is. */
const unitOf = (origin: string): string => (origin === 'string' ? ' characters' : origin === 'array' || origin === 'set' ? ' of them' : '');

/** A sentence without its full stop, for the parser of a schema (`error`). What the schema itself says goes before it. */
export function inOurWords(issue: z.core.$ZodRawIssue): string {
  if (issue.code === 'unrecognized_keys') return `unknown key ${issue.keys.map((key) => `"${key}"`).join(', ')}; leave it out`;
  return `found ${kindOf(issue.input)}; allowed: ${allowed(issue)}`;
}

function allowed(issue: z.core.$ZodRawIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return KINDS[issue.expected] ?? issue.expected;
    case 'invalid_value':
      return issue.values.map((value) => JSON.stringify(value)).join(', ');
    case 'too_small':
      return `${issue.inclusive === false ? 'more than' : 'at least'} ${issue.minimum}${unitOf(issue.origin)}`;
    case 'too_big':
      return `${issue.inclusive === false ? 'less than' : 'at most'} ${issue.maximum}${unitOf(issue.origin)}`;
    case 'not_multiple_of':
      return `a multiple of ${issue.divisor}`;
    case 'invalid_format':
      return issue.format === 'regex' ? `text that fits ${issue.pattern}` : `text of the form "${issue.format}"`;
    default:
      return 'another value; the documentation of the plug-in says which';
  }
}
