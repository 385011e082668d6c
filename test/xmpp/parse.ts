/** Reads XML with the parser of @xmpp/xml, which is not ours, as the far end would. */
import xml from '@xmpp/xml';
import type { Element } from '../../src/xmpp/xml';

/** The one element in `text`, as a child of a component stream. */
export function parse(text: string): Element {
  const parser = new xml.Parser();
  const found: Element[] = [];
  parser.on('element', (element: Element) => found.push(element));
  parser.on('error', (error: Error) => {
    throw error;
  });
  parser.write(`<stream xmlns="jabber:component:accept">${text}</stream>`);
  if (found.length !== 1) throw new Error(`${found.length} elements in ${text}`);
  return found[0] as Element;
}
