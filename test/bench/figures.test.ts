/** Medians, quantiles and spreads of rounds, and what is kept of them (docs/performance.md rests on them). */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { figure, keep, kept, median, quantile, reached, resultOf, spreadOf, type Figure, type Result } from '../../bench/publish/figures';

test('the median of odd and even counts, in any order', () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 2, 3])).toBe(2.5);
  expect(median([7])).toBe(7);
  expect(median([])).toBeNaN();
  // As numbers, not as texts.
  expect(median([10, 9, 100])).toBe(10);
});

test('a quantile is a value that is there (nearest rank)', () => {
  const hundred = Array.from({ length: 100 }, (_, i) => 100 - i);
  expect(quantile(hundred, 0.5)).toBe(50);
  expect(quantile(hundred, 0.99)).toBe(99);
  expect(quantile(hundred, 0.999)).toBe(100);
  expect(quantile(hundred, 1)).toBe(100);
  expect(quantile(hundred, 0)).toBe(1);
  expect(quantile([5], 0.5)).toBe(5);
  expect(quantile([], 0.5)).toBeNaN();
});

test('a spread is by the median, and nothing of one round or of a median of 0', () => {
  expect(spreadOf([1, 2, 3])).toBe(1);
  expect(spreadOf([2])).toBeNull();
  expect(spreadOf([-1, 0, 1])).toBeNull();
});

test('a figure of no sound round is none; of what is no number, an error', () => {
  expect(figure('part/a', 'a', 's', [])).toEqual([]);
  expect(() => figure('part/a', 'a', 's', [1, NaN])).toThrow('part/a came to NaN');
  expect(() => figure('part/a', 'a', 's', [Infinity])).toThrow('Infinity');
});

test('an aim is reached at its very value, from its own side', () => {
  const of = (value: number, aim: { least?: number; most?: number }): Figure => figure('part/a', 'a', '', [value], aim)[0] as Figure;
  expect(reached(of(0.9, { least: 0.9 }))).toBe(true);
  expect(reached(of(0.89, { least: 0.9 }))).toBe(false);
  expect(reached(of(2, { most: 2 }))).toBe(true);
  expect(reached(of(2.1, { most: 2 }))).toBe(false);
  expect(reached(of(0, { most: 0 }))).toBe(true);
  expect(reached(of(1, {}))).toBeUndefined();
});

const RESULT: Result = {
  part: 'alone',
  at: '2026-11-28T20:00:00.000Z',
  commit: '12345678',
  took: 10,
  rounds: 2,
  machine: { processor: 'one' },
  versions: {},
  figures: figure('alone/1x1/of-baseline', 'a share', '', [0.5, 0.7], { least: 0.6 }),
  skipped: [],
};

test('what is kept is read again, one file for each part, the later in place of the earlier', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'parlour-results-'));
  try {
    keep({ ...RESULT, took: 5 }, folder);
    keep(RESULT, folder);
    expect([...kept(folder)]).toEqual([['alone', RESULT]]);
    expect(readdirSync(folder)).toEqual(['alone.json']);
    writeFileSync(path.join(folder, 'broken.json'), '{}');
    expect(() => kept(folder)).toThrow('broken.json');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  expect(kept(path.join(tmpdir(), 'parlour-results-nowhere'))).toEqual(new Map());
});

test.each([
  ['no values', { ...RESULT, figures: [{ ...RESULT.figures[0], values: [] }] }],
  ['an id of other form', { ...RESULT, figures: [{ ...RESULT.figures[0], id: 'Alone' }] }],
  ['no time', { ...RESULT, at: 'yesterday' }],
  ['something that nobody knows', { ...RESULT, more: 1 }],
])('a result with %s is refused', (_, result) => {
  expect(() => resultOf(JSON.stringify(result))).toThrow();
});
