/** Which forms an element says it is. Apart from `forms.ts`, whose words the threads of the store need not load. */
import { childElements, localName, textOf, type Element } from './xml';

/** Every value of every FORM_TYPE, of a form that need be none: which of several counts, each client decides for itself. */
export function formTypesIn(x: Element): string[] {
  const isType = (field: Element): boolean => localName(field) === 'field' && String(field.attrs['var'] ?? '').trim() === 'FORM_TYPE';
  const values = childElements(x).filter(isType).flatMap(childElements);
  return values.filter((value) => localName(value) === 'value').map((value) => textOf(value).trim());
}
