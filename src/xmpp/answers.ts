/** Checks a submitted form against the form that was given out. */
import { parseForm, SINGLE, trimmed, type Field, type FieldType, type FormOut } from './forms';
import type { Element } from './xml';
import { inWords, type Text } from '../words';

/** Values by field; a field that was left out keeps the value from the form that was given out. */
export type Answers = ReadonlyMap<string, readonly string[]>;

const JIDS = new Set<FieldType>(['jid-single', 'jid-multi']);
const LISTS = new Set<FieldType>(['list-multi', 'list-single']);

/** The range of a field for whole numbers (XEP-0122). */
function numbersOf({ validate }: Field): { readonly min: string; readonly max: string } | undefined {
  const { datatype, min, max } = validate ?? {};
  return datatype === 'xs:integer' && min !== undefined && max !== undefined ? { min, max } : undefined;
}

function isBetween(value: string, { min, max }: { readonly min: string; readonly max: string }): boolean {
  return /^[+-]?\d{1,15}$/.test(value) && Number(value) >= Number(min) && Number(value) <= Number(max);
}

/** The answers, or a sentence on what is wrong. */
export function readAnswers(x: Element | undefined, form: FormOut): Answers | { readonly problem: Text } {
  if (!x) return { problem: inWords('commandForm') };
  const submitted = parseForm(x);
  if ('problem' in submitted) return submitted;
  // XEP-0050 §3.5 would treat `cancel` as a submission, but a user who cancels does not want the command run.
  if (submitted.type !== 'submit') return { problem: inWords('commandForm') };
  if (submitted.formType !== undefined && submitted.formType !== form.formType) return { problem: inWords('commandForm') };
  const answers = new Map<string, readonly string[]>();
  for (const field of form.fields) {
    const { var: name, type, required, options } = field;
    const label = field.label ?? name;
    const given = submitted.values.get(name) ?? field.values;
    const values = JIDS.has(type) ? trimmed(given) : given;
    if (required && values.every((value) => value.trim() === '')) return { problem: inWords('fieldMissing', { field: label }) };
    if (SINGLE.has(type) && values.length > 1) return { problem: inWords('fieldSingle', { field: label }) };
    const strange = LISTS.has(type) ? values.find((value) => !options?.some((option) => option.value === value)) : undefined;
    if (strange !== undefined) return { problem: inWords('fieldOption', { field: label, value: strange }) };
    const range = numbersOf(field);
    if (range && values.some((value) => value.trim() !== '' && !isBetween(value.trim(), range)))
      return { problem: inWords('fieldNumber', { field: label, ...range }) };
    answers.set(name, values);
  }
  return answers;
}
