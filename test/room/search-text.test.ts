import fc from '../support/property';
import { fold, searchText } from '../../src/store/sqlite/messages/search-text';
import { Element, escapeText, serializeChildren } from '../../src/xmpp/xml';

test.each([
  ['the body', '<body>Hello &amp; good day &lt;3 &#x1F600;&#33;</body>', 'Hello & good day <3 😀!'],
  ['the bodies in all languages', '<body>Hello</body><body xml:lang="de">Hallo</body>', 'Hello\nHallo'],
  ['what says that it is in jabber:client', '<body xmlns="jabber:client">Hello</body>', 'Hello'],
  ['no body of something else', '<html xmlns="http://jabber.org/protocol/xhtml-im"><body>no</body></html><body xmlns="a">no</body>', ''],
  ['no empty body', '<body/><x xmlns="a"/>', ''],
  ['attributes that look like tags', '<x a="&lt;body>" b=\'/>\'/><body>yes</body>', 'yes'],
  ['nothing without a body', '<subject>Tea</subject>', ''],
])('%s', (_what, payload, expected) => {
  expect(searchText(payload)).toBe(expected);
});

const BODY = '<body>*** you cannot read this ***</body>';
test.each([
  ['OMEMO of today', '<encrypted xmlns="urn:xmpp:omemo:2"><header/></encrypted>'],
  ['OMEMO as most speak it', '<encrypted xmlns="eu.siacs.conversations.axolotl"><payload>AA==</payload></encrypted>'],
  ['OpenPGP (XEP-0373)', '<openpgp xmlns="urn:xmpp:openpgp:0">AA==</openpgp>'],
  ['OpenPGP of old (XEP-0027)', '<x xmlns="jabber:x:encrypted">AA==</x>'],
  ['whatever EME says (XEP-0380)', '<encryption xmlns="urn:xmpp:eme:0" namespace="urn:example:secret"/>'],
])('nothing of an encrypted message: %s', (_what, element) => {
  expect(searchText(BODY + element)).toBe('');
  expect(searchText(element + BODY)).toBe('');
});

test.each([
  ['0424', '<retracted xmlns="urn:xmpp:message-retract:1" stamp="2019-09-20T23:09:32Z" id="r"/>'],
  [
    '0425',
    '<retracted xmlns="urn:xmpp:message-retract:1"><moderated xmlns="urn:xmpp:message-moderate:1"/><reason>rude</reason></retracted>',
  ],
])('nothing of a tombstone (XEP-%s)', (_number, element) => {
  expect(searchText(`${element}<body>This message was retracted.</body>`)).toBe('');
});

describe('what stands in a body for those who do not know something (XEP-0428)', () => {
  const retract = '<retract xmlns="urn:xmpp:message-retract:1" id="x"/>';
  const fallback = (inner: string, what = ' for="urn:xmpp:message-retract:1"') =>
    `<fallback xmlns="urn:xmpp:fallback:0"${what}>${inner}</fallback>`;

  test.each([
    [
      'the whole body of a retraction',
      `${retract}<fallback xmlns="urn:xmpp:fallback:0" for="urn:xmpp:message-retract:1"/><body>I take it back</body>`,
      '',
    ],
    [
      'a part, counted in characters',
      `<body>😀 /me retracts. Sorry!</body>${fallback('<body start="2" end="15"/>')}`,
      '😀               Sorry!',
    ],
    ['a body named without a range', `<body>I take it back</body>${fallback('<body/>')}`, ' '.repeat(14)],
    ['nothing, if it is the subject', `<body>Hello</body>${fallback('<subject/>')}`, 'Hello'],
    [
      'nothing, if it is for a reply',
      `<body>&gt; quoted\nyes</body>${fallback('<body start="0" end="9"/>', ' for="urn:xmpp:reply:0"')}`,
      '> quoted\nyes',
    ],
    [
      'the body of a retraction of version 0, which says it of the whole message',
      `<apply-to xmlns="urn:xmpp:fasten:0" id="x"><retract xmlns="urn:xmpp:message-retract:0"/></apply-to>${fallback('', '')}<body>gone</body>`,
      '',
    ],
    ['nothing, if it is not said for what and nothing is retracted', `${fallback('', '')}<body>here</body>`, 'here'],
  ])('%s', (_what, payload, expected) => {
    expect(searchText(payload)).toBe(expected);
  });
});

test('any text comes back as it was said, whatever stands around it', () => {
  const other = fc.constantFrom('<x xmlns="a"/>', '<y xmlns="b" c="&lt;body&gt;"><body>no</body></y>', '<thread>t</thread>', '');
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), other, other, (text, before, behind) => {
      const body = new Element('body');
      body.append(text);
      const stanza = new Element('message');
      stanza.append(body);
      const said = searchText(before + serializeChildren(stanza) + behind);
      expect(escapeText(said)).toBe(escapeText(text));
    }),
  );
});

test('what is no XML is no error', () => {
  const piece = fc.constantFrom('<body', '>', '</body>', '<', '/>', '"', "'", '&', '&#x', ';', ' xmlns=', 'a', '<!--', ']]>');
  fc.assert(
    fc.property(
      fc.array(piece).map((all) => all.join('')),
      (text) => expect(typeof searchText(text)).toBe('string'),
    ),
  );
});

test.each([
  ['Ünïcödé', 'unicode'],
  ['İstanbul', 'istanbul'],
  ['ﬁn ①', 'fin 1'],
  ['ｶﾞ', 'ガ'],
  ['が', 'が'],
  ['한글', '한글'],
  ['soft\u00adhyphen می\u200cخواهم', 'softhyphen میخواهم'],
  ['Ångström', 'angstrom'],
  ['Й и\u0306 Ў', 'й й у'],
  // Found H17: full case folding.
  ['straße GROẞ', 'strasse gross'],
  ['STRASSE', 'strasse'],
  ['ﬀ ΣΊΣΥΦΟΣ', 'ff σισυφοσ'],
  // Found H18: Hebrew points and Arabic vowel signs do not count; those of Hindi and Thai do, and so does a hamza.
  ['שָׁלוֹם', 'שלום'],
  ['مُحَمَّد', 'محمد'],
  ['أ', 'أ'],
  ['हिन्दी', 'हिन्दी'],
  ['ที่', 'ที่'],
])('%s is compared as %s', (text, folded) => {
  expect(fold(text)).toBe(folded);
  expect(fold(folded)).toBe(folded);
});

describe('of the kind of F4: the ranges of a retraction for clients that do not know retractions (XEP-0428)', () => {
  const retraction = (body: string, ranges: readonly (readonly [number, number])[]): string =>
    `<retract xmlns="urn:xmpp:message-retract:1" id="x"/><fallback xmlns="urn:xmpp:fallback:0" for="urn:xmpp:message-retract:1">${ranges
      .map(([start, end]) => `<body start="${start}" end="${end}"/>`)
      .join('')}</fallback><body>${body}</body>`;

  test('however they lie, the text is that with every range blanked', () => {
    const range = fc.tuple(fc.nat(30), fc.nat(30));
    fc.assert(
      fc.property(fc.array(range, { minLength: 1, maxLength: 12 }), (ranges) => {
        const body = 'abcdefghijklmnopqrstuvwx😀z';
        const wanted = Array.from(body, (c, at) => (ranges.some(([start, end]) => at >= start && at < end) ? ' ' : c)).join('');
        expect(searchText(retraction(body, ranges))).toBe(wanted);
      }),
    );
  });

  test('thousands of them in a long body: each character is looked at once', () => {
    const length = 60_000;
    const ranges = Array.from({ length: 4_000 }, (_, i) => [length - 10 * i, length - 10 * i + 5] as const);
    const iterate = jest.spyOn(Array.prototype, 'some');
    const text = searchText(retraction('x'.repeat(length), ranges));
    expect(iterate.mock.calls.length).toBeLessThan(100);
    iterate.mockRestore();
    expect(text).toHaveLength(length);
    expect(text.match(/ +/g)).toHaveLength(3_999);
  });
});
