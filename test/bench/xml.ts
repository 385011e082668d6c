/** Reads a chart as an XML parser does: its elements, and all its text. */
import { childElements, parseContent, textOf } from '../../src/xmpp/xml';

interface Read {
  readonly elements: readonly { readonly name: string; readonly attributes: Readonly<Record<string, string>> }[];
  /** Texts of all elements, a line each. */
  readonly text: string;
}

/** Throws unless the text is one whole element. */
export function parseXml(text: string): Read {
  const [root, ...others] = parseContent(text);
  if (root === undefined || others.length > 0) throw new Error(`This is not one element: ${text.slice(0, 200)}`);
  const all = [root];
  for (let i = 0; i < all.length; i++) all.push(...childElements(all[i] as (typeof all)[number]));
  return {
    elements: all.map(({ name, attrs }) => ({ name, attributes: attrs })),
    text: all.map(textOf).join('\n'),
  };
}
