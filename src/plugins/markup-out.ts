/** From elements to the XML that plug-ins see, and from what they make to finished XML. */
import { attributes, childElements, escapeText, localName, namespaceOf, parseContent, type Element } from '../xmpp/xml';
import { xml, type Xml } from './markup';

/** Most UTF-16 units that a plug-in adds to one stanza, and most that one text of it has. */
const MOST_MARKUP = 65_536;

/** An element as plug-ins see it: without prefixes, each child that is in another namespace says so. Attributes with prefixes but `xml:lang` are left out. */
export function shown(element: Element, around = ''): Xml {
  const ns = namespaceOf(element);
  const attrs: Record<string, string> = ns === around ? {} : { xmlns: ns === '' ? 'jabber:client' : ns };
  for (const [key, value] of Object.entries(element.attrs)) {
    if (typeof value === 'string' && key !== 'xmlns' && (key === 'xml:lang' || !key.includes(':'))) attrs[key] = value;
  }
  const children = element.children.map((child) => (typeof child === 'string' ? child : shown(child, ns)));
  return Object.freeze({ name: localName(element), attrs: Object.freeze(attrs), children: Object.freeze(children) });
}

/** The content of a message as the children of one. */
export function shownMessage(content: string): Xml {
  return xml('message', {}, ...parseContent(content).map((element) => shown(element)));
}

/** The text of a content's first body, or undefined. */
export function bodyOf(elements: readonly Element[]): string | undefined {
  const body = elements.find((element) => localName(element) === 'body' && namespaceOf(element) === '');
  return body?.children.filter((child) => typeof child === 'string').join('');
}

/** The body of a stanza. */
export function bodyIn(stanza: Element): string | undefined {
  return bodyOf(childElements(stanza));
}

/** Finished XML of what a plug-in made. Throws RangeError if it is too long, TypeError if it is no element. */
export function finished(element: Xml): string {
  const out = write(element, 0);
  if (out.length > MOST_MARKUP) throw new RangeError(`An element of a plug-in has more than ${MOST_MARKUP} characters`);
  return out;
}

/** Deeper would be refused by servers. */
const DEEPEST = 32;

function write(element: Xml, depth: number): string {
  const { name, attrs, children } = remade(element);
  if (depth > DEEPEST) throw new RangeError(`An element of a plug-in is more than ${DEEPEST} deep`);
  const inner = children.map((child) => (typeof child === 'string' ? escapeText(child) : write(child, depth + 1))).join('');
  return inner === '' ? `<${name}${attributes(attrs)}/>` : `<${name}${attributes(attrs)}>${inner}</${name}>`;
}

/** An element that was put together by hand has names that nobody has looked at. */
function remade(element: Xml): Xml {
  const { children } = (typeof element === 'object' && element !== null ? element : {}) as { children?: unknown };
  if (!Array.isArray(children)) throw new TypeError('A plug-in gave something that is no element');
  return xml(element.name, element.attrs, ...(children as readonly (Xml | string)[]));
}

/** A text of a plug-in, or RangeError. */
export function fitting(text: string): string {
  if (typeof text !== 'string') throw new TypeError('A plug-in gave something that is no text');
  if (text.length > MOST_MARKUP) throw new RangeError(`A text of a plug-in has more than ${MOST_MARKUP} characters`);
  return text;
}
