/** What an element takes in memory, against what Node says that it takes. */
import { bytesInMemory, withoutQuery } from '../../src/xmpp/bytes-in-memory';
import { serialize } from '../../src/xmpp/xml';
import { parse } from './parse';

const k = 1000;
const shapes: readonly (readonly [string, string])[] = [
  ['empty elements', '<a/>'.repeat(k)],
  ['elements with an attribute', "<a b='c'/>".repeat(k)],
  ['elements with three', "<a b='c' d='e' f='g'/>".repeat(k)],
  ['elements with a text', '<a>b</a>'.repeat(k)],
  ['deep ones', ('<y>'.repeat(40) + '</y>'.repeat(40)).repeat(20)],
];

test.each(shapes)('found F9: %s count as much as they take, not what they were on the wire', (_, inner) => {
  const xml = `<iq from='a@b' to='c@d' id='x' type='set'><y xmlns='z'>${inner}</y></iq>`;
  const counted = bytesInMemory(parse(xml), xml.length);
  const gc = globalThis.gc;
  const elements = (inner.match(/<\w/g)?.length ?? 0) + 2;
  // At least what an object with two fields, a list and a table takes.
  expect(counted).toBeGreaterThan(elements * 150);
  if (!gc) return;
  gc();
  const before = process.memoryUsage().heapUsed;
  const kept = Array.from({ length: 50 }, () => parse(xml));
  gc();
  const each = (process.memoryUsage().heapUsed - before) / kept.length;
  expect(counted).toBeGreaterThan(each * 0.8);
});

test('found F9: a request that waits keeps its addresses, id, type and the name of what it asks for', () => {
  const iq = parse(
    `<iq from='a@b/c' to='d@e' id='x' type='set' other='y'><query xmlns='urn:xmpp:mam:2' queryid='q'>${'<a/>'.repeat(k)}</query></iq>`,
  );
  expect(serialize(withoutQuery(iq))).toBe('<iq from="a@b/c" to="d@e" id="x" type="set"><query xmlns="urn:xmpp:mam:2"/></iq>');
  expect(bytesInMemory(withoutQuery(iq), 0)).toBeLessThan(700);
});
