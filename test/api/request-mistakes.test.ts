/** What a caller is told of a request that is wrong: where, what is allowed there, and what came. */
import * as z from 'zod';
import { requestMistake } from '../../src/api/request-mistakes';

const body = z.strictObject({
  owner: z
    .string({ error: 'takes a JID such as "ada@example.com"' })
    .refine((text) => text.includes('@'), { error: 'takes a JID such as "ada@example.com"' }),
  items: z
    .array(z.strictObject({ name: z.string().min(2).max(3) }))
    .min(1)
    .optional(),
  rooms: z.record(z.string(), z.string()).optional(),
  number: z.int().max(9).optional(),
  kind: z.enum(['one', 'two']).optional(),
});

const told = (data: unknown): string => {
  const read = body.safeParse(data);
  if (read.success) throw new Error('It is right');
  const { where, problem } = requestMistake(read.error.issues[0] as z.core.$ZodIssue, data, 'body');
  return `${where}: ${problem}`;
};

test.each([
  [{}, 'owner: is needed; it takes a JID such as "ada@example.com"'],
  [{ owner: 'ada' }, 'owner: takes a JID such as "ada@example.com", not "ada"'],
  [{ owner: 'a@b', bogus: 1, more: 2 }, 'body: knows no "bogus", "more"'],
  [{ owner: 'a@b', items: [] }, 'items: takes at least 1 of them'],
  [{ owner: 'a@b', items: [{ name: 'a' }] }, 'items.0.name: takes at least 2 characters, not "a"'],
  [{ owner: 'a@b', items: [{ name: 'abcd', x: 1 }] }, 'items.0.name: takes at most 3 characters, not "abcd"'],
  [{ owner: 'a@b', items: 'many' }, 'items: takes a list, not "many"'],
  [{ owner: 'a@b', rooms: 7 }, 'rooms: takes an object'],
  [{ owner: 'a@b', number: 10 }, 'number: takes at most 9'],
  [{ owner: 'a@b', kind: 'three' }, 'kind: takes one or two, not "three"'],
  ['text', 'body: takes an object, not "text"'],
  [{ owner: 'x'.repeat(500) }, `owner: takes a JID such as "ada@example.com", not "${'x'.repeat(40)}…"`],
])('%j', (data, sentence) => {
  expect(told(data)).toBe(sentence);
});
