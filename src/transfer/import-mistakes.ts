/** What is wrong with a value in a document, in our words and in every language: a schema's own are English, and for programmers. */
import type * as z from 'zod';
import { inWords, type Sentence } from '../words';
import { short } from '../xmpp/short';

/** Characters that are told again of what a document says. */
const SHOWN = 40;

/** What a rule of ours found (`refine` and `transform`): its message is one of these keys. */
export type OwnMistake = 'importAddress' | 'importRoomAddress' | 'importContent' | 'importChannel' | 'importNick';

/** What a value of that kind, as the schemas call it, is to people. */
const KINDS: Readonly<Record<string, 'importText' | 'importNumber' | 'importYesNo' | 'importList' | 'importObject'>> = {
  string: 'importText',
  number: 'importNumber',
  int: 'importNumber',
  boolean: 'importYesNo',
  array: 'importList',
  object: 'importObject',
  record: 'importObject',
};

/** The sentence for one issue of a schema; without the place, and without a full stop. `data`: what was read by the schema. */
export function importMistake(issue: z.core.$ZodIssue, data: unknown): Sentence {
  const value = issue.path.reduce<unknown>((inside, key) => (inside as Record<PropertyKey, unknown> | null | undefined)?.[key], data);
  if (value === undefined && issue.path.length > 0) return inWords('importMissing');
  return allowed(issue);
}

/** What may stand there. */
function allowed(issue: z.core.$ZodIssue): Sentence {
  switch (issue.code) {
    case 'custom':
      return inWords(issue.message as OwnMistake);
    case 'invalid_type':
      return inWords(KINDS[issue.expected] ?? 'importWrong');
    case 'invalid_value':
      return inWords('importOneOf', { values: issue.values.map((one) => JSON.stringify(one)).join(', ') });
    case 'unrecognized_keys':
      return inWords('importUnknown', { key: short(issue.keys[0] ?? '', SHOWN) });
    case 'too_small':
      return issue.origin === 'string' ? inWords('importBlank') : inWords('importAtLeast', { min: Number(issue.minimum) });
    case 'too_big':
      return issue.origin === 'array'
        ? inWords('importMostOf', { max: Number(issue.maximum) })
        : inWords('importAtMost', { max: Number(issue.maximum) });
    // The only form that is looked for.
    case 'invalid_format':
      return inWords('importHex');
    case 'invalid_union': {
      // What is no word that stands for nothing is to be the other form.
      const last = issue.errors.at(-1)?.[0];
      return last ? allowed(last) : inWords('importWrong');
    }
    default:
      return inWords('importWrong');
  }
}
