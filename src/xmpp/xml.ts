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

const ILLEGAL =
  /[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]|[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g;
/**
 * What the rule above forbids, and every character beyond the first plane: one class, as a fast first check. It lists what is
 * forbidden: a class of what is allowed takes V8 nearly twice as long, and everything that leaves is checked.
 */
const SUSPECT = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\uD800-\uDFFF\uFFFE\uFFFF]/;
/** Everything printable that needs no treatment in text or in a double-quoted attribute. */
const PLAIN = /^[ !#-%'-;=?-~]*$/;

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
};

/** Whether XML 1.0 can carry every character of it. */
export function isCarried(text: string): boolean {
  return !SUSPECT.test(text) || clean(text) === text;
}

/** Removes the characters that XML 1.0 cannot carry. */
export function clean(text: string): string {
  return SUSPECT.test(text) ? text.replace(ILLEGAL, '') : text;
}

/** Character data, cleaned and escaped. */
export function escapeText(text: string): string {
  if (PLAIN.test(text)) return text;
  return clean(text).replace(/[&<>\r]/g, (c) => ENTITIES[c] as string);
}

/** An attribute's value for double quotes, cleaned and escaped (white space as references, XML 1.0 §3.3.3). */
export function escapeAttribute(text: string): string {
  if (PLAIN.test(text)) return text;
  return clean(text).replace(/[&<>"\t\n\r]/g, (c) => ENTITIES[c] as string);
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

/** Namespaces that a component's stream may put on a stanza; on our own stream they are implied. */
const STREAM_NAMESPACES = new Set(['jabber:component:accept', 'jabber:client', 'jabber:server']);

/**
 * The XML of an element and all below it, complete in itself: a stream namespace is left out, one inherited from further
 * up is written, and so is the declaration of a prefix. (A stanza's own attributes do not travel with its children, and a
 * prefix without its declaration makes the server close the stream.)
 */
export function serialize(el: Element): string {
  return writePlain(el) ?? write(el, '', new Set(), { left: MAX_XML });
}

/** What most content is (`body`): an element of the stanza's own namespace with nothing but text in it. undefined: it is something else. */
function writePlain(el: Element): string | undefined {
  const [text] = el.children;
  if (typeof text !== 'string' || el.children.length > 1 || text.length > MAX_PLAIN || el.name.includes(':')) return undefined;
  for (const _ in el.attrs) return undefined;
  return STREAM_NAMESPACES.has(defaultNamespaceOf(el)) ? `<${el.name}>${escapeText(text)}</${el.name}>` : undefined;
}

/** The XML of an element's children, each complete in itself as with `serialize`. */
export function serializeChildren(el: Element): string {
  return writeChildren(el, '', new Set(), { left: MAX_XML });
}

/** The same if it has at most that many UTF-16 units, else undefined; serialising stops there. Never throws. */
export function serializeChildrenWithin(el: Element, units: number): string | undefined {
  try {
    return writeChildren(el, '', new Set(), { left: units });
  } catch (error) {
    if (error instanceof XmlTooLarge) return undefined;
    throw error;
  }
}

/** The XML would be too long: a prefix or namespace that is declared once is written again on each child that uses it. */
export class XmlTooLarge extends Error {}

/** Most UTF-16 units of one serialised element: twice the largest stanza that can be configured. */
const MAX_XML = 33_554_432;
/** Longest text that is written without counting: when its signs are escaped it may be six times as long. */
const MAX_PLAIN = 1_048_576;

/** How many UTF-16 units may still be written. */
interface Budget {
  left: number;
}

function spend(budget: Budget, units: number): void {
  budget.left -= units;
  if (budget.left < 0) throw new XmlTooLarge('an element is too large to be written');
}

/**
 * `inherited`: the namespace that the text around stands in; `declared`: the prefixes it has declared, and the same again afterwards. One set for the
 * whole text: a copy for each element or prefix would cost their number times itself, and whoever sends a stanza chooses that number.
 */
function write(el: Element, inherited: string, declared: Set<string>, budget: Budget): string {
  const attrs = el.attrs as Record<string, string | number | undefined | null>;
  const own = defaultNamespaceOf(el);
  const namespace = STREAM_NAMESPACES.has(own) ? '' : own;
  let name = el.name;
  /** What this element adds to what is declared. */
  let added: string[] | undefined;
  const declare = (prefix: string): void => {
    if (declared.has(prefix)) return;
    declared.add(prefix);
    (added ??= []).push(prefix);
  };
  let out = '';
  if (namespace !== inherited) out += ` xmlns="${escapeAttribute(namespace === '' ? 'jabber:client' : own)}"`;
  /** Whether the prefix may be used; declares it if that has not been done. */
  const bind = (prefix: string): boolean => {
    if (prefix === 'xml' || declared.has(prefix)) return true;
    const bound = prefixNamespace(el, prefix);
    if (bound === undefined || bound === '') return false;
    declare(prefix);
    out += ` xmlns:${prefix}="${escapeAttribute(bound)}"`;
    return true;
  };
  const colon = name.indexOf(':');
  // Servers never send an unbound prefix; if one comes, it must not leave again.
  if (colon > 0 && attrs[`xmlns:${name.slice(0, colon)}`] === undefined && !bind(name.slice(0, colon))) name = name.slice(colon + 1);
  for (const key in attrs) {
    const value = attrs[key];
    if (value === undefined || value === null || key === 'xmlns') continue;
    if (key.startsWith('xmlns:')) declare(key.slice(6));
    else if (key.includes(':')) {
      const prefix = key.slice(0, key.indexOf(':'));
      if (attrs[`xmlns:${prefix}`] === undefined && !bind(prefix)) continue;
    }
    out += ` ${key}="${escapeAttribute(String(value))}"`;
  }
  let written: string;
  if (el.children.length === 0) {
    written = `<${name}${out}/>`;
    spend(budget, written.length);
  } else {
    spend(budget, out.length + 2 * name.length + 5);
    written = `<${name}${out}>${writeChildren(el, namespace, declared, budget)}</${name}>`;
  }
  if (added) for (const prefix of added) declared.delete(prefix);
  return written;
}

function writeChildren(el: Element, inherited: string, declared: Set<string>, budget: Budget): string {
  let out = '';
  for (const child of el.children) {
    if (typeof child === 'string') {
      const text = escapeText(child);
      spend(budget, text.length);
      out += text;
    } else out += write(child, inherited, declared, budget);
  }
  return out;
}

/** The elements in finished XML of our own, such as a message's content. */
export function parseContent(content: string): Element[] {
  const parser = new xmpp.Parser();
  const elements: Element[] = [];
  parser.on('element', (element: Element) => elements.push(element));
  parser.write(`<content xmlns="jabber:client">${content}</content>`);
  return elements;
}

/** Stands around foreign content; it must not close what stands around it. */
const AROUND = 'parlour-content';
/** Names of elements and attributes (Namespaces in XML 1.0 §3): one prefix at most. */
const NAME = /^[\p{L}_][\p{L}\p{N}\p{M}._-]*(?::[\p{L}_][\p{L}\p{N}\p{M}._-]*)?$/u;

/**
 * Content from elsewhere, written anew: the parser takes what servers do not (two attributes of one name, prefixes without a namespace), and one such stanza would
 * end the stream for every room. undefined: it is no content of a stanza, which is elements side by side.
 */
export function rewrittenContent(text: string): string | undefined {
  if (text.includes(AROUND)) return undefined;
  const parser = new xmpp.Parser();
  const around = new Element(AROUND, { xmlns: 'jabber:client' });
  let [root, ended, broken]: [Element | undefined, boolean, boolean] = [undefined, false, false];
  parser.on('start', (element: Element) => (root = element));
  parser.on('element', (element: Element) => {
    element.parent = around;
    around.children.push(element);
  });
  parser.on('end', () => (ended = true));
  parser.on('error', () => (broken = true));
  try {
    parser.write(`<${AROUND} xmlns="jabber:client">${text}</${AROUND}>`);
  } catch {
    // An entity that XML does not have.
    return undefined;
  }
  const beside = (root as Element | undefined)?.children.join('').trim();
  if (broken || !ended || beside !== '' || !around.children.every((child) => hasNames(child as Element))) return undefined;
  return serializeChildrenWithin(around, MAX_XML);
}

/** Whether all names in it are names. */
function hasNames(top: Element): boolean {
  const open = [top];
  for (let element = open.pop(); element; element = open.pop()) {
    if (!NAME.test(element.name) || !Object.keys(element.attrs).every((name) => NAME.test(name))) return false;
    open.push(...childElements(element));
  }
  return true;
}

/** The child elements, without text. */
export function childElements(el: Element): Element[] {
  return el.children.filter((child): child is Element => typeof child !== 'string');
}

/** What `xmlns` at or above the element says: the namespace of its unprefixed self and children. */
function defaultNamespaceOf(el: Element): string {
  for (let at: Element | null = el; at; at = at.parent) {
    const own = at.attrs['xmlns'] as string | undefined;
    if (own !== undefined) return own;
  }
  return '';
}

function prefixNamespace(el: Element, prefix: string): string | undefined {
  for (let at: Element | null = el; at; at = at.parent) {
    const own = at.attrs[`xmlns:${prefix}`] as string | undefined;
    if (own !== undefined) return own;
  }
  return undefined;
}

/** The namespace an element is in, by its prefix or the nearest `xmlns`; stream namespaces count as none (''). */
export function namespaceOf(el: Element): string {
  const colon = el.name.indexOf(':');
  const namespace = colon > 0 ? (prefixNamespace(el, el.name.slice(0, colon)) ?? '') : defaultNamespaceOf(el);
  return STREAM_NAMESPACES.has(namespace) ? '' : namespace;
}

/** An element's name without a prefix. */
export function localName(el: Element): string {
  return el.name.slice(el.name.indexOf(':') + 1);
}

/** The first child of that name and namespace ('' is the stanza's own). */
export function child(el: Element, name: string, namespace: string): Element | undefined {
  for (const candidate of el.children) {
    if (typeof candidate === 'string') continue;
    const element = candidate;
    if (localName(element) === name && namespaceOf(element) === namespace) return element;
  }
  return undefined;
}

/** The text directly inside an element. */
export function textOf(el: Element): string {
  let out = '';
  for (const part of el.children) if (typeof part === 'string') out += part;
  return out;
}
