/** Every example and every behaviour is shown by a test that is there, and docs/conformance.md says which. A row not done fails here. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { packageRoot } from '../support/package-root';
import { BEHAVIOURS, CODES, ERRORS, FIELDS, WAKING } from './behaviours';
import { DEVIATIONS } from './deviations';
import { EXAMPLES } from './examples';
import { doapFile } from './doap';
import { conformancePage } from './page';
import { namedBy, resolve } from './row';
import { NOT_KEPT, SPECIFICATIONS } from './specifications';
import { examplesIn, readTitles } from './titles';

const titles = readTitles();

describe('the examples of XEP-0045', () => {
  test('are 1 to 220, in the order of the document', () => {
    expect(EXAMPLES.map(({ number }) => number)).toEqual(Array.from({ length: 220 }, (_, i) => i + 1));
    const place = (section: string): number => section.split('.').reduce((sum, part, i) => sum + Number(part) / 100 ** i, 0);
    const places = EXAMPLES.map(({ section }) => place(section));
    expect(places).toEqual([...places].sort((a, b) => a - b));
  });

  test.each(EXAMPLES.filter(({ omitted }) => omitted === undefined))('Example $number (§$section): $what', ({ number }) => {
    expect(namedBy(number, titles).map(({ full }) => full)).not.toEqual([]);
  });

  test('no test names one that does not exist, or one in which no service of ours takes part', () => {
    const wrong = titles.filter(({ file, full }) => {
      if (!file.startsWith('conversations/')) return false;
      return examplesIn(full).some((number) => EXAMPLES[number - 1]?.omitted !== undefined || EXAMPLES[number - 1] === undefined);
    });
    expect(wrong).toEqual([]);
  });
});

describe.each([
  ['behaviour', BEHAVIOURS],
  ['field', FIELDS],
  ['code', CODES],
  ['error', ERRORS],
  ['deviation', DEVIATIONS],
  ['waking', WAKING],
] as const)('%s', (_kind, rows) => {
  test('keys stand once', () => {
    expect(new Set(rows.map(({ key }) => key)).size).toBe(rows.length);
  });

  test.each(rows)('$key (§$section): $what', ({ shownBy }) => {
    const { found, missing } = resolve(shownBy, titles);
    expect(missing).toEqual([]);
    expect(found).not.toEqual([]);
  });
});

test('the behaviours are numbered 1 to 111', () => {
  expect(BEHAVIOURS.map(({ key }) => key)).toEqual(Array.from({ length: 111 }, (_, i) => String(i + 1)));
});

test('docs/conformance.md is what `npm run conformance` writes', () => {
  const committed = readFileSync(path.join(packageRoot(), 'docs/conformance.md'), 'utf8');
  expect(committed).toBe(conformancePage(titles));
});

describe('other specifications', () => {
  test.each(SPECIFICATIONS)('XEP-$number $title', ({ shownBy }) => {
    expect(resolve(shownBy, titles).missing).toEqual([]);
    expect(shownBy).not.toEqual([]);
  });

  test('stand in order, once each, and every one that a row is about is among them', () => {
    const numbers = SPECIFICATIONS.map(({ number }) => number);
    expect(numbers).toEqual([...new Set(numbers)].sort());
    const named = [...BEHAVIOURS, ...FIELDS, ...CODES, ...ERRORS].flatMap(({ section }) => /XEP-(\d{4})/.exec(section)?.[1] ?? []);
    expect(named.filter((number) => !numbers.includes(number))).toEqual([]);
  });

  test('what is not kept is not said to be', () => {
    const kept = SPECIFICATIONS.map(({ number }) => number);
    expect(NOT_KEPT.filter(({ number }) => kept.includes(number))).toEqual([]);
  });

  test('parlour.doap is what `npm run conformance` writes, and names what docs/conformance.md does', () => {
    const read = (file: string): string => readFileSync(path.join(packageRoot(), file), 'utf8');
    const doap = read('parlour.doap');
    expect(doap).toBe(doapFile(JSON.parse(read('package.json')) as Parameters<typeof doapFile>[0]));
    const section = read('docs/conformance.md').split('## Other specifications\n')[1]?.split('\n## ')[0] ?? '';
    const inPage = [...section.matchAll(/^\| XEP-(\d{4}) \|/gm)].map(([, number]) => number);
    expect([...doap.matchAll(/extensions\/xep-(\d{4})\.html/g)].map(([, number]) => number)).toEqual(inPage);
  });
});
