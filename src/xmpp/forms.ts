/** Data forms (XEP-0004) with their kind (XEP-0068) and the hints for what may be entered (XEP-0122). */
import { inLanguage, inWords, type Language, type Text } from '../words';
import { NS } from './ns';
import { short } from './short';
import { stanzaError, type StanzaError } from './stanza-error';
import { attributes, child, childElements, escapeText, localName, namespaceOf, textOf, type Element } from './xml';

export type FieldType =
  | 'boolean'
  | 'fixed'
  | 'hidden'
  | 'jid-multi'
  | 'jid-single'
  | 'list-multi'
  | 'list-single'
  | 'text-multi'
  | 'text-private'
  | 'text-single';

export interface FieldOption {
  readonly value: string;
  readonly label?: Text;
}

export interface Field {
  readonly var: string;
  readonly type: FieldType;
  readonly label?: Text;
  readonly desc?: Text;
  readonly required?: boolean;
  /** Booleans are '1' and '0'. */
  readonly values: readonly string[];
  readonly options?: readonly FieldOption[];
  /** XEP-0122 */
  readonly validate?: { readonly datatype: string; readonly min?: string; readonly max?: string; readonly open?: boolean };
}

export interface FormOut {
  readonly type: 'form' | 'result' | 'submit' | 'cancel';
  readonly formType: string;
  readonly title?: Text;
  readonly instructions?: Text;
  readonly fields: readonly Field[];
}

const VALIDATE = 'http://jabber.org/protocol/xdata-validate';
const MULTI = new Set<FieldType>(['jid-multi', 'list-multi', 'text-multi']);
/** Fields that take one value. */
export const SINGLE: ReadonlySet<FieldType> = new Set(['boolean', 'jid-single', 'list-single', 'text-private', 'text-single']);
const LISTS = new Set<FieldType>(['list-multi', 'list-single']);

/** A value as a form would submit it: booleans are '1' and '0'. */
export function formValues(value: string | boolean | number | readonly string[]): readonly string[] {
  if (typeof value === 'boolean') return [value ? '1' : '0'];
  return typeof value === 'object' ? value : [String(value)];
}

const labelOf = ({ label }: { readonly label?: Text }, language: Language): string | undefined =>
  label === undefined ? undefined : inLanguage(label, language);
const element = (name: string, text: string): string => `<${name}>${escapeText(text)}</${name}>`;

/** A method is always named, and a range only stands where one value is entered (XEP-0122 §3.2, §4.5). */
function validateXml(type: FieldType, rule: NonNullable<Field['validate']>): string {
  const ranged = (rule.min !== undefined || rule.max !== undefined) && !MULTI.has(type);
  const method = rule.open ? '<open/>' : ranged ? `<range${attributes({ min: rule.min, max: rule.max })}/>` : '<basic/>';
  return `<validate xmlns="${VALIDATE}"${attributes({ datatype: rule.datatype })}>${method}</validate>`;
}

/** Options, the present value always among them: a list-single that shows none of its options is dropped by clients. */
function optionsXml(field: Field, language: Language): string {
  const options = [...(field.options ?? [])];
  for (const value of field.values) if (!options.some((option) => option.value === value)) options.push({ value, label: value });
  return options
    .map((option) => `<option${attributes({ label: labelOf(option, language) })}>${element('value', option.value)}</option>`)
    .join('');
}

function fieldXml(field: Field, form: FormOut, language: Language): string {
  const asks = form.type === 'form';
  const values = MULTI.has(field.type) || field.type === 'fixed' ? field.values : field.values.slice(0, 1);
  let inner = field.desc === undefined ? '' : element('desc', inLanguage(field.desc, language));
  if (asks && field.required) inner += '<required/>';
  inner += values.map((value) => element('value', value)).join('');
  if (asks && LISTS.has(field.type)) inner += optionsXml({ ...field, values }, language);
  if (asks && field.validate) inner += validateXml(field.type, field.validate);
  const head = attributes({ var: field.var === '' ? undefined : field.var, type: field.type, label: labelOf(field, language) });
  return inner === '' ? `<field${head}/>` : `<field${head}>${inner}</field>`;
}

/**
 * A form as finished XML in a language, FORM_TYPE first. Clients drop the whole stanza around a form that breaks XEP-0004 §3.3, so the
 * form is made to keep it: of two fields of one name the first counts, a field of a single type has at most one value, only
 * lists have options.
 */
export function formXml(form: FormOut, language: Language): string {
  const formType: Field = { var: 'FORM_TYPE', type: 'hidden', values: [form.formType] };
  const seen = new Set<string>(['FORM_TYPE']);
  let inner = form.title === undefined ? '' : element('title', inLanguage(form.title, language));
  if (form.instructions !== undefined) inner += element('instructions', inLanguage(form.instructions, language));
  inner += fieldXml(formType, form, language);
  for (const field of form.fields) {
    // Fixed text has no name (§3.3), so any number of it may stand.
    if (field.type !== 'fixed' && seen.has(field.var)) continue;
    seen.add(field.var);
    inner += fieldXml(field, form, language);
  }
  return `<x xmlns="${NS.forms}" type="${form.type}">${inner}</x>`;
}

/** A column of a table, and whether its cells are addresses. */
export interface Column {
  readonly var: string;
  readonly type: 'jid-single' | 'text-single';
  readonly label: Text;
}

/**
 * A table in a language, as a form of type result (§3.4): its header, then one item for each row, with a cell for each column. §3.4 allows
 * nothing else beside them, not even a FORM_TYPE.
 */
export function tableXml(columns: readonly Column[], rows: readonly (readonly Text[])[], language: Language): string {
  const head = columns
    .map(({ var: name, type, label }) => `<field${attributes({ var: name, type, label: inLanguage(label, language) })}/>`)
    .join('');
  const items = rows.map((row) => {
    const cells = columns.map(
      (column, i) => `<field${attributes({ var: column.var })}>${element('value', inLanguage(row[i] ?? '', language))}</field>`,
    );
    return `<item>${cells.join('')}</item>`;
  });
  return `<x xmlns="${NS.forms}" type="result"><reported>${head}</reported>${items.join('')}</x>`;
}

/** What somebody filled in. */
export interface Submitted {
  readonly type: 'submit' | 'cancel' | 'form' | 'result';
  readonly formType: string | undefined;
  /** Without FORM_TYPE; a field present without values -> []. */
  readonly values: ReadonlyMap<string, readonly string[]>;
}

/** Why a form cannot be understood: a sentence for its sender. */
export interface FormProblem {
  readonly problem: Text;
}

const FORM_TYPES = ['submit', 'cancel', 'form', 'result'] as const;

/** Reads an `<x/>` in jabber:x:data. Fields may lack their type, as in most submissions (XEP-0004 §3.2). */
export function parseForm(x: Element): Submitted | FormProblem {
  const type = FORM_TYPES.find((known) => known === x.attrs['type']);
  if (localName(x) !== 'x' || namespaceOf(x) !== NS.forms) return { problem: inWords('formNone') };
  if (!type) return { problem: inWords('formKind', { type: short(String(x.attrs['type'] ?? '')) }) };
  const values = new Map<string, readonly string[]>();
  let formType: string | undefined;
  const names = new Set<string>();
  for (const field of childElements(x)) {
    const name = field.attrs['var'] as string | undefined;
    // Fixed text carries no name and no answer.
    if (localName(field) !== 'field' || name === undefined || field.attrs['type'] === 'fixed') continue;
    const given = childElements(field)
      .filter((part) => localName(part) === 'value')
      .map(textOf);
    if (names.has(name)) return { problem: inWords('fieldTwice', { field: short(name) }) };
    names.add(name);
    if (given.length > 1 && (name === 'FORM_TYPE' || SINGLE.has(field.attrs['type'] as FieldType)))
      return { problem: inWords('fieldMany', { field: short(name), count: given.length }) };
    if (name === 'FORM_TYPE') {
      // Visible, it says nothing about the form; only a submission may leave the type out (XEP-0068 §4.3, §5).
      const answers = type === 'submit' || type === 'cancel';
      if (field.attrs['type'] === 'hidden' || (answers && field.attrs['type'] === undefined)) formType ??= given[0];
      continue;
    }
    values.set(name, given);
  }
  return { type, formType, values };
}

/**
 * The form of a request that needs one: submitted as this type, or cancelled; or why it cannot be taken. `mayBeEmpty`: a submission without any value needs no
 * type (XEP-0045 §10.1.2).
 */
export function submittedForm(query: Element, formType: string, mayBeEmpty = false): Submitted | StanzaError {
  const x = child(query, 'x', NS.forms);
  if (!x) return stanzaError('bad-request', inWords('formMissing'));
  const form = parseForm(x);
  if ('problem' in form) return stanzaError('bad-request', inWords('formMalformed', { problem: form.problem }));
  if (form.type === 'cancel') return form;
  if (form.type !== 'submit') return stanzaError('bad-request', inWords('formMissing'));
  const isUntyped = mayBeEmpty && form.formType === undefined && form.values.size === 0;
  return isUntyped || form.formType === formType ? form : stanzaError('bad-request', inWords('formType'));
}

/** The form that a stanza carries, or undefined: none, or one that cannot be read. */
export function formIn(stanza: Element): Submitted | undefined {
  const x = child(stanza, 'x', NS.forms);
  const form = x && parseForm(x);
  return form && !('problem' in form) ? form : undefined;
}

/** Whether the form of a request, whatever is wrong with it, says something of one of these fields. */
export function saysOf(query: Element, fields: ReadonlySet<string>): boolean {
  const x = child(query, 'x', NS.forms);
  return x !== undefined && childElements(x).some((field) => fields.has(field.attrs['var'] as string) && childElements(field).length > 0);
}

/** The first of these single-value fields that was given several values, or undefined. */
export function manyValued(values: ReadonlyMap<string, readonly string[]>, fields: readonly string[]): string | undefined {
  return fields.find((field) => (values.get(field)?.length ?? 0) > 1);
}

/** Values without blanks around them, as JIDs are copied from anywhere. */
export const trimmed = (values: readonly string[]): readonly string[] => values.map((value) => value.trim());

/** A boolean's value (XEP-0004 §3.3: xs:boolean), or undefined if it is none. */
export function parseBoolean(text: string): boolean | undefined {
  const trimmed = text.trim();
  if (trimmed === '1' || trimmed === 'true') return true;
  if (trimmed === '0' || trimmed === 'false') return false;
  return undefined;
}
