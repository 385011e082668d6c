/** What property tests of the vocabulary draw from. */
import fc from '../support/property';
import { Element, escapeText } from '../../src/xmpp/xml';

/** Text of any UTF-16 code units, controls and lone surrogates included, with the awkward ones often. */
export const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.string({
    unit: fc.constantFrom('&', '<', '>', '"', "'", ']', ' ', '\t', '\n', '\r', '\u0000', '\uFFFE', '\uD800', '\uDC00', '😀', 'a'),
    maxLength: 12,
  }),
);

/** Text as XML can carry it. A carriage return is read back as it was only because it leaves as a reference. */
export const legalText = anyText.map((text) =>
  [...text].filter((c) => !/[\0-\x08\x0B\x0C\x0E-\x1F\uFFFE\uFFFF\uD800-\uDFFF]/u.test(c)).join(''),
);

const name = fc.constantFrom('a', 'b', 'body', 'x', 'item-1');
const namespace = fc.option(fc.constantFrom('urn:a', 'urn:b', 'jabber:client', 'jabber:component:accept'), { nil: undefined });

/** A tree of elements, each with a namespace of its own or its parent's. */
export const tree: fc.Arbitrary<Element> = fc.letrec<{ element: Element }>((tie) => ({
  element: fc
    .record({
      name,
      namespace,
      attrs: fc.dictionary(fc.constantFrom('id', 'to', 'code', 'xml:lang'), legalText, { maxKeys: 3 }),
      children: fc.array(
        fc.oneof(
          { depthSize: 'small' },
          legalText.filter((text) => text !== ''),
          tie('element'),
        ),
        { maxLength: 3 },
      ),
    })
    .map((drawn) => {
      const element = new Element(drawn.name, { ...(drawn.namespace === undefined ? {} : { xmlns: drawn.namespace }), ...drawn.attrs });
      for (const child of drawn.children) {
        if (typeof child === 'string') element.t(child);
        else element.cnode(child);
      }
      return element;
    }),
})).element;

/** A well-formed piece of XML for the content of a message. */
export const payload = fc
  .array(fc.tuple(name, legalText), { maxLength: 3 })
  .map((parts) => parts.map(([n, text]) => `<${n}>${escapeText(text)}</${n}>`).join(''));
