import fc from '../support/property';
import {
  attributes,
  child,
  childElements,
  clean,
  Element,
  escapeAttribute,
  escapeText,
  localName,
  namespaceOf,
  parseContent,
  rewrittenContent,
  serialize,
  serializeChildren,
  textOf,
} from '../../src/xmpp/xml';
import { anyText, legalText, tree } from './arbitraries';
import { parse } from './parse';

/** Whether XML 1.0 §2.2 allows the character. */
function isChar(code: number): boolean {
  return (
    code === 9 || code === 10 || code === 13 || (code >= 0x20 && code <= 0xd7ff) || (code >= 0xe000 && code <= 0xfffd) || code >= 0x10000
  );
}

/** An element as a plain value: name and namespace without prefixes, attributes, neighbouring texts joined. */
function shape(el: Element): unknown {
  const attrs = Object.entries(el.attrs as Record<string, string>).filter(([key]) => !key.startsWith('xmlns'));
  const children: unknown[] = [];
  for (const part of el.children) {
    const last = children.at(-1);
    if (typeof part !== 'string') children.push(shape(part));
    else if (typeof last === 'string') children[children.length - 1] = last + part;
    else children.push(part);
  }
  return { name: localName(el), namespace: namespaceOf(el), attrs: Object.fromEntries(attrs.sort()), children };
}

describe('clean', () => {
  test('leaves nothing that XML 1.0 forbids, and takes nothing else away', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const wanted = [...text].filter((c) => isChar(c.codePointAt(0) as number)).join('');
        expect(clean(text)).toBe(wanted);
      }),
    );
  });

  test.each([
    ['a\u0000b\u0008\u000B\u001F', 'ab'],
    ['\uFFFE\uFFFF\uFFFD', '\uFFFD'],
    ['x\uD800y', 'xy'],
    ['x\uDC00y', 'xy'],
    ['\uD83D\uD83D\uDE00', '😀'],
    ['\uD83D\uDE00\uDE00', '😀'],
    // What is left after a removal must not join to a new pair, nor to something illegal.
    ['\uD83D\u0000\uDE00', ''],
    ['\t\n\r\u007F\u0085', '\t\n\r\u007F\u0085'],
  ])('%j becomes %j', (text, wanted) => {
    expect(clean(text)).toBe(wanted);
  });
});

describe('escaping', () => {
  test('text comes back from a parser as it was cleaned', () => {
    fc.assert(fc.property(anyText, (text) => expect(textOf(parse(`<a>${escapeText(text)}</a>`))).toBe(clean(text))));
  });

  test('an attribute comes back from a parser as it was cleaned', () => {
    fc.assert(fc.property(anyText, (text) => expect(parse(`<a${attributes({ b: text })}/>`).attrs['b']).toBe(clean(text))));
  });

  test('text cannot end its element, an attribute cannot end its value', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(escapeText(text)).not.toMatch(/[<>\r]/);
        expect(escapeAttribute(text)).not.toMatch(/[<>"\t\n\r]/);
      }),
    );
  });

  test('white space in attributes leaves as references, so that a parser does not make it blanks (XML 1.0 §3.3.3)', () => {
    expect(escapeAttribute('a\tb\nc\rd')).toBe('a&#9;b&#10;c&#13;d');
  });

  test('attributes without a value are left out, the others keep their order', () => {
    expect(attributes({ z: 'last', a: undefined, b: null, c: 0, d: '' })).toBe(' z="last" c="0" d=""');
  });
});

describe('serialize', () => {
  test('what is written and read again is the same', () => {
    fc.assert(fc.property(tree, (el) => expect(shape(parse(serialize(el)))).toEqual(shape(el))));
  });

  test('each child can stand alone: written one by one into another stanza, they are the same', () => {
    fc.assert(
      fc.property(tree, (el) => {
        const read = parse(`<other>${serializeChildren(el)}</other>`);
        const { children } = shape(el) as { children: unknown[] };
        expect((shape(read) as { children: unknown[] }).children).toEqual(children);
      }),
    );
  });

  test('writing is stable: writing what was read gives the same text', () => {
    fc.assert(
      fc.property(tree, (el) => {
        const text = serialize(el);
        expect(serialize(parse(text))).toBe(text);
      }),
    );
  });

  test('the namespace of the stream is left out of stanzas', () => {
    for (const xmlns of ['jabber:component:accept', 'jabber:client', 'jabber:server']) {
      expect(serialize(parse(`<message xmlns="${xmlns}"><body>hi</body></message>`))).toBe('<message><body>hi</body></message>');
    }
  });

  test('a message that is forwarded inside another keeps its namespace (XEP-0297 §3)', () => {
    const message =
      '<message><forwarded xmlns="urn:xmpp:forward:0"><message xmlns="jabber:client"><body>hi</body></message></forwarded></message>';
    expect(serialize(parse(message))).toBe(message);
  });

  test('a stanza of the component stream inside another namespace becomes jabber:client', () => {
    const inner = serialize(parse('<x xmlns="urn:x"><message xmlns="jabber:component:accept"/></x>'));
    expect(inner).toBe('<x xmlns="urn:x"><message xmlns="jabber:client"/></x>');
  });

  test('a prefix declared on the stanza goes along with the child that uses it', () => {
    const stanza = parse('<message xmlns:p="urn:p" xmlns:q="urn:q"><p:a q:b="1"><p:c/></p:a><d/></message>');
    expect(serializeChildren(stanza)).toBe('<p:a xmlns:p="urn:p" xmlns:q="urn:q" q:b="1"><p:c/></p:a><d/>');
    expect(serialize(stanza)).toBe('<message xmlns:p="urn:p" xmlns:q="urn:q"><p:a q:b="1"><p:c/></p:a><d/></message>');
  });

  test('a prefix that nothing declares does not leave: the server would close the stream', () => {
    expect(serialize(parse('<message><p:a q:b="1" xml:lang="en"/></message>'))).toBe('<message><a xml:lang="en"/></message>');
  });

  test('a child taken from another namespace says which it is in', () => {
    const x = parse('<message><x xmlns="urn:x"><y/></x></message>');
    expect(serialize(childElements(childElements(x)[0] as Element)[0] as Element)).toBe('<y xmlns="urn:x"/>');
  });

  test('attributes without a value are not written', () => {
    expect(serialize(new Element('iq', { id: undefined, to: null, from: 'a' }))).toBe('<iq from="a"/>');
  });
});

describe('finding', () => {
  const stanza = parse(
    '<message xmlns:p="urn:p">text<body xmlns="urn:other">no</body><body>yes</body><p:x><p:y/></p:x><x xmlns="urn:x"><z/></x><u:x/></message>',
  );

  test('children are found by name and namespace, whether by prefix or by xmlns', () => {
    expect(textOf(child(stanza, 'body', '') as Element)).toBe('yes');
    expect(textOf(child(stanza, 'body', 'urn:other') as Element)).toBe('no');
    expect(child(child(stanza, 'x', 'urn:p') as Element, 'y', 'urn:p')).toBeDefined();
    expect(child(child(stanza, 'x', 'urn:x') as Element, 'z', 'urn:x')).toBeDefined();
    expect(child(stanza, 'z', 'urn:x')).toBeUndefined();
  });

  test('an unprefixed child of a prefixed element is in the namespace around it', () => {
    const outer = parse('<message xmlns:p="urn:p"><p:x><y/></p:x></message>');
    expect(namespaceOf(childElements(childElements(outer)[0] as Element)[0] as Element)).toBe('');
  });

  test('an undeclared prefix stands for no namespace, not for that of the parent', () => {
    const outer = parse('<message><x xmlns="urn:x"><u:y/></x></message>');
    expect(namespaceOf(childElements(childElements(outer)[0] as Element)[0] as Element)).toBe('');
  });

  test('text is what stands directly inside', () => {
    expect(textOf(parse('<a>one<b>two</b>three</a>'))).toBe('onethree');
    fc.assert(fc.property(legalText, (text) => expect(textOf(parse(`<a>${escapeText(text)}<b>x</b></a>`))).toBe(text)));
  });
});

describe('content of our own, read again', () => {
  test('comes apart into the elements it was made of', () => {
    fc.assert(
      fc.property(fc.array(tree), (trees) => {
        const content = trees.map(serialize).join('');
        expect(parseContent(content).map(shape)).toEqual(trees.map(serialize).map(parse).map(shape));
      }),
    );
  });

  test('is in the namespace of stanzas where it says nothing else', () => {
    const [body, mention] = parseContent('<body>a</body><mention xmlns="urn:x"><noping/></mention>') as [Element, Element];
    expect([namespaceOf(body), namespaceOf(mention), namespaceOf(childElements(mention)[0] as Element)]).toEqual(['', 'urn:x', 'urn:x']);
  });
});

describe('content from elsewhere is written anew, or refused', () => {
  test.each([
    ['<body>a &amp; b</body> <x xmlns="u" b="1"/>', '<body>a &amp; b</body><x xmlns="u" b="1"/>'],
    ['', ''],
    ['<a b="1" b="2"/>', '<a b="2"/>'],
    ['<p:a q:b="1"/>', '<a/>'],
    ['<a b="<">]]></a>', '<a b="&lt;">]]&gt;</a>'],
    ['<a xmlns:p="u"><p:b/></a><!-- c --><c/>', '<a xmlns:p="u"><p:b/></a><c/>'],
  ])('%s', (text, written) => expect(rewrittenContent(text)).toBe(written));

  test.each([
    '&foo;',
    '<a',
    '<a></b>',
    '</a>',
    'text',
    '<1a/>',
    '<a 1="2"/>',
    '<a:b:c/>',
    '<a/></parlour-content><parlour-content>',
    '<!DOCTYPE a>',
    '<a>&#1;</a>',
  ])('%s is none', (text) => expect(rewrittenContent(text)).toBeUndefined());
});
