/**
 * XML as Parlour sees it: the one `Element` class, and the one way from an Element or a string to bytes that may leave.
 *
 * Everything that leaves passes `escapeText` or `escapeAttribute`, which also remove what XML 1.0 §2.2 forbids: one
 * illegal character in what a component sends makes the server close the stream for every room.
 */
import xmpp from '@xmpp/xml';
import type { Element as XmppElement } from '@xmpp/xml';

/** An XML element; a stanza is one whose name is message, presence or iq. */
export type Element = XmppElement;
export const Element = xmpp.Element;

/** Characters that XML 1.0 §2.2 does not allow, lone surrogates included. */
// eslint-disable-next-line no-control-regex
const ILLEGAL = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]|[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g;
/** Everything printable that needs no treatment in text or in a double-quoted attribute. */
const PLAIN = /^[ !#-%'-;=?-~]*$/;

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
};

/** Removes the characters that XML 1.0 cannot carry. */
export function clean(text: string): string {
  return text.replace(ILLEGAL, '');
}

/** Character data, cleaned and escaped. */
export function escapeText(text: string): string {
  if (PLAIN.test(text)) return text;
  return clean(text).replace(/[&<>\r]/g, (c) => ENTITIES[c] as string);
}

/** An attribute's value for double quotes, cleaned and escaped (white space as references, XML 1.0 §3.3.3). */
export function escapeAttribute(text: string): string {
  if (PLAIN.test(text)) return text;
  return clean(text).replace(/[&<>"'\t\n\r]/g, (c) => ENTITIES[c] as string);
}

/** ` name="value"` for each attribute that has a value, in the order given. */
export function attributes(attrs: Readonly<Record<string, string | number | undefined | null>>): string {
  let out = '';
  for (const name in attrs) {
    const value = attrs[name];
    if (value !== undefined && value !== null) out += ` ${name}="${escapeAttribute(String(value))}"`;
  }
  return out;
}

/** Namespaces a component's stream may put on a stanza; on our own stream they go without saying. */
const STREAM_NAMESPACES = new Set(['jabber:component:accept', 'jabber:client', 'jabber:server']);

/** The XML of an element and all below it. A stream namespace is left out, so the text can live in any stream. */
export function serialize(el: Element): string {
  let out = `<${el.name}`;
  const attrs = el.attrs as Record<string, unknown>;
  for (const name in attrs) {
    const value = attrs[name];
    if (value === undefined || value === null) continue;
    const text = String(value);
    if (name === 'xmlns' && STREAM_NAMESPACES.has(text)) continue;
    out += ` ${name}="${escapeAttribute(text)}"`;
  }
  if (el.children.length === 0) return `${out}/>`;
  return `${out}>${serializeChildren(el)}</${el.name}>`;
}

/** The XML of an element's children. */
export function serializeChildren(el: Element): string {
  let out = '';
  for (const child of el.children) out += typeof child === 'string' ? escapeText(child) : serialize(child as Element);
  return out;
}

/** The child elements, without text. */
export function childElements(el: Element): Element[] {
  return el.children.filter((child): child is Element => typeof child !== 'string');
}

/** The namespace an element is in, taken from the nearest `xmlns` above it; stream namespaces count as none (''). */
export function namespaceOf(el: Element): string {
  for (let at: Element | null = el; at; at = at.parent as Element | null) {
    const colon = at === el ? el.name.indexOf(':') : -1;
    const own = colon > 0 ? undefined : (at.attrs['xmlns'] as string | undefined);
    if (own !== undefined) return STREAM_NAMESPACES.has(own) ? '' : own;
  }
  return '';
}

/** The first child of that name and namespace ('' is the stanza's own). */
export function child(el: Element, name: string, namespace: string): Element | undefined {
  for (const candidate of el.children) {
    if (typeof candidate === 'string') continue;
    const element = candidate as Element;
    if (element.name === name && namespaceOf(element) === namespace) return element;
  }
  return undefined;
}

/** The text directly inside an element. */
export function textOf(el: Element): string {
  let out = '';
  for (const part of el.children) if (typeof part === 'string') out += part;
  return out;
}
