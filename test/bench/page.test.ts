/** docs/performance.md says what the results in bench/results say: page and charts are what `npm run bench -- publish` writes. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { figure, kept, type Result } from '../../bench/publish/figures';
import { chartsOf, figuresOf, pageWith } from '../../bench/publish/page';
import { TARGETS } from '../../bench/publish/targets';
import { packageRoot } from '../support/package-root';
import { parseXml } from './xml';

const DOCS = path.join(packageRoot(), 'docs');
const PAGE = readFileSync(path.join(DOCS, 'performance.md'), 'utf8');

test('the page and its charts are those of the results (if not: npm run bench -- publish)', () => {
  const results = kept();
  expect(pageWith(PAGE, results)).toBe(PAGE);
  const folder = path.join(DOCS, 'charts');
  const there = existsSync(folder) ? readdirSync(folder) : [];
  const charts = chartsOf(results);
  expect(there.sort()).toEqual([...charts.keys()].sort());
  for (const [file, text] of charts) {
    expect(readFileSync(path.join(folder, file), 'utf8')).toBe(text);
    parseXml(text);
  }
});

const result = (part: string, figures: Result['figures']): [string, Result] => [
  part,
  {
    part,
    at: '2026-11-28T20:00:00.000Z',
    commit: 'abc',
    took: 1,
    rounds: 3,
    machine: { processor: 'one' },
    versions: { prosody: '13' },
    figures,
    skipped: ['a thing: why'],
  },
];

test('a target shows its figures in their order, with what is missing', () => {
  const results = new Map([
    result('alone', [
      ...figure('alone/1x1000/of-baseline', 'a', '', [0.91, 0.95, 0.93], { least: 0.9 }),
      ...figure('alone/1000x10/of-baseline', 'c', '', [0.3], { least: 0.4 }),
    ]),
  ]);
  const text = figuresOf(results);
  expect(text).toContain('| 0.93 / not measured / 0.3 | reached / – / missed |');
  expect(text).toContain('| a | 0.93 (spread 4 %, 3 rounds) | at least 0.9 | reached |');
  expect(text).toContain('- a thing: why');
  expect(text).toContain('with prosody 13');
  expect(text).toContain('![Alone, against the baseline](charts/alone.svg)');
  expect(text.match(/not measured yet/g)).toHaveLength(TARGETS.length - 1);
});

test('a target says of how many it is; a part that was interrupted says that the rest is missing', () => {
  const [name, interrupted] = result('multicast', [
    ...figure('multicast/prosody-newest/storm-people', 'who enter', 'people', [300]),
    ...figure('multicast/prosody-newest/storm-of-baseline', 'b', 'times', [1.1], { most: 1.3 }),
  ]);
  const text = figuresOf(new Map([[name, { ...interrupted, unfinished: true }]]));
  expect(text).toContain('| 1.1 / not measured (300 people) | reached / – |');
  expect(text).toContain('It was interrupted: the rest is not measured yet.');
  expect(figuresOf(new Map([[name, interrupted]]))).not.toContain('interrupted');
});

test('a page without results names every target; a series is drawn and not told', () => {
  expect(figuresOf(new Map())).not.toContain('### ');
  const seconds = { id: 'long/1x1000/by-second', what: '1 room', unit: 'deliveries/s', value: 2, values: [3, 2], spread: null };
  const results = new Map([result('long', [seconds])]);
  expect(figuresOf(results)).not.toContain('| 1 room |');
  expect(chartsOf(results).get('long.svg')).toContain('<polyline');
});

test('a page that lost its marks is refused', () => {
  expect(() => pageWith('# Performance', new Map())).toThrow('lacks');
});
