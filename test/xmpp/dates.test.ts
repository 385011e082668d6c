import fc from '../support/property';
import { formatDateTime, parseDateTime } from '../../src/xmpp/dates';

test('milliseconds are written only where they are not zero', () => {
  expect(formatDateTime(Date.UTC(2002, 8, 10, 23, 8, 25))).toBe('2002-09-10T23:08:25Z');
  expect(formatDateTime(Date.UTC(2002, 8, 10, 23, 8, 25, 70))).toBe('2002-09-10T23:08:25.070Z');
});

test('what is written is read again', () => {
  const years = { min: Date.UTC(0, 0, 1), max: Date.UTC(9999, 11, 31) };
  fc.assert(fc.property(fc.integer(years), (ms) => expect(parseDateTime(formatDateTime(ms))).toBe(ms)));
});

test.each(['9999-12-31T23:59:59-14:00', '9999-12-31T24:00:00Z', '9999-12-31T23:59:60Z', '0000-01-01T00:00:00+01:00'])(
  'found F16: %s lies in a year that no client reads',
  (text) => {
    expect(parseDateTime(text)).toBeUndefined();
  },
);

test('found F16: a time beyond what has a year of four digits is written as the last that has', () => {
  expect(formatDateTime(8.64e15)).toBe('9999-12-31T23:59:59.999Z');
  expect(formatDateTime(-Infinity)).toBe('0000-01-01T00:00:00Z');
});

test('an offset is taken off', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4e12 }), fc.integer({ min: -14 * 60 + 1, max: 14 * 60 - 1 }), (ms, minutes) => {
      const sign = minutes < 0 ? '-' : '+';
      const two = (n: number): string => String(n).padStart(2, '0');
      const zone = `${sign}${two(Math.floor(Math.abs(minutes) / 60))}:${two(Math.abs(minutes) % 60)}`;
      expect(parseDateTime(formatDateTime(ms + minutes * 60_000).replace('Z', zone))).toBe(ms);
    }),
  );
});

test.each([
  // XEP-0082 §3.2, examples.
  ['1969-07-21T02:56:15Z', Date.UTC(1969, 6, 21, 2, 56, 15)],
  ['1969-07-20T21:56:15-05:00', Date.UTC(1969, 6, 21, 2, 56, 15)],
  ['2020-02-29T00:00:00.5Z', Date.UTC(2020, 1, 29, 0, 0, 0, 500)],
  ['2020-02-29T00:00:00.123456Z', Date.UTC(2020, 1, 29, 0, 0, 0, 123)],
  ['2020-02-29T24:00:00Z', Date.UTC(2020, 2, 1)],
  ['2016-12-31T23:59:60Z', Date.UTC(2017, 0, 1)],
  // §4, the format before.
  ['20020910T23:08:25', Date.UTC(2002, 8, 10, 23, 8, 25)],
])('%s is a moment', (text, wanted) => {
  expect(parseDateTime(text)).toBe(wanted);
});

test.each([
  '',
  'yesterday',
  '2002-09-10',
  '23:08:25Z',
  '2002-09-10T23:08:25',
  '2002-09-10 23:08:25Z',
  '2002-13-10T23:08:25Z',
  '2002-00-10T23:08:25Z',
  '2002-09-31T23:08:25Z',
  '2021-02-29T00:00:00Z',
  '2002-09-10T24:00:01Z',
  '2002-09-10T25:08:25Z',
  '2002-09-10T23:60:25Z',
  '2002-09-10T23:08:61Z',
  '2002-09-10T23:08:25.Z',
  '2002-09-10T23:08:25+15:00',
  '2002-09-10T23:08:25+05:60',
  '2002-09-10T23:08:25+0500',
  ' 2002-09-10T23:08:25Z',
  '20020910T23:08:25Z',
])('%j is no moment', (text) => {
  expect(parseDateTime(text)).toBeUndefined();
});
