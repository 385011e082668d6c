/** The parser: the same stanzas however the stream is cut, agreement with another parser, limits, and what it refuses. */
import type { Sentence } from '../../src/words';
import fc from '../support/property';
import xmpp from '@xmpp/xml';
import { StreamFault } from '../../src/link/chars';
import { StreamParser, type ParserLimits } from '../../src/link/parser';
import { namespaceOf, child, textOf, type Element } from '../../src/xmpp/xml';

const HEADER = `<?xml version='1.0'?><stream:stream xmlns:stream='http://etherx.jabber.org/streams' xmlns='jabber:component:accept' id='1'>`;
const GENEROUS: ParserLimits = { stanzaBytes: 1_000_000, depth: 64 };

interface Seen {
  events: string[];
  sizes: number[];
  elements: Element[];
  fault: string | undefined;
}

function canonical(node: Element | string | number): string {
  if (typeof node !== 'object') return JSON.stringify(String(node));
  const attrs = Object.entries(node.attrs).sort(([a], [b]) => (a < b ? -1 : 1));
  const children: string[] = [];
  let text = '';
  for (const part of node.children as (Element | string)[]) {
    if (typeof part === 'object') {
      if (text !== '') children.push(JSON.stringify(text));
      text = '';
      children.push(canonical(part));
    } else text += part;
  }
  if (text !== '') children.push(JSON.stringify(text));
  return `${node.name}${JSON.stringify(attrs)}[${children.join(',')}]`;
}

function read(chunks: readonly string[], limits: ParserLimits = GENEROUS): Seen {
  const parser = new StreamParser(limits);
  const seen: Seen = { events: [], sizes: [], elements: [], fault: undefined };
  parser.on('start', (el: Element) => seen.events.push(`start ${el.name}`));
  parser.on('element', (el: Element) => {
    seen.events.push(canonical(el));
    seen.sizes.push(parser.bytes);
    seen.elements.push(el);
  });
  parser.on('dropped', (el: Element, reason: Sentence) => seen.events.push(`dropped ${canonical(el)} ${String(reason)}`));
  parser.on('end', () => seen.events.push('end'));
  parser.on('error', (error: Error) => {
    expect(error).toBeInstanceOf(StreamFault);
    seen.fault = (error as StreamFault).condition;
  });
  for (const chunk of chunks) parser.write(chunk);
  return seen;
}

function ltx(stanza: string): string {
  const parser = new xmpp.Parser();
  const out: string[] = [];
  parser.on('element', (el: Element) => out.push(canonical(el)));
  parser.write(HEADER + stanza);
  return out.join();
}

const RICH = [
  `<message from='a@b/c' to="r@x" type='groupchat' id='1'><body>plain &amp; &lt;b&gt; &#65;&#x1F600; 😀 Привет</body><x xmlns='p:q'><y/>tail</x></message>`,
  `  \n `,
  `<presence from="a@b/&quot;c&apos;" to="r@x/n"   ><x  xmlns="http://jabber.org/protocol/muc" /></presence >`,
  `<iq from='a@b' to='x' id='2' type='get'><q:query xmlns:q="a" q:v='1>2'/></iq>`,
  `<message from='a@b' to='x' id='3'><body>a<![CDATA[<b> & ]] ]>c]]>d</body></message>`,
  `<message from='a@b' to='x' id='é'><body>line
two\ttab</body></message>`,
];

describe('what it reads', () => {
  test('a stream: header, stanzas in order, white space forgotten, the end', () => {
    const seen = read([HEADER + RICH.join('') + '</stream:stream>']);
    expect(seen.fault).toBeUndefined();
    expect(seen.events).toEqual([
      'start stream:stream',
      'message[["from","a@b/c"],["id","1"],["to","r@x"],["type","groupchat"]][body[]["plain & <b> A😀 😀 Привет"],x[["xmlns","p:q"]][y[][],"tail"]]',
      'presence[["from","a@b/\\"c\'"],["to","r@x/n"]][x[["xmlns","http://jabber.org/protocol/muc"]][]]',
      'iq[["from","a@b"],["id","2"],["to","x"],["type","get"]][q:query[["q:v","1>2"],["xmlns:q","a"]][]]',
      'message[["from","a@b"],["id","3"],["to","x"]][body[]["a<b> & ]] ]>cd"]]',
      'message[["from","a@b"],["id","é"],["to","x"]][body[]["line\\ntwo\\ttab"]]',
      'end',
    ]);
  });

  test('sizes are bytes on the wire, white space between stanzas not counted', () => {
    const stanzas = RICH.filter((text) => text.trim() !== '');
    expect(read([HEADER, RICH.join('')]).sizes).toEqual(stanzas.map((text) => Buffer.byteLength(text)));
  });

  test('a stanza hangs below the root, so that namespaces are found, and the root keeps nothing', () => {
    const { elements } = read([HEADER + RICH[0]! + ' \n ' + RICH[2]!]);
    const [message, presence] = elements as [Element, Element];
    expect(namespaceOf(message)).toBe('');
    expect(textOf(child(message, 'body', '')!)).toContain('plain');
    expect(child(presence, 'x', 'http://jabber.org/protocol/muc')).toBeDefined();
    expect(message.parent).toBe(presence.parent);
    expect((message.parent as Element).children).toEqual([]);
  });

  test('line ends and white space as XML 1.0 §2.11 and §3.3.3 say', () => {
    const seen = read([`${HEADER}<message id='a\r\nb\tc&#10;d'><body>1\r\n2\r3&#13;4</body></message>`]);
    expect(seen.events[1]).toBe('message[["id","a b c\\nd"]][body[]["1\\n2\\n3\\r4"]]');
  });

  test('attributes that are called like members of every object', () => {
    const seen = read([`${HEADER}<message constructor='1' __proto__='2' toString='3'/>`]);
    expect(seen.events[1]).toBe('message[["__proto__","2"],["constructor","1"],["toString","3"]][]');
  });
});

describe('cutting', () => {
  test('at every byte: the same stanzas and sizes', () => {
    const bytes = Buffer.from(HEADER + RICH.join('') + '</stream:stream>');
    const whole = read([bytes.toString()]);
    for (let cut = 1; cut < bytes.length; cut++) {
      const decoder = new TextDecoder();
      const seen = read([decoder.decode(bytes.subarray(0, cut), { stream: true }), decoder.decode(bytes.subarray(cut), { stream: true })]);
      expect(seen).toEqual(whole);
    }
  });

  test('in any pieces, with limits that some stanzas break: the same stanzas and drops', () => {
    const limits = { stanzaBytes: 220, depth: 3 };
    const deep = `<message from='a@b' to='x' id='deep'><a><b q='>'><c><d/><![CDATA[</d>]]></c></b></a></message>`;
    const large = `<message from='a@b' to='x' id='large'><body>${'ж'.repeat(150)}</body></message>`;
    const wide = `<message from='a@b' id='wide' x='${'<'.charCodeAt(0)}${'y'.repeat(300)}>' to='x'><body/></message>`;
    const text = HEADER + [RICH[0], deep, RICH[2], large, wide, RICH[4], deep, deep].join('') + '</stream:stream>';
    const whole = read([text], limits);
    expect(whole.fault).toBeUndefined();
    // Where a start tag alone is too large, what is known of it depends on what had come when that was noticed.
    const shape = (seen: Seen): string[] =>
      seen.events.map((event) => event.replace(/(dropped message)\[.*"wide".*/, '$1 wide').replace(/larger.*|nests.*/, ''));
    expect(whole.events.filter((event) => event.startsWith('dropped'))).toHaveLength(5);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 400 }), (sizes) => {
        const chunks: string[] = [];
        let at = 0;
        for (let i = 0; at < text.length; i++) {
          const size = sizes[i % sizes.length]!;
          chunks.push(text.slice(at, at + size));
          at += size;
        }
        const seen = read(chunks, limits);
        expect(seen.fault).toBeUndefined();
        expect(shape(seen)).toEqual(shape(whole));
      }),
      { numRuns: 300 },
    );
  });
});

describe('agreement with ltx', () => {
  const name = fc.constantFrom('body', 'x', 'item', 'q:query', 'status', 'a-b', 'данные');
  const text = fc
    .string({ unit: 'grapheme', maxLength: 30 })
    .map((raw) => raw.replace(/[^\t\n\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, ''));
  const escape = (raw: string): string =>
    raw
      .replace(/&/g, '&amp;')
      .replace(/</g, '&lt;')
      .replace(/>/g, '&gt;')
      .replace(/"/g, '&quot;')
      .replace(/[\t\n]/g, (c) => `&#${c.charCodeAt(0)};`);
  const { stanza } = fc.letrec<{ stanza: string; node: string }>((tie) => ({
    stanza: fc
      .tuple(fc.constantFrom('message', 'presence', 'iq'), fc.array(tie('node'), { maxLength: 4 }))
      .map(([n, inner]) => `<${n} from="a@b/c" to='x'>${inner.join('')}</${n}>`),
    node: fc.oneof(
      { maxDepth: 4 },
      text.map(escape),
      fc
        .tuple(
          name,
          fc.dictionary(fc.constantFrom('a', 'xml:lang', 'xmlns', 'id', 'jid'), text, { maxKeys: 3 }),
          fc.array(tie('node'), { maxLength: 3 }),
        )
        .map(([n, attrs, inner]) => {
          const head =
            n +
            Object.entries(attrs)
              .map(([k, v]) => ` ${k}="${escape(v)}"`)
              .join('');
          return inner.length === 0 ? `<${head}/>` : `<${head}>${inner.join('')}</${n}>`;
        }),
    ),
  }));

  test('on any well-formed stanza', () => {
    fc.assert(
      fc.property(stanza, (xml) => {
        const seen = read([HEADER, xml]);
        expect(seen.fault).toBeUndefined();
        expect(seen.events.slice(1).join()).toBe(ltx(xml));
      }),
      { numRuns: 500 },
    );
  });

  test('and nothing but stanzas, drops or one fault comes of any text', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        '<',
        '>',
        '/',
        '&',
        ';',
        '"',
        "'",
        '=',
        ' ',
        '<![CDATA[',
        ']]>',
        '<!--',
        '<?',
        'a',
        'message',
        '</message>',
        '<message>',
        '&amp;',
        'x="1"',
      ),
      text,
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (parts) => {
        const whole = read([HEADER + parts.join('')]);
        const cut = read([HEADER, ...parts]);
        expect(cut.events).toEqual(whole.events);
        // A tag in pieces is judged when its end has come, which may be never.
        expect([whole.fault, undefined]).toContain(cut.fault);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('limits', () => {
  const after = `<message id='after'/>`;

  test.each([
    ['text', `<message from='a' to='b' id='1'><body>${'x'.repeat(70_000)}</body></message>`],
    ['many elements', `<message from='a' to='b' id='1'>${'<a/>'.repeat(20_000)}</message>`],
    ['CDATA', `<message from='a' to='b' id='1'><body><![CDATA[${'</a>'.repeat(20_000)}]]></body></message>`],
    ['an attribute below', `<message from='a' to='b' id='1'><a b='${'>'.repeat(70_000)}'/></message>`],
    ['an attribute behind the addresses', `<message from='a' to='b' id='1' z='${'>'.repeat(70_000)}'/>`],
  ])('too large by %s: dropped with its start tag, in step behind it', (_what, stanza) => {
    const pieces = (HEADER + stanza + after).match(/[^]{1,4096}/g)!;
    for (const chunks of [pieces, [HEADER + stanza + after]]) {
      const seen = read(chunks, { stanzaBytes: 65_536, depth: 64 });
      expect(seen.fault).toBeUndefined();
      expect(seen.events).toHaveLength(3);
      expect(seen.events[1]).toMatch(/^dropped message\[\["from","a"\],\["id","1"\],\["to","b"\].*\]\[\] it is larger than 65536 bytes$/s);
      expect(seen.events[2]).toBe('message[["id","after"]][]');
    }
  });

  test('a stanza of exactly the limit is taken', () => {
    const stanza = `<message><body>${'ж'.repeat(100)}</body></message>`;
    const size = Buffer.byteLength(stanza);
    expect(read([HEADER + stanza], { stanzaBytes: size, depth: 64 }).sizes).toEqual([size]);
    expect(read([HEADER + stanza], { stanzaBytes: size - 1, depth: 64 }).events[1]).toMatch(/^dropped/);
  });

  test('too deep: dropped, in step; 64 levels are taken', () => {
    const nested = (levels: number): string => `<message id='d' from='a'>${'<a>'.repeat(levels - 1)}${'</a>'.repeat(levels - 1)}</message>`;
    const seen = read([HEADER + nested(64) + nested(65) + nested(100_000) + after], { stanzaBytes: 10_000_000, depth: 64 });
    expect(seen.events).toHaveLength(5);
    expect(seen.events[1]).toMatch(/^message/);
    expect(seen.events[2]).toBe('dropped message[["from","a"],["id","d"]][] it nests more than 64 elements');
    expect(seen.events[3]).toMatch(/^dropped/);
    expect(seen.events[4]).toBe('message[["id","after"]][]');
  });

  test('a header without an end does not fill the memory', () => {
    expect(read([`<stream:stream id='`, 'x'.repeat(70_000)], { stanzaBytes: 65_536, depth: 64 }).fault).toBe('bad-format');
  });
});

describe('what it refuses', () => {
  test.each([
    ['a comment', '<message><!-- x --></message>', 'restricted-xml'],
    ['a processing instruction', '<message><?php x ?></message>', 'restricted-xml'],
    ['a document type', '<!DOCTYPE x [<!ENTITY a "b">]>', 'restricted-xml'],
    ['a second declaration', `<?xml version='1.0'?>`, 'restricted-xml'],
    ['an entity of its own', '<message><body>&nbsp;</body></message>', 'restricted-xml'],
    ['an entity called like a member of every object', '<message><body>&constructor;</body></message>', 'restricted-xml'],
    ['an entity in an attribute', `<message id='&foo;'/>`, 'restricted-xml'],
    ['a reference to a forbidden character', '<message><body>&#0;</body></message>', 'not-well-formed'],
    ['a reference to a surrogate', '<message><body>&#xD800;</body></message>', 'not-well-formed'],
    ['a reference without number', '<message><body>&#x;</body></message>', 'not-well-formed'],
    ['a bare ampersand', '<message><body>a & b</body></message>', 'not-well-formed'],
    ['a control character in text', '<message><body>\u0001</body></message>', 'not-well-formed'],
    ['U+FFFE in text', '<message><body>\ufffe</body></message>', 'not-well-formed'],
    ['a control character in an attribute', `<message id='\u0002'/>`, 'not-well-formed'],
    ['a control character in CDATA', '<message><body><![CDATA[\u0003]]></body></message>', 'not-well-formed'],
    ['the end of CDATA in text', '<message><body>]]></body></message>', 'not-well-formed'],
    ['tags that cross', '<message><a><b></a></b></message>', 'not-well-formed'],
    ['an end tag with a longer name', '<message></messages>', 'not-well-formed'],
    ['an attribute twice', `<message id='1' id='2'/>`, 'not-well-formed'],
    ['an attribute without quotes', '<message id=1/>', 'not-well-formed'],
    ['an attribute without value', '<message id/>', 'not-well-formed'],
    ['attributes without space', `<message a='1'b='2'/>`, 'not-well-formed'],
    ['< in an attribute', `<message id='<'/>`, 'not-well-formed'],
    ['a name that is none', '<1message/>', 'not-well-formed'],
    ['a name with a wide character that is none', '<a\u00d7/>', 'not-well-formed'],
    ['text between stanzas', 'hello', 'bad-format'],
    ['CDATA between stanzas', '<![CDATA[ ]]>', 'bad-format'],
  ])('%s', (_what, xml, condition) => {
    for (const chunks of [[HEADER + xml + `<message id='never'/>`], [HEADER, ...(xml + ' ').split('')]]) {
      const seen = read(chunks);
      expect(seen.fault).toBe(condition);
      expect(seen.events).toEqual(['start stream:stream']);
    }
  });

  test('another encoding', () => {
    expect(read([`<?xml version='1.0' encoding='latin1'?>`]).fault).toBe('unsupported-encoding');
    expect(read([`<?xml version='1.0' encoding='UTF-8'?>`]).fault).toBeUndefined();
  });

  test('nothing is read after the end of the stream', () => {
    expect(read([HEADER + '</stream:stream><message/>\u0000', 'junk']).events).toEqual(['start stream:stream', 'end']);
  });
});
