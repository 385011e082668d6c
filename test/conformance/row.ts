/** What a row of the conformance tables is, and which tests show it. */
import { examplesIn, type TestTitle } from './titles';

/** A test by its file and title, or every conversation that names one of these examples of XEP-0045. */
export type Shown = { readonly file: string; readonly title: string } | { readonly examples: readonly number[] };

export interface Row {
  /** As the page has it in its first column. */
  readonly key: string;
  readonly what: string;
  /** Of XEP-0045 unless it names another. */
  readonly section: string;
  readonly shownBy: readonly Shown[];
}

export const row = (key: string | number, section: string, what: string, ...shownBy: readonly Shown[]): Row => ({
  key: String(key),
  section,
  what,
  shownBy,
});

/** A test, in a file below `test/` named without its ending. */
export const by = (file: string, title: string): Shown => ({ file, title });

/** A test of `test/conversations`. */
export const conv = (file: string, title: string): Shown => by(`conversations/${file}`, title);

export const examples = (...numbers: readonly number[]): Shown => ({ examples: numbers });

/** The tests that a row names and that there are; and in words what it names in vain. */
export function resolve(shownBy: readonly Shown[], titles: readonly TestTitle[]): { found: TestTitle[]; missing: string[] } {
  const found = new Set<TestTitle>();
  const missing: string[] = [];
  const add = (tests: readonly TestTitle[], name: string): void => {
    if (tests.length === 0) missing.push(name);
    for (const test of tests) found.add(test);
  };
  for (const shown of shownBy) {
    if ('examples' in shown) for (const number of shown.examples) add(namedBy(number, titles), `a conversation named Example ${number}`);
    else
      add(
        titles.filter(({ file, title }) => file === shown.file && title === shown.title),
        `${shown.file}: ${shown.title}`,
      );
  }
  return { found: [...found], missing };
}

/** The conversations that name an example. */
export function namedBy(number: number, titles: readonly TestTitle[]): TestTitle[] {
  return titles.filter(({ file, full }) => file.startsWith('conversations/') && examplesIn(full).includes(number));
}
