/** Charts are XML that a browser draws: scales that hold every value, and texts that break nothing. */
import { bars, escape, lines, roundUp, short } from '../../bench/publish/charts';
import { parseXml } from './xml';

test.each([
  [0, 1],
  [-3, 1],
  [NaN, 1],
  [1, 1],
  [1.01, 2],
  [0.3, 0.5],
  [0.001, 0.001],
  [999, 1000],
  [1000, 1000],
  [1001, 2000],
])('a scale for %d ends at %d', (value, end) => expect(roundUp(value)).toBeCloseTo(end, 12));

test('numbers have three digits that count, and thousands set off', () => {
  expect([0, 0.123456, 1.5, 99.94, 100.4, 1234567].map(short)).toEqual(['0', '0.123', '1.5', '99.9', '100', '1,234,567']);
});

test('what stands in a text is no markup', () => {
  expect(escape('a < b & "c" > d')).toBe('a &lt; b &amp; &quot;c&quot; &gt; d');
  expect(parseXml(bars('<&">', '<', [{ label: '&', value: 1, from: 1, to: 1 }])).text).toContain('<&">');
});

test('no bar, span or mark leaves the chart, and a bar is as long as its value', () => {
  const svg = bars('title', 'ms', [
    { label: 'one', value: 50, from: 40, to: 80, aim: 120 },
    { label: 'half', value: 25, from: 25, to: 25 },
    { label: 'none', value: 0, from: 0, to: 0 },
  ]);
  const { elements } = parseXml(svg);
  const widths = elements
    .filter(({ name, attributes }) => name === 'rect' && attributes['height'] === '16')
    .map(({ attributes }) => Number(attributes['width']));
  expect(widths).toHaveLength(3);
  expect(widths[0]).toBeCloseTo(2 * (widths[1] as number), 0);
  expect(widths[2]).toBe(0);
  const xs = [...svg.matchAll(/ d="M([\d.]+) /g)].map(([, x]) => Number(x));
  expect(xs).toHaveLength(2);
  expect(Math.max(...xs)).toBeLessThanOrEqual(820);
});

test('lines of other lengths share a scale; a line of one value has one point', () => {
  const { elements } = parseXml(
    lines('t', 'u', 'second', [
      { label: 'a', values: [1, 2, 4] },
      { label: 'b', values: [4] },
    ]),
  );
  const points = elements.filter(({ name }) => name === 'polyline').map(({ attributes }) => attributes['points']?.split(' ') ?? []);
  expect(points.map(({ length }) => length)).toEqual([3, 1]);
  // The same value is at the same height.
  expect(points[0]?.[2]?.split(',')[1]).toBe(points[1]?.[0]?.split(',')[1]);
});

test('a chart of nothing is one all the same', () => {
  expect(() => parseXml(bars('t', '', []))).not.toThrow();
  expect(() => parseXml(lines('t', '', 's', []))).not.toThrow();
  expect(bars('t', '', []) + lines('t', '', 's', [])).not.toMatch(/NaN|Infinity/);
});
