import fc from '../support/property';
import { address, outgoing, toXml } from '../../src/xmpp/outgoing';
import { clean, serialize } from '../../src/xmpp/xml';
import { anyText, payload } from './arbitraries';
import { parse } from './parse';

test('an address is escaped once, for a double-quoted attribute', () => {
  expect(address('room@muc/"q" & <é>')).toEqual({ jid: 'room@muc/"q" & <é>', wire: Buffer.from('room@muc/&quot;q&quot; &amp; &lt;é&gt;') });
});

test('a stanza without content closes itself, one with content does not', () => {
  expect(toXml(outgoing('presence', 'a@b', 'c@d', { type: 'unavailable', id: undefined }, ''), 'c@d')).toBe(
    '<presence from="a@b" to="c@d" type="unavailable"/>',
  );
  expect(toXml(outgoing('message', 'a@b', 'c@d', {}, '<body>hi</body>'), 'c@d')).toBe(
    '<message from="a@b" to="c@d"><body>hi</body></message>',
  );
});

test('whatever stands in addresses and attributes, one well-formed stanza comes out', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('message' as const, 'presence' as const, 'iq' as const),
      anyText,
      anyText,
      anyText,
      payload,
      (name, from, to, id, inner) => {
        const read = parse(toXml(outgoing(name, from, to, { id }, inner), to));
        expect(read.name).toBe(name);
        expect(read.attrs).toEqual({ from: clean(from), to: clean(to), id: clean(id) });
        expect(read.children.map((part) => (typeof part === 'string' ? part : serialize(part))).join('')).toBe(
          serialize(parse(`<p>${inner}</p>`)).replace(/^<p\/?>|<\/p>$/g, ''),
        );
      },
    ),
  );
});

test('the bytes for an address are those of the whole text', () => {
  fc.assert(
    fc.property(anyText, (to) => {
      const out = outgoing('message', 'room@muc', [address(to)], { type: 'groupchat' }, '<body/>');
      expect(`<message from="room@muc" to="${address(to).wire.toString('utf8')}"${out.rest}`).toBe(toXml(out, to));
    }),
  );
});
