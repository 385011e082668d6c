import fc from '../support/property';
import { parseRsm, rsmResult } from '../../src/xmpp/rsm';
import { NS } from '../../src/xmpp/ns';
import { escapeText } from '../../src/xmpp/xml';
import { legalText } from './arbitraries';
import { parse } from './parse';

const ask = (inner: string): ReturnType<typeof parseRsm> => parseRsm(parse(`<query><set xmlns="${NS.rsm}">${inner}</set></query>`));

test('a query without a set asks for everything', () => {
  expect(parseRsm(parse('<query/>'))).toBeUndefined();
  expect(parseRsm(parse('<query><set xmlns="urn:other"><max>1</max></set></query>'))).toBeUndefined();
});

test.each([
  ['', {}],
  ['<max>10</max>', { max: 10 }],
  ['<max>0</max>', { max: 0 }],
  ['<max> 10\n</max><after>a b</after>', { max: 10, after: 'a b' }],
  ['<max>10</max><before>x</before>', { max: 10, before: 'x' }],
  ['<max>10</max><before/>', { max: 10, before: '' }],
  ['<max>10</max><index>371</index>', { max: 10, index: 371 }],
  ['<after>x</after><before>y</before>', { after: 'x', before: 'y' }],
  ['<after/>', {}],
  ['<max>10</max><later xmlns="urn:later"/>', { max: 10 }],
])('%s is understood', (inner, wanted) => {
  expect(ask(inner)).toEqual(wanted);
});

test.each([
  '<max/>',
  '<max>-1</max>',
  '<max>ten</max>',
  '<max>1.5</max>',
  '<max>99999999999</max>',
  '<index>x</index>',
  '<index>1</index><after>a</after>',
  '<index>1</index><before/>',
])('%s is refused with a sentence', (inner) => {
  expect(String((ask(inner) as { problem: unknown }).problem)).toMatch(/^[A-Z<].*\.$/);
});

test('an item whose id was given comes back as the place to go on from', () => {
  fc.assert(
    fc.property(
      legalText.filter((text) => text !== ''),
      (id) => expect(ask(`<after>${escapeText(id)}</after>`)).toEqual({ after: id }),
    ),
  );
});

test('a page names its first and last item, its place and the whole number (§2.2)', () => {
  expect(rsmResult({ first: 'a&b', firstIndex: 0, last: 'z', count: 800 })).toBe(
    `<set xmlns="${NS.rsm}"><first index="0">a&amp;b</first><last>z</last><count>800</count></set>`,
  );
  expect(rsmResult({ first: 'a', last: 'a' })).toBe(`<set xmlns="${NS.rsm}"><first>a</first><last>a</last></set>`);
});

test('an empty page has neither first nor last (§2.2)', () => {
  expect(rsmResult({ count: 800 })).toBe(`<set xmlns="${NS.rsm}"><count>800</count></set>`);
  expect(rsmResult({})).toBe(`<set xmlns="${NS.rsm}"/>`);
});
