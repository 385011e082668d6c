/** Comparing stanzas: attributes in any order, children exactly; `{name}` stands for a value not known beforehand. */
import { parse } from './conversation';
import { childElements, textOf, type Element } from '../../src/xmpp/xml';

/** What each `{sid:…}` and `{occ:…}` stood for so far. */
export type Names = Map<string, string>;

/** A stanza as one line, attributes sorted. With `names`, placeholders whose value is known are filled in. */
export function canonical(stanza: string, names: Names = new Map()): string {
  return write(parse(stanza), names);
}

function write(el: Element, names: Names): string {
  const attrs = Object.keys(el.attrs as Record<string, unknown>)
    .filter((name) => el.attrs[name] !== undefined)
    .sort()
    .map((name) => ` ${name}="${fill(String(el.attrs[name]), names)}"`)
    .join('');
  const inner = el.children.map((child) => (typeof child === 'string' ? fill(child, names) : write(child, names))).join('');
  return `<${el.name}${attrs}>${inner}</${el.name}>`;
}

function fill(text: string, names: Names): string {
  return names.get(text) ?? text;
}

/**
 * Whether a stanza is the wanted one. `{text}` is any text but none, `{stamp}` any UTC time stamp; `{sid:x}` and `{occ:x}` any
 * value that no other name has, the same wherever the name stands again: what is learned is added to `names`.
 */
export function matchStanza(wanted: string, actual: string, names: Names): boolean {
  return matchElement(parse(wanted), parse(actual), names);
}

function matchElement(wanted: Element, actual: Element, names: Names): boolean {
  if (wanted.name !== actual.name) return false;
  const keys = (el: Element): string[] => Object.keys(el.attrs as object).filter((name) => el.attrs[name] !== undefined);
  const both = new Set([...keys(wanted), ...keys(actual)]);
  for (const name of both) {
    const expected: unknown = wanted.attrs[name];
    const got: unknown = actual.attrs[name];
    if (typeof expected !== 'string' || typeof got !== 'string' || !matchText(expected, got, names)) return false;
  }
  const children = childElements(wanted);
  const others = childElements(actual);
  if (children.length !== others.length || !matchText(textOf(wanted), textOf(actual), names)) return false;
  return children.every((child, i) => matchElement(child, others[i] as Element, names));
}

function matchText(wanted: string, actual: string, names: Names): boolean {
  if (wanted === '{text}') return actual.trim() !== '';
  if (wanted === '{stamp}') return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(actual);
  if (!/^\{(sid|occ):.*\}$/.test(wanted)) return wanted === actual;
  const known = names.get(wanted);
  if (known !== undefined) return known === actual;
  for (const value of names.values()) if (value === actual) return false;
  names.set(wanted, actual);
  return actual !== '';
}
