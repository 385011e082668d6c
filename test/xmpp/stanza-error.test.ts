import fc from '../support/property';
import { errorReply, errorXml, iqResult, stanzaError, takesError } from '../../src/xmpp/stanza-error';
import { toXml, type Outgoing } from '../../src/xmpp/outgoing';
import { NS } from '../../src/xmpp/ns';
import { child, clean, textOf, type Element } from '../../src/xmpp/xml';
import { anyText } from './arbitraries';
import { parse } from './parse';

const written = (out: Outgoing | undefined): string | undefined => out && toXml(out, out.to as string);

test('a condition brings its usual type (RFC 6120 §8.3.3), unless another is given', () => {
  expect(stanzaError('forbidden', 'No.').type).toBe('auth');
  expect(stanzaError('service-unavailable', 'Full.', { type: 'wait' }).type).toBe('wait');
});

test('an error names who refuses, its condition first, then the sentence, then what the application adds', () => {
  const error = stanzaError('gone', 'It moved & left.', { uri: 'xmpp:new@muc?join', extra: '<e xmlns="urn:e"/>' });
  expect(errorXml(error, 'room@muc', 'en')).toBe(
    `<error type="cancel" by="room@muc"><gone xmlns="${NS.stanzas}">xmpp:new@muc?join</gone>` +
      `<text xmlns="${NS.stanzas}" xml:lang="en">It moved &amp; left.</text><e xmlns="urn:e"/></error>`,
  );
});

test.each([
  ['<message type="error"/>', false],
  ['<presence type="error"/>', false],
  ['<iq type="error"/>', false],
  ['<iq type="result"/>', false],
  ['<iq type="get"/>', true],
  ['<iq type="set"/>', true],
  ['<message/>', true],
  ['<message type="groupchat"/>', true],
  ['<presence/>', true],
  ['<presence type="unavailable"/>', false],
  ['<stranger/>', false],
])('%s: may be answered with an error: %s', (stanza, wanted) => {
  expect(takesError(parse(stanza))).toBe(wanted);
});

test('the reply comes from the address that was meant, with the id and the content of what it answers', () => {
  const stanza = parse('<message from="a@b/c" to="room@muc/nick" id="1" type="groupchat"><body>hi &amp; ho</body></message>');
  expect(written(errorReply(stanza, stanzaError('forbidden', ''), 'room@muc'))).toBe(
    `<message from="room@muc/nick" to="a@b/c" type="error" id="1"><body>hi &amp; ho</body>` +
      `<error type="auth" by="room@muc"><forbidden xmlns="${NS.stanzas}"/></error></message>`,
  );
});

test('a query is not repeated, nor is long content; what takes no error gets none', () => {
  const error = stanzaError('bad-request', '');
  const iq = parse('<iq from="a@b" to="m" id="1" type="get"><query xmlns="urn:q"/></iq>');
  const long = parse(`<message from="a@b" to="m"><body>${'x'.repeat(9000)}</body></message>`);
  for (const stanza of [iq, long]) expect(written(errorReply(stanza, error, 'm'))).not.toMatch(/query|body/);
  expect(errorReply(parse('<iq from="a@b" to="m" id="1" type="result"/>'), error, 'm')).toBeUndefined();
});

test('a result goes back to the asker with the id', () => {
  const iq = parse('<iq from="a@b/c" to="room@muc" id="&lt;1&gt;" type="get"/>');
  expect(written(iqResult(iq, ''))).toBe('<iq from="room@muc" to="a@b/c" type="result" id="&lt;1&gt;"/>');
});

test('whatever a refused stanza and the sentence hold, the reply is well-formed', () => {
  fc.assert(
    fc.property(anyText, anyText, (body, sentence) => {
      const stanza = parse('<message from="a@b" to="m" id="1"/>');
      stanza.c('body').t(body);
      const read = parse(written(errorReply(stanza, stanzaError('not-allowed', sentence), 'm')) as string);
      const error = child(read, 'error', '') as Element;
      expect(child(error, 'not-allowed', NS.stanzas)).toBeDefined();
      expect(textOf(child(read, 'body', '') as Element)).toBe(clean(body));
      // The sentence may be empty: then there is no <text/>.
      const text = child(error, 'text', NS.stanzas);
      expect(text ? textOf(text) : '').toBe(clean(sentence));
    }),
  );
});
