/** What an element takes in memory, which may be forty times its size on the wire: an empty one of four bytes is an object with a list and a table. */
import { Element, localName, namespaceOf, type Element as AnElement } from './xml';

/** Measured with the parser of the link, on Node 22 and rounded up: bytes for an element, for each of its attributes, and for each text beside its characters. */
const ELEMENT = 160;
const ATTRIBUTE = 50;
const TEXT = 30;

/** Bytes that a stanza of `bytes` on the wire takes while it is kept. */
export function bytesInMemory(stanza: AnElement, bytes: number): number {
  let sum = ELEMENT;
  // No list of its names is made: this is asked of every stanza.
  for (const name in stanza.attrs) if (name !== '') sum += ATTRIBUTE;
  for (const child of stanza.children) sum += typeof child === 'string' ? TEXT : bytesInMemory(child, 0);
  return sum + bytes;
}

/** A copy of a text that keeps nothing else alive: a text cut out of what was read keeps all that was read with it. */
const copied = (text: string): string => Buffer.from(text).toString();

/** A request with no more than its answer, or a refusal, needs: its addresses, its id and type, and the name of what it asks for. */
export function withoutQuery(iq: AnElement): AnElement {
  const kept = (attrs: AnElement['attrs'], names: readonly string[]): Record<string, string> => {
    const given = names.filter((name) => typeof attrs[name] === 'string');
    return Object.fromEntries(given.map((name) => [name, copied(attrs[name] as string)]));
  };
  const small = new Element(iq.name, kept(iq.attrs, ['from', 'to', 'id', 'type']));
  for (const payload of iq.children)
    if (typeof payload !== 'string') small.append(new Element(localName(payload), { xmlns: copied(namespaceOf(payload)) }));
  return small;
}
